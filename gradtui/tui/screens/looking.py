"""Asks for what the tape does not hold of the node in view, once one rests on it for a moment.

Torch is asked for rows of its Jacobians; in forward mode a Function of the lesson's own is asked
for its J·u. One look at a time, in the background; what comes of it is kept with the take.
"""

from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer

from gradtui.tui import messages

if TYPE_CHECKING:
    from gradtui.language.program import Look
    from gradtui.session import Session, Take
    from gradtui.tape.whole import Lacking
    from gradtui.tui.screens.player import PlayerScreen

REST = 0.3  # seconds on one event before anything is asked
FAR = 20_000  # events: to run so many again would be felt at the keys


class Looking:
    """What the player asks about nodes, behind the screen."""

    def __init__(self, player: "PlayerScreen") -> None:
        self.player = player
        self.timer: Timer | None = None
        self.busy = False

    def rest(self, session: "Session") -> None:
        """Somebody looks at a moment of the session: ask about it soon, if there is a question."""
        if self.timer is not None:
            self.timer.stop()
            self.timer = None
        take = session.take
        if take is None:
            return
        if session.unmarked:
            self.mark(session, take)
        if self.busy or session.position > FAR:
            return
        if session.forward_mode or _rows(session, take) is not None:
            rested = partial(self.rested, session, take, session.position - 1)
            self.timer = self.player.set_timer(REST, rested)

    def mark(self, session: "Session", take: "Take") -> None:
        """Find out what differs from the lesson, of a version that is long."""
        session.unmarked = False
        player = self.player

        def find() -> None:
            player.post_message(messages.Marked(take, session.differing()))

        player.gradtui.backstage.spawn(find)

    def rested(self, session: "Session", take: "Take", at: int) -> None:
        """Ask the first question there is about the node of event `at`."""
        lacks = _lacking(session, take, at)
        wanted = _tangent(session, take) or _rows(session, take)
        if lacks is not None:
            self.fill(take, at, lacks)
        elif wanted is not None:
            self.ask(take, at, wanted)

    def fill(self, take: "Take", at: int, lacks: "Lacking") -> None:
        """Ask for the numbers of large tensors that forward mode needs."""
        from gradtui.tape import whole

        take.tape.memo["filling"] = (at, lacks.why or "the program is run again for its numbers")
        if lacks.why:
            whole.fill(take.tape, at, {})
        else:
            self.busy = True
            self.player.gradtui.backstage.fill(take, at, lacks)
        self.player.draw()

    def filled(self, message: messages.Filled) -> None:
        """The numbers came: forward mode goes on with them."""
        from gradtui.tape import whole

        self.busy = False
        message.take.tape.memo.pop("filling", None)
        whole.fill(message.take.tape, message.at, message.events)

    def ask(self, take: "Take", at: int, wanted: "Look") -> None:
        """Ask about a node, as it was when it ran."""
        from gradtui.oracle.rows import ASKED

        self.busy = True
        if not wanted.tangents:
            take.rows[at] = ASKED
        self.player.gradtui.backstage.look(take, at, wanted)
        self.player.draw()

    def answered(self, message: messages.Looked) -> None:
        """An answer came: keep it; another question may be asked."""
        from gradtui.tape import pictures, tangents

        self.busy = False
        tape, wanted, ours = message.take.tape, message.wanted, message.ours
        if wanted.tangents:
            said = () if ours is None else ours.products
            tangents.answer(tape, wanted.node, wanted.tangents, said)
            return
        message.take.rows[message.at] = message.rows
        if ours is not None:
            pictures.keep(tape, wanted.node, ours.jacobians)


def _lacking(session: "Session", take: "Take", at: int) -> "Lacking | None":
    """What forward mode lacks of the large tensors before the node in view."""
    if not session.forward_mode or take.program is None:
        return None
    from gradtui.tape.whole import lacking

    return lacking(take.tape, at)


def _tangent(session: "Session", take: "Take") -> "Look | None":
    """The question to a Function of the lesson's own that forward mode waits for."""
    from gradtui.language.program import Look
    from gradtui.tape.tangents import question

    if not session.forward_mode or take.program is None:
        return None
    found = question(take.tape, session.position - 1, session.direction)
    return None if found is None else Look(*found)


def _rows(session: "Session", take: "Take") -> "Look | None":
    """The question to torch about the Jacobians of the node that ran, if it was not asked."""
    from gradtui.language.program import Look
    from gradtui.session.torch_link import TorchPhase
    from gradtui.tape.events import NodeRan

    at = session.position - 1
    event = take.tape.events[at] if 0 <= at < len(take.tape) else None
    if not isinstance(event, NodeRan) or at in take.rows or take.program is None:
        return None
    node = take.tape.nodes.get(event.node)
    there = session.torch.phase in (TorchPhase.READY, TorchPhase.RUNNING)
    if not there or not take.comparison.finished or node is None or node.leaf is not None:
        return None
    return Look(event.number, event.node)
