"""f-strings, nested specs and conversions included."""

import ast

from gradtui.language.compiler import Compiler, expression
from gradtui.language.formatting import formatted
from gradtui.language.frames import Frame, Thunk
from gradtui.language.source import Span


@expression(ast.FormattedValue)
def formatted_value(c: Compiler, node: ast.FormattedValue) -> Thunk:
    value, span, runtime = c.expression(node.value), c.span(node), c.runtime
    conversion = "" if node.conversion < 0 else chr(node.conversion)
    spec = c.expression(node.format_spec) if node.format_spec else lambda frame: ""

    def run(frame: Frame, at: Span = span) -> str:
        return formatted(runtime, value(frame), conversion, spec(frame))

    return run


@expression(ast.JoinedStr)
def joined(c: Compiler, node: ast.JoinedStr) -> Thunk:
    parts, span, budget = tuple(c.expressions(node.values)), c.span(node), c.runtime.budget

    def run(frame: Frame, at: Span = span) -> str:
        texts = [part(frame) for part in parts]
        budget.text(sum(map(len, texts)))
        return "".join(texts)

    return run
