"""The format for editors and readers: JSON Schema, the line that points to it, and a reference.

    json_schema("lesson")       # draft 7, as yaml-language-server reads it
    write(folder)               # folder/.schema/lesson.json and pack.json, for use without a network
    modeline("lesson")          # the first line of a lesson beside that folder
    reference()                 # the whole format as Markdown

All of it comes from the models of `gradtui.course.schema`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

from msgspec.json import schema

from gradtui.course import schema as models
from gradtui.course.filling import Key, keys
from gradtui.course.schema import FORMAT, Lesson, Model, Pack

Kind: TypeAlias = Literal["lesson", "pack"]
KINDS: dict[Kind, type[Model]] = {"lesson": Lesson, "pack": Pack}

FOLDER = ".schema"  # beside the lessons, for the modeline to point to
SCALARS = ["string", "number", "boolean"]  # an editor's YAML guesses; gradtui reads all as text

_DRAFT = "http://json-schema.org/draft-07/schema#"
_NUMBERS = {
    "description": "A number, or nested lists of numbers.",
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^[+-]?((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|inf|nan)$"},
        {"type": "array", "items": {"$ref": "#/definitions/Numbers"}},
    ],
}


def modeline(kind: Kind) -> str:
    """The comment that tells an editor which schema a file beside `.schema/` has."""
    return f"# yaml-language-server: $schema={FOLDER}/{kind}.json"


def write(folder: Path) -> list[Path]:
    """Both schemas in `folder/.schema`, for editors; OSError if they cannot be written."""
    inside = folder / FOLDER
    inside.mkdir(parents=True, exist_ok=True)
    return [_written(inside / f"{kind}.json", text(kind)) for kind in KINDS]


def _written(path: Path, content: str) -> Path:
    path.write_text(content, "utf-8")
    return path


def text(kind: Kind) -> str:
    """The schema as a file holds it."""
    return json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n"


# JSON Schema


def json_schema(kind: Kind) -> dict[str, Any]:
    """A description, and where it helps an example, for every key that a file may have."""
    made: dict[str, Any] = _plain(_with_rules(schema(KINDS[kind])))
    definitions = {**made.pop("$defs", {}), "Numbers": _NUMBERS}
    used = definitions if kind == "lesson" else {}
    return {"$schema": _DRAFT, **made, **({"definitions": used} if used else {})}


def _with_rules(made: dict[str, Any]) -> dict[str, Any]:
    """The schema of the mapping itself before those of the mappings in it, each with its rules."""
    inside = made["$defs"]
    for name, one in inside.items():
        model = getattr(models, name)
        one |= model.rules
        properties = one["properties"]
        one["properties"] = {
            name: _in_words(key, properties[name]) for name, key in keys(model).items()
        }
        if not one["required"]:
            del one["required"]
    return {**inside.pop(made["$ref"].rpartition("/")[2]), "$defs": inside}


def _in_words(key: Key, node: dict[str, Any]) -> dict[str, Any]:
    """The choices in their own order, and that they are texts."""
    return {**node, "type": "string", "enum": list(key.choices)} if key.choices else node


def _plain(node: Any) -> Any:
    """msgspec's schema as a file has it: no null, any scalar for text, no titles of keys."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _plain(value) for key, value in node.items()}
    for name, key in made.get("properties", {}).items():
        if isinstance(key, dict):
            made["properties"][name] = _key(key)
    return _typed(made)


def _key(key: dict[str, Any]) -> dict[str, Any]:
    some = [one for one in key.pop("anyOf", []) if one.get("type") != "null"]
    inner: dict[str, Any] = some[0] if some else {}
    default = key.pop("default", None)
    shown = {} if default is None or isinstance(default, dict | tuple) else {"default": default}
    key = {**inner, **shown, **{name: value for name, value in key.items() if name != "title"}}
    reference = key.pop("$ref", None)
    return {**key, "allOf": [{"$ref": reference}]} if reference else key


def _typed(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return {**node, "$ref": str(node["$ref"]).replace("#/$defs/", "#/definitions/")}
    if node.get("type") == "string" and "enum" not in node:
        empty = not {"minLength", "pattern"} & set(node)
        return {**node, "type": [*SCALARS, "null"] if empty else SCALARS}
    if node.get("type") == "array" and "items" not in node:
        return {**node, "items": {"$ref": "#/definitions/Numbers"}}
    return node


# the reference


def reference() -> str:
    """The format of lessons and packs as Markdown: every key, what it means, an example."""
    parts = [_HEAD]
    for kind in KINDS:
        schema = json_schema(kind)
        sections = [(kind, schema), *_in_order(schema)]
        parts += [_section(name, section, kind) for name, section in sections]
    return "\n".join(parts)


_HEAD = f"""\
# The format of lessons and packs

Written by `gradtui schema --markdown` from what the program reads; do not edit it by hand. This is
format {FORMAT}. Every text is read as it is written: `no`, `017` and `1e-6` need no quotes, anchors and
tags are refused, and a key that is not listed here is an error with its line and column.
"""


def _in_order(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The mappings within, each where it is first met."""
    waiting, seen = [schema], {"Numbers"}
    while waiting:
        for key in waiting.pop(0).get("properties", {}).values():
            name = _reference_in(key)
            if name and name not in seen:
                seen.add(name)
                waiting.append(schema["definitions"][name])
                yield name, schema["definitions"][name]


def _reference_in(key: dict[str, Any]) -> str:
    places = [key.get("items", {}), *key.get("allOf", [])]
    return next((str(one["$ref"]).rpartition("/")[2] for one in places if "$ref" in one), "")


def _section(name: str, schema: dict[str, Any], kind: Kind) -> str:
    heading = {"lesson": "## A lesson", "pack": "## A pack"}.get(name, f"### {name}")
    keys = schema["properties"]
    required = schema.get("required", [])
    rows = [_row(key, keys[key], key in required) for key in keys]
    table = ["| key | value | meaning |", "|---|---|---|", *rows]
    return "\n".join([heading, "", schema["description"], "", *table, "", *_example(keys)])


def _row(name: str, key: dict[str, Any], required: bool) -> str:
    default = f"; without it {json.dumps(key['default'])}" if "default" in key else ""
    wanted = "required" if required else f"optional{default}"
    about = key["description"].replace("|", "\\|")
    enum = "".join(
        f"<br>`{value}`: {said}"
        for value, said in zip(
            key.get("enum", ()), key.get("markdownEnumDescriptions", ()), strict=False
        )
    )
    about = about.partition(": ")[0] + ":" if enum else about
    return f"| `{name}` | {_value(key)}, {wanted} | {about}{enum} |"


def _value(key: dict[str, Any]) -> str:
    inner = _reference_in(key)
    if inner == "Numbers":
        return "numbers in lists"
    if inner:
        link = f"[{inner}](#{inner.lower()})"
        return f"list of {link}" if key.get("type") == "array" else link
    if key.get("type") == "array":
        return "list of texts"
    return {"integer": "whole number", "number": "number"}.get(str(key.get("type")), "text")


def _example(keys: dict[str, dict[str, Any]]) -> list[str]:
    shown = [(name, key["examples"][0]) for name, key in keys.items() if "examples" in key]
    lines = [line for name, value in shown for line in _yaml(name, value)]
    return ["```yaml", *lines, "```", ""] if lines else []


def _yaml(name: str, value: Any) -> list[str]:
    if isinstance(value, str) and value.endswith("\n"):
        return [f"{name}: |", *(f"  {line}" for line in value.splitlines())]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [f"{name}:", *(f"  - {_scalar(one)}" for one in value)]
    return [f"{name}: {_scalar(value)}"]


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    simple = value[:1].isalnum() and ": " not in value and " #" not in value
    return value if simple else json.dumps(value, ensure_ascii=False)
