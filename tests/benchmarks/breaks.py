"""Breaks good lessons in every way the validator's tests know, and prints what of it is found.

    python tests/benchmarks/breaks.py

A Markdown table by kind of finding: how many breaks should give it, and how many did, at their line.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "check"))

from mutations import BREAKS, HARMLESS, Change
from test_mutations import SOURCES, found

from gradtui.check.runner import Checker


def main() -> None:
    wanted: Counter[str] = Counter()
    right: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, Checker(jobs=1) as checker:
        for change in BREAKS.values():
            kind = str(change.kind)
            wanted[kind] += 1
            right[kind] += _is_found(checker, change, Path(folder))
        quiet = sum(not found(checker, c, c.lesson, Path(folder)) for c in HARMLESS.values())
    print("| kind | breaks | found, at their line |\n|---|---|---|")
    for kind, count in sorted(wanted.items()):
        print(f"| `{kind}` | {count} | {right[kind]} |")
    print(f"| all | {wanted.total()} | {right.total()} |")
    print(f"\n{len(HARMLESS)} harmless changes, {len(HARMLESS) - quiet} reported.")


def _is_found(checker: Checker, change: Change, folder: Path) -> bool:
    line = change.line(SOURCES[change.lesson].read_text("utf-8"))
    findings = found(checker, change, change.lesson, folder)
    return (change.kind, line) in [(one.kind, one.line) for one in findings]


if __name__ == "__main__":
    main()
