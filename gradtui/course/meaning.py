"""What a schema cannot see: code that does not parse, an id used twice, unanswerable questions.

`problems(data, positions)` looks at a lesson as it was read, typed or not, so that these are found
together with the schema's findings.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from gradtui.course import syntax, templates
from gradtui.course.problems import Position
from gradtui.course.yaml_nodes import Path, Positions
from gradtui.language.errors import Complaint


class Fault(NamedTuple):
    """One thing wrong, where, and of which kind of finding."""

    where: Position
    message: str
    kind: str = "schema"


Found: TypeAlias = Iterator[Fault]

_PROSE = ("say", "explain", "prompt")
_PROSE_LISTS = ("hints",)
_CODE = ("code", "starter", "solution")
_EXPRESSIONS = ("answer", "when")
_EXPRESSION_LISTS = ("checks", "choices")


def problems(data: Any, positions: Positions) -> Found:
    """Everything wrong with a lesson's meaning, each with where it stands."""
    yield from _unique([((), data)] if isinstance(data, dict) else [], positions)
    steps = _items(data, "steps")
    known = frozenset().union(*(_bound(step) for _, step in steps))
    yield from _unique([(("steps", number), step) for number, step in steps], positions)
    for number, step in steps:
        path: Path = ("steps", number)
        yield from _texts(step, path, positions, known)
        yield from _needs_code(step, path, positions)
        what_ifs = _items(step, "what_if")
        yield from _unique([((*path, "what_if", n), one) for n, one in what_ifs], positions)
        if isinstance(step.get("ask"), dict):
            yield from _question(step["ask"], (*path, "ask"), positions)


def _items(owner: Any, key: str) -> list[tuple[int, dict[str, Any]]]:
    listed = owner.get(key) if isinstance(owner, dict) else None
    items = listed if isinstance(listed, list) else []
    return [(number, item) for number, item in enumerate(items) if isinstance(item, dict)]


def _unique(items: list[tuple[Path, dict[str, Any]]], positions: Positions) -> Found:
    """Ids, and the earlier ids in `was`, are each used once."""
    seen: dict[str, Position] = {}
    for path, item in items:
        for place, name in _ids(item, path):
            where = positions.at(place)
            if name in seen:
                message = f"id `{name}` is used twice: it is already on line {seen[name].line}"
                yield Fault(where, message, "id")
            seen.setdefault(name, where)


def _ids(item: dict[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(item.get("id"), str):
        yield (*path, "id"), item["id"]
    was = item.get("was")
    for number, name in enumerate(was if isinstance(was, list) else []):
        if isinstance(name, str):
            yield (*path, "was", number), name


def _bound(step: dict[str, Any]) -> frozenset[str]:
    """The names a step's code, and that of its what-ifs, gives to what comes after."""
    codes = [step.get("code"), *(what_if.get("code") for _, what_if in _items(step, "what_if"))]
    bound: frozenset[str] = frozenset()
    return bound.union(*(syntax.bound(code) for code in codes if isinstance(code, str)))


def _texts(owner: Any, path: Path, positions: Positions, known: frozenset[str]) -> Found:
    """Code, expressions and prose, wherever in a step they stand."""
    for key, value in owner.items() if isinstance(owner, dict) else enumerate(owner):
        place = (*path, key)
        if isinstance(value, dict | list):
            yield from _texts(value, place, positions, known)
        elif isinstance(value, str):
            yield from _text(value, place, positions, known)


def _text(text: str, path: Path, positions: Positions, known: frozenset[str]) -> Found:
    key = path[-1] if isinstance(path[-1], str) else path[-2]
    listed = not isinstance(path[-1], str)
    if key in (_PROSE_LISTS if listed else _PROSE):
        yield from _prose(text, path, positions, known)
    elif key in _CODE and not listed:
        yield from _refused(syntax.code(text, known), path, positions)
    elif key in (_EXPRESSION_LISTS if listed else _EXPRESSIONS):
        yield from _refused(syntax.expression(text, known), path, positions)


def _refused(complaints: list[Complaint], path: Path, positions: Positions) -> Found:
    for one in complaints:
        yield Fault(positions.within(path, one.line, one.column), one.message, "language")


def _prose(text: str, path: Path, positions: Positions, known: frozenset[str]) -> Found:
    for quote in templates.quotes(text):
        where = positions.within(path, *templates.place(text, quote.start))
        if not quote.written:
            message = "nothing between {{ and }}: name a value, as in {{ x.grad }}"
            yield Fault(where, message, "quote")
            continue
        for complaint in syntax.expression(quote.expression, known):
            message = f"{{{{ {quote.written[:60]} }}}}: {complaint.message}"
            yield Fault(where, message, "quote")
    loose = templates.unclosed(text)
    if loose is not None:
        where = positions.within(path, *templates.place(text, loose))
        yield Fault(where, "{{ is not closed: add }}", "quote")


def _needs_code(step: dict[str, Any], path: Path, positions: Positions) -> Found:
    if "code" in step:
        return
    for key in ("draws", "prints", "raises", "what_if"):
        if key in step:
            yield Fault(positions.key((*path, key)), f"`{key}` needs `code` in the same step")


_ANSWERED = ("value", "choice", "none_or_zero", "shape")
_READ = ("order", "error", "prints")


def _question(ask: dict[str, Any], path: Path, positions: Positions) -> Found:
    kind = ask.get("kind", "value")
    if kind in _ANSWERED and "answer" not in ask:
        message = f"a question of kind `{kind}` needs an `answer` to compute"
        yield Fault(positions.at(path), message)
    if kind in _READ and "answer" in ask:
        message = f"`answer` is not given for kind `{kind}`: it is read from what happens"
        yield Fault(positions.key((*path, "answer")), message)
    if kind == "choice" and "choices" not in ask:
        yield Fault(positions.at(path), "a question of kind `choice` needs `choices`")
    if kind != "choice" and "choices" in ask:
        message = f"`choices` belong to kind `choice`, and this is `{kind}`"
        yield Fault(positions.key((*path, "choices")), message)
