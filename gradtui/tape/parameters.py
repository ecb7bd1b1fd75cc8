"""What an expression calls the tensors it takes: a tape knows no names of a function's parameters.

operand_names("grad * (x >= 0)")     # ("grad", "")
operand_names("torch.exp(g)")        # ("torch", "g")
"""

import ast
from collections.abc import Iterator

LONGEST = 500  # characters that are read


def operand_names(code: str) -> tuple[str, ...]:
    """The operands of an expression that are no plain numbers, in order; "" for what is no name."""
    if len(code) > LONGEST:
        return ()
    try:
        tree = ast.parse(code.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return ()
    found = (part for part in _operands(tree) if not isinstance(part, ast.Constant))
    return tuple(part.id if isinstance(part, ast.Name) else "" for part in found)


def _operands(tree: ast.expr) -> Iterator[ast.expr]:
    match tree:
        case ast.BinOp(left=left, right=right):
            yield from (left, right)
        case ast.Compare(left=left, comparators=others):
            yield from (left, *others)
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.Subscript(value=value):
            yield value
        case ast.Call(func=ast.Attribute(value=value), args=args):
            yield from (value, *args)
        case ast.Call(args=args):
            yield from args
