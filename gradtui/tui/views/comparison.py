"""Two tapes of one step beside one another: the lesson's and another version's."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import groupby

from msgspec import Struct

from gradtui.session import Session, Take
from gradtui.session.attempts import NAME, SOLUTION
from gradtui.session.comparing import Compared, Kind, Row
from gradtui.tape import plain
from gradtui.tui.glyphs import Glyphs, in_ascii
from gradtui.tui.lines import BLANK, Line, Piece, Target, cells, fit, pad, printable, wrap
from gradtui.tui.views import verdicts

BESIDE = 90  # columns from which the tapes stand side by side
AROUND = 2  # lines that are the same, shown before and after one that differs
SHOWN = 1_000  # lines that differ
MANY = 100  # lines that differ, from which they are counted
KINDS: Mapping[Kind, str] = {
    "same": "the same",
    "changed": "other",
    "gone": "there only",
    "new": "here only",
}
SIGNS = {"same": " ", "changed": "", "gone": "-", "new": "+"}


class Sides(Struct, frozen=True):
    """What is compared: the lesson's step and another version of it, each with its tape.

    An exercise's attempt is compared with its solution, which has run once `lesson` is its take.
    """

    lesson: Take
    version: Take
    old: str  # their code
    new: str
    heading: str
    elsewhere: tuple[tuple[str, str, str], ...] = ()  # other steps: title, code, code here
    step: str = ""  # of the lesson's tape
    called: str = "lesson"  # or "solution"

    @classmethod
    def of(cls, session: Session) -> "Sides | None":
        """The version being looked at; None while that is the lesson itself."""
        main, take, variant = session.main, session.take, session.variant
        if main is None or take is None or variant is None:
            return None
        kept = session.bench.versions.get((session.scene.id, variant.id))
        earlier = dict(kept.earlier) if kept is not None else {}
        others = tuple((s.title, s.code, earlier[s.id]) for s in session.scenes if s.id in earlier)
        code, scene = variant.code.rstrip("\n"), session.scene
        if variant.id == NAME and scene.task is not None:
            solution = scene.task.solution.rstrip("\n")
            step = f"{scene.id}/{SOLUTION}"
            return cls(main, take, solution, code, variant.heading, (), step, SOLUTION)
        return cls(main, take, scene.code, code, variant.heading, others, scene.id)


def comparison(sides: Sides, found: Compared | None, width: int, glyphs: Glyphs) -> list[Line]:
    """All of it, in lines no wider than `width`."""
    lines = list(_all(sides, found, width, glyphs))
    return [fit(line, width, glyphs.ellipsis) for line in lines]


def _all(sides: Sides, found: Compared | None, width: int, glyphs: Glyphs) -> Iterator[Line]:
    yield from wrap(Line.of(Piece(printable(sides.heading), "title")), width, 2)
    yield BLANK
    for title, old, new in sides.elsewhere:
        yield from wrap(Line.of(Piece(f"In the step {printable(title)}:", "dim")), width)
        yield from _code(old, new, width)
    yield from _code(sides.old, sides.new, width)
    yield BLANK
    if found is None:
        yield Line.of(Piece(f"comparing{glyphs.ellipsis}", "dim"))
        return
    yield from _summary(sides, found, width, glyphs)
    yield from _tapes(sides, found, width, glyphs)


def _code(before: str, after: str, width: int) -> Iterator[Line]:
    """The lines of code that differ, as a difference is written."""
    old, new = before.split("\n"), after.split("\n")
    for tag, i, j, k, m in SequenceMatcher(None, old, new, False).get_opcodes():
        if tag == "equal":
            continue
        for sign, role, rows in (("- ", "dim", old[i:j]), ("+ ", "warning", new[k:m])):
            for row in rows:
                yield from wrap(Line.of(Piece(sign, role), Piece(printable(row), role)), width, 4)


def _summary(sides: Sides, found: Compared, width: int, glyphs: Glyphs) -> Iterator[Line]:
    first = found.first
    if first is None:
        same = "here it makes no difference"
        same = "this does what the solution does" if sides.called == SOLUTION else same
        words = f"Both tapes are the same: {same}."
        yield from wrap(Line.of(Piece(words, "strong")), width)
        yield BLANK
    else:
        lead = (
            "They part here"
            if first.right is not None
            else f"They part here, in the {sides.called}"
        )
        yield from _why_line(lead, _told(sides, first, glyphs), width, "heading")
        if first.why:
            yield from _why_line("because", printable(_plain(first.why, glyphs)), width, "strong")
        yield BLANK
    for gradient in found.gradients:
        name = Piece(f"{printable(gradient.name)}  ", "strong")
        left, right = _plain(gradient.left, glyphs), _plain(gradient.right, glyphs)
        there, here = Piece(f"{sides.called} {left}  ", "dim"), Piece(f"here {right}", "warning")
        line = Line.of(name, there, here)
        if line.width <= width:
            yield line
            continue
        yield Line.of(name)
        yield from wrap(Line.of("  ", there), width, 4)
        yield from wrap(Line.of("  ", here), width, 4)
    if found.gradients:
        yield BLANK
    yield from _counted(found, width)


def _why_line(lead: str, text: str, width: int, role: str) -> list[Line]:
    return wrap(Line.of(Piece(f"{lead}: ", role), Piece(text)), width, 4)


def _plain(text: str, glyphs: Glyphs) -> str:
    return in_ascii(text) if glyphs.ascii else text


def _told(sides: Sides, row: Row, glyphs: Glyphs) -> str:
    if row.right is not None:
        return _event(sides.version, row.right, glyphs)
    assert row.left is not None
    return _event(sides.lesson, row.left, glyphs)


def _event(take: Take, at: int, glyphs: Glyphs) -> str:
    return _plain(printable(plain.describe(take.tape, at + 1)), glyphs)


# the tapes


def _tapes(sides: Sides, found: Compared, width: int, glyphs: Glyphs) -> Iterator[Line]:
    half = (width - 5) // 2
    if width >= BESIDE:
        heads = (pad(f"  the {sides.called}", half + 2), " " + pad("here", half))
        yield Line.of(*(Piece(head, "heading") for head in heads))
    else:
        yield Line.of(Piece(f"- the {sides.called}   + here", "heading"))
    said, differing = "", 0
    for row, hidden in _folded(found.rows):
        differing += row.kind != "same" and not hidden
        if differing > SHOWN:
            yield from _left(found, width)
            return
        if hidden:
            words = f"{glyphs.ellipsis} {hidden:,} lines the same"
            yield Line.of(Piece(f"    {words}", "faint"))
            continue
        yield from (
            _row(sides, row, half, glyphs)
            if width >= BESIDE
            else _stacked(sides, row, width, glyphs)
        )
        if row.why and row.why != said and row.kind != "same":
            why = Line.of(
                Piece("    why: ", "dim"), Piece(printable(_plain(row.why, glyphs)), "good")
            )
            yield from wrap(why, width, 9)
        said = row.why


def _left(found: Compared, width: int) -> list[Line]:
    """What is no more shown."""
    words = f"The first {SHOWN:,} lines that differ are shown; Esc walks all of the other tape."
    return wrap(Line.of(Piece(words, "dim")), width)


def _counted(found: Compared, width: int) -> Iterator[Line]:
    """How many lines there are of each kind, where they are too many to be seen."""
    counts = found.counts
    if len(found.rows) - counts["same"] > MANY:
        told = ((counts[kind], words) for kind, words in KINDS.items())
        text = ", ".join(f"{words} {count:,}" for count, words in told if count)
        yield from wrap(Line.of(Piece(f"Lines: {text}.", "dim")), width)
        yield BLANK


def _folded(rows: tuple[Row, ...]) -> Iterator[tuple[Row, int]]:
    """The rows; of a long run that is the same, its ends and how many lie between."""
    runs = [(same, list(run)) for same, run in groupby(rows, lambda row: row.kind == "same")]
    for at, (same, run) in enumerate(runs):
        before = AROUND if at else 0
        after = AROUND if at < len(runs) - 1 else 0
        if not same or len(run) <= before + after + 1:
            yield from ((row, 0) for row in run)
            continue
        yield from ((row, 0) for row in run[:before])
        yield run[0], len(run) - before - after
        yield from ((row, 0) for row in run[len(run) - after :])


def _sign(row: Row, glyphs: Glyphs) -> Piece:
    role = "faint" if row.kind == "same" else "warning"
    return Piece(f"{SIGNS[row.kind] or glyphs.changed} ", role)


def _row(sides: Sides, row: Row, half: int, glyphs: Glyphs) -> Iterator[Line]:
    """Left and right in one line."""
    role = "dim" if row.kind == "same" else ""
    left = "" if row.left is None else _event(sides.lesson, row.left, glyphs)
    right = "" if row.right is None else _event(sides.version, row.right, glyphs)
    pieces = (
        _sign(row, glyphs),
        Piece(pad(left, half, glyphs.ellipsis), role),
        Piece(f" {glyphs.bar} ", "faint"),
        Piece(pad(right, half - 2, glyphs.ellipsis) + " ", role),
        _verdict(sides.version, row.right, glyphs),
    )
    yield Line.of(*pieces, target=_target(row))


def _stacked(sides: Sides, row: Row, width: int, glyphs: Glyphs) -> Iterator[Line]:
    """One under the other; what is the same, once."""
    if row.kind != "same" and row.left is not None:
        text = f"- {_event(sides.lesson, row.left, glyphs)}"
        yield Line.of(Piece(text, "dim"))
    if row.right is not None:
        sign = "  " if row.kind == "same" else "+ "
        text = _event(sides.version, row.right, glyphs)
        room = width - 4 - cells(sign) + 2
        yield Line.of(
            Piece(sign, "warning"),
            Piece(pad(text, max(4, room), glyphs.ellipsis), "dim" if row.kind == "same" else ""),
            " ",
            _verdict(sides.version, row.right, glyphs),
            target=_target(row),
        )


def _verdict(take: Take, at: int | None, glyphs: Glyphs) -> Piece:
    """Torch's, of the other version."""
    if at is None:
        return Piece(" ")
    return verdicts.sign(verdicts.at(take.verdicts, at), glyphs)


def _target(row: Row) -> Target | None:
    return None if row.right is None else Target("goto", row.right + 1)
