"""The lesson at a glance: what one will be able to do, what it needs, and its words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from gradtui.tui.lines import BLANK, Line, Piece, printable, wrap
from gradtui.tui.screens.window import Window
from gradtui.tui.views.story import markdown

if TYPE_CHECKING:
    from gradtui.course.schema import Lesson
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.screens.player import PlayerScreen


class AboutScreen(Window):
    """Title, minutes, source, objectives, prerequisites, glossary."""

    def __init__(self, lesson: "Lesson") -> None:
        super().__init__()
        self.lesson = lesson

    def lines(self, width: int) -> Sequence[Line]:
        lesson = self.lesson
        minutes = f"about {lesson.minutes} minutes" if lesson.minutes else ""
        facts = [fact for fact in (minutes, lesson.source and f"after {lesson.source}") if fact]
        made = wrap(Line.of(Piece(printable(lesson.title), "title")), width)
        made += [Line.of(Piece(printable(fact), "dim")) for fact in facts]
        for heading, rows in (
            ("Afterwards you can", lesson.objectives),
            ("You should know", lesson.prerequisites),
        ):
            made += _listed(heading, rows, width)
        return [*made, *self._glossary(width)]

    def _glossary(self, width: int) -> list[Line]:
        if not self.lesson.glossary:
            return []
        glyphs = cast("GradtuiApp", self.app).glyphs
        made = [BLANK, Line.of(Piece("Words", "heading"))]
        for term in self.lesson.glossary:
            made += wrap(Line.of(Piece("  "), Piece(printable(term.term), "strong")), width, 4)
            for line in markdown(term.means, width - 4, glyphs):
                made.append(Line.of(Piece("    "), *line.pieces))
        return made


def _listed(heading: str, rows: Sequence[str], width: int) -> list[Line]:
    if not rows:
        return []
    made = [BLANK, Line.of(Piece(heading, "heading"))]
    for row in rows:
        made += wrap(Line.of(Piece("  - "), Piece(printable(row))), width, 4)
    return made


def open_about(player: "PlayerScreen") -> None:
    """The lesson at a glance; a script has nothing to tell."""
    lesson = player.opening.lesson if player.opening is not None else None
    if lesson is None:
        player.notice("There is no more to tell about this one.")
    else:
        player.app.push_screen(AboutScreen(lesson))
