"""A lesson taken up again where it was left.

step, passed = standing(session)     # to be kept
resume(session, step, passed)        # another day, on a session just recorded
continued(old, new)                  # after the lesson's file has changed
"""

from gradtui.session.scene import Scene
from gradtui.session.session import Session


def continued(old: Session, new: Session) -> None:
    """Bring `new`, just recorded, to the step and the place in it where `old` is.

    The step is found by its id, or by an earlier id of it; one that is gone leads to its neighbour.
    """
    new.speed, new.torch = old.speed, old.torch
    new.answered, new.solved = set(old.answered), set(old.solved)
    new.skipped, new.drill.on = set(old.skipped), old.drill.on
    new.bench = old.bench
    new.go_to_step(_where(old, new))
    _advance(new, standing(old)[1])


def standing(session: Session) -> tuple[str, int]:
    """Where a session is: the step, and how many of its events have happened on the lesson's tape."""
    main = session.main
    here = main.ranges.get(session.scene.id) if main is not None else None
    passed = max(0, main.position - here.start) if main is not None and here is not None else 0
    return session.scene.id, passed


def resume(session: Session, step: str, passed: int) -> bool:
    """Bring a session to a place that was kept; False if the lesson has no such step any more."""
    for at, scene in enumerate(session.scenes):
        if step == scene.id or step in scene.was:
            session.go_to_step(at)
            _advance(session, passed)
            return True
    return False


def _advance(session: Session, passed: int) -> None:
    here = session.range
    if here is not None and passed:
        session.jump(min(here.start + passed, here.stop))


def _where(old: Session, new: Session) -> int:
    """The scene of `new` that is the present one of `old`."""
    for scene in (old.scene, *reversed(old.scenes[: old.at])):
        for at, other in enumerate(new.scenes):
            if _same(scene, other):
                return at
    return 0


def _same(scene: Scene, other: Scene) -> bool:
    return scene.id == other.id or scene.id in other.was
