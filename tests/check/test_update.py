"""`--update` writes what is printed, in place: nothing else in the file changes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradtui.check.runner import Checker
from gradtui.check.update import update

LESSON = """\
# A comment at the top.
format: 1
id: styles
title: "Styles"   # of text
minutes: 1

steps:
  - id: block   # one
    title: Block
    say: Here.
    code: |
      import torch
      x = torch.randn(2, requires_grad=True)
      print(x)

      print(" a line that begins with a space")
    draws: [[0.5, -0.25], [1, 2]]   # one too many
    prints: |   # what it says

      old one
      old two


    checks: [x.is_leaf]
  - id: quoted
    title: Quoted
    say: Here.
    code: 'print("it''s", 1 + 1)'
    prints: 'it''s 3'
    what_if:
      - {id: other, label: Other, code: "print('a: b', 3)", prints: "a 3"}   # in one line
      - id: third
        label: Third
        code: print(4)
        prints: 5
  - id: fails
    title: Fails
    say: Here.
    code: |
      print("before")
      (x * 2).backward()
    prints: "after"
    raises: {type: RuntimeError, match: no such phrase in it}   # reworded
  - id: empty
    title: Empty
    say: Here.
    code: |
      print("two")
      print("lines")
    prints: ""
  - id: long
    title: Long
    say: Here.
    code: print("[ no list")
    prints: >-
      some

      words
"""

WRITTEN = (
    LESSON.replace(
        """    draws: [[0.5, -0.25], [1, 2]]   # one too many
    prints: |   # what it says

      old one
      old two
""",
        """    draws: [[0.5, -0.25]]   # one too many
    prints: |   # what it says
      tensor([ 0.5000, -0.2500], requires_grad=True)
       a line that begins with a space
""",
    )
    .replace("prints: 'it''s 3'", "prints: 'it''s 2'")
    .replace('prints: "a 3"', 'prints: "a: b 3"')
    .replace("prints: 5\n", "prints: 4\n")
    .replace('prints: "after"', 'prints: "before"')
    .replace(
        "match: no such phrase in it",
        "match: grad can be implicitly created only for scalar outputs",
    )
    .replace('prints: ""', 'prints: "two\\nlines"')
    .replace("prints: >-\n      some\n\n      words\n", "prints: |-\n      [ no list\n")
)


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with Checker(jobs=1) as one:
        yield one


def updated(checker: Checker, path: Path) -> list[str]:
    return [line.removeprefix(f"{path}:") for line in update(checker, [path])]


def test_only_what_is_stale_is_written(checker: Checker, tmp_path: Path) -> None:
    path = tmp_path / "styles.yaml"
    path.write_text(LESSON)
    assert updated(checker, path) == [
        "18: block: prints",
        "17: block: draws",
        "31: quoted/other: prints",
        "35: quoted/third: prints",
        "29: quoted: prints",
        "42: fails: prints",
        "43: fails: raises",
        "50: empty: prints",
        "55: long: prints",
    ]
    assert path.read_text() == WRITTEN
    assert checker.check([path]).ok
    assert updated(checker, path) == []
    assert path.read_text() == WRITTEN


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_line_ends_mark_and_mode_stay(
    end: str, mark: bytes, last: str, checker: Checker, tmp_path: Path
) -> None:
    path = tmp_path / "styles.yaml"

    def lesson(text: str) -> bytes:
        return mark + (text.rstrip("\n") + last).replace("\n", end).encode()

    path.write_bytes(lesson(LESSON))
    path.chmod(0o640)
    updated(checker, path)
    assert path.read_bytes() == lesson(WRITTEN)
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["styles.yaml"]


def test_line_ends_of_both_kinds_stay(checker: Checker, tmp_path: Path) -> None:
    path = tmp_path / "styles.yaml"
    path.write_bytes(LESSON.encode().replace(b"title: Quoted\n", b"title: Quoted\r\n"))
    updated(checker, path)
    assert path.read_bytes() == WRITTEN.encode().replace(b"title: Quoted\n", b"title: Quoted\r\n")


def left(checker: Checker, path: Path, text: str) -> list[str]:
    path.write_text(text)
    told = updated(checker, path)
    assert path.read_text() == text
    return told


def test_an_error_nobody_expected_is_left(checker: Checker, tmp_path: Path) -> None:
    text = LESSON.replace("import torch\n", "import torch\n      y = q\n")
    told = left(checker, tmp_path / "styles.yaml", text)
    assert told == ["8: left: unexpected NameError; nor what comes after it"]


def test_an_error_of_another_type_is_left(checker: Checker, tmp_path: Path) -> None:
    text = WRITTEN.replace("type: RuntimeError", "type: TypeError").replace("two\\nl", "three\\nl")
    told = left(checker, tmp_path / "styles.yaml", text)
    assert told == [
        "35: left: expected TypeError, but there is RuntimeError; nor what comes after it"
    ]


def test_an_error_in_a_what_if_is_left(checker: Checker, tmp_path: Path) -> None:
    text = WRITTEN.replace("code: print(4)", "code: print(q)")
    told = left(checker, tmp_path / "styles.yaml", text)
    assert told == ["31: left: unexpected NameError"]


def test_a_broken_file_is_left(checker: Checker, tmp_path: Path) -> None:
    assert left(checker, tmp_path / "styles.yaml", LESSON.replace("minutes: 1", "minutes: x")) == []


def test_strict_writes_a_last_digit(tmp_path: Path) -> None:
    path = tmp_path / "styles.yaml"
    path.write_text(WRITTEN.replace("[ 0.5000, -0.2500]", "[ 0.5001, -0.2500]"))
    with Checker(against_torch=False) as loose:
        assert updated(loose, path) == []
    with Checker(against_torch=False, strict=True) as strict:
        assert updated(strict, path) == ["18: block: prints"]
    assert path.read_text() == WRITTEN
