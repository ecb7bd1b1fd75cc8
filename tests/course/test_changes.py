"""Progress goes on by step id across versions, and what changed since is told."""

from pathlib import Path

import pytest

from gradtui.course import changes
from gradtui.course.loader import parse_lesson
from gradtui.course.schema import Lesson

HEAD = "format: 1\nid: {}\ntitle: T\nminutes: 1\nsteps:\n"
A, B, C = (f"  - {{id: {one}, title: T, say: Prose., code: x = 1}}\n" for one in "abc")


def lesson(*steps: str, name: str = "first") -> Lesson:
    return parse_lesson(HEAD.format(name) + "".join(steps), Path("x.yaml")).lesson


OLD = lesson(A, B, C)
KEPT = changes.digests(OLD)
RENAMED = B.replace("id: b,", "id: n, was: [b],")
CHANGED = B.replace("x = 1", "x = 2")

# what the new version is, what is changed, new, removed and renamed in it
ROWS = {
    "nothing": ((A, B, C), (), (), (), {}),
    "another order": ((C, A, B), (), (), (), {}),
    "more": ((A, B, C, B.replace("id: b", "id: d")), (), ("d",), (), {}),
    "less": ((A, C), (), (), ("b",), {}),
    "changed": ((A, CHANGED, C), ("b",), (), (), {}),
    "renamed": ((A, RENAMED, C), (), (), (), {"b": "n"}),
    "renamed and changed": ((A, RENAMED.replace("x = 1", "x = 2"), C), ("n",), (), (), {"b": "n"}),
    "renamed without saying so": (
        (A, B.replace("id: b", "id: n"), C),
        (),
        ("n",),
        ("b",),
        {},
    ),
    "all new": ((B.replace("id: b", "id: z"),), (), ("z",), ("a", "b", "c"), {}),
}


@pytest.mark.parametrize(("steps", "changed", "new", "removed", "renamed"), ROWS.values(), ids=ROWS)
def test_since(
    steps: tuple[str, ...],
    changed: tuple[str, ...],
    new: tuple[str, ...],
    removed: tuple[str, ...],
    renamed: dict[str, str],
) -> None:
    found = changes.since(KEPT, lesson(*steps))
    assert found == changes.Changes(changed, new, removed, renamed)
    assert bool(found) == bool(changed or new or removed or renamed)


def test_progress_is_carried_by_id() -> None:
    now = lesson(A, RENAMED, C)
    assert changes.carried(["c", "b", "gone"], now) == {"c": "c", "b": "n"}
    assert changes.carried(["a"], lesson(A, C)) == {"a": "a"}


def test_two_steps_made_one_carry_both() -> None:
    now = lesson(A.replace("id: a,", "id: n, was: [a, b],"), C)
    assert changes.carried(["a", "b"], now) == {"a": "n", "b": "n"}


@pytest.mark.parametrize(
    "change",
    [
        ("title: T", "title: U"),
        ("Prose.", "Other."),
        ("x = 1", "x = 2"),
        ("code: x = 1", "code: x = 1, checks: [x == 1]"),
        ("code: x = 1", "code: x = 1, draws: [[1.5]]"),
        ("code: x = 1", "code: x = 1, explain: So."),
    ],
)
def test_a_digest_is_of_the_content(change: tuple[str, str]) -> None:
    assert changes.digests(lesson(A.replace(*change)))["a"] != KEPT["a"]


def test_and_not_of_the_ids_or_the_writing() -> None:
    block = (
        "  - id: a\n    was: [z]\n    title: T  # a comment\n    code: 'x = 1'\n    say: Prose.\n"
    )
    assert changes.digests(lesson(block))["a"] == KEPT["a"] == KEPT["b"]
    pinned = "73dfb0934b2981d884eb75a1"  # kept with learners' progress: it may not change
    assert KEPT["a"] == pinned


def test_a_lesson_of_another_name_is_compared_with_what_it_was() -> None:
    text = HEAD.format("second").replace("title", "was: [zeroth, first]\ntitle", 1) + A + CHANGED
    now = parse_lesson(text, Path("second.yaml")).lesson
    assert list(changes.told(changes.between([OLD], [now]))) == [
        "second: changed: b",
        "second: gone: c",
    ]


def test_packs_are_compared_by_lesson_and_step() -> None:
    gone = lesson(A, name="gone")
    added = lesson(C, name="added")
    found = changes.between([OLD, gone], [lesson(A, CHANGED, RENAMED.replace("b", "c")), added])
    assert list(changes.told(found)) == [
        "first: changed: b",
        "first: renamed: c → n",
        "added: new: c",
        "gone: gone: a",
    ]
    assert changes.between([OLD], [OLD]) == {}
