"""A pack against its previous version: steps and lessons that are gone take progress with them.

    previous = Previous.at(Path("my-pack-1.0.0.zip"))     # a pack, a folder or a lesson
    previous.gone(loaded)                                 # findings on the lesson as it is now

Progress is kept by the ids of lesson and step. What was renamed says so with `was: [old-id]`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gradtui.check.findings import Counts, Finding, LessonReport
from gradtui.course.changes import carried, digest
from gradtui.course.loader import LoadedLesson, load_lesson
from gradtui.course.packs import lesson_files
from gradtui.course.problems import Position
from gradtui.course.schema import Lesson, Step


@dataclass(frozen=True, slots=True)
class Previous:
    """The lessons of an earlier version, by id."""

    place: Path
    lessons: dict[str, Lesson]

    @classmethod
    def at(cls, place: Path) -> "Previous":
        """Those at a path; BadLesson if they cannot be read."""
        loaded = [load_lesson(file).lesson for file in lesson_files(place)]
        return cls(place, {lesson.id: lesson for lesson in loaded})

    def gone(self, loaded: LoadedLesson) -> Iterator[Finding]:
        """The steps of the previous version that are neither here nor in any `was`."""
        names = (loaded.lesson.id, *loaded.lesson.was)
        before = next((self.lessons[name] for name in names if name in self.lessons), None)
        steps = before.steps if before else ()
        kept = carried([step.id for step in steps], loaded.lesson)
        for step in steps:
            if step.id not in kept:
                heir = _heir(step, loaded.lesson, set(kept.values()))
                yield _finding(step, heir, loaded)

    def missing(self, now: Iterable[Lesson]) -> list[LessonReport]:
        """A report on the previous pack if lessons of it are not among those there are now."""
        gone = sorted(self.lessons.keys() - {id for one in now for id in (one.id, *one.was)})
        if not gone or len(self.lessons) == 1:
            return []
        found = tuple(
            Finding.at(Position(1, 1), "", "gone", f"lesson {name} is gone") for name in gone
        )
        return [LessonReport(self.place, self.place.stem, 0.0, Counts(), found)]


def _finding(step: Step, heir: int | None, loaded: LoadedLesson) -> Finding:
    message = f"step {step.id} of the previous version is gone"
    if heir is None:
        return Finding.at(loaded.positions.key(("steps",)), "", "gone", message)
    now = loaded.lesson.steps[heir].id
    return Finding.at(loaded.at(heir, "id"), now, "gone", f"{message}; {now} is like it")


def _heir(step: Step, lesson: Lesson, taken: set[str]) -> int | None:
    """The number of the step that most likely goes on with a step that is gone."""
    free = [(n, one) for n, one in enumerate(lesson.steps) if one.id not in taken]
    same = [n for n, one in free if digest(one) == digest(step)]
    alike = [
        n for n, one in free if (one.title == step.title or (one.code == step.code and one.code))
    ]
    return next(iter([*same, *alike]), None)
