"""Saving and opening a tape; files that are no tape."""

from pathlib import Path

import msgspec
import pytest
from sample import document

from gradtui.tape.tape import MAGIC, Tape, TapeBuilder, TapeError

SOURCES = {"one": "x = …", "two": "w = …"}


def test_round_trip(tmp_path: Path) -> None:
    tape = Tape(document().events, SOURCES)
    tape.save(tmp_path / "run.tape")
    opened = Tape.load(tmp_path / "run.tape")
    assert opened.events == tape.events
    assert opened.sources == SOURCES
    assert opened.steps == tape.steps


def test_the_builder_builds_the_same() -> None:
    builder = TapeBuilder(SOURCES)
    for event in document().events:
        builder.append(event)
    assert builder.tape().events == Tape(document().events).events


BODY = msgspec.msgpack.encode({"events": [], "sources": {}})
HUGE = msgspec.msgpack.encode(
    {
        "events": [{"event": "Bound", "name": "x", "tensor": 2**40}],
        "sources": {},
    }
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a gradtui tape"),
        (b"PK\x03\x04 a zip", "not a gradtui tape"),
        (MAGIC, "tape format ?"),
        (MAGIC + b"\x63" + BODY, "tape format 99, but this gradtui opens format 1"),
        (MAGIC + b"\x01" + BODY[:-3], "damaged tape"),
        (MAGIC + b"\x01\x80", "damaged tape"),
        (MAGIC + b"\x01" + HUGE, "damaged tape"),
    ],
)
def test_what_is_not_a_tape_is_refused_in_one_line(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "bad.tape"
    path.write_bytes(content)
    with pytest.raises(TapeError) as caught:
        Tape.load(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="cannot be read"):
        Tape.load(tmp_path / "nowhere.tape")
