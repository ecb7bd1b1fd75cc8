"""`check`: lessons validated without a screen."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from gradtui.cli.command import COULD_NOT_RUN, Command, arg, fail, flag


def _check(arguments: Namespace) -> int:
    from gradtui.check.report import as_json, as_text
    from gradtui.check.runner import check
    from gradtui.course.packs import bundled

    if arguments.jobs is not None and arguments.jobs < 1:
        return fail("-j takes a number of programs, 1 or more", COULD_NOT_RUN)
    paths = arguments.paths or [bundled().folder]
    report = check(paths, arguments.jobs, not arguments.no_torch, progress())
    sys.stdout.write(as_json(report) + "\n" if arguments.format == "json" else as_text(report))
    if report.trouble:
        print(f"gradtui: {report.trouble}", file=sys.stderr)
    return report.exit_code


def progress() -> Callable[[int, int, str], None]:
    """Tells on stderr how far a check is: in place on a terminal, a line each elsewhere."""
    terminal = sys.stderr.isatty()

    def tell(done: int, of: int, what: str) -> None:
        end = "\r" if terminal else "\n"
        blank = "\x1b[K" if terminal else ""
        over = done >= of and terminal
        print("\x1b[K" if over else f"{blank}{done}/{of} {what}", end=end, file=sys.stderr)

    return tell


COMMANDS = (
    Command(
        "check",
        "validate lessons without a screen",
        _check,
        (
            arg("paths", nargs="*", type=Path, metavar="PATH", help="default: bundled"),
            arg("-j", "--jobs", type=int, help="programs at once (default: cores)"),
            arg("--format", choices=("text", "json"), default="text"),
            flag("--no-torch", "do not compare with torch"),
        ),
    ),
)
