"""The shelf: the lessons there are, how far one is in each, what it needs, and what is to be reviewed.

    shelf = shelf_of(lessons_at(None), progress)     # of all packs; or of those at a path
    shelf.books                                      # reviews, then what was begun, then the packs
    matching(shelf.books, "autograd")                # by title, pack, objectives

Everything here may take a while, so it runs off the screen's thread.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gradtui.course import changes, packs
from gradtui.course.files import is_plain
from gradtui.course.loader import load_lesson, load_pack
from gradtui.course.problems import BadLesson
from gradtui.course.progress import Card, Progress, Unkept, now
from gradtui.course.schema import Lesson, Pack


class Need(Struct, frozen=True):
    """Something to know before: a lesson, and whether it is done; or plain words."""

    words: str
    done: bool | None = None  # None: nobody can tell


class Book(Struct, frozen=True):
    """A lesson on the shelf; `problem` is the first reason why it cannot be taken."""

    path: Path
    title: str
    pack: str = ""  # its id
    pack_title: str = ""
    minutes: int = 0
    objectives: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    was: tuple[str, ...] = ()  # its earlier ids
    problem: str = ""
    steps: int = 0
    done: int = 0  # of the steps
    left_at: str = ""  # the title of the step it was left at
    reviews: tuple[str, ...] = ()  # on a book of reviews: steps whose predictions are asked again
    first: str = ""  # the title of the first of them

    @property
    def id(self) -> str:
        return self.path.stem

    @property
    def due(self) -> str:
        """The step whose missed prediction is to be asked again first; "" for a lesson."""
        return self.reviews[0] if self.reviews else ""

    @property
    def dues(self) -> int:
        return len(self.reviews)

    @property
    def begun(self) -> bool:
        return bool(self.left_at or self.done)

    @property
    def finished(self) -> bool:
        return self.steps > 0 and self.done >= self.steps

    @property
    def section(self) -> str:
        """What it stands under."""
        if self.due:
            return "To review"
        if self.begun and not self.finished:
            return "Begun"
        return self.pack_title or "Lessons"


class Shelf(Struct, frozen=True):
    """Lessons to choose from."""

    books: tuple[Book, ...]


def lessons_at(target: Path | None) -> list[Path | BadLesson]:
    """The lessons at a path, or all there are, and what is wrong with the others."""
    if target is not None:
        return list(packs.lesson_files(target))
    return [one for pack in packs.discover() for one in pack.present()]


def shelf_of(found: Iterable[Path | BadLesson], progress: Progress | None = None) -> Shelf:
    """These lessons, broken ones too: reviews first, then what was begun, the latest first."""
    books = _with_needs([_book(one, progress) for one in found])
    order = _recency(progress)
    begun = [book for book in books if book.begun and not book.finished]
    begun.sort(key=lambda book: order.get((book.pack, book.id), len(order)))
    return Shelf((*_reviews(books, progress), *begun, *(b for b in books if b not in begun)))


def matching(books: Sequence[Book], typed: str) -> list[Book]:
    """The books that hold all words of a text in what is told of them."""
    words = typed.casefold().split()
    return [book for book in books if all(word in _told(book) for word in words)]


def _told(book: Book) -> str:
    return " ".join((book.title, book.id, book.pack_title, *book.objectives)).casefold()


def latest_of(found: Sequence[Path | BadLesson], progress: Progress) -> Path | None:
    """The lesson that was taken last, if it is among these."""
    place = progress.latest()
    here = [one for one in found if isinstance(one, Path) and place and pack_of(one) == place.pack]
    named = (one for one in here if place and one.stem == place.lesson)
    return next(named, None) or next((p for p in here if place and _was(p, place.lesson)), None)


def _was(path: Path, lesson_id: str) -> bool:
    """Whether a lesson says that it had this id."""
    try:
        return lesson_id in load_lesson(path).lesson.was
    except BadLesson:
        return False


def pack_of(path: Path) -> str:
    """The id of the pack a lesson's file lies in; none for one that stands alone."""
    pack = _pack(path)
    return pack.id if pack else ""


def _pack(path: Path) -> Pack | None:
    try:
        return load_pack(path.with_name(packs.PACK)).pack
    except BadLesson:
        return None


def carry_over(progress: Progress, path: Path, lesson: Lesson) -> None:
    """Bring what was learnt under earlier ids of a lesson and its steps to their present ones."""
    was = [old for old in lesson.was if not is_plain(path.with_name(f"{old}.yaml"))]
    with contextlib.suppress(Unkept):  # told when something is to be kept
        progress.rename(pack_of(path), lesson.id, was, changes.renamed(lesson))


# one book


def _book(found: Path | BadLesson, progress: Progress | None) -> Book:
    try:
        if isinstance(found, BadLesson):
            raise found
        lesson = load_lesson(found).lesson
    except BadLesson as bad:
        path = bad.problems[0].path
        return Book(path, path.stem, *_named(path), problem=str(bad.problems[0]))
    book = Book(
        found,
        lesson.title,
        *_named(found),
        minutes=lesson.minutes or 0,
        objectives=lesson.objectives,
        needs=tuple(Need(words) for words in lesson.prerequisites),
        was=lesson.was,
        steps=len(lesson.steps),
    )
    return _with_progress(book, lesson, progress) if progress else book


def _named(path: Path) -> tuple[str, str]:
    """The id and the title of the pack a lesson lies in."""
    pack = _pack(path)
    return (pack.id, pack.title) if pack else ("", "")


def _with_progress(book: Book, lesson: Lesson, progress: Progress) -> Book:
    carry_over(progress, book.path, lesson)
    done = changes.carried(progress.done(book.pack, lesson.id), lesson)
    place = progress.place(book.pack, lesson.id)
    titles = {old: step.title for step in lesson.steps for old in (step.id, *step.was)}
    left_at = titles.get(place.step, "") if place else ""
    return replace(book, done=len(set(done.values())), left_at=left_at)


def _with_needs(books: list[Book]) -> list[Book]:
    """The books with each prerequisite that is a lesson told by its title, and whether it is done."""
    usable = [book for book in books if not book.problem]
    earlier = {old: book for book in usable for old in book.was}
    known = {**earlier, **{book.id: book for book in usable}}
    return [replace(book, needs=tuple(_need(one, known) for one in book.needs)) for book in books]


def _need(need: Need, known: Mapping[str, Book]) -> Need:
    book = known.get(need.words)
    return Need(book.title, book.finished) if book else need


# the order


def _recency(progress: Progress | None) -> dict[tuple[str, str], int]:
    """Packs and lessons by when they were left, the latest first."""
    places = progress.places() if progress else []
    return {(place.pack, place.lesson): at for at, place in enumerate(places)}


def _reviews(books: Sequence[Book], progress: Progress | None) -> list[Book]:
    """A book for each lesson with predictions that are due, the longest due first."""
    due: dict[tuple[str, str], list[Card]] = {}
    for card in progress.cards(now()) if progress else ():
        due.setdefault((card.pack, card.lesson), []).append(card)
    whose = {(book.pack, book.id): book for book in books if not book.problem}
    return [
        _review(whose[key], [card.step for card in cards])
        for key, cards in due.items()
        if key in whose
    ]


def _review(book: Book, steps: Sequence[str]) -> Book:
    """The predictions of a lesson that are to be made again."""
    lesson = load_lesson(book.path).lesson
    titles = {old: step.title for step in lesson.steps for old in (step.id, *step.was)}
    first = titles.get(steps[0], steps[0])
    return replace(book, title=f"Review: {book.title}", reviews=tuple(steps), first=first)
