"""What is outside the language is refused by name, with its place, all at once, before running."""

import pytest
import torch

from gradtui.language.checker import LONGEST, check
from gradtui.language.errors import Refused
from gradtui.language.interpreter import Interpreter
from gradtui.language.source import Source
from gradtui.language.world import World

WORLD = World.over(torch)

# code, line, column (from 0), part of the message
REFUSALS = [
    ("async def f(): pass", 1, 0, "async def is not in the lesson language; write def"),
    ("x = 1\nimport os", 2, 7, "the module os is not in the lesson language"),
    ("from os import path", 1, 0, "the module os is not in the lesson language"),
    ("from . import x", 1, 0, "the module . is not in the lesson language"),
    ("import torch.nm", 1, 7, "did you mean torch.nn?"),
    ("from torch import randnn", 1, 18, "did you mean torch.randn?"),
    ("from torch import *", 1, 18, "import * is not in the lesson language"),
    ("import torch\ny = 1 + torch.foo", 2, 8, "torch.foo is not in the lesson language"),
    ("import torch\ntorch.zeross(1)", 2, 0, "did you mean torch.zeros?"),
    ("import torch\ntorch.nn.functional.relv(1)", 2, 0, "torch.nn.functional.relu?"),
    ("import torch.nn.functional as F\nF.rel(1)", 2, 0, "torch.nn.functional.relu?"),
    ("from torch import nn\nnn.Linar(1, 1)", 2, 0, "torch.nn.Linear?"),
    ("import torch\né = 'é'; torch.foo", 2, 9, "torch.foo"),
    ("import math\nmath.sqr(2)", 2, 0, "did you mean math.sqrt?"),
    ("import scipy as sp", 1, 7, "use torch: torch.linalg"),
    ("from matplotlib import pyplot as plt", 1, 0, "print the numbers"),
    ("import torch\ntorch.from_file('f')", 2, 0, "from_file"),
    ("import os.path", 1, 7, "files and the environment cannot be reached"),
    ("class A(**{}): pass", 1, 8, "** in a class statement"),
    ("open('x')", 1, 0, "open is not in the lesson language"),
    ("x = eval('1')", 1, 4, "eval is not in the lesson language"),
    ("x.__globals__", 1, 0, "the attribute __globals__ is not in the lesson language"),
    ("class A:\n    def __del__(self): pass", 2, 4, "A.__del__ cannot be defined"),
    ("class A(metaclass=B): pass", 1, 8, "a metaclass other than ABCMeta"),
    ("b'abc'", 1, 0, "bytes are not in the lesson language"),
    ("def f():\n    x = (yield 1) + 1", 2, 9, "yield within an expression"),
    ("def f():\n    return [(yield x) for x in y]", 2, 13, "yield in a comprehension"),
    ("lambda: (yield)", 1, 9, "yield in a lambda"),
    ("[x async for x in y]", 1, 0, "async for is not in the lesson language"),
    ("try: pass\nexcept* ValueError: pass", 1, 0, "except* is not in the lesson language"),
    ("x = 0x" + "f" * 30_000, 1, 4, "this number is too long"),
    ("f(", 1, 1, "SyntaxError: '(' was never closed"),
    ("x = 1 +", 1, 7, "SyntaxError: invalid syntax"),
    ("  x = 1", 1, None, "IndentationError: unexpected indent"),
    ("if 1:\nx", 2, 0, "IndentationError: expected an indented block"),
    ("if 1:\n\tx\n        y", 3, None, "TabError"),
    ("x = 'a\n", 1, 4, "SyntaxError: unterminated string literal"),
    ("x = 1\ny\0z", 2, 1, "null bytes"),
    ("x = '\ud800'", 1, 5, "not a character"),
    ("x" * (LONGEST + 1), 1, 0, "the code is longer than"),
    ("-" * 100_000 + "1", 1, 0, "nested too deeply"),
    ("1" + " + 1" * 5_000, 1, None, "nested too deeply"),
    ("(" * 500 + ")" * 500, 1, None, "too many nested parentheses"),
    ("[" * 100 + "]" * 100, 1, None, "nested too deeply"),
    ("a" + ".a" * 20_000, 1, None, "nested too deeply"),
    ("\n".join(" " * i + "if 1:" for i in range(150)), 101, None, "too many levels"),
    ("9" * 5_000, 1, None, "Exceeds the limit (4300 digits)"),
    ("return 1", 1, 0, "'return' outside function"),
    ("yield 1", 1, 0, "'yield' outside function"),
    ("class A:\n    return 1", 2, 4, "'return' outside function"),
    ("break", 1, 0, "'break' outside loop"),
    ("if 1: continue", 1, 6, "'continue' not properly in loop"),
    ("for i in x:\n    def f(): break", 2, 13, "'break' outside loop"),
    ("for i in x: pass\nelse: break", 2, 6, "'break' outside loop"),
    ("def f(a, a): pass", 1, 0, "duplicate argument 'a' in function definition"),
    ("nonlocal x", 1, 0, "nonlocal declaration not allowed at module level"),
    ("def f(): nonlocal x", 1, 9, "no binding for nonlocal 'x' found"),
    ("def f(a): global a", 1, 10, "name 'a' is parameter and global"),
    ("*a, *b = 1", 1, 0, "multiple starred expressions in assignment"),
    ("*a = 1", 1, 0, "starred assignment target must be in a list or tuple"),
    ("try: pass\nexcept: pass\nexcept E: pass", 2, 0, "default 'except:' must be last"),
    ("f() = 1", 1, 0, "cannot assign to function call"),
    ("def f(x=1, y): pass", 1, None, "non-default argument follows default argument"),
    ("__builtins__ = 1", 1, 0, "__builtins__ is not in the lesson language"),
]


@pytest.mark.parametrize(("code", "line", "column", "message"), REFUSALS)
def test_refused(code: str, line: int, column: int | None, message: str) -> None:
    first, *_ = check(Source("lesson", code), WORLD)
    assert message in first.message
    assert first.line == line
    if column is not None:
        assert first.column == column


ACCEPTED = [
    "",
    "# only a comment",
    "x = 1\r\ny = 2\r\n",
    "open = 3\nprint(open)",
    "def f(torch): return torch.anything",
    "import torch\ntorch = 3\ntorch.anything",
    "x.anything_at_all",
    "undefined_name",
    "import torch, math\nfrom torch import nn as n, Tensor\nimport torch.optim as o",
    "from typing import List, Optional\nfrom collections import OrderedDict",
    "from __future__ import annotations",
    "def f():\n    while True:\n        x = yield\n        yield x\n        return (yield)",
    "x: int = 3\nassert x, 'no'\nglobal_ = [i for i in range(3) if i]",
    "for i in []:\n    break\nelse:\n    pass\nwhile 0: continue",
]


@pytest.mark.parametrize("code", ACCEPTED)
def test_accepted(code: str) -> None:
    assert check(Source("lesson", code), WORLD) == ()


def test_all_complaints_come_at_once_and_nothing_runs() -> None:
    printed: list[str] = []
    code = "print('ran')\nimport os\nb'x'\nimport torch\ntorch.foo\nopen('x')"
    with pytest.raises(Refused) as refused:
        Interpreter(WORLD, output=printed.append).run(Source("my.py", code))
    assert [c.line for c in refused.value.complaints] == [2, 3, 5, 6]
    assert refused.value.lines()[0].startswith("my.py:2:8: the module os is not")
    assert printed == []


def test_a_name_the_engine_lacks_is_not_in_its_world() -> None:
    small = World.over(torch, {"torch": "ones Tensor", "math": "pi"})
    (complaint,) = check(Source("x", "import torch\ntorch.zeros(1)"), small)
    assert complaint.message == "torch.zeros is not in the lesson language"
