"""What-ifs of one's own: what of `detach`, `no_grad`, `zero_grad`, `retain_graph` and
`requires_grad` can be put into a piece of code, or taken out of it.

    for toggle in toggles(code, facts):
        print(toggle.label, toggle.before, "→", toggle.after)
    changed(code, [toggle, another])          # the code with both

They are found in the syntax tree and made as edits of the text. `facts`, from a run of the code,
keep those away that would change nothing.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from msgspec import Struct

from gradtui.course.edits import Code, Edit, applied
from gradtui.language.checker import parse
from gradtui.language.errors import Refused
from gradtui.language.source import Source, Span

MOST = 60
CREATIONS = frozenset(
    {
        *("tensor", "ones", "zeros", "full", "rand", "randn", "arange", "linspace", "logspace"),
        *("eye", "empty", "ones_like", "zeros_like", "rand_like", "randn_like", "full_like"),
    }
)
MODES = frozenset({"no_grad", "inference_mode"})


GONE = "(without it)"  # what a line gives way to that is left out


class Facts(Struct, frozen=True):
    """What a run of the code told: where which tensors came about."""

    tracked: frozenset[Span] = frozenset()  # expressions whose tensor has a history
    plain: frozenset[Span] = frozenset()  # calls that made a float tensor which asks for no grad
    names: frozenset[str] = frozenset()  # of tensors that require grad
    added: frozenset[Span] = frozenset()  # backward calls that added to a .grad already there
    leaves: tuple[str, ...] = ()  # names of the leaves they added to
    optimizers: tuple[str, ...] = ()  # where they added to a module's parameters


class Toggle(Struct, frozen=True):
    """One change: a sentence, and the line before and after it."""

    id: str  # the same for the same code: "detach-3-0"
    kind: str
    line: int
    label: str
    before: str
    after: str
    edits: tuple[Edit, ...] = ()


class _Found(Struct, frozen=True):
    """A change before it is known whether it makes code."""

    kind: str
    node: ast.AST
    label: str
    before: str
    after: str
    edits: tuple[Edit, ...]


def toggles(text: str, facts: Facts) -> list[Toggle]:
    """The changes that apply to a piece of code, in the order of its lines; none to no Python."""
    try:
        code = Code(text)
    except Refused:
        return []
    found = [each for finder in FINDERS for each in finder(code, facts)]
    found.sort(key=lambda each: code.start(each.node))
    made = (_made(code, each, at) for at, each in enumerate(found))
    return [toggle for toggle in made if toggle is not None][:MOST]


def changed(text: str, chosen: Sequence[Toggle]) -> str:
    """The code with the chosen changes."""
    return applied(text, [edit for toggle in chosen for edit in toggle.edits])


def _made(code: Code, found: _Found, at: int) -> Toggle | None:
    text = applied(code.text, found.edits)
    try:
        parse(Source("code", text))
    except Refused:
        return None
    line: int = found.node.lineno  # type: ignore[attr-defined]
    id = f"{found.kind}-{line}-{at}"
    return Toggle(id, found.kind, line, found.label, found.before, found.after, found.edits)


# what can stand where


def _statements(code: Code) -> Iterator[ast.stmt]:
    return (node for node in ast.walk(code.tree) if isinstance(node, ast.stmt))


def _calls(code: Code, name: str) -> Iterator[tuple[ast.Call, ast.Attribute]]:
    """Calls of something's attribute of that name."""
    for node in ast.walk(code.tree):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if called and node.func.attr == name:  # type: ignore[attr-defined]
            yield node, node.func  # type: ignore[attr-defined, misc]


def _statement_of(code: Code, node: ast.AST) -> ast.stmt:
    """The innermost statement a node is in."""
    around = [s for s in _statements(code) if _holds(code, s, node)]
    return max(around, key=code.start)


def _holds(code: Code, outer: ast.AST, inner: ast.AST) -> bool:
    return code.start(outer) <= code.start(inner) and code.stop(inner) <= code.stop(outer)


def _rewritten(
    code: Code, kind: str, node: ast.AST, label: str, *edits: Edit, lead: str = ""
) -> _Found:
    """A change within a statement, told by its line before and after."""
    statement = _statement_of(code, node)
    start = code.start(statement)
    stop = code.place(*code.spans.header(statement)[2:])
    before = code.text[start:stop]
    inside = [Edit(e.start - start, e.stop - start, e.text) for e in edits if start <= e.start]
    after = applied(before, inside)
    return _Found(kind, node, label, _one(before), lead + _one(after), edits)


def _one(text: str) -> str:
    return " ".join(text.split())


# detach


def _detach_out(code: Code, facts: Facts) -> Iterator[_Found]:
    for call, function in _calls(code, "detach"):
        if not call.args:
            what = code.source(function.value)
            label = f"Without detach(), gradients flow on through {what}."
            yield _rewritten(code, "detach", call, label, _without_call(code, call, function))


def _without_call(code: Code, call: ast.Call, function: ast.Attribute) -> Edit:
    """Takes `.name(…)` away from behind its value."""
    name = code.stop(function) - len(function.attr)
    dot = code.text.rindex(".", code.stop(function.value), name)
    start = len(code.text[:dot].rstrip(" \t\n\\"))
    return Edit(start, code.stop(call), "")


def _detach_in(code: Code, facts: Facts) -> Iterator[_Found]:
    for statement in _statements(code):
        value = getattr(statement, "value", None)
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Return) or value is None:
            continue
        if not any(_is_in(code, span, value) for span in facts.tracked):
            continue
        if code.spans.of(value) in facts.tracked:
            yield _rewritten(code, "detach", value, _cut(code, statement), *_detached(code, value))
        yield from _detach_operands(code, facts, value)


def _cut(code: Code, statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign):
        return f"With detach(), no gradient flows back from {code.source(statement.targets[0])}."
    return "With detach(), no gradient flows back from here."


def _is_in(code: Code, span: Span, node: ast.AST) -> bool:
    start, stop = code.place(span.line, span.column), code.place(span.end_line, span.end_column)
    return code.start(node) <= start and stop <= code.stop(node)


def _detached(code: Code, value: ast.expr) -> tuple[Edit, ...]:
    start, stop = code.start(value), code.stop(value)
    if isinstance(value, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
        return (Edit(stop, stop, ".detach()"),)
    return Edit(start, start, "("), Edit(stop, stop, ").detach()")


def _detach_operands(code: Code, facts: Facts, value: ast.expr) -> Iterator[_Found]:
    """Where several tensors meet, each may be cut off alone."""
    callees = {id(n.func) for n in ast.walk(value) if isinstance(n, ast.Call)}
    names = [
        node
        for node in ast.walk(value)
        if isinstance(node, ast.Name) and node.id in facts.names and id(node) not in callees
    ]
    for name in names if len(names) > 1 else ():
        stop = code.stop(name)
        if not code.text.startswith(".detach", stop):
            label = (
                f"{name.id} taken as a plain number here: no gradient flows back to it this way."
            )
            yield _rewritten(code, "detach", name, label, Edit(stop, stop, ".detach()"))


# no_grad


def _no_grad_in(code: Code, facts: Facts) -> Iterator[_Found]:
    for statement in _statements(code):
        loop = isinstance(statement, ast.For | ast.While)
        if not loop and not isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr):
            continue
        if not any(_is_in(code, span, statement) for span in facts.tracked):
            continue
        what = "Everything in this loop" if loop else f"Line {statement.lineno}"
        label = f"{what} runs without recording: nothing goes onto the tape."
        before = code.text[code.start(statement) : code.place(*code.spans.header(statement)[2:])]
        after = f"with torch.no_grad(): {_one(before)}"
        yield _Found("no_grad", statement, label, _one(before), after, _wrapped(code, statement))


def _wrapped(code: Code, statement: ast.stmt) -> tuple[Edit, ...]:
    first = code.whole_lines(statement)[0]
    head = f"{code.indent(statement)}with torch.no_grad():\n    "
    others = (Edit(line, line, "    ") for line in code.lines(statement)[1:])
    return Edit(first, first, head), *others


def _no_grad_out(code: Code, facts: Facts) -> Iterator[_Found]:
    for statement in _statements(code):
        if isinstance(statement, ast.With):
            for item in statement.items:
                if _is_mode(item.context_expr):
                    yield _freed(code, statement, item)
        for decorator in getattr(statement, "decorator_list", ()):
            if _is_mode(decorator):
                line = code.place(decorator.lineno, 0)
                edit = Edit(line, code.place(decorator.lineno + 1, 0), "")
                label = "The function is recorded like any other code."
                before = f"@{code.source(decorator)}"
                yield _Found("no_grad", decorator, label, before, GONE, (edit,))


def _is_mode(node: ast.expr) -> bool:
    """Whether gradients are off under it: `torch.no_grad()`, `torch.set_grad_enabled(False)`."""
    call = node if isinstance(node, ast.Call) else None
    function = call.func if call is not None else node
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr == "set_grad_enabled" and call is not None and call.args:
        return isinstance(call.args[0], ast.Constant) and call.args[0].value is False
    return function.attr in MODES


def _freed(code: Code, statement: ast.With, item: ast.withitem) -> _Found:
    header = code.text[code.start(statement) : code.place(*code.spans.header(statement)[2:])]
    label = "What stands under it is recorded, and takes part in the next backward pass."
    before = f"{_one(header)}:"
    if len(statement.items) > 1:
        edits: tuple[Edit, ...] = (_without_item(code, statement, item),)
    else:
        edits = _unwrapped(code, statement)
    return _Found("no_grad", statement, label, before, GONE, edits)


def _without_item(code: Code, statement: ast.With, item: ast.withitem) -> Edit:
    parts = [each.context_expr for each in statement.items]
    at = statement.items.index(item)
    if at + 1 < len(parts):
        return Edit(code.start(parts[at]), code.start(parts[at + 1]), "")
    return Edit(code.text.rindex(",", 0, code.start(parts[at])), code.stop(parts[at]), "")


def _unwrapped(code: Code, statement: ast.With) -> tuple[Edit, ...]:
    body = statement.body
    if body[0].lineno == statement.lineno:
        return (Edit(code.start(statement), code.start(body[0]), ""),)
    head = Edit(code.place(statement.lineno, 0), code.place(body[0].lineno, 0), "")
    less = len(code.indent(body[0])) - len(code.indent(statement))
    lines = [line for each in body for line in code.lines(each)]
    return head, *(Edit(line, line + less, "") for line in lines)


# zero_grad


def _zero_out(code: Code, facts: Facts) -> Iterator[_Found]:
    for statement in _statements(code):
        if _zeroes(statement):
            before = code.source(statement)
            label = "Nothing is emptied here: the next backward pass adds to what .grad holds."
            edit = _removed(code, statement)
            yield _Found("zero_grad", statement, label, before, GONE, (edit,))


def _zeroes(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        target, value = statement.targets[0], statement.value
        is_none = isinstance(value, ast.Constant) and value.value is None
        return is_none and isinstance(target, ast.Attribute) and target.attr == "grad"
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr == "zero_grad":
        return True
    of = call.func.value
    return call.func.attr == "zero_" and isinstance(of, ast.Attribute) and of.attr == "grad"


def _removed(code: Code, statement: ast.stmt) -> Edit:
    """Takes a statement away; one alone in its block, or not alone on its line, becomes `pass`."""
    first, stop = code.whole_lines(statement)
    alone = (
        code.text[first:stop].split("#")[0].strip()
        == code.text[code.start(statement) : code.stop(statement)]
    )
    if alone and not _is_only(code, statement):
        return Edit(first, stop, "")
    return Edit(code.start(statement), code.stop(statement), "pass")


def _is_only(code: Code, statement: ast.stmt) -> bool:
    for node in ast.walk(code.tree):
        for block in ("body", "orelse", "finalbody"):
            if getattr(node, block, None) == [statement]:
                return True
    return False


def _zero_in(code: Code, facts: Facts) -> Iterator[_Found]:
    emptied = [f"{name}.zero_grad()" for name in facts.optimizers[:1]]
    if facts.leaves:
        emptied.append(" = ".join(f"{name}.grad" for name in facts.leaves) + " = None")
    for call, _ in _calls(code, "backward"):
        if code.spans.of(call) not in facts.added:
            continue
        statement = _statement_of(code, call)
        for line in emptied:
            first = code.whole_lines(statement)[0]
            edit = Edit(first, first, f"{code.indent(statement)}{line}\n")
            label = "Each .grad is emptied first, so this pass adds to nothing."
            before = code.source(call)
            yield _Found("zero_grad", statement, label, before, f"{line}; {before}", (edit,))


# retain_graph and requires_grad


def _retain(code: Code, facts: Facts) -> Iterator[_Found]:
    calls = [call for name in ("backward", "grad") for call, _ in _calls(code, name)]
    for call in calls:
        given = {word.arg: word for word in call.keywords}
        if "create_graph" in given:
            continue
        if "retain_graph" not in given:
            label = "The graph is kept, so a further backward pass can go through it."
            edit = _with_word(code, call, "retain_graph=True")
        elif _is_true(given["retain_graph"].value):
            label = "The graph is freed as usual: a further pass through it fails."
            edit = _without_word(code, call, given["retain_graph"])
        else:
            label = "The graph is kept, so a further backward pass can go through it."
            edit = _turned(code, given["retain_graph"].value, True)
        yield _rewritten(code, "retain_graph", call, label, edit)


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _turned(code: Code, node: ast.expr, on: bool) -> Edit:
    return Edit(code.start(node), code.stop(node), str(on))


def _with_word(code: Code, call: ast.Call, word: str) -> Edit:
    """Puts a further argument before the closing parenthesis."""
    at = code.stop(call) - 1
    inside = code.text[code.stop(call.func) : at].rstrip()
    return Edit(at, at, word if inside.endswith(("(", ",")) else f", {word}")


def _without_word(code: Code, call: ast.Call, word: ast.keyword) -> Edit:
    start, stop = code.start(word), code.stop(word)
    others = [*call.args, *call.keywords]
    if others[0] is not word:
        return Edit(code.text.rindex(",", 0, start), stop, "")
    return Edit(start, code.start(others[1]) if len(others) > 1 else stop, "")


ASKS = "It asks for gradients: what is made of it is recorded, and its .grad is filled."
ASKS_NOT = "It asks for no gradients: what is made of it alone is not recorded."


def _requires(code: Code, facts: Facts) -> Iterator[_Found]:
    told = partial(_rewritten, code, "requires_grad")
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            target = node.targets[0]
            if isinstance(target, ast.Attribute) and target.attr == "requires_grad":
                on = not node.value.value
                yield told(node, ASKS if on else ASKS_NOT, _turned(code, node.value, on))
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        word = next((w for w in node.keywords if w.arg == "requires_grad"), None)
        if node.func.attr == "requires_grad_":
            yield _requires_in_place(code, node, node.func)
        elif word is not None and isinstance(word.value, ast.Constant):
            on = not word.value.value
            edit = _turned(code, word.value, True) if on else _without_word(code, node, word)
            yield told(node, ASKS if on else ASKS_NOT, edit)
        elif node.func.attr in CREATIONS and word is None and code.spans.of(node) in facts.plain:
            yield told(node, ASKS, _with_word(code, node, "requires_grad=True"))


def _requires_in_place(code: Code, call: ast.Call, function: ast.Attribute) -> _Found:
    given = [*call.args, *(word.value for word in call.keywords)]
    if given and isinstance(given[0], ast.Constant) and given[0].value is False:
        edit = _turned(code, given[0], True)
        return _rewritten(code, "requires_grad", call, ASKS, edit)
    edit = _without_call(code, call, function)
    return _rewritten(code, "requires_grad", call, ASKS_NOT, edit)


FINDERS: tuple[Callable[[Code, Facts], Iterator[_Found]], ...] = (
    _detach_out, _detach_in, _no_grad_out, _no_grad_in, _zero_out, _zero_in, _retain, _requires,
)  # fmt: skip
