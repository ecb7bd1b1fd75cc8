"""More of the standard library, each function Python's own behind a charge: `json`, `statistics`,
`heapq`, `bisect`, `textwrap`, `pprint`, `types.SimpleNamespace`.
"""

import types
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradtui.language import arguments, dataclass
from gradtui.language.tables import whole, words

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

NAMES: dict[str, list[str]] = {
    "json": ["dumps", "loads"],
    "statistics": words(
        "correlation covariance fmean geometric_mean harmonic_mean linear_regression mean median"
        " median_high median_low mode multimode pstdev pvariance quantiles stdev variance"
    ),
    "heapq": words("heapify heappop heappush heappushpop heapreplace nlargest nsmallest"),
    "bisect": words("bisect bisect_left bisect_right insort insort_left insort_right"),
    "textwrap": words("dedent fill indent shorten wrap"),
    "argparse": words("""
        ArgumentParser ArgumentDefaultsHelpFormatter RawDescriptionHelpFormatter RawTextHelpFormatter
    """),
    "pprint": ["pformat", "pprint"],
    "types": ["SimpleNamespace"],
}
WIDEST_INDENT = 100
DUMPS = frozenset(words("indent sort_keys ensure_ascii separators default allow_nan skipkeys"))
FLOWING = frozenset(words("""
    initial_indent subsequent_indent placeholder max_lines break_long_words break_on_hyphens
    drop_whitespace replace_whitespace
"""))  # fmt: skip
PRETTY = 16  # how often `pprint` may write a part before it knows its place


def function(runtime: "Runtime", module: str, name: str) -> Callable[..., Any]:
    """What a call of `<module>.<name>` runs."""
    return _MAKERS[module](runtime, name)


def _real(module: str, name: str) -> Any:
    """Python's own, whose module is read when it is first called."""
    return getattr(import_module(module), name)


def _json(runtime: "Runtime", name: str) -> Callable[..., Any]:
    def loads(text: str) -> Any:
        runtime.meters.spelled(text)
        return _real("json", name)(text)

    def dumps(value: Any, **options: Any) -> str:
        unknown = set(options) - DUMPS
        if unknown:
            raise TypeError(f"json.dumps() has no '{min(unknown)}' in the lesson language")
        runtime.meters.spelled(value)
        indent = options.get("indent")
        wide = len(indent) if isinstance(indent, str) else whole(indent) or 0
        if wide > WIDEST_INDENT:
            runtime.budget.refuse("text", "dumps")
        runtime.budget.operations(runtime.meters.weigh(value) * (1 + wide))
        if options.get("default") is not None:
            options["default"] = runtime.safe(options["default"])
        return str(_real("json", name)(value, **options))

    return dumps if name == "dumps" else loads


def _statistics(runtime: "Runtime", name: str) -> Callable[..., Any]:
    def guarded(data: Any, *args: Any, **kwargs: Any) -> Any:
        values = list(runtime.consume(data))
        if name in PAIRED:
            args = (list(runtime.consume(args[0])), *args[1:])
        if isinstance(kwargs.get("n"), int):
            runtime.budget.items(kwargs["n"])
        bits = sum(v.bit_length() for v in values if isinstance(v, int))
        runtime.budget.operations(len(values) * 10 + bits // 64 * len(values))
        return _real("statistics", name)(values, *args, **kwargs)

    return guarded


PAIRED = frozenset({"correlation", "covariance", "linear_regression"})


def _heap(runtime: "Runtime", name: str) -> Callable[..., Any]:
    def on_heap(heap: Any, *items: Any) -> Any:
        runtime.meters.weigh(heap)
        for item in items:
            runtime.budget.operations(runtime.meters.weigh(item))
        return _real("heapq", name)(heap, *items)

    def best(n: int, iterable: Any, key: Any = None) -> Any:
        ordered = runtime.in_order(list(runtime.consume(iterable)), key, reverse=name == "nlargest")
        return ordered[: max(n, 0)]

    return best if name in ("nlargest", "nsmallest") else on_heap


def _bisect(runtime: "Runtime", name: str) -> Callable[..., Any]:
    def guarded(a: Any, x: Any, *bounds: Any, **options: Any) -> Any:
        runtime.meters.contains(x, a)
        if options.get("key") is not None:
            options["key"] = runtime.safe(options["key"])
        return _real("bisect", name)(a, x, *bounds, **options)

    return guarded


def _textwrap(runtime: "Runtime", name: str) -> Callable[..., Any]:
    def indent(text: str, prefix: str) -> str:
        runtime.budget.text(len(text) + text.count("\n") * len(prefix) + len(prefix))
        return str(_real("textwrap", name)(text, prefix))

    def dedent(text: str) -> str:
        runtime.budget.text(len(text))
        return str(_real("textwrap", name)(text))

    def flow(text: str, width: int = 70, **options: Any) -> Any:
        wide = max((len(v) for v in options.values() if isinstance(v, str)), default=0)
        runtime.budget.text(len(text) * (2 + wide))
        runtime.budget.operations(len(text) ** 2 // 10_000)
        unknown = set(options) - FLOWING
        if unknown:
            raise TypeError(f"{name}() has no '{min(unknown)}' in the lesson language")
        return _real("textwrap", name)(text, width, **options)

    own: dict[str, Callable[..., Any]] = {"indent": indent, "dedent": dedent}
    return own.get(name, flow)


def _pretty(runtime: "Runtime", name: str) -> Callable[..., Any]:
    def pformat(
        object: Any,
        indent: int = 1,
        width: int = 80,
        depth: int | None = None,
        *,
        compact: bool = False,
        sort_dicts: bool = True,
    ) -> str:
        if indent > WIDEST_INDENT:
            runtime.budget.refuse("text", "pformat")
        runtime.meters.spelled(object)
        runtime.budget.operations(runtime.meters.weigh(object) * (PRETTY + indent))
        text = _real("pprint", "pformat")(
            object, indent, width, depth, compact=compact, sort_dicts=sort_dicts
        )
        return str(text)

    def write(object: Any, **options: Any) -> None:
        runtime.builtins["print"](pformat(object, **options))

    return write if name == "pprint" else pformat


def namespace(runtime: "Runtime", name: str = "SimpleNamespace", shown: str = "namespace") -> type:
    """`types.SimpleNamespace`, or a class like it, as a class of the lesson's own."""

    def __init__(self: Any, /, **attributes: Any) -> None:
        vars(self).update(attributes)

    def __eq__(self: Any, other: Any) -> Any:
        if not isinstance(other, made):
            return NotImplemented
        runtime.meters.compare(vars(self), vars(other))
        return vars(self) == vars(other)

    def title(self: Any) -> str:
        return shown if type(self) is made else type(self).__name__

    members = {
        "__init__": __init__,
        "__repr__": dataclass.writer(runtime, title, vars),
        "__eq__": dataclass.charged(runtime, __eq__),
        "__module__": "types",
    }
    made = types.new_class(name, (), {}, lambda space: space.update(members))
    runtime.attributes.lesson_types.add(made)
    runtime.meters.parts.base[made] = lambda self: list(vars(self).values())
    runtime.meters.parts.clear()
    return made


def _argparse(runtime: "Runtime", name: str) -> Any:
    def formatter(*args: Any) -> Any:
        raise TypeError(f"{name} is for ArgumentParser(formatter_class=...)")

    return arguments.parser(runtime) if name == "ArgumentParser" else formatter


_MAKERS: dict[str, Callable[["Runtime", str], Callable[..., Any]]] = {
    "json": _json,
    "statistics": _statistics,
    "heapq": _heap,
    "bisect": _bisect,
    "textwrap": _textwrap,
    "pprint": _pretty,
    "types": lambda runtime, name: namespace(runtime),
    "argparse": _argparse,
}
