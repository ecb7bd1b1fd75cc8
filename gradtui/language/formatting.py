"""Text made by f-strings, `format` and `str.format`, with widths charged and attributes checked."""

import re
import string
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradtui.language.budget import Budget

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

_NUMBER = re.compile(r"\d+")
_CONVERSIONS: dict[str, Any] = {"r": repr, "s": str, "a": ascii}


def check_spec(budget: Budget, spec: Any) -> None:
    """Charge for the width and precision a format spec asks for."""
    if isinstance(spec, str):
        for digits in _NUMBER.findall(spec):
            budget.text(int(digits[:12]))


def formatted(runtime: "Runtime", value: Any, conversion: str, spec: str) -> str:
    """`f"{value!conversion:spec}"`."""
    runtime.meters.spelled(value)
    if conversion:
        value = _CONVERSIONS[conversion](value)
    if not spec:
        return format(value)
    check_spec(runtime.budget, spec)
    return format(value, spec)


class SafeFormatter(string.Formatter):
    """`str.format` whose fields reach attributes as lesson code may, and no others."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime
        self.total = 0

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        first, rest = _split_field(field_name)
        value = self.get_value(first, args, kwargs)
        for is_attribute, name in rest:
            read = self.runtime.attributes.read
            value = read(value, str(name)) if is_attribute else value[name]
        return value, first

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if isinstance(key, int):
            if key >= len(args):
                raise IndexError(f"Replacement index {key} out of range for positional args tuple")
            return args[key]
        return kwargs[key]

    def convert_field(self, value: Any, conversion: Any) -> Any:
        self.runtime.meters.spelled(value)
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        self.runtime.meters.spelled(value)
        check_spec(self.runtime.budget, format_spec)
        text = format(value, format_spec)
        assert isinstance(text, str)
        self.total += len(text)
        self.runtime.budget.text(self.total)
        return text


def _split_field(name: str) -> tuple[int | str, list[tuple[bool, int | str]]]:
    import _string  # type: ignore[import-not-found]

    first, rest = _string.formatter_field_name_split(name)
    return first, list(rest)
