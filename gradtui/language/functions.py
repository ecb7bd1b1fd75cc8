"""Functions and lambdas: real Python functions whose bodies are compiled lesson code.

Being real functions they bind as methods, decorate and are decorated, and serve as hooks; none of
their attributes reaches lesson code but its own.
"""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import Any

from gradtui.language import names
from gradtui.language.compiler import Compiler, expression, statement
from gradtui.language.dispatching import ANNOTATION
from gradtui.language.frames import RETURN, UNSET, Cell, Frame, Thunk
from gradtui.language.lazy import Generator
from gradtui.language.scopes import Scope
from gradtui.language.source import Span

NAMING = (ast.Name, ast.Attribute, ast.BinOp, ast.BitOr, ast.Constant, ast.Load)
"""What the name of a type may consist of."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a function, in the order of its frame's slots from 1."""

    name: str  # qualified, as errors spell it
    positional: tuple[str, ...]
    positional_only: int
    keyword_only: tuple[str, ...]
    star: bool
    double_star: bool

    @property
    def keyword_slots(self) -> dict[str, int]:
        """The slots of the parameters that may be given by keyword."""
        named = {n: i + 1 for i, n in enumerate(self.positional) if i >= self.positional_only}
        base = len(self.positional) + 1
        return {**named, **{n: base + i for i, n in enumerate(self.keyword_only)}}


@dataclass(frozen=True, slots=True)
class Defaults:
    """The values of parameters that were not given, evaluated when the function was made."""

    positional: tuple[Any, ...]
    keyword: dict[str, Any]


class Code:
    """What all functions made by one `def` or `lambda` share."""

    def __init__(
        self, c: Compiler, scope: Scope, arguments: ast.arguments, doc: str | None
    ) -> None:
        self.scope = scope
        self.name = scope.name
        parent = c.scope
        self.qualname = f"{parent.qualified}{scope.name}"
        self.doc = doc
        positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        self.signature = Signature(
            self.qualname,
            tuple(positional),
            len(arguments.posonlyargs),
            tuple(a.arg for a in arguments.kwonlyargs),
            arguments.vararg is not None,
            arguments.kwarg is not None,
        )
        self.cells = tuple(sorted(scope.slots[name] for name in scope.cells))
        self.captures = tuple(
            (scope.slots[name], parent.place(name).slot)
            if name != "__class__" or parent.kind != "class"
            else (scope.slots[name], parent.slots["__class__"])
            for name in sorted(scope.free)
        )
        self.defaults = c.expressions(arguments.defaults)
        self.keyword_defaults = [
            (argument.arg, c.expression(default))
            for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        ]


def captured(parent: Scope, scope: Scope) -> tuple[tuple[int, int], ...]:
    """For each free variable of `scope`: its slot there, and the slot of its cell in `parent`."""
    return tuple((scope.slots[name], parent.slots[name]) for name in sorted(scope.free))


@statement(ast.FunctionDef)
def function_definition(c: Compiler, node: ast.FunctionDef) -> Thunk:
    inner = c.inside(node)
    code = Code(c, inner.scope, node.args, ast.get_docstring(node, clean=False))
    inner_body = node.body
    body = _body(inner, inner_body)
    make = maker(c, code, body, generator=inner.scope.is_generator)
    decorators = [(c.expression(d), c.span(d)) for d in reversed(node.decorator_list)]
    bind, runtime = names.store(c, node.name, c.spans.header(node)), c.runtime
    span = c.spans.header(node)

    first = _first_annotation(c, node) if decorators else None

    def run(frame: Frame, at: Span = span) -> None:
        thunks = [(thunk(frame), span) for thunk, span in reversed(decorators)]
        value = make(frame)
        if first is not None:
            value.__dict__[ANNOTATION] = partial(first, frame)
        for decorator, span in reversed(thunks):
            value = runtime.invoke(decorator, [value], {}, span)
        bind(frame, value)

    return run


def _first_annotation(c: Compiler, node: ast.FunctionDef) -> Thunk | None:
    """The annotation of the first parameter but `self`, by which `singledispatch` may choose."""
    parameters = [*node.args.posonlyargs, *node.args.args]
    if c.scope.kind == "class":
        parameters = parameters[1:]
    annotation = parameters[0].annotation if parameters else None
    if annotation is None or not all(isinstance(n, NAMING) for n in ast.walk(annotation)):
        return None
    return c.expression(annotation)


def _body(inner: Compiler, nodes: Sequence[ast.stmt]) -> Thunk:
    if inner.scope.is_generator:
        from gradtui.language.generators import generator_block

        return generator_block(inner, nodes)
    return inner.block(nodes)


@expression(ast.Lambda)
def lambda_(c: Compiler, node: ast.Lambda) -> Thunk:
    inner = c.inside(node)
    code = Code(c, inner.scope, node.args, None)
    value = inner.expression(node.body)

    def body(frame: Frame) -> Any:
        frame[0] = value(frame)
        return RETURN

    return maker(c, code, body)


def maker(
    c: Compiler, code: Code, body: Thunk, *, generator: bool = False
) -> Callable[[Frame], FunctionType]:
    """A thunk that makes a new function of `code` over the frame it is called with."""
    runtime = c.runtime
    size, captures = code.scope.size, code.captures

    def make(frame: Frame) -> FunctionType:
        empty: Frame = [UNSET] * size
        empty[0] = None
        for slot, outer in captures:
            empty[slot] = frame[outer]
        defaults = Defaults(
            tuple([thunk(frame) for thunk in code.defaults]),
            {name: thunk(frame) for name, thunk in code.keyword_defaults},
        )
        function = (_generator_function if generator else _function)(c, code, body, empty, defaults)
        function.__name__, function.__qualname__ = code.name, code.qualname
        function.__doc__, function.__module__ = code.doc, "__main__"
        runtime.lesson_code.add(function.__code__)
        return function

    return make


def _function(
    c: Compiler, code: Code, body: Thunk, empty: Frame, defaults: Defaults
) -> FunctionType:
    budget, signature, cells = c.runtime.budget, code.signature, code.cells
    count = len(signature.positional)
    simple = not (signature.keyword_only or signature.star or signature.double_star)
    lesson_function = code.scope
    limit = budget.limits.recursion
    finish = _finisher(c, code)

    def function(*args: Any, **kwargs: Any) -> Any:
        lesson_function  # noqa: B018 - read by tracebacks
        frame = empty.copy()
        if simple and not kwargs and len(args) == count:
            frame[1 : count + 1] = args
        else:
            bind_arguments(frame, signature, defaults, args, kwargs)
        for slot in cells:
            frame[slot] = Cell(frame[slot])
        if budget.depth >= limit:
            budget.enter()
        budget.depth += 1
        try:
            budget.tick()
            body(frame)
        finally:
            budget.depth -= 1
        return frame[0] if finish is None else finish(frame[0])

    return function  # type: ignore[return-value]


def _finisher(c: Compiler, code: Code) -> Callable[[Any], Any] | None:
    """Text that Python itself asks of a lesson class is charged as it comes back."""
    if code.name not in ("__repr__", "__str__", "__format__"):
        return None
    budget = c.runtime.budget

    def finish(text: Any) -> Any:
        if isinstance(text, str):
            budget.text(len(text))
        return text

    return finish


def _generator_function(
    c: Compiler, code: Code, body: Callable[[Frame], Any], empty: Frame, defaults: Defaults
) -> FunctionType:
    signature, cells = code.signature, code.cells

    def function(*args: Any, **kwargs: Any) -> Any:
        frame = empty.copy()
        bind_arguments(frame, signature, defaults, args, kwargs)
        for slot in cells:
            frame[slot] = Cell(frame[slot])
        return Generator(c.runtime, body(frame), code.name)

    return function  # type: ignore[return-value]


def bind_arguments(
    frame: Frame,
    signature: Signature,
    defaults: Defaults,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    """Put the arguments of a call in their slots, or raise the TypeError Python raises."""
    count = len(signature.positional)
    taken = min(len(args), count)
    frame[1 : taken + 1] = args[:taken]
    extra: dict[str, Any] = {}
    if kwargs:
        _bind_keywords(frame, signature, kwargs, extra)
    if len(args) > count and not signature.star:
        _refuse_positional(frame, signature, defaults, len(args))
    _fill_positional(frame, signature, defaults)
    _fill_keywords(frame, signature, defaults)
    slot = count + len(signature.keyword_only) + 1
    if signature.star:
        frame[slot] = args[count:]
        slot += 1
    if signature.double_star:
        frame[slot] = extra


def _bind_keywords(
    frame: Frame, signature: Signature, kwargs: dict[str, Any], extra: dict[str, Any]
) -> None:
    slots = signature.keyword_slots
    for name, value in kwargs.items():
        slot = slots.get(name)
        if slot is None:
            if not signature.double_star:
                _refuse_keyword(signature, kwargs, name)
            extra[name] = value
        elif frame[slot] is not UNSET:
            raise TypeError(f"{signature.name}() got multiple values for argument '{name}'")
        else:
            frame[slot] = value


def _refuse_keyword(signature: Signature, kwargs: dict[str, Any], name: str) -> None:
    only = [n for n in signature.positional[: signature.positional_only] if n in kwargs]
    if only:
        given = ", ".join(only)
        raise TypeError(
            f"{signature.name}() got some positional-only arguments passed as keyword"
            f" arguments: '{given}'"
        )
    raise TypeError(f"{signature.name}() got an unexpected keyword argument '{name}'")


def _refuse_positional(frame: Frame, signature: Signature, defaults: Defaults, given: int) -> None:
    count, optional = len(signature.positional), len(defaults.positional)
    if optional:
        wanted = f"from {count - optional} to {count}"
        plural = True
    else:
        wanted, plural = str(count), count != 1
    base = count + 1
    named = sum(frame[base + i] is not UNSET for i in range(len(signature.keyword_only)))
    also = ""
    if named:
        also = (
            f" positional argument{'s' if given != 1 else ''} (and {named} keyword-only"
            f" argument{'s' if named != 1 else ''})"
        )
    raise TypeError(
        f"{signature.name}() takes {wanted} positional argument{'s' if plural else ''}"
        f" but {given}{also} {'was' if given == 1 and not named else 'were'} given"
    )


def _fill_positional(frame: Frame, signature: Signature, defaults: Defaults) -> None:
    names_, values = signature.positional, defaults.positional
    first = len(names_) - len(values)
    missing = [n for i, n in enumerate(names_[:first], 1) if frame[i] is UNSET]
    if missing:
        raise TypeError(_missing(signature.name, missing, "positional"))
    for index, value in enumerate(values, first + 1):
        if frame[index] is UNSET:
            frame[index] = value


def _fill_keywords(frame: Frame, signature: Signature, defaults: Defaults) -> None:
    base = len(signature.positional) + 1
    missing = []
    for slot, name in enumerate(signature.keyword_only, base):
        if frame[slot] is UNSET:
            if name in defaults.keyword:
                frame[slot] = defaults.keyword[name]
            else:
                missing.append(name)
    if missing:
        raise TypeError(_missing(signature.name, missing, "keyword-only"))


def _missing(function: str, absent: list[str], kind: str) -> str:
    quoted = [f"'{name}'" for name in absent]
    *front, last = quoted
    if not front:
        listed = last
    elif len(front) == 1:
        listed = f"{front[0]} and {last}"
    else:
        listed = f"{', '.join(front)}, and {last}"
    plural = "s" if front else ""
    return f"{function}() missing {len(absent)} required {kind} argument{plural}: {listed}"


@statement(ast.Return)
def return_(c: Compiler, node: ast.Return) -> Thunk:
    value, span = c.optional(node.value), c.span(node)

    def run(frame: Frame, at: Span = span) -> Any:
        frame[0] = value(frame)
        return RETURN

    return run
