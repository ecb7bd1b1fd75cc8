"""The commands. Each imports what it needs when it runs, so that `--help` answers at once.

`gradtui` alone opens the library; everything else is `gradtui COMMAND`, told by `gradtui --help`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradtui import __version__

if TYPE_CHECKING:
    from gradtui.course.problems import BadLesson

OK, FINDINGS, COULD_NOT_RUN = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradtui",
        description="Learn how PyTorch's autograd works by replaying it, node by node.",
        epilog="Without a command, gradtui opens the lesson you are taking.",
    )
    parser.add_argument("--version", action="version", version=f"gradtui {__version__}")
    _screen_options(parser)
    parser.set_defaults(command=_library)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _player_commands(commands)
    _text_commands(commands)
    _check_command(commands)
    _facts_commands(commands)
    return parser


def _screen_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")


def _player_commands(commands: Any) -> None:
    learn = commands.add_parser("learn", help="take a lesson, named by its id or its file")
    learn.add_argument("lesson")
    learn.set_defaults(command=_learn)
    opened = commands.add_parser("open", help="a pack, a lesson, or your own .py, replayed")
    opened.add_argument("path", type=Path)
    opened.set_defaults(command=_open)
    for parser in (learn, opened):
        _screen_options(parser)


def _text_commands(commands: Any) -> None:
    show = commands.add_parser("show", help="a lesson or a .py replayed as linear text")
    show.add_argument("lesson")
    show.add_argument("--plain", action="store_true", help="line by line (the only form so far)")
    show.add_argument("--torch", action="store_true", help="with torch's verdict on every event")
    show.add_argument("--width", type=int, default=0, help="columns; by default the terminal's")
    show.set_defaults(command=_show)
    run = commands.add_parser("run", help="run a script as Python with torch would")
    run.add_argument("file", type=Path)
    where = run.add_mutually_exclusive_group()
    where.add_argument("--torch", action="store_true", help="on real torch")
    where.add_argument("--compare", action="store_true", help="on both, and tell the differences")
    run.add_argument("--seconds", type=float, default=0, help="the time it may take (default 30)")
    run.set_defaults(command=_run)


def _check_command(commands: Any) -> None:
    check = commands.add_parser("check", help="validate lessons without a screen")
    check.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: bundled")
    check.add_argument("-j", "--jobs", type=int, help="programs at once (default: cores)")
    check.add_argument("--format", choices=("text", "json"), default="text")
    check.add_argument("--no-torch", action="store_true", help="do not compare with torch")
    check.set_defaults(command=_check)


def _facts_commands(commands: Any) -> None:
    listing = commands.add_parser("list", help="the lessons there are")
    listing.set_defaults(command=_list)
    schema = commands.add_parser("schema", help="the JSON Schema of a lesson or a pack")
    schema.add_argument("kind", nargs="?", choices=("lesson", "pack"), default="lesson")
    schema.set_defaults(command=_schema)
    commands.add_parser("paths", help="where things are kept").set_defaults(command=_paths)
    commands.add_parser("doctor", help="what works here").set_defaults(command=_doctor)


# -- the player ------------------------------------------------------------------------------------


def _play(target: Path | None, arguments: argparse.Namespace) -> int:
    if not sys.stdout.isatty() or os.environ.get("TERM", "") in ("", "dumb"):
        return _fail("no terminal to draw on; `gradtui show LESSON --plain` writes plain text")
    from gradtui.tui.app import run

    return run(target, mouse=not arguments.no_mouse, ascii=arguments.ascii)


def _library(arguments: argparse.Namespace) -> int:
    return _play(None, arguments)


def _learn(arguments: argparse.Namespace) -> int:
    from gradtui.course.packs import find_lesson
    from gradtui.course.problems import BadLesson

    try:
        return _play(find_lesson(arguments.lesson), arguments)
    except BadLesson as bad:
        return _told(bad)


def _open(arguments: argparse.Namespace) -> int:
    path: Path = arguments.path
    if not path.exists():
        return _fail(f"{path}: there is no such file or folder")
    return _play(path, arguments)


# -- text ------------------------------------------------------------------------------------------


def _fail(line: str, status: int = FINDINGS) -> int:
    print(f"gradtui: {line}", file=sys.stderr)
    return status


def _told(bad: BadLesson) -> int:
    """Every problem of a lesson, a line each."""
    for problem in bad.problems:
        print(problem, file=sys.stderr)
    return FINDINGS


def _show(arguments: argparse.Namespace) -> int:
    from gradtui.course.problems import BadLesson
    from gradtui.show import show

    try:
        lines = show(arguments.lesson, torch=arguments.torch, width=arguments.width)
        for line in lines:
            print(line)
    except BadLesson as bad:
        return _told(bad)
    return OK


def _run(arguments: argparse.Namespace) -> int:
    from gradtui.scripts import compare, run, run_on_torch

    way = compare if arguments.compare else run_on_torch if arguments.torch else run
    return way(arguments.file, arguments.seconds or 30.0)


# -- validation ------------------------------------------------------------------------------------


def _check(arguments: argparse.Namespace) -> int:
    from gradtui.check.report import as_json, as_text
    from gradtui.check.runner import check
    from gradtui.course.packs import bundled

    if arguments.jobs is not None and arguments.jobs < 1:
        return _fail("-j takes a number of programs, 1 or more", COULD_NOT_RUN)
    paths = arguments.paths or [bundled().folder]
    report = check(paths, arguments.jobs, not arguments.no_torch, _progress())
    sys.stdout.write(as_json(report) + "\n" if arguments.format == "json" else as_text(report))
    if report.trouble:
        print(f"gradtui: {report.trouble}", file=sys.stderr)
    return report.exit_code


def _progress() -> Callable[[int, int, str], None]:
    """Tells on stderr how far a check is: in place on a terminal, a line each elsewhere."""
    terminal = sys.stderr.isatty()

    def tell(done: int, of: int, what: str) -> None:
        end = "\r" if terminal else "\n"
        blank = "\x1b[K" if terminal else ""
        over = done >= of and terminal
        print("\x1b[K" if over else f"{blank}{done}/{of} {what}", end=end, file=sys.stderr)

    return tell


# -- facts -----------------------------------------------------------------------------------------


def _list(arguments: argparse.Namespace) -> int:
    from gradtui.course.loader import load_lesson
    from gradtui.course.packs import discover, lesson_files
    from gradtui.course.problems import BadLesson

    status = OK
    for pack in discover():
        try:
            print(f"{pack.load().pack.title}  ({pack.folder})")
            for file in lesson_files(pack.folder):
                lesson = load_lesson(file).lesson
                print(f"  {lesson.id:<32} {lesson.minutes or '?':>3} min  {lesson.title}")
        except BadLesson as bad:
            status = _told(bad)
    return status


def _schema(arguments: argparse.Namespace) -> int:
    import json

    from gradtui.course.schema import Lesson, Pack

    model = Lesson if arguments.kind == "lesson" else Pack
    print(json.dumps(model.model_json_schema(), indent=2, ensure_ascii=False))
    return OK


def _paths(arguments: argparse.Namespace) -> int:
    from gradtui.course.packs import bundled, user_folder

    print(f"program        {Path(__file__).resolve().parent}")
    print(f"bundled pack   {bundled().folder}")
    print(f"your packs     {user_folder()}")
    return OK


def _doctor(arguments: argparse.Namespace) -> int:
    from gradtui.doctor import examine

    return examine()


if __name__ == "__main__":
    sys.exit(main())
