"""Calls: arguments in Python's order, the price paid first, the observer told."""

import ast
from collections.abc import Callable
from typing import Any

from gradtui.language import names
from gradtui.language.compiler import Compiler, expression
from gradtui.language.frames import Frame, Thunk
from gradtui.language.kinds import retold
from gradtui.language.source import Span
from gradtui.language.world import ModuleView


@expression(ast.Call)
def call(c: Compiler, node: ast.Call) -> Thunk:
    if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
        return zero_argument_super(c, node)
    if isinstance(node.func, ast.Attribute):
        return method_call(c, node, node.func)
    return function_call(c, node)


def zero_argument_super(c: Compiler, node: ast.Call) -> Thunk:
    span = c.span(node)
    if c.scope.place("__class__").kind != "cell" or not c.scope.parameters:

        def outside(frame: Frame, at: Span = span) -> Any:
            lack = "__class__ cell not found" if c.scope.parameters else "no arguments"
            raise RuntimeError(f"super(): {lack}")

        return outside
    home = names.load(c, "__class__", span)
    subject = names.load(c, c.scope.parameters[0], span)

    def run(frame: Frame, at: Span = span) -> Any:
        return super(home(frame), subject(frame))

    return run


def is_plain(node: ast.Call) -> bool:
    """Whether a call has positional arguments only, none of them starred."""
    return not node.keywords and not any(isinstance(a, ast.Starred) for a in node.args)


def arguments(c: Compiler, node: ast.Call) -> Callable[[Frame], tuple[list[Any], dict[str, Any]]]:
    """A function that evaluates all arguments of a call, from left to right."""
    spread = _positional(c, node)
    keywords = [(k.arg, c.expression(k.value)) for k in node.keywords]
    what = _called(node) if any(k.arg is None for k in node.keywords) else ""
    runtime = c.runtime

    def evaluate(frame: Frame) -> tuple[list[Any], dict[str, Any]]:
        args = spread(frame)
        kwargs: dict[str, Any] = {}
        for name, thunk in keywords:
            if name is not None:
                _add(kwargs, name, thunk(frame), what)
            else:
                for key, value in _spread_mapping(runtime, thunk(frame), what).items():
                    _add(kwargs, key, value, what)
        return args, kwargs

    return evaluate


def _add(kwargs: dict[str, Any], name: Any, value: Any, what: str) -> None:
    if type(name) is not str:
        raise TypeError("keywords must be strings")
    if name in kwargs:
        raise TypeError(f"__main__.{what}() got multiple values for keyword argument '{name}'")
    kwargs[name] = value


def _spread_mapping(runtime: Any, value: Any, what: str) -> Any:
    if not hasattr(type(value), "keys"):
        kind = type(value).__name__
        raise TypeError(f"__main__.{what}() argument after ** must be a mapping, not {kind}")
    return runtime.mapping(value)


def _called(node: ast.Call) -> str:
    """What an error about the arguments calls the function."""
    named = isinstance(node.func, ast.Name | ast.Attribute)
    return ast.unparse(node.func) if named else "function"


def _positional(c: Compiler, node: ast.Call) -> Callable[[Frame], list[Any]]:
    parts = [
        (True, c.expression(a.value)) if isinstance(a, ast.Starred) else (False, c.expression(a))
        for a in node.args
    ]
    if not any(starred for starred, _ in parts):
        thunks = [thunk for _, thunk in parts]
        return lambda frame: [thunk(frame) for thunk in thunks]
    runtime, what = c.runtime, _called(node)

    def evaluate(frame: Frame) -> list[Any]:
        values: list[Any] = []
        for starred, thunk in parts:
            value = thunk(frame)
            if not starred:
                values.append(value)
            elif runtime.iterable(value):
                values.extend(runtime.consume(value))
            else:
                kind = type(value).__name__
                raise TypeError(
                    f"__main__.{what}() argument after * must be an iterable, not {kind}"
                )
        return values

    return evaluate


def function_call(c: Compiler, node: ast.Call) -> Thunk:
    span, runtime, fn = c.span(node), c.runtime, c.expression(node.func)
    if c.watched:
        return _watched_function_call(c, node, fn)
    guards, module_cost = runtime.guards, runtime.call_costs
    if is_plain(node):
        thunks = tuple(c.expressions(node.args))

        def plain(frame: Frame, at: Span = span) -> Any:
            callee = fn(frame)
            values = [thunk(frame) for thunk in thunks]
            guard = guards.get(id(callee))
            if guard is not None:
                return guard(*values)
            charge = module_cost[type(callee)]
            if charge is not None:
                charge(callee, *values)
            try:
                return callee(*values)
            except TypeError as error:
                if callable(callee):
                    raise
                raise retold(runtime, error, callee) from None

        return plain
    evaluate = arguments(c, node)

    def run(frame: Frame, at: Span = span) -> Any:
        callee = fn(frame)
        args, kwargs = evaluate(frame)
        guard = guards.get(id(callee))
        if guard is not None:
            return guard(*args, **kwargs)
        charge = module_cost[type(callee)]
        if charge is not None:
            charge(callee, *args, **kwargs)
        return callee(*args, **kwargs)

    return run


def _watched_function_call(c: Compiler, node: ast.Call, fn: Thunk) -> Thunk:
    span, evaluate, invoke = c.span(node), arguments(c, node), c.runtime.invoke
    printing = isinstance(node.func, ast.Name) and node.func.id == "print"
    runtime = c.runtime

    def run(frame: Frame, at: Span = span) -> Any:
        callee = fn(frame)
        args, kwargs = evaluate(frame)
        if printing and runtime.is_print(callee):
            return runtime.print_from(span, args, kwargs)
        return invoke(callee, args, kwargs, span)

    return run


def method_call(c: Compiler, node: ast.Call, func: ast.Attribute) -> Thunk:
    span, runtime = c.span(node), c.runtime
    owner_of, name = c.expression(func.value), c.mangled(func.attr)
    evaluate = arguments(c, node)
    table, read, guards = runtime.methods.table, runtime.attributes.read, runtime.guards
    if c.watched:
        return _watched_method_call(c, node, func)
    if is_plain(node):
        return _plain_method_call(c, node, func)

    def run(frame: Frame, at: Span = span) -> Any:
        owner = owner_of(frame)
        handlers = table[type(owner)]
        handler = handlers.get(name) if handlers is not None else None
        callee = read(owner, name) if handler is None else None
        args, kwargs = evaluate(frame)
        if handler is not None:
            return handler(owner, tuple(args), kwargs)
        guard = guards.get(id(callee))
        return (
            runtime.charged_call(callee, args, kwargs) if guard is None else guard(*args, **kwargs)
        )

    return run


def _plain_method_call(c: Compiler, node: ast.Call, func: ast.Attribute) -> Thunk:
    span, runtime = c.span(node), c.runtime
    owner_of, name = c.expression(func.value), c.mangled(func.attr)
    thunks = tuple(c.expressions(node.args))
    table, read, guards = runtime.methods.table, runtime.attributes.read, runtime.guards

    def run(frame: Frame, at: Span = span) -> Any:
        owner = owner_of(frame)
        handlers = table[type(owner)]
        if handlers is not None:
            handler = handlers.get(name)
            if handler is not None:
                return handler(owner, tuple([thunk(frame) for thunk in thunks]), {})
        callee = read(owner, name)
        values = [thunk(frame) for thunk in thunks]
        guard = guards.get(id(callee))
        return runtime.charged_call(callee, values, {}) if guard is None else guard(*values)

    return run


def _watched_method_call(c: Compiler, node: ast.Call, func: ast.Attribute) -> Thunk:
    span, runtime = c.span(node), c.runtime
    owner_of, name = c.expression(func.value), c.mangled(func.attr)
    evaluate, table, read = arguments(c, node), runtime.methods.table, runtime.attributes.read
    is_engine = runtime.world.is_engine

    def run(frame: Frame, at: Span = span) -> Any:
        owner = owner_of(frame)
        handlers = table[type(owner)]
        handler = handlers.get(name) if handlers is not None else None
        callee = read(owner, name) if handler is None else None
        args, kwargs = evaluate(frame)
        if type(owner) is ModuleView or (is_engine(callee) and not isinstance(callee, type)):
            return runtime.invoke(callee, args, kwargs, span)

        def deed() -> Any:
            if handler is not None:
                return handler(owner, tuple(args), kwargs)
            return runtime.charged_call(runtime.safe(callee), args, kwargs)

        if is_engine(owner) and not runtime.is_lesson_function(callee):
            return runtime.observe("call", name, span, owner, args, kwargs, deed)
        return deed()

    return run
