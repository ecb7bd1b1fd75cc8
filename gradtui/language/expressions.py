"""Expressions other than calls, functions and comprehensions."""

import ast
import operator
from collections.abc import Callable
from typing import Any

from gradtui.language import names
from gradtui.language.compiler import Compiler, expression
from gradtui.language.frames import Frame, Thunk
from gradtui.language.kinds import retold
from gradtui.language.source import Span

BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any], Callable[[Any, Any], Any]]]
BINARY = {
    ast.Add: ("add", operator.add, operator.iadd),
    ast.Sub: ("sub", operator.sub, operator.isub),
    ast.Mult: ("mul", operator.mul, operator.imul),
    ast.Div: ("truediv", operator.truediv, operator.itruediv),
    ast.FloorDiv: ("floordiv", operator.floordiv, operator.ifloordiv),
    ast.Mod: ("mod", operator.mod, operator.imod),
    ast.Pow: ("pow", operator.pow, operator.ipow),
    ast.MatMult: ("matmul", operator.matmul, operator.imatmul),
    ast.LShift: ("lshift", operator.lshift, operator.ilshift),
    ast.RShift: ("rshift", operator.rshift, operator.irshift),
    ast.BitAnd: ("and", operator.and_, operator.iand),
    ast.BitOr: ("or", operator.or_, operator.ior),
    ast.BitXor: ("xor", operator.xor, operator.ixor),
}

UNARY: dict[type[ast.unaryop], tuple[str, Callable[[Any], Any]]] = {
    ast.UAdd: ("pos", operator.pos),
    ast.USub: ("neg", operator.neg),
    ast.Invert: ("invert", operator.invert),
    ast.Not: ("not", operator.not_),
}

COMPARISONS: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("eq", operator.eq),
    ast.NotEq: ("ne", operator.ne),
    ast.Lt: ("lt", operator.lt),
    ast.LtE: ("le", operator.le),
    ast.Gt: ("gt", operator.gt),
    ast.GtE: ("ge", operator.ge),
    ast.Is: ("is", operator.is_),
    ast.IsNot: ("is_not", operator.is_not),
    ast.In: ("contains", lambda item, container: item in container),
    ast.NotIn: ("not_contains", lambda item, container: item not in container),
}


@expression(ast.Constant)
def constant(c: Compiler, node: ast.Constant) -> Thunk:
    value = node.value
    return lambda frame: value


def metered(
    c: Compiler, name: str, apply: Callable[[Any, Any], Any], at: Span, kind: str = "operator"
) -> Callable[[Any, Any], Any]:
    """`apply` for two values: charged first, and told to the observer when an operand is the
    engine's.
    """
    table = c.runtime.meters.operators[name]
    if not c.watched:

        def quiet(a: Any, b: Any) -> Any:
            meter = table[type(a)] or table[type(b)]
            if meter is not None:
                meter(a, b)
            return apply(a, b)

        return quiet

    is_engine, observe = c.runtime.world.is_engine, c.runtime.observe
    told = f"i{name}" if kind == "inplace" else name

    def watched(a: Any, b: Any) -> Any:
        meter = table[type(a)] or table[type(b)]
        if meter is not None:
            meter(a, b)
        if is_engine(a) or is_engine(b):
            return observe(kind, told, at, a, (b,), {}, lambda: apply(a, b))
        return apply(a, b)

    return watched


@expression(ast.BinOp)
def binary(c: Compiler, node: ast.BinOp) -> Thunk:
    name, apply, _ = BINARY[type(node.op)]
    left, right, span = c.expression(node.left), c.expression(node.right), c.span(node)
    if c.watched:
        deed = metered(c, name, apply, span)

        def run_(frame: Frame, at: Span = span) -> Any:
            return deed(left(frame), right(frame))

        return run_
    table = c.runtime.meters.operators[name]

    def run(frame: Frame, at: Span = span) -> Any:
        a = left(frame)
        b = right(frame)
        meter = table[type(a)] or table[type(b)]
        if meter is not None:
            meter(a, b)
        return apply(a, b)

    return run


@expression(ast.UnaryOp)
def unary(c: Compiler, node: ast.UnaryOp) -> Thunk:
    name, apply = UNARY[type(node.op)]
    operand, span, runtime = c.expression(node.operand), c.span(node), c.runtime
    if isinstance(node.op, ast.Not):

        def run_(frame: Frame, at: Span = span) -> Any:
            return not operand(frame)

        return run_
    meter = runtime.meters.unary

    def run(frame: Frame, at: Span = span) -> Any:
        value = operand(frame)
        meter(value)
        return apply(value)

    def watched(frame: Frame, at: Span = span) -> Any:
        value = operand(frame)
        meter(value)
        if runtime.world.is_engine(value):
            return runtime.observe("operator", name, at, value, (), {}, lambda: apply(value))
        return apply(value)

    return watched if c.watched else run


@expression(ast.BoolOp)
def boolean(c: Compiler, node: ast.BoolOp) -> Thunk:
    *parts, last = c.expressions(node.values)
    span, stop = c.span(node), isinstance(node.op, ast.Or)

    def run(frame: Frame, at: Span = span) -> Any:
        for part in parts:
            value = part(frame)
            if bool(value) is stop:
                return value
        return last(frame)

    return run


@expression(ast.Compare)
def compare(c: Compiler, node: ast.Compare) -> Thunk:
    left, rest, span = c.expression(node.left), c.expressions(node.comparators), c.span(node)
    deeds = [_comparison(c, op, span) for op in node.ops]
    if len(rest) == 1:
        right, deed = rest[0], deeds[0]

        def run_(frame: Frame, at: Span = span) -> Any:
            return deed(left(frame), right(frame))

        return run_
    pairs = tuple(zip(deeds, rest, strict=True))

    def chain(frame: Frame, at: Span = span) -> Any:
        value, result = left(frame), True
        for deed, thunk in pairs:
            other = thunk(frame)
            result = deed(value, other)
            if deed is not pairs[-1][0] and not result:
                return result
            value = other
        return result

    return chain


def _comparison(c: Compiler, op: ast.cmpop, at: Span) -> Callable[[Any, Any], Any]:
    name, apply = COMPARISONS[type(op)]
    if isinstance(op, ast.Is | ast.IsNot):
        return lambda a, b: apply(a, b)
    return metered(c, name, apply, at)


@expression(ast.IfExp)
def conditional(c: Compiler, node: ast.IfExp) -> Thunk:
    test, then, other = c.expression(node.test), c.expression(node.body), c.expression(node.orelse)
    span = c.span(node)

    def run_(frame: Frame, at: Span = span) -> Any:
        return then(frame) if test(frame) else other(frame)

    return run_


@expression(ast.NamedExpr)
def walrus(c: Compiler, node: ast.NamedExpr) -> Thunk:
    value, bind = c.expression(node.value), names.store(c, node.target.id, c.span(node.target))

    def run(frame: Frame) -> Any:
        result = value(frame)
        bind(frame, result)
        return result

    return run


@expression(ast.Subscript)
def subscript(c: Compiler, node: ast.Subscript) -> Thunk:
    value, index, span = c.expression(node.value), c.expression(node.slice), c.span(node)
    deed = metered(c, "getitem", operator.getitem, span, "getitem")
    if c.watched:

        def run_(frame: Frame, at: Span = span) -> Any:
            container, key = value(frame), index(frame)
            try:
                return deed(container, key)
            except TypeError as error:
                again = retold(c.runtime, error, container)
                if again is error:
                    raise
                raise again from None

        return run_
    table = c.runtime.meters.operators["getitem"]

    def run(frame: Frame, at: Span = span) -> Any:
        container = value(frame)
        key = index(frame)
        meter = table[type(container)]
        if meter is not None:
            meter(container, key)
        try:
            return container[key]
        except TypeError as error:
            again = retold(c.runtime, error, container)
            if again is error:
                raise
            raise again from None

    return run


@expression(ast.Slice)
def slice_(c: Compiler, node: ast.Slice) -> Thunk:
    lower, upper, step = c.optional(node.lower), c.optional(node.upper), c.optional(node.step)
    return lambda frame: slice(lower(frame), upper(frame), step(frame))


@expression(ast.Attribute)
def attribute(c: Compiler, node: ast.Attribute) -> Thunk:
    value, name, span = c.expression(node.value), c.mangled(node.attr), c.span(node)
    runtime = c.runtime
    read = runtime.attributes.read

    def run(frame: Frame, at: Span = span) -> Any:
        return read(value(frame), name)

    def watched(frame: Frame, at: Span = span) -> Any:
        owner = value(frame)
        if runtime.world.is_engine(owner):
            return runtime.observe("getattr", name, at, owner, (), {}, lambda: read(owner, name))
        return read(owner, name)

    return watched if c.watched else run


@expression(ast.List)
def list_(c: Compiler, node: ast.List) -> Thunk:
    return display(c, node.elts, c.span(node))


@expression(ast.Tuple)
def tuple_(c: Compiler, node: ast.Tuple) -> Thunk:
    items, span = display(c, node.elts, c.span(node)), c.span(node)

    def run_(frame: Frame, at: Span = span) -> Any:
        return tuple(items(frame))

    return run_


@expression(ast.Set)
def set_(c: Compiler, node: ast.Set) -> Thunk:
    items, span, weigh = display(c, node.elts, c.span(node)), c.span(node), c.runtime.meters.weigh

    def run(frame: Frame, at: Span = span) -> Any:
        values = items(frame)
        weigh(values)
        return set(values)

    return run


def display(c: Compiler, nodes: list[ast.expr], at: Span) -> Thunk:
    """A thunk that makes a new list of the values, starred ones spread out."""
    if not any(isinstance(node, ast.Starred) for node in nodes):
        thunks = tuple(c.expressions(nodes))
        return lambda frame: [thunk(frame) for thunk in thunks]
    parts = [
        (isinstance(node, ast.Starred), c.expression(getattr(node, "value", node)))
        if isinstance(node, ast.Starred)
        else (False, c.expression(node))
        for node in nodes
    ]
    runtime = c.runtime

    def run(frame: Frame, at: Span = at) -> list[Any]:
        values: list[Any] = []
        for starred, thunk in parts:
            if starred:
                spread = thunk(frame)
                if not runtime.iterable(spread):
                    kind = type(spread).__name__
                    raise TypeError(f"Value after * must be an iterable, not {kind}")
                values.extend(runtime.consume(spread))
            else:
                values.append(thunk(frame))
        runtime.budget.items(len(values))
        return values

    return run


@expression(ast.Dict)
def dict_(c: Compiler, node: ast.Dict) -> Thunk:
    pairs = [
        (None if key is None else c.expression(key), c.expression(value))
        for key, value in zip(node.keys, node.values, strict=True)
    ]
    span, runtime = c.span(node), c.runtime

    def run(frame: Frame, at: Span = span) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key, thunk in pairs:
            if key is None:
                result.update(runtime.mapping(thunk(frame)))
            else:
                name = key(frame)
                runtime.meters.weigh_key(name)
                result[name] = thunk(frame)
        runtime.budget.items(len(result))
        return result

    return run
