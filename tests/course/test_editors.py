"""What editors are told of the format: every key described, good lessons pass, broken ones fail."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from gradtui.course import editors
from gradtui.course.loader import parse_lesson
from gradtui.course.packs import bundled
from gradtui.course.problems import BadLesson

ROOT = Path(__file__).parents[2]
LESSON = Draft7Validator(editors.json_schema("lesson"))
FIXTURES = sorted((ROOT / "tests/course/fixtures").glob("*.yaml"))

GOOD = """\
format: 1
id: small
title: 2024
steps:
  - id: one
    title: One
    say: Prose.
    code: x = torch.ones(2)
    draws: [1, [0.5, -.5e-3], nan]
    prints:
    checks: [True, x.sum() == 2]
    ask: {prompt: "How much?", answer: 1, mistakes: [{when: 2, say: No.}]}
"""

BREAKS = {
    # what is changed, into what: neither gradtui nor an editor accepts the result
    "no title": ("title: 2024\n", ""),
    "no steps": (GOOD[GOOD.index("steps") :], "steps: []\n"),
    "a key misspelt": ("code:", "coed:"),
    "a list for text": ("title: One", "title: [One]"),
    "text for a list": ("[True, x.sum() == 2]", "x"),
    "an id with capitals": ("id: one", "id: One"),
    "another format": ("format: 1", "format: 2"),
    "minutes in words": ("title: 2024", "title: T\nminutes: five"),
    "seed below zero": ("title: 2024", "title: T\nseed: -1"),
    "no such kind": ('{prompt: "How much?",', '{prompt: "How?", kind: guess,'),
    "an order with an answer": ('{prompt: "How much?",', '{prompt: "How?", kind: order,'),
    "a choice without choices": ('{prompt: "How much?",', '{prompt: "How?", kind: choice,'),
    "choices without a choice": ("answer: 1,", "answer: 1, choices: [a, b],"),
    "a question without an answer": ("answer: 1, ", ""),
    "a mistake without words": ("{when: 2, say: No.}", "{when: 2}"),
    "draws that are words": ("nan]", "many]"),
    "prints without code": ("    code: x = torch.ones(2)\n", ""),
    "a limit beyond the usual": ("title: 2024", "title: T\nlimits: {seconds: 1000}"),
    "an exercise without checks": (
        "    prints:",
        "    exercise: {starter: a, solution: b}\n    prints:",
    ),
}


def accepted(text: str) -> bool:
    try:
        parse_lesson(text, Path("lesson.yaml"))
    except BadLesson:
        return False
    return True


def in_editor(text: str) -> bool:
    return bool(LESSON.is_valid(yaml.safe_load(text)))


@pytest.mark.parametrize("kind", editors.KINDS)
def test_the_schema_is_of_its_draft(kind: editors.Kind) -> None:
    Draft7Validator.check_schema(editors.json_schema(kind))


@pytest.mark.parametrize("kind", editors.KINDS)
def test_no_key_is_without_a_description(kind: editors.Kind) -> None:
    found = list(described(editors.json_schema(kind)))
    assert len(found) > 8
    assert [name for name, about in found if not about] == []


def described(node: Any) -> list[tuple[str, str]]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    below = [one for value in inner for one in described(value)]
    keys = node.get("properties", {}) if isinstance(node, dict) else {}
    return below + [(name, key.get("description", "")) for name, key in keys.items()]


@pytest.mark.parametrize("path", [*bundled().folder.glob("*[!k].yaml"), *FIXTURES])
def test_good_lessons_pass(path: Path) -> None:
    LESSON.validate(yaml.safe_load(path.read_text("utf-8")))


def test_the_bundled_pack_passes() -> None:
    pack = yaml.safe_load((bundled().folder / "pack.yaml").read_text("utf-8"))
    Draft7Validator(editors.json_schema("pack")).validate(pack)


def test_what_an_editor_reads_as_a_number_is_text_all_the_same() -> None:
    assert accepted(GOOD)
    assert in_editor(GOOD)


@pytest.mark.parametrize("row", BREAKS)
def test_what_gradtui_refuses_an_editor_marks(row: str) -> None:
    old, new = BREAKS[row]
    broken = GOOD.replace(old, new, 1)
    assert broken != GOOD
    assert not accepted(broken)
    assert not in_editor(broken)


def test_examples_are_right() -> None:
    for kind in editors.KINDS:
        for name, key in keys(editors.json_schema(kind)):
            validator = Draft7Validator({**key, "definitions": {"Numbers": editors._NUMBERS}})
            for example in key.get("examples", ()):
                assert validator.is_valid(example), name


def keys(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    mappings = [schema, *schema.get("definitions", {}).values()]
    return [pair for one in mappings for pair in one.get("properties", {}).items()]


def test_the_modeline_points_to_what_is_written(tmp_path: Path) -> None:
    assert editors.write(tmp_path)
    for kind in editors.KINDS:
        said = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", editors.modeline(kind))
        assert said is not None
        written = json.loads((tmp_path / said[1]).read_text("utf-8"))
        assert written == editors.json_schema(kind)


def test_the_reference_is_the_one_in_the_repository() -> None:
    told = (ROOT / "docs/lesson-format.md").read_text("utf-8")
    assert told == editors.reference(), "gradtui schema --markdown > docs/lesson-format.md"
    assert "docs/lesson-format.md" in (ROOT / "README.md").read_text("utf-8")


def test_the_reference_has_every_key() -> None:
    told = editors.reference()
    for kind in editors.KINDS:
        assert all(f"| `{name}` |" in told for name, _ in keys(editors.json_schema(kind)))


def test_the_lesson_in_the_readme_is_one() -> None:
    told = (ROOT / "README.md").read_text("utf-8")
    lessons = re.findall(r"```yaml\n(format: 1\n.*?)```", told, re.DOTALL)
    assert lessons
    for text in lessons:
        lesson = parse_lesson(text, Path("README.md")).lesson
        assert lesson.steps[0].code is not None
        assert "import torch" in lesson.steps[0].code
