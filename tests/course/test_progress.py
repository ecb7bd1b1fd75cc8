"""What a learner has done survives: kills, full disks, other versions, damage, a second gradtui."""

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gradtui.course.progress import FILE, VERSION, Answer, Card, Note, Place, Progress, Unkept
from gradtui.course.review import reviewed

HERE = Place("pack", "lesson", "track-x", 12)
WRITER = """
import sys
from pathlib import Path
from gradtui.course.progress import Place, Progress
progress = Progress.open(Path(sys.argv[1]))
for event in range(int(sys.argv[2])):
    progress.stand(Place(sys.argv[3], "lesson", "step", event))
    print(event, flush=True)
"""
FULL = """
import resource, signal, sys
from pathlib import Path
from gradtui.course.progress import Note, Progress, Unkept
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
progress = Progress.open(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
kept = 0
try:
    while True:
        progress.bookmark(Note("pack", "lesson", "step", kept, "x" * 1000))
        kept += 1
except Unkept as error:
    print(kept, error, sep="\\n")
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / FILE


def writer(file: Path, count: int, pack: str = "pack") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file), str(count), pack],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_what_is_kept_is_there_again(file: Path) -> None:
    with Progress.open(file) as progress:
        progress.stand(HERE)
        progress.finish("pack", "lesson", {"one": "abc", "two": "def"})
        progress.bookmark(Note("pack", "lesson", "one", 3, "why a 2?"))
        assert not progress.told
    with Progress.open(file) as progress:
        assert progress.place("pack", "lesson") == HERE == progress.latest()
        assert progress.done("pack", "lesson") == {"one": "abc", "two": "def"}
        assert [note.words for note in progress.notes()] == ["why a 2?"]
        assert progress.place("pack", "other") is None


def test_what_was_kept_under_earlier_ids_goes_on_under_the_present_ones(file: Path) -> None:
    with Progress.open(file) as progress:
        progress.stand(Place("pack", "old", "one", 3))
        progress.finish("pack", "old", {"one": "abc", "two": "def"})
        progress.answered(Answer("pack", "old", "one", "3", True))
        progress.schedule(Card("pack", "old", "one", "{}", "2020-01-01"))
        progress.bookmark(Note("pack", "old", "one", 3, "why a 2?"))
        progress.finish("pack", "other", {"one": "xyz"})
        progress.rename("pack", "new", ["older", "old"], {"one": "first"})
        assert progress.place("pack", "new") == Place("pack", "new", "first", 3)
        assert progress.done("pack", "new") == {"first": "abc", "two": "def"}
        assert progress.answered_steps("pack", "new") == ["first"]
        assert [(card.lesson, card.step) for card in progress.cards()] == [("new", "first")]
        assert [note.step for note in progress.notes("pack", "new")] == ["first"]
        assert progress.done("pack", "other") == {"one": "xyz"}
        kept = progress.everything()
        assert "old" not in {row["lesson"] for rows in kept.values() for row in rows}
        progress.finish("pack", "old", {"one": "later", "three": "ghi"})
        progress.rename("pack", "new", ["old"], {"one": "first"})
        assert progress.done("pack", "new") == {"first": "abc", "two": "def", "three": "ghi"}


def test_reset_forgets_a_lesson_a_pack_or_all(file: Path) -> None:
    with Progress.open(file) as progress:
        for pack in ("a", "b"):
            for lesson in ("one", "two"):
                progress.stand(Place(pack, lesson, "step"))
        assert progress.reset("a", "one") == 1
        assert progress.place("a", "two") is not None
        assert progress.reset("a") == 1
        assert progress.place("b", "one") is not None
        assert progress.reset() == 2
        assert progress.latest() is None


def test_a_killed_process_loses_nothing_it_was_told_is_kept(file: Path) -> None:
    with writer(file, 10_000) as child:
        assert child.stdout is not None
        for _ in range(5):
            said = child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
        said = (child.stdout.read().split("\n") or [said])[-2:][0] or said
    with Progress.open(file) as progress:
        place = progress.place("pack", "lesson")
    assert place is not None
    assert place.event >= int(said)


def test_two_at_once_keep_both(file: Path) -> None:
    both = [writer(file, 30, pack) for pack in ("first", "second")]
    for child in both:
        child.communicate(timeout=60)
        assert child.returncode == 0
    with Progress.open(file) as progress:
        events = [progress.place(pack, "lesson") for pack in ("first", "second")]
    assert [place and place.event for place in events] == [29, 29]


def test_a_full_disk_is_told_and_keeps_what_was_kept(file: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FULL, str(file)], capture_output=True, text=True, timeout=60
    )
    count, line = told.stdout.splitlines()
    assert line.startswith("progress is not kept: ")
    with Progress.open(file) as progress:
        assert len(progress.notes()) == int(count) > 10


def test_a_newer_file_is_left_as_it_is(file: Path) -> None:
    Progress.open(file).close()
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(Unkept, match="newer gradtui"):
        Progress.open(file)
    assert file.read_bytes() == before


def test_an_empty_file_of_an_older_gradtui_is_brought_up(file: Path) -> None:
    file.parent.mkdir()
    sqlite3.connect(file).close()
    with Progress.open(file) as progress:
        progress.stand(HERE)
        assert progress.latest() == HERE


@pytest.mark.parametrize(
    "bytes_", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4080]
)
def test_a_damaged_file_is_put_aside_and_told_of(file: Path, bytes_: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(bytes_)
    with Progress.open(file) as progress:
        assert "put aside" in progress.told
        progress.stand(HERE)
        assert progress.latest() == HERE
    (aside,) = file.parent.glob("*.damaged-*.sqlite3")
    assert aside.read_bytes() == bytes_


def test_a_folder_in_its_place_is_one_line(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(Unkept, match="progress is not kept"):
        Progress.open(file)


def test_a_file_in_place_of_its_folder_is_one_line(file: Path) -> None:
    file.parent.write_text("")
    with pytest.raises(Unkept, match="progress is not kept"):
        Progress.open(file)


def test_a_locked_file_is_one_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradtui.course.progress.WAIT", 0.05)
    Progress.open(file).close()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with Progress.open(file) as progress, pytest.raises(Unkept, match="locked"):
            progress.stand(HERE)
    finally:
        other.close()


# reviews


def answer(right: bool, hints: int = 0) -> Answer:
    return Answer("pack", "lesson", "step", "3", right, hints)


def test_what_was_right_at_once_is_not_repeated() -> None:
    assert reviewed(None, answer(True)) is None


def test_what_was_missed_comes_back_later_each_time_it_is_right(file: Path) -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    card = reviewed(None, answer(False), when)
    assert card is not None
    waits = []
    for _ in range(5):
        due = datetime.fromisoformat(card.due)
        assert due > when
        waits.append(due - when)
        when = due
        card = reviewed(card, answer(True), when)
        assert card is not None
    assert waits == sorted(waits)
    assert waits[-1] > timedelta(days=1)
    missed = reviewed(card, answer(False), when)
    assert missed is not None
    assert datetime.fromisoformat(missed.due) - when < timedelta(days=1)
    with Progress.open(file) as progress:
        progress.schedule(card)
        progress.schedule(missed)
        assert progress.cards() == [missed]
        assert progress.cards(before="2026") == []


def test_hints_bring_an_answer_back_too() -> None:
    card = reviewed(None, answer(True, hints=2))
    assert card is not None
    assert card.due > "2026"
