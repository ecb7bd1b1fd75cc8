"""`check`: lessons validated without a screen."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gradtui.cli.command import COULD_NOT_RUN, OK, Command, arg, fail, flag, told

if TYPE_CHECKING:
    from gradtui.check.runner import Checker

BAR = 24  # columns


def _check(arguments: Namespace) -> int:
    from gradtui.check.runner import Checker
    from gradtui.course.packs import bundled
    from gradtui.course.problems import BadLesson

    if arguments.kinds:
        return _kinds()
    if arguments.jobs is not None and arguments.jobs < 1:
        return fail("-j takes a number of programs, 1 or more", COULD_NOT_RUN)
    paths = arguments.paths or [bundled().folder]
    options = {"strict": arguments.strict, "against": arguments.against}
    try:
        with Checker(arguments.jobs, not arguments.no_torch, **options) as checker:
            if arguments.watch:
                _watch(checker, arguments, paths)
            return _once(checker, arguments, paths)
    except BadLesson as bad:  # the previous version cannot be read
        told(bad)
        return COULD_NOT_RUN


def _kinds() -> int:
    from gradtui.check.kinds import as_markdown

    print(as_markdown())
    return OK


def _once(checker: Checker, arguments: Namespace, paths: Sequence[Path]) -> int:
    if arguments.update:
        _update(checker, paths, arguments.format)
    return _report(checker, paths, arguments.format)


def _watch(checker: Checker, arguments: Namespace, paths: Sequence[Path]) -> None:
    """Checks again after every save, until Ctrl-C."""
    from gradtui.check.watch import saves

    for _ in saves(paths):
        if sys.stdout.isatty():
            sys.stdout.write("\x1b[2J\x1b[3J\x1b[H")
        _once(checker, arguments, paths)
        sys.stdout.flush()
        print("watching; Ctrl-C ends", file=sys.stderr, flush=True)


def _update(checker: Checker, paths: Sequence[Path], form: str) -> None:
    """Tells what it wrote to people on stdout, beside a machine's report on stderr."""
    from gradtui.check.update import update

    for line in update(checker, paths):
        print(line, file=sys.stdout if form == "text" else sys.stderr)


def _report(checker: Checker, paths: Sequence[Path], form: str) -> int:
    from gradtui.check.report import FORMATS

    report = checker.check(paths, progress())
    sys.stdout.write(FORMATS[form](report))
    if report.trouble:
        print(f"gradtui: {report.trouble}", file=sys.stderr)
    return report.exit_code


def progress() -> Callable[[int, int, str], None] | None:
    """A bar on stderr that tells how far a check is; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, of: int, what: str) -> None:
        full = BAR * done // of if of else BAR
        bar = f"[{'#' * full}{'.' * (BAR - full)}] {done}/{of} {what[:40]}"
        sys.stderr.write("\r\x1b[K" + ("" if done >= of else bar))
        sys.stderr.flush()

    return tell


COMMANDS = (
    Command(
        "check",
        "validate lessons without a screen",
        _check,
        (
            arg("paths", nargs="*", type=Path, metavar="PATH", help="default: bundled"),
            arg("-j", "--jobs", type=int, help="programs at once (default: cores)"),
            arg("--format", choices=("text", "json", "junit", "github"), default="text"),
            flag("--strict", "a last digit or a reworded message is a finding too"),
            arg(
                "--against",
                type=Path,
                metavar="PACK",
                help="a previous version: its steps must be here still, or in a `was`",
            ),
            flag("--update", "write what the steps print now, and how errors are worded"),
            flag("--kinds", "print the kinds of findings as a Markdown table"),
            flag("--watch", "check again after every save"),
            flag("--no-torch", "do not compare with torch"),
        ),
    ),
)
