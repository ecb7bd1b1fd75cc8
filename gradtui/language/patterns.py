"""`match` statements: one matcher per kind of pattern, each a test that binds as it succeeds."""

import ast
from collections.abc import Callable
from typing import Any

from gradtui.language import names
from gradtui.language.compiler import Compiler, statement
from gradtui.language.frames import Frame, Store, Thunk
from gradtui.language.source import Span

Matcher = Callable[[Frame, Any], bool]
_ITSELF = (bool, dict, float, frozenset, int, list, set, str, tuple)


@statement(ast.Match)
def match(c: Compiler, node: ast.Match) -> Thunk:
    subject, span = c.expression(node.subject), c.spans.header(node)
    cases = [
        (
            matcher(c, case.pattern),
            c.expression(case.guard) if case.guard else None,
            c.block(case.body),
        )
        for case in node.cases
    ]

    def run(frame: Frame, at: Span = span) -> Any:
        value = subject(frame)
        for matches, guard, body in cases:
            if matches(frame, value) and (guard is None or guard(frame)):
                return body(frame)
        return None

    return run


def matcher(c: Compiler, pattern: ast.pattern) -> Matcher:
    return _MATCHERS[type(pattern)](c, pattern)


def _value(c: Compiler, pattern: ast.MatchValue) -> Matcher:
    wanted, compare = c.expression(pattern.value), c.runtime.meters.compare

    def matches(frame: Frame, value: Any) -> bool:
        other = wanted(frame)
        compare(value, other)
        return bool(value == other)

    return matches


def _singleton(c: Compiler, pattern: ast.MatchSingleton) -> Matcher:
    return lambda frame, value: value is pattern.value


def _capture(c: Compiler, pattern: ast.MatchAs) -> Matcher:
    inner = matcher(c, pattern.pattern) if pattern.pattern else None
    store = _store(c, pattern.name, pattern)

    def matches(frame: Frame, value: Any) -> bool:
        if inner is not None and not inner(frame, value):
            return False
        if store is not None:
            store(frame, value)
        return True

    return matches


def _store(c: Compiler, name: str | None, pattern: ast.pattern) -> Store | None:
    return names.store(c, name, c.span(pattern)) if name else None


def _any(c: Compiler, pattern: ast.MatchOr) -> Matcher:
    choices = [matcher(c, each) for each in pattern.patterns]
    return lambda frame, value: any(matches(frame, value) for matches in choices)


def _sequence(c: Compiler, pattern: ast.MatchSequence) -> Matcher:
    stars = [i for i, each in enumerate(pattern.patterns) if isinstance(each, ast.MatchStar)]
    parts = [
        None if isinstance(each, ast.MatchStar) else matcher(c, each) for each in pattern.patterns
    ]
    if not stars:
        return lambda frame, value: (
            isinstance(value, list | tuple | range)
            and len(value) == len(parts)
            and all(m(frame, v) for m, v in zip(parts, value, strict=True) if m is not None)
        )
    middle = stars[0]
    after = len(parts) - middle - 1
    starred = pattern.patterns[middle]
    assert isinstance(starred, ast.MatchStar)
    store = _store(c, starred.name, starred)

    def matches(frame: Frame, value: Any) -> bool:
        if not isinstance(value, list | tuple | range) or len(value) < len(parts) - 1:
            return False
        end = len(value) - after
        ends = [*zip(parts[:middle], value[:middle], strict=True),
                *zip(parts[middle + 1 :], value[end:], strict=True)]  # fmt: skip
        if not all(m(frame, v) for m, v in ends if m is not None):
            return False
        if store is not None:
            c.runtime.budget.items(len(value))
            store(frame, list(value[middle:end]))
        return True

    return matches


def _mapping(c: Compiler, pattern: ast.MatchMapping) -> Matcher:
    pairs = [
        (c.expression(key), matcher(c, each))
        for key, each in zip(pattern.keys, pattern.patterns, strict=True)
    ]
    store = _store(c, pattern.rest, pattern)

    def matches(frame: Frame, value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        keys = [key(frame) for key, _ in pairs]
        for key, (_, inner) in zip(keys, pairs, strict=True):
            if key not in value or not inner(frame, value[key]):
                return False
        if store is not None:
            c.runtime.budget.items(len(value))
            store(frame, {k: v for k, v in value.items() if k not in keys})
        return True

    return matches


def _class(c: Compiler, pattern: ast.MatchClass) -> Matcher:
    kind_of, runtime = c.expression(pattern.cls), c.runtime
    positional = [matcher(c, each) for each in pattern.patterns]
    keyword = [
        (name, matcher(c, each))
        for name, each in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)
    ]

    def matches(frame: Frame, value: Any) -> bool:
        kind = runtime.real_types(kind_of(frame))
        if not isinstance(kind, type):
            raise TypeError("called match pattern must be a class")
        if not isinstance(value, kind):
            return False
        if positional and kind in _ITSELF:
            if len(positional) == 1:
                return positional[0](frame, value)
            named = ["itself"]
        else:
            named = list(getattr(kind, "__match_args__", ()))[: len(positional)]
        if len(named) < len(positional):
            raise TypeError(
                f"{kind.__name__}() accepts {len(named)} positional"
                f" sub-pattern{'s' if len(named) != 1 else ''}"
                f" ({len(positional)} given)"
            )
        return all(
            _has(runtime, frame, value, name, inner)
            for name, inner in (*zip(named, positional, strict=True), *keyword)
        )

    return matches


def _has(runtime: Any, frame: Frame, value: Any, name: str, inner: Matcher) -> bool:
    try:
        part = runtime.attributes.read(value, name)
    except AttributeError:
        return False
    return inner(frame, part)


_MATCHERS: dict[type[ast.pattern], Callable[[Compiler, Any], Matcher]] = {
    ast.MatchValue: _value,
    ast.MatchSingleton: _singleton,
    ast.MatchAs: _capture,
    ast.MatchOr: _any,
    ast.MatchSequence: _sequence,
    ast.MatchMapping: _mapping,
    ast.MatchClass: _class,
}
