"""Fills the panes of the player from a snapshot: needs numpy, so loaded after the first frame."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gradtui.session import Snapshot
from gradtui.tui.glyphs import Glyphs
from gradtui.tui.lines import Line, Piece, cells
from gradtui.tui.views import bars, card, frame, ledger, story, tape
from gradtui.tui.widgets.pane import Pane
from gradtui.tui.widgets.tape import TapePane

if TYPE_CHECKING:
    from gradtui.tui.screens.player import PlayerScreen

__all__ = ["Pane", "draw"]


def draw(screen: "PlayerScreen", snap: Snapshot, glyphs: Glyphs) -> None:
    """Show a snapshot on all panes that can be seen."""
    folded = screen.folded
    screen.set_class(len(snap.scenes) < 2, "-single")
    for id, lines in _bars(screen, snap, glyphs).items():
        screen.bar(id).show([lines])
    told = story.story(snap, screen.text("story").room, glyphs)
    screen.text("story").show(told.lines, follow=told.focus)
    if screen.shows("tape"):
        rails = screen.query_one("#tape", TapePane)
        rails.show_tape(tape.TapeView.of(snap, rails.room, glyphs))
    if screen.shows("card"):
        pane = screen.text("card")
        pane.show(card.card(snap, pane.room, glyphs), follow=0)
    if screen.shows("ledger"):
        pane = screen.text("ledger")
        leaves = ledger.ledger(snap, pane.room, glyphs)
        pane.show(leaves, follow=ledger.latest(leaves))
    _heads(screen, snap, folded, glyphs)


def _bars(screen: "PlayerScreen", snap: Snapshot, glyphs: Glyphs) -> dict[str, Line]:
    width = screen.size.width
    return {
        "header": bars.header(snap, width, glyphs),
        "steps": bars.steps(snap, width, glyphs),
        "timeline": bars.timeline(snap, width, glyphs),
        "status": bars.status(snap, width, glyphs),
    }


def _heads(screen: "PlayerScreen", snap: Snapshot, folded: bool, glyphs: Glyphs) -> None:
    """The titles over the panes; where they are folded, tabs."""
    tabs = frame.tabs(screen.pane)
    pane = screen.query_one("#tape", TapePane)
    for id, name in frame.PANES:
        lead = tabs if folded else [Piece(f" {name}", "heading")]
        if id == "tape" and snap.rails is not None:
            skip = sum(len(piece.text) for piece in lead)
            heads = tape.heads(pane.room, snap.rails.width, snap.rails.shapes, skip)
            lead = [*lead, *heads.pieces]
        if id == "ledger" and not folded:
            lead = [*lead, Piece("  what went into each .grad", "dim")]
        if id == "card" or (id == "ledger" and folded):
            lead = [*lead, *_more(screen.text(id), lead, glyphs)]
        screen.bar(f"{id}-head").show([Line(tuple(lead), "tab")])


def _more(pane: Pane, lead: Sequence[Piece], glyphs: Glyphs) -> Iterator[Piece]:
    """At the right end of a pane's title, the keys that scroll it, where there is more to see."""
    keys = f"{glyphs.key('pane_down')} {glyphs.key('pane_up')} scroll"
    room = pane.region.width - sum(cells(piece.text) for piece in lead) - cells(keys) - 1
    if pane.count > pane.size.height and room > 0:
        yield Piece(" " * room + keys, "dim")
