"""A lesson taken up again where it was left, after its file has changed: `continued(old, new)`."""

from gradtui.session.scene import Scene
from gradtui.session.session import Session


def continued(old: Session, new: Session) -> None:
    """Bring `new`, just recorded, to the step and the place in it where `old` is.

    The step is found by its id, or by an earlier id of it; one that is gone leads to its neighbour.
    """
    new.speed, new.torch = old.speed, old.torch
    new.answered, new.solved = set(old.answered), set(old.solved)
    passed = _passed(old)
    new.go_to_step(_where(old, new))
    here = new.range
    if here is not None and passed:
        new.jump(min(here.start + passed, here.stop))


def _where(old: Session, new: Session) -> int:
    """The scene of `new` that is the present one of `old`."""
    for scene in (old.scene, *reversed(old.scenes[: old.at])):
        for at, other in enumerate(new.scenes):
            if _same(scene, other):
                return at
    return 0


def _same(scene: Scene, other: Scene) -> bool:
    return scene.id == other.id or scene.id in other.was


def _passed(session: Session) -> int:
    """How many events of the present step have happened on the lesson's own tape."""
    main = session.main
    here = main.ranges.get(session.scene.id) if main is not None else None
    return max(0, main.position - here.start) if main is not None and here is not None else 0
