"""pydantic's findings in the words of a lesson's author, at the place in the file."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic_core import ErrorDetails

from gradtui.course.problems import Position
from gradtui.course.schema import Model
from gradtui.course.yaml_nodes import Positions, nearest

_PATTERNS = {
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$": "lower case letters and digits, joined by single hyphens",
    r"^[^\n]*\S[^\n]*$": "one line of text",
    r"^[A-Z][A-Za-z]*$": "the name of an error type, such as RuntimeError",
    r"^[0-9]{1,6}(\.[0-9]{1,6}){0,2}$": "a version such as 1.0.0",
}


def say(model: type[Model], error: ErrorDetails, positions: Positions) -> tuple[Position, str]:
    """Where one finding of pydantic stands, and how to say it and mend it."""
    path, kind = error["loc"], error["type"]
    if kind == "missing":
        return positions.at(path[:-1]), _missing(model, path)
    if kind == "extra_forbidden":
        return positions.key(path), _unknown(model, path)
    word = _WORDS.get(kind, _anything)
    return positions.at(path), f"{_name(path)} {word(error, error.get('ctx', {}))}"


def _name(path: tuple[str | int, ...]) -> str:
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return "the file"
    if path and isinstance(path[-1], int):
        return f"item {path[-1] + 1} of `{names[-1]}`"
    return f"`{names[-1]}`"


def _missing(model: type[Model], path: tuple[str | int, ...]) -> str:
    key = str(path[-1])
    owner = _model_at(model, path[:-1])
    what = owner.model_fields[key].description if owner and key in owner.model_fields else ""
    return f"`{key}` is missing: add it. {what}".rstrip()


def _unknown(model: type[Model], path: tuple[str | int, ...]) -> str:
    owner = _model_at(model, path[:-1])
    known = list(owner.model_fields) if owner else []
    close = nearest(str(path[-1]), known)
    if close:
        return f"unknown key `{path[-1]}`: did you mean `{close}`?"
    return f"unknown key `{path[-1]}`: the keys here are {', '.join(known)}"


def _model_at(model: type[Model], path: tuple[str | int, ...]) -> type[Model] | None:
    for part in path:
        if isinstance(part, str):
            field = model.model_fields.get(part)
            inner = model_in(field.annotation) if field else None
            if inner is None:
                return None
            model = inner
    return model


def model_in(annotation: Any) -> type[Model] | None:
    """The mapping that a field holds, alone or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    return next(filter(None, map(model_in, get_args(annotation))), None)


def _kind(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping of keys" if isinstance(value, dict) else "a list"
    return f"`{_short(value)}`" if value else "empty"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."


Word = Callable[[ErrorDetails, Mapping[str, Any]], str]


def _wants(what: str) -> Word:
    return lambda error, context: f"must be {what}, but it is {_kind(error['input'])}"


def _anything(error: ErrorDetails, context: Mapping[str, Any]) -> str:
    return f"is not right: {error['msg']}"


def _pattern(error: ErrorDetails, context: Mapping[str, Any]) -> str:
    wanted = _PATTERNS.get(context["pattern"], context["pattern"])
    return f"must be {wanted}, but it is {_kind(error['input'])}"


def _count(word: str, limit: str) -> Word:
    def say_count(error: ErrorDetails, context: Mapping[str, Any]) -> str:
        return f"must have {word} {context[limit]:,} items, but it has {context['actual_length']}"

    return say_count


def _bound(word: str, limit: str) -> Word:
    def say_bound(error: ErrorDetails, context: Mapping[str, Any]) -> str:
        return f"must be {word} {context[limit]:,.15g}, not {_short(error['input'])}"

    return say_bound


_WORDS: dict[str, Word] = {
    "string_type": _wants("text"),
    "int_type": _wants("a whole number"),
    "int_parsing": _wants("a whole number"),
    "int_parsing_size": _wants("a smaller whole number"),
    "float_type": _wants("a number"),
    "float_parsing": _wants("a number"),
    "finite_number": _wants("a finite number"),
    "tuple_type": _wants("a list (lines that begin with `- `)"),
    "model_type": _wants("a mapping of keys"),
    "model_attributes_type": _wants("a mapping of keys"),
    "literal_error": lambda error, context: (
        f"must be one of {context['expected']}, but it is {_kind(error['input'])}"
    ),
    "value_error": lambda error, context: str(context["error"]),
    "string_pattern_mismatch": _pattern,
    "string_too_short": lambda error, context: "is empty: write it, or remove the key",
    "string_too_long": lambda error, context: (
        f"must be no longer than {context['max_length']:,} characters"
    ),
    "too_short": _count("at least", "min_length"),
    "too_long": _count("at most", "max_length"),
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
}
