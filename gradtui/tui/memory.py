"""Keeps what a learner does in a lesson, on a thread of its own: the screen never waits for a disk.

What cannot be kept is told once, in one line, and the lesson goes on.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gradtui.course import changes, review
from gradtui.course.progress import Answer, Note, Place, Progress, Unkept
from gradtui.course.schema import Lesson

Deed = Callable[[Progress], None]


class Memory:
    """The progress of one lesson; every method returns at once."""

    def __init__(self, path: Path, pack: str, lesson: Lesson, tell: Callable[[str], None]) -> None:
        """Opens the file, on the thread that calls this; Unkept if it cannot be used."""
        self.pack, self.lesson = pack, lesson.id
        self._progress = Progress.open(path)
        self._digests = changes.digests(lesson)
        done = self._progress.done(pack, lesson.id)
        self._finished = set(changes.carried(done, lesson).values())
        self.news = _news(changes.since(done, lesson)) if done else ""
        self._stood: Place | None = None
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, "gradtui-memory")
        if self._progress.told:
            tell(self._progress.told)

    def place(self) -> Place | None:
        """Where the lesson was left."""
        return self._progress.place(self.pack, self.lesson)

    def answered(self) -> tuple[str, ...]:
        """The steps whose question was settled before."""
        return tuple(self._progress.answered_steps(self.pack, self.lesson))

    def finished(self) -> tuple[str, ...]:
        """The steps that were seen to their end."""
        return tuple(self._finished)

    def notes(self) -> list[Note]:
        return self._progress.notes(self.pack, self.lesson)

    def stand(self, step: str, event: int) -> None:
        """Remember where the lesson is being left."""
        place = Place(self.pack, self.lesson, step, event)
        if place != self._stood:
            self._stood = place
            self._submit(lambda progress: progress.stand(place))

    def finish(self, step: str) -> None:
        """Remember a step as done."""
        if step in self._digests and step not in self._finished:
            self._finished.add(step)
            done = {step: self._digests[step]}
            self._submit(lambda progress: progress.finish(self.pack, self.lesson, done))

    def answer(self, step: str, given: str, is_right: bool, hints: int) -> None:
        """Remember a prediction, and when to ask it again if it was missed."""
        answer = Answer(self.pack, self.lesson, step, given, is_right, hints)
        self._submit(lambda progress: _answered(progress, answer))

    def bookmark(self, step: str, event: int, words: str) -> None:
        note = Note(self.pack, self.lesson, step, event, words)
        self._submit(lambda progress: progress.bookmark(note))

    def close(self) -> None:
        """Finish what is being kept."""
        self._thread.shutdown(wait=True)
        self._progress.close()

    def _submit(self, deed: Deed) -> None:
        self._thread.submit(self._do, deed)

    def _do(self, deed: Deed) -> None:
        try:
            deed(self._progress)
        except Unkept as error:
            self._tell(str(error))


def _news(since: changes.Changes) -> str:
    """Which of the steps that were done are no longer what they were."""
    steps = ", ".join(since.changed)
    return f"Since you took this lesson, these of its steps changed: {steps}" if steps else ""


def _answered(progress: Progress, answer: Answer) -> None:
    progress.answered(answer)
    card = progress.card(answer.pack, answer.lesson, answer.step)
    again = review.reviewed(card, answer)
    if again is not None:
        progress.schedule(again)
