"""One lesson being taken: a state machine without a screen, a clock or threads of its own.

    session = Session.of_lesson(lesson, program)
    session.recorded(tape)              # our own run
    session.heard(events)               # torch's, as they come
    session.forward(); session.next_step()
    session.snapshot()                  # frozen: what there is to draw

Whoever owns it feeds it what threads and child processes find out, on one thread.
"""

from gradtui.session.scene import Question, Scene, Variant
from gradtui.session.session import SPEEDS, Session
from gradtui.session.snapshot import Snapshot
from gradtui.session.take import Take
from gradtui.session.torch_link import TorchLink, TorchPhase

__all__ = [
    "SPEEDS",
    "Question",
    "Scene",
    "Session",
    "Snapshot",
    "Take",
    "TorchLink",
    "TorchPhase",
    "Variant",
]
