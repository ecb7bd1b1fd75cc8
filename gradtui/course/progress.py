"""What a learner has done, kept in SQLite: where each lesson was left, steps done, answers, notes.

    with Progress.open(progress_file()) as progress:
        progress.stand(Place("autograd", "first", "track-x", 12))
        progress.place("autograd", "first")

Everything is keyed by pack, lesson and step id, so that a newer pack goes on where an older one was
left. What a call has returned from is on the disk: each is a transaction of its own, and a process
that is killed, or a second gradtui beside this one, loses nothing. `Unkept` says in one line why
something could not be kept; the lesson goes on without it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import asdict

FILE = "progress.sqlite3"
VERSION = 1  # of the tables
WAIT = 3.0  # seconds for another gradtui to finish what it writes
_MARK = 0x67726164  # "grad": SQLite's application id of our file

_TABLES = (
    """
    CREATE TABLE place (
        pack TEXT, lesson TEXT, step TEXT NOT NULL, event INTEGER NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (pack, lesson)
    );
    CREATE TABLE done (
        pack TEXT, lesson TEXT, step TEXT, digest TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (pack, lesson, step)
    );
    CREATE TABLE answer (
        id INTEGER PRIMARY KEY, pack TEXT NOT NULL, lesson TEXT NOT NULL, step TEXT NOT NULL,
        given TEXT NOT NULL, is_right INTEGER NOT NULL, hints INTEGER NOT NULL, at TEXT NOT NULL
    );
    CREATE TABLE card (
        pack TEXT, lesson TEXT, step TEXT, memory TEXT NOT NULL, due TEXT NOT NULL,
        PRIMARY KEY (pack, lesson, step)
    );
    CREATE TABLE note (
        id INTEGER PRIMARY KEY, pack TEXT NOT NULL, lesson TEXT NOT NULL, step TEXT NOT NULL,
        event INTEGER NOT NULL, words TEXT NOT NULL, at TEXT NOT NULL
    );
    """,
)
"""What brings the tables from each version to the next."""

KEPT = ("place", "done", "answer", "card", "note")


class Unkept(Exception):
    """Progress that could not be read or kept, with the reason in one line."""


class Place(Struct, frozen=True):
    """Where a lesson was left: a step, and how many of its events had happened."""

    pack: str
    lesson: str
    step: str
    event: int = 0


class Answer(Struct, frozen=True):
    """A prediction; `hints` were looked at before it was right."""

    pack: str
    lesson: str
    step: str
    given: str
    is_right: bool
    hints: int = 0


class Note(Struct, frozen=True):
    """A bookmark at an event of a step, with words or without."""

    pack: str
    lesson: str
    step: str
    event: int
    words: str
    at: str = ""


class Card(Struct, frozen=True):
    """A prediction that was missed once, and when to ask it again; `memory` is the scheduler's."""

    pack: str
    lesson: str
    step: str
    memory: str
    due: str


def now() -> str:
    """The present moment as it is kept: ISO 8601 in UTC, so that it sorts as text."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def progress_file() -> Path:
    """Where progress is kept: in the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("gradtui") / FILE


class Progress:
    """The open file. Safe to use from several threads, and beside other processes."""

    def __init__(self, connection: sqlite3.Connection, told: str = "") -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.told = told  # what had to be done to open it, if anything

    @classmethod
    def open(cls, path: Path) -> Self:
        """The file at `path`, made if there is none; a damaged one is put aside and told of.

        Raises Unkept for one of a newer gradtui, which is left alone, or that cannot be used.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unkept(f"progress is not kept: {path.parent}: {error.strerror}") from None
        try:
            return cls(_connected(path))
        except sqlite3.OperationalError as error:
            raise Unkept(f"progress is not kept: {path}: {error}") from None
        except sqlite3.DatabaseError:
            aside = _put_aside(path)
            return cls(_connected(path), f"progress could not be read; it was put aside as {aside}")

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # -- keeping

    def stand(self, place: Place) -> None:
        """Remember where a lesson was left."""
        self._put("place", {**asdict(place), "at": now()})

    def finish(self, pack: str, lesson: str, digests: Mapping[str, str]) -> None:
        """Remember steps as done, with the digest of what they were then."""
        for step, digest in digests.items():
            row = {"pack": pack, "lesson": lesson, "step": step, "digest": digest, "at": now()}
            self._put("done", row)

    def answered(self, answer: Answer) -> None:
        self._put("answer", {**asdict(answer), "at": now()})

    def schedule(self, card: Card) -> None:
        """Remember when a prediction is to be asked again."""
        self._put("card", asdict(card))

    def bookmark(self, note: Note) -> None:
        self._put("note", {**asdict(note), "at": note.at or now()})

    def forget_note(self, note: Note) -> None:
        where = "pack = ? AND lesson = ? AND step = ? AND event = ? AND words = ?"
        values = (note.pack, note.lesson, note.step, note.event, note.words)
        with self._writing() as connection:
            connection.execute(f"DELETE FROM note WHERE {where}", values)

    def rename(self, pack: str, lesson: str, was: Iterable[str], steps: Mapping[str, str]) -> None:
        """Bring what is kept under earlier ids of a lesson, and of its steps, to the present ones.

        Where something is kept under both, that of the present id stays.
        """
        for name in was:
            self._rename({"pack": pack, "lesson": name}, "lesson", lesson)
        for old, now_called in steps.items():
            self._rename({"pack": pack, "lesson": lesson, "step": old}, "step", now_called)

    def _rename(self, old: Mapping[str, str], column: str, to: str) -> None:
        where, values = " AND ".join(f"{name} = ?" for name in old), tuple(old.values())
        for table in KEPT:
            if not self._read(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1", values):
                continue
            with self._writing() as connection:
                setting = f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {where}"
                connection.execute(setting, (to, *values))
                connection.execute(f"DELETE FROM {table} WHERE {where}", values)

    def reset(self, pack: str = "", lesson: str = "") -> int:
        """Forget what was done in a lesson, a pack, or (without either) at all; how many rows."""
        given = {"pack": pack, "lesson": lesson}
        names = [name for name, value in given.items() if value]
        where = " AND ".join(f"{name} = ?" for name in names) or "1"
        values = [given[name] for name in names]
        with self._writing() as connection:
            return sum(
                connection.execute(f"DELETE FROM {table} WHERE {where}", values).rowcount
                for table in KEPT
            )

    # -- reading

    def place(self, pack: str, lesson: str) -> Place | None:
        """Where a lesson was left."""
        rows = self._rows("SELECT pack, lesson, step, event FROM place", pack, lesson)
        return next((Place(*row) for row in rows), None)

    def latest(self) -> Place | None:
        """The place of the lesson that was taken last."""
        rows = self._read("SELECT pack, lesson, step, event FROM place ORDER BY at DESC LIMIT 1")
        return next((Place(*row) for row in rows), None)

    def places(self) -> list[Place]:
        """Where every lesson was left, the latest first."""
        rows = self._read("SELECT pack, lesson, step, event FROM place ORDER BY at DESC")
        return [Place(*row) for row in rows]

    def done(self, pack: str, lesson: str) -> dict[str, str]:
        """The steps that are done, with the digests they had."""
        return dict(self._rows("SELECT step, digest FROM done", pack, lesson))

    def answered_steps(self, pack: str, lesson: str) -> list[str]:
        """The steps whose prediction was right in the end, or whose answer was looked at."""
        rows = self._rows("SELECT step, is_right OR given = '' FROM answer", pack, lesson)
        return list(dict.fromkeys(step for step, settled in rows if settled))

    def cards(self, before: str = "9999") -> list[Card]:
        """The predictions to be asked again before a moment, the longest due first."""
        columns = "pack, lesson, step, memory, due"
        found = self._read(f"SELECT {columns} FROM card WHERE due <= ? ORDER BY due", (before,))
        return [Card(*row) for row in found]

    def card(self, pack: str, lesson: str, step: str) -> Card | None:
        columns, where = "pack, lesson, step, memory, due", "pack = ? AND lesson = ? AND step = ?"
        rows = self._read(f"SELECT {columns} FROM card WHERE {where}", (pack, lesson, step))
        return next((Card(*row) for row in rows), None)

    def notes(self, pack: str = "", lesson: str = "") -> list[Note]:
        """The bookmarks of a lesson, or all of them, in the order they were made."""
        columns = "SELECT pack, lesson, step, event, words, at FROM note"
        rows = self._rows(columns, pack, lesson) if lesson else self._read(columns + " ORDER BY id")
        return [Note(*row) for row in rows]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All that is kept, as plain data: the rows of each table."""
        return {table: list(self._as_dicts(f"SELECT * FROM {table}")) for table in KEPT}

    # -- SQLite

    def _put(self, table: str, row: Mapping[str, Any]) -> None:
        columns, holes = ", ".join(row), ", ".join("?" * len(row))
        with self._writing() as connection:
            connection.execute(
                f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({holes})", list(row.values())
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with _transaction(self._connection):
                    yield self._connection
            except sqlite3.Error as error:
                raise Unkept(f"progress is not kept: {error}") from None

    def _rows(self, select: str, pack: str, lesson: str) -> list[Any]:
        return self._read(f"{select} WHERE pack = ? AND lesson = ?", (pack, lesson))

    def _read(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise Unkept(f"progress cannot be read: {error}") from None

    def _as_dicts(self, query: str) -> Iterable[dict[str, Any]]:
        with self._lock:
            cursor = self._connection.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _connected(path: Path) -> sqlite3.Connection:
    """A connection to the tables of this version, brought up to it if they are older."""
    connection = sqlite3.connect(path, WAIT, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_mode = WAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise Unkept(
                f"progress is not kept: {path} is of a newer gradtui (its version is {version}, "
                f"this one knows {VERSION}); it was left as it is"
            )
        if version < VERSION:
            _bring_up(connection)
        if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("malformed")
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up(connection: sqlite3.Connection) -> None:
    with _transaction(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[
            0
        ]  # another may have come first
        for script in _TABLES[version:]:
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_MARK}")
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _put_aside(path: Path) -> Path:
    """Moves a damaged file, and what belongs to it, out of the way; nothing is deleted."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    for tail in ("", "-wal", "-shm"):
        beside = Path(f"{path}{tail}")
        if beside.exists():
            beside.replace(f"{aside}{tail}")
    return aside
