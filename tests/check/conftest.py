"""Tells at the end of a test run how many breaks the validator found."""

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line with the count of the mutation test, where it ran."""
    passed = [report.nodeid for report in terminalreporter.getreports("passed")]
    failed = [report.nodeid for report in terminalreporter.getreports("failed")]
    found, all_breaks = _count("test_a_break_is_found", passed, failed)
    quiet, all_changes = _count("test_a_harmless_change_is_not[", passed, failed)
    if all_breaks:
        terminalreporter.write_line(
            f"mutations: {found} of {all_breaks} breaks found with their kind and line, "
            f"{all_changes - quiet} of {all_changes} harmless changes reported"
        )


def _count(name: str, passed: list[str], failed: list[str]) -> tuple[int, int]:
    mine = [one for one in passed if "test_mutations" in one and name in one]
    others = [one for one in failed if "test_mutations" in one and name in one]
    return len(mine), len(mine) + len(others)
