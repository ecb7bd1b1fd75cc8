"""Every way a lesson file can be wrong is one line with its place and the way to mend it."""

from pathlib import Path

import pytest

from gradtui.course.loader import load_lesson, parse_lesson
from gradtui.course.problems import BadLesson

HEAD = """\
format: 1
id: small
title: A small lesson
minutes: 5
steps:
"""
STEP = """\
  - id: one
    title: One
    say: Prose.
"""
GOOD = HEAD + STEP  # lines 1-5 and 6-8


def complaints(text: str) -> list[str]:
    with pytest.raises(BadLesson) as caught:
        parse_lesson(text, Path("lesson.yaml"))
    return [str(problem) for problem in caught.value.problems]


ROWS = {
    # what the file says, where the complaint is, what it says
    "empty file": ("", "1:1", "the file is empty"),
    "only a comment": ("# nothing\n", "1:1", "the file is empty"),
    "a list at the top": (
        "- a\n- b\n",
        "1:1",
        "the file must be a mapping of keys, but it is a list",
    ),
    "text at the top": ("hello\n", "1:1", "the file must be a mapping of keys, but it is `hello`"),
    "no title": (GOOD.replace("title: A small lesson\n", ""), "1:1", "`title` is missing: add it"),
    "no steps": (HEAD.replace("steps:\n", ""), "1:1", "`steps` is missing: add it"),
    "steps empty": (HEAD + "  []\n", "6:3", "`steps` must have at least 1 items"),
    "steps blank": (
        HEAD,
        "5:7",
        "`steps` must be a list (lines that begin with `- `), but it is empty",
    ),
    "step without say": (HEAD + "  - id: a\n    title: A\n", "6:5", "`say` is missing: add it"),
    "step is text": (HEAD + "  - hello\n", "6:5", "item 1 of `steps` must be a mapping of keys"),
    "unknown key": (
        GOOD + "    codee: x = 1\n",
        "9:5",
        "unknown key `codee`: did you mean `code`?",
    ),
    "unknown key at the top": (
        "autor: me\n" + GOOD,
        "1:1",
        "unknown key `autor`: the keys here are format, id,",
    ),
    "duplicate key": (
        GOOD + "    title: Two\n",
        "9:5",
        "`title` is given twice: it is already on line 7",
    ),
    "duplicate key at the top": (
        GOOD + "id: other\n",
        "9:1",
        "`id` is given twice: it is already on line 2",
    ),
    "minutes in words": (
        GOOD.replace("minutes: 5", "minutes: five"),
        "4:10",
        "`minutes` must be a whole number, but it is `five`",
    ),
    "minutes with a unit": (GOOD.replace(": 5\n", ": 12:30\n"), "4:10", "must be a whole number"),
    "minutes below one": (
        GOOD.replace(": 5\n", ": 0\n"),
        "4:10",
        "`minutes` must be more than 0, not 0",
    ),
    "minutes a list": (
        GOOD.replace(": 5\n", ": [5]\n"),
        "4:10",
        "must be a whole number, but it is a list",
    ),
    "title a mapping": (GOOD.replace("A small lesson", "{a: b}"), "3:8", "`title` must be text"),
    "title blank": (
        GOOD.replace(" A small lesson", ""),
        "3:7",
        "`title` must be one line of text, but it is empty",
    ),
    "id in capitals": (
        GOOD.replace("id: small", "id: Small One"),
        "2:5",
        "`id` must be lower case letters",
    ),
    "id of a step": (
        GOOD.replace("id: one", "id: one_two"),
        "6:9",
        "`id` must be lower case letters",
    ),
    "id used twice": (GOOD + STEP, "9:9", "id `one` is used twice: it is already on line 6"),
    "old id still used": (
        GOOD + STEP.replace("id: one\n", "id: two\n    was: [one]\n"),
        "10:11",
        "id `one` is used twice: it is already on line 6",
    ),
    "what-if id used twice": (
        GOOD + "    code: x = 1\n    what_if:\n" + "      - {id: a, label: A, code: x = 2}\n" * 2,
        "12:14",
        "id `a` is used twice",
    ),
    "what-if without a label": (
        GOOD + "    code: x = 1\n    what_if:\n      - {id: a, code: x = 2}\n",
        "11:9",
        "`label` is missing",
    ),
    "format too new": (
        GOOD.replace("format: 1", "format: 7"),
        "1:9",
        "newer than this gradtui knows (1): upgrade",
    ),
    "format too old": (
        GOOD.replace("format: 1", "format: 0"),
        "1:9",
        "format 0 is too old: rewrite it",
    ),
    "format in words": (
        GOOD.replace("format: 1", "format: one"),
        "1:9",
        "`format` must be a whole number",
    ),
    "code that does not parse": (
        GOOD + "    code: |\n      x = 1\n      y = = 2\n",
        "11:11",
        "invalid syntax",
    ),
    "code cut off": (GOOD + "    code: |\n\n      print((1)\n", "11:12", "'(' was never closed"),
    "code in one line": (GOOD + "    code: x = = 1\n", "9:15", "invalid syntax"),
    "code in quotes": (GOOD + "    code: 'x = = 1'\n", "9:16", "invalid syntax"),
    "code in a folded scalar": (GOOD + "    code: >\n      x = = 1\n", "9:11", "invalid syntax"),
    "code outside the language": (
        GOOD + "    code: |\n      x = 1\n      open('x')\n",
        "11:7",
        "open is not in the lesson language: files cannot be reached",
    ),
    "a name torch has not": (
        GOOD + "    code: |\n      import torch\n      x = torch.rann(3)\n",
        "11:11",
        "torch.rann is not in the lesson language; did you mean torch.randn?",
    ),
    "a module there is not": (
        GOOD + "    code: import os\n",
        "9:18",
        "the module os is not in the",
    ),
    "a what-if outside the language": (
        GOOD + "    code: x = 1\n    what_if:\n      - {id: a, label: A, code: exec('1')}\n",
        "11:33",
        "exec is not in the lesson language",
    ),
    "starter that does not parse": (
        GOOD + "    exercise: {starter: 'x = (', solution: x = 1, checks: [x == 1]}\n",
        "9:30",
        "was never closed",
    ),
    "a check that does not parse": (
        GOOD + "    checks:\n      - x is is y\n",
        "10:14",
        "invalid syntax",
    ),
    "a check that is a statement": (
        GOOD + "    checks: [x = 1]\n",
        "9:14",
        "one expression is wanted here",
    ),
    "checks not a list": (GOOD + "    checks: x is None\n", "9:13", "`checks` must be a list"),
    "a quote that does not parse": (
        GOOD.replace("Prose.", "|\n      It is\n      so {{ x. }}."),
        "10:10",
        "{{ x. }}: ",
    ),
    "an empty quote": (
        GOOD.replace("Prose.", "So {{ }} it is"),
        "8:13",
        "nothing between {{ and }}",
    ),
    "a quote not closed": (
        GOOD.replace("Prose.", "So {{ x it is"),
        "8:13",
        "{{ is not closed: add }}",
    ),
    "prints without code": (
        GOOD + "    prints: '3'\n",
        "9:5",
        "`prints` needs `code` in the same step",
    ),
    "raises without code": (
        GOOD + "    raises: {type: TypeError}\n",
        "9:5",
        "`raises` needs `code`",
    ),
    "raises as text": (
        GOOD + "    code: x = 1\n    raises: TypeError\n",
        "10:13",
        "`raises` must be a mapping of keys, but it is `TypeError`",
    ),
    "raises without a type": (
        GOOD + "    code: x = 1\n    raises: {match: abc}\n",
        "10:13",
        "`type` is missing",
    ),
    "raises a phrase": (
        GOOD + "    code: x = 1\n    raises: {type: a type error}\n",
        "10:20",
        "`type` must be the name of an error type",
    ),
    "draws in words": (
        GOOD + "    code: x = 1\n    draws: [[1, two]]\n",
        "10:13",
        "item 1 of `draws` must be numbers in nested lists, but `two` is not a number",
    ),
    "an ask without an answer": (
        GOOD + "    ask: {prompt: What?}\n",
        "9:10",
        "needs an `answer` to compute",
    ),
    "an ask of no known kind": (
        GOOD + "    ask: {prompt: What?, kind: guess, answer: '1'}\n",
        "9:32",
        "`kind` must be one of 'value', 'choice', 'order', 'error', 'none_or_zero', 'shape' or 'prints'",
    ),
    "a choice without choices": (
        GOOD + "    ask: {prompt: What?, kind: choice, answer: '1'}\n",
        "9:10",
        "needs `choices`",
    ),
    "an error with an answer": (
        GOOD + "    ask: {prompt: What?, kind: error, answer: '1'}\n",
        "9:39",
        "`answer` is not given for kind `error`",
    ),
    "choices nobody asked for": (
        GOOD + "    ask: {prompt: What?, answer: '1', choices: ['1', '2']}\n",
        "9:39",
        "`choices` belong to kind `choice`",
    ),
    "an exercise without checks": (
        GOOD + "    exercise: {starter: x = 1, solution: x = 2, checks: []}\n",
        "9:57",
        "`checks` must have at least 1 items",
    ),
    "a wider budget": (
        GOOD + "limits: {seconds: 3600}\n",
        "9:19",
        "`seconds` must be at most",
    ),
    "a budget unknown": (GOOD + "limits: {second: 1}\n", "9:10", "did you mean `seconds`?"),
    "a seed below zero": (GOOD + "seed: -1\n", "9:7", "`seed` must be at least 0, not -1"),
    "an anchor": (GOOD.replace("Prose.", "&a Prose."), "8:10", "anchors are not used in lessons"),
    "an alias": (GOOD.replace("Prose.", "*a"), "8:10", "aliases are not used in lessons"),
    "a tag": (GOOD.replace("Prose.", "!!str Prose."), "8:10", "tags are not used in lessons"),
    "a tag of Python": (
        GOOD.replace("Prose.", "!!python/object:os.system x"),
        "8:10",
        "tags are not used",
    ),
    "an exclamation mark": (GOOD.replace("Prose.", "!is.na(x)"), "8:10", "tags are not used"),
    "two documents": (GOOD + "---\n" + GOOD, "9:1", "a second document begins here"),
    "an at sign": (GOOD.replace("Prose.", "@home"), "8:10", "quote the text"),
    "a backtick": (GOOD.replace("Prose.", "`x` is it"), "8:10", "quote the text"),
    "a percent sign": (GOOD.replace("Prose.", "%d of them"), "8:10", "quote the text"),
    "a colon in plain text": (
        GOOD.replace("Prose.", "Hint: look"),
        "8:14",
        "quote the text, or write it after",
    ),
    "a tab": (
        GOOD.replace("    title: One", "\ttitle: One"),
        "7:1",
        "indent with spaces, not tabs",
    ),
    "a quote never closed": (
        GOOD.replace("Prose.", '"Prose.'),
        "9:1",
        "close the quote or bracket",
    ),
    "a bracket never closed": (GOOD + "    was: [a, b\n", "10:1", "bracket"),
    "indented wrongly": (GOOD + "   code: x\n", "9:4", "check the indentation"),
    "a control character": (
        GOOD.replace("Prose.", "Pro\x07se."),
        "8:13",
        "hidden character U+0007",
    ),
    "nested too deep": (
        GOOD + "    was: " + "[" * 40 + "]" * 40 + "\n",
        "9:27",
        "nested deeper than 20",
    ),
    "a mapping as a key": (GOOD + "    {a: b}: c\n", "9:5", "a key must be plain text"),
}


@pytest.mark.parametrize(("text", "place", "says"), ROWS.values(), ids=ROWS.keys())
def test_one_line_says_where_and_what(text: str, place: str, says: str) -> None:
    found = complaints(text)
    assert any(line.startswith(f"lesson.yaml:{place}") and says in line for line in found), found
    assert all("\n" not in line and len(line) < 400 for line in found)


def test_all_at_once_in_the_order_of_the_file() -> None:
    text = (
        GOOD.replace("minutes: 5", "minutes: five")
        + "    code: |\n      x = (\n"
        + STEP.replace("title", "titel")
    )
    assert [line.split(": ")[0] for line in complaints(text)] == [
        "lesson.yaml:4:10",
        "lesson.yaml:10:11",
        "lesson.yaml:11:5",
        "lesson.yaml:11:9",
        "lesson.yaml:12:5",
    ]


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "lesson.yaml"
    path.write_bytes(GOOD.encode() + b"    explain: caf\xe9\n")
    with pytest.raises(BadLesson, match=r"lesson\.yaml:9:17: byte 0xe9 is not UTF-8"):
        load_lesson(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadLesson, match=r"none\.yaml:1:1: cannot be read: No such file"):
        load_lesson(tmp_path / "none.yaml")


def test_a_folder_is_no_lesson(tmp_path: Path) -> None:
    with pytest.raises(BadLesson, match="cannot be read: Is a directory"):
        load_lesson(tmp_path)


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "lesson.yaml"
    path.write_text(GOOD + "#" * 1_000_000)
    with pytest.raises(BadLesson, match="larger than 1,000,000 bytes"):
        load_lesson(path)


def test_a_thousand_brackets_are_one_line(tmp_path: Path) -> None:
    assert len(complaints("x: " + "[" * 300_000)) == 1


def test_aliases_that_would_grow_without_bound_are_refused_at_the_first() -> None:
    text = "a: &a [x, x]\nb: [*a, *a]\n"
    assert complaints(text) == [
        "lesson.yaml:1:4: anchors are not used in lessons: remove `&a`, or quote it"
    ]
