"""A lesson as the text of its file: `lesson_text({"format": 1, …})`.

Code and prose stand as blocks, numbers of draws in one line, steps apart.
"""

import math
from collections.abc import Mapping
from typing import Any

import yaml

from gradtui.course.filling import keys
from gradtui.course.schema import Lesson, Model, Step

WIDTH = 100


class _Flow(list[Any]):
    """A list written in one line."""


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: text of several lines as a block."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    lines = "\n" in text and not text.endswith("\n\n")  # a block would take what follows it
    block = lines and text.strip() and not text[0].isspace()
    style = "|" if block else '"' if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _flow(dumper: yaml.SafeDumper, items: _Flow) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


def _number(dumper: yaml.SafeDumper, number: float) -> yaml.ScalarNode:
    written = repr(number) if math.isfinite(number) else str(number)
    return dumper.represent_scalar("tag:yaml.org,2002:float", written)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Flow, _flow)
_Dumper.add_representer(float, _number)


def lesson_text(lesson: Mapping[str, Any], comment: str = "") -> str:
    """The lesson as YAML, its keys in the order of the format; `comment` goes before it."""
    head = {key: value for key, value in _ordered(lesson, Lesson).items() if key != "steps"}
    parts = [*comment.splitlines(), _dumped(head).rstrip("\n"), "steps:"]
    steps = [_indented(_dumped([_step(_ordered(step, Step))])) for step in lesson["steps"]]
    return "\n".join(parts) + "\n" + "\n".join(steps)


def _ordered(value: Any, model: type[Model]) -> Any:
    if isinstance(value, list):
        return [_ordered(one, model) for one in value]
    if not isinstance(value, Mapping):
        return value
    fields = {name: key.model for name, key in keys(model).items()}
    return {
        name: _ordered(value[name], inner) if inner else value[name]
        for name, inner in fields.items()
        if name in value
    }


def _dumped(data: Any) -> str:
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def _indented(text: str) -> str:
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(True))


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        key: _lines(value) if key == "code" else value for key, value in step.items()
    }
    if "draws" in made:
        made["draws"] = _Flow(made["draws"])
    if "what_if" in made:
        made["what_if"] = [_step(what_if) for what_if in made["what_if"]]
    return made


def _lines(code: str) -> str:
    """Code without what would keep it from being a block: spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in code.rstrip("\n").split("\n")) + "\n"
