"""`pack list|info|add|remove|build`: packs of lessons, where they are and what they hold."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from gradtui.cli.command import COULD_NOT_RUN, FINDINGS, OK, Command, arg, fail, family, flag, told
from gradtui.course.problems import one_line, shown

if TYPE_CHECKING:
    from gradtui.check.findings import Report
    from gradtui.course.loader import LoadedLesson, LoadedPack
    from gradtui.course.packs import FoundPack, Surveyed

WHERE = {"bundled": "with gradtui", "user": "yours", "installed": "pip", "path": "path"}


def _list(arguments: Namespace) -> int:
    from gradtui.course.packs import survey

    packs = survey()
    names = {one.found: _named(one) for one in packs}
    for one in packs:
        count = len(one.loaded.pack.lessons) if one.loaded else 0
        lessons = f"{count} lesson{'' if count == 1 else 's'}" if count else "broken"
        where = WHERE[one.found.origin]
        line = f"{names[one.found]:<36} {where:<12}  {lessons:<10}  {shown(one.found.place)}"
        print(line)
        if one.hidden_by:
            by = f"{names[one.hidden_by]} ({WHERE[one.hidden_by.origin]})"
            print(f"  hidden by {by}, which has the same id and comes first")
        if one.broken:
            told(one.broken)
    return FINDINGS if any(one.broken for one in packs) else OK


def _named(one: Surveyed) -> str:
    pack = one.loaded.pack if one.loaded else None
    return f"{pack.id} {pack.version}" if pack else one_line(one.found.place.name)


def _info(arguments: Namespace) -> int:
    from gradtui.course.packs import loaded_lessons
    from gradtui.course.problems import BadLesson

    found = _pack_of(arguments.pack)
    if found is None:
        return fail(f"no pack {arguments.pack}: `gradtui pack list` shows those there are")
    loaded = found.load()
    lessons, problems = loaded_lessons(found)
    for line in (*_facts(found, loaded), *map(_lesson, lessons)):
        print(line)
    return told(BadLesson(problems)) if problems else OK


def _pack_of(name: str) -> FoundPack | None:
    """The pack of that id, or the one at that path."""
    from gradtui.course.packs import FoundPack, survey

    if Path(name).exists():
        path = Path(name)
        return FoundPack(path.parent if path.name == "pack.yaml" else path, "path")
    packs = (one for one in survey() if one.loaded and one.loaded.pack.id == name)
    return next((one.found for one in packs if one.hidden_by is None), None)


def _facts(found: FoundPack, loaded: LoadedPack) -> list[str]:
    pack = loaded.pack
    rows = {
        "id": pack.id,
        "version": pack.version,
        "title": pack.title,
        "summary": pack.summary,
        "authors": ", ".join(pack.authors),
        "licence": pack.licence,
        "language": pack.language,
        "gradtui": f"{pack.gradtui} or newer" if pack.gradtui else "any version",
        "from": f"{shown(found.place)} ({WHERE[found.origin]})",
    }
    return [f"{key:<9} {value}" for key, value in rows.items() if value] + ["lessons"]


def _lesson(loaded: LoadedLesson) -> str:
    lesson = loaded.lesson
    return f"  {lesson.id:<32} {lesson.minutes or '?':>3} min  {lesson.title}"


def _add(arguments: Namespace) -> int:
    from gradtui.course import changes
    from gradtui.course.installing import CannotInstall, add

    try:
        added = add(arguments.path, arguments.force)
    except CannotInstall as why:
        return fail(str(why))
    over = f", in place of {added.replaced}" if added.replaced else ""
    print(f"{added.pack.id} {added.pack.version} is installed{over}: {added.path}")
    for line in changes.told(added.changes):
        print(f"  {line}")
    return OK


def _remove(arguments: Namespace) -> int:
    from gradtui.course.installing import CannotInstall, remove

    try:
        for path in remove(arguments.id):
            print(f"removed {shown(path)}")
    except (CannotInstall, OSError) as why:
        return fail(str(why))
    return OK


def _build(arguments: Namespace) -> int:
    from gradtui.course.building import build
    from gradtui.course.files import write_whole

    built = build(arguments.path)
    report = _checked(arguments)
    if report.trouble:
        return fail(f"the pack is not built: {report.trouble}", COULD_NOT_RUN)
    if report.exit_code:
        return fail("the pack is not built: mend what the check found")
    path = (arguments.out or Path()) / built.name
    try:
        write_whole(path, built.data)
    except OSError as error:
        return fail(f"{path}: cannot be written: {error.strerror or error}", COULD_NOT_RUN)
    print(shown(path))
    return OK


def _checked(arguments: Namespace) -> Report:
    """What a check of the pack says, told where there are findings."""
    import sys

    from gradtui.check.runner import check
    from gradtui.check.text import as_text
    from gradtui.cli.checking import progress

    report = check([arguments.path], None, not arguments.no_torch, progress())
    if any(not lesson.ok for lesson in report.lessons):
        sys.stderr.write(as_text(report))
    return report


COMMANDS = (
    family(
        "pack",
        "packs of lessons: list, info, add, remove, build",
        Command("list", "the packs there are, and which hides which", _list),
        Command(
            "info",
            "what a pack says of itself, its lessons and its problems",
            _info,
            (arg("pack", help="a pack's id, or its folder or zip"),),
        ),
        Command(
            "add",
            "install a pack among yours, in place of an older version",
            _add,
            (
                arg("path", type=Path, help="a pack's folder or zip"),
                flag("--force", "even in place of a newer version"),
            ),
        ),
        Command("remove", "remove a pack of yours", _remove, (arg("id"),)),
        Command(
            "build",
            "check a pack and make one zip of it, ID-VERSION.zip",
            _build,
            (
                arg("path", type=Path, metavar="DIR", help="the pack's folder"),
                arg("-o", "--out", type=Path, metavar="DIR", help="where to; by default here"),
                flag("--no-torch", "check without comparing with torch"),
            ),
        ),
    ),
)
