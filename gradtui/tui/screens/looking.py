"""Asks torch for rows of the Jacobians of the node in view, once one rests on it for a moment.

One look is asked for at a time, in the background; what comes of it is kept with the take.
"""

from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer

if TYPE_CHECKING:
    from gradtui.session import Session, Take
    from gradtui.tui.screens.player import PlayerScreen

REST = 0.3  # seconds on one event before torch is asked


class Looking:
    """What the player asks of torch about Jacobians."""

    def __init__(self, player: "PlayerScreen") -> None:
        self.player = player
        self.timer: Timer | None = None
        self.busy = False

    def rest(self, session: "Session") -> None:
        """Somebody looks at a moment of the session: ask about it soon, if there is a question."""
        if self.timer is not None:
            self.timer.stop()
            self.timer = None
        take, at = session.take, session.position - 1
        if take is not None and not self.busy and _is_open(session, take, at):
            self.timer = self.player.set_timer(REST, partial(self.ask, take, at))

    def ask(self, take: "Take", at: int) -> None:
        """Ask torch about the node that ran at an event."""
        from gradtui.language.program import Look
        from gradtui.oracle.rows import ASKED
        from gradtui.tape.events import NodeRan

        event = take.tape.events[at]
        if isinstance(event, NodeRan) and at not in take.rows:
            self.busy = True
            take.rows[at] = ASKED
            self.player.gradtui.backstage.look(take, at, Look(event.number, event.node))
            self.player.draw()

    def answered(self) -> None:
        """An answer came: another question may be asked."""
        self.busy = False


def _is_open(session: "Session", take: "Take", at: int) -> bool:
    """Whether the event is a node whose Jacobians torch, which is there, was not asked about."""
    from gradtui.session.torch_link import TorchPhase
    from gradtui.tape.events import NodeRan

    event = take.tape.events[at] if 0 <= at < len(take.tape) else None
    if not isinstance(event, NodeRan) or at in take.rows or take.program is None:
        return False
    node = take.tape.nodes.get(event.node)
    there = session.torch.phase in (TorchPhase.READY, TorchPhase.RUNNING)
    return there and take.comparison.finished and node is not None and node.leaf is None
