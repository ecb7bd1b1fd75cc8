"""What became of steps between two versions of a lesson or a pack, by their ids.

Keep `digests(lesson)` with what a learner has done; when the lesson is opened again,
`carried(done, lesson)` says under which ids that progress goes on, and `since(kept, lesson)` what
changed meanwhile. Everything here is a pure function of plain data.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

from msgspec import Struct

from gradtui.course.filling import content
from gradtui.course.schema import Lesson, Step


class Changes(Struct, frozen=True):
    """Step ids, as they are now; those removed as they were. `renamed` maps old ids to new ones."""

    changed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: Mapping[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self.changed or self.new or self.removed or self.renamed)


def digest(step: Step) -> str:
    """A short name for a step's content: the same as long as everything but its ids is the same."""
    told = {key: value for key, value in content(step).items() if key not in ("id", "was")}
    written = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return blake2b(written.encode(), digest_size=12).hexdigest()


def digests(lesson: Lesson) -> dict[str, str]:
    """The digest of each step, by its id."""
    return {step.id: digest(step) for step in lesson.steps}


def carried(done: Iterable[str], lesson: Lesson) -> dict[str, str]:
    """The present ids of steps that were done under earlier ones; those that are gone are left out.

    An id that a step has now comes before the same id in another step's `was`.
    """
    now = {old: step.id for step in lesson.steps for old in step.was}
    now |= {step.id: step.id for step in lesson.steps}
    return {old: now[old] for old in done if old in now}


def since(kept: Mapping[str, str], lesson: Lesson) -> Changes:
    """What changed since the digests `kept` (by step id) were taken."""
    ids, present = carried(kept, lesson), digests(lesson)
    known = set(ids.values())
    changed = {now for old, now in ids.items() if present[now] != kept[old]}
    return Changes(
        changed=tuple(step for step in present if step in changed),
        new=tuple(step for step in present if step not in known),
        removed=tuple(old for old in kept if old not in ids),
        renamed={old: now for old, now in ids.items() if old != now},
    )


def renamed(lesson: Lesson) -> dict[str, str]:
    """The present id of each earlier one of a lesson's steps."""
    old = (name for step in lesson.steps for name in step.was)
    return {was: now for was, now in carried(old, lesson).items() if was != now}


def between(old: Sequence[Lesson], new: Sequence[Lesson]) -> dict[str, Changes]:
    """What changed from one version of a pack to another, by lesson id; unchanged ones left out."""
    before = {lesson.id: digests(lesson) for lesson in old}
    earlier = {one.id: next((n for n in (one.id, *one.was) if n in before), one.id) for one in new}
    after = {one.id: since(before.pop(earlier[one.id], {}), one) for one in new}
    gone = {name: Changes(removed=tuple(kept)) for name, kept in before.items()}
    return {name: changes for name, changes in (after | gone).items() if changes}


def told(changes: Mapping[str, Changes]) -> Iterator[str]:
    """One line for each kind of change in each lesson."""
    for lesson, one in changes.items():
        renamed = [f"{old} → {new}" for old, new in one.renamed.items()]
        kinds = {"changed": one.changed, "new": one.new, "gone": one.removed, "renamed": renamed}
        for kind, steps in kinds.items():
            if steps:
                yield f"{lesson}: {kind}: {', '.join(steps)}"
