"""Writes random programs that PyTorch can run, one statement after another, by running them on
torch.

`write(choose)` returns the text of a program, which goes on after `PRELUDE`; `choose(n)` gives a
number below n, from a seeded generator or from hypothesis. Each statement is a template of
`program_lines`, filled in for the tensors that exist by then, so that most statements work; those
that raise are kept too, and print what they raised.

>>> import random
>>> program = write(random.Random(7).randrange)
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Callable
from typing import Any

import torch
from parity import compiled, restored
from program_lines import CREATION, INDICES, NUMBERS, SHAPES, TABLES, VIEWS
from program_scripts import CHOICES

Choose = Callable[[int], int]
Fits = Callable[[Any], bool]

SOURCE = "torch.randn(3)"
LEAF = "torch.randn(2, 3, requires_grad=True)"
GUARD = "try:\n{}\nexcept Exception as error:\n    print(type(error).__name__, error)"

INTERNAL = ("Exception raised from", "setStorage", "INTERNAL ASSERT")
"""What errors say that come from within torch's own code: nothing a program could rely on."""

PRELUDE = '''\
F = torch.nn.functional

def walk(node):
    seen, stack = {}, [node]
    while stack:
        here = stack.pop()
        if here is not None and id(here) not in seen:
            seen[id(here)] = here
            stack.extend(n for n, _ in reversed(here.next_functions))
    return list(seen.values())

def watched(root):
    """Prints every node of a backward pass as it runs."""
    for number, node in enumerate(walk(root.grad_fn)):
        node.register_hook(lambda i, o, n=node.name(), k=number: print("ran", k, n))
    return root

class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 2 + x * 0

class Product(torch.autograd.Function):
    @staticmethod
    def forward(x, y):
        return x * y

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx, grad):
        x, y, out = ctx.saved_tensors
        print("product", ctx.needs_input_grad, out.shape)
        return grad * y, grad * x if ctx.needs_input_grad[1] else None

class Parts(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.scale = scale
        ctx.set_materialize_grads(False)
        signs = x.sign()
        ctx.mark_non_differentiable(signs)
        return x * scale, signs, x + 1

    @staticmethod
    def backward(ctx, grad, _, other):
        print("parts", grad is None, other is None)
        grad = 0 if grad is None else grad * ctx.scale
        return grad if other is None else grad + other, None

class Stretch(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(3)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        return grad * 3

class Same(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, grad):
        return -grad
'''


class Writer:
    """A program in the making: its statements, and torch's state after them."""

    def __init__(self, choose: Choose, kind: str) -> None:
        self.choose, self.kind = choose, kind
        self.lines: list[str] = []
        self.space: dict[str, Any] = {"torch": torch}
        self.count = 0
        exec(compiled(PRELUDE), self.space)
        torch.manual_seed(0)

    # -- drawing -----------------------------------------------------------------------------------

    def pick(self, items: Any) -> Any:
        return items[self.choose(len(items))]

    def chance(self, of: int) -> bool:
        return self.choose(of) == 0

    def tensors(self, fits: Fits = lambda t: True) -> list[str]:
        return [
            n
            for n, v in self.space.items()
            if n[0] == "v" and isinstance(v, torch.Tensor) and self._holds(fits, v)
        ]

    @staticmethod
    def _holds(fits: Fits, value: Any) -> bool:
        try:
            return fits(value)
        except RuntimeError:  # a view whose base was changed has no grad_fn any more
            return False

    def some(self, fits: Fits = lambda t: True, otherwise: str = "") -> str:
        """The name of a tensor that fits; where there is none, one made by `otherwise`, mostly."""
        names = self.tensors(fits)
        if not names and otherwise and (otherwise == SOURCE or not self.chance(6)):
            self.count += 1
            self.add(f"v{self.count} = {otherwise}")
            return f"v{self.count}"
        names = names or self.tensors()
        if not names:
            return self.some(fits, SOURCE)
        return self.pick(names[-6:]) if not self.chance(4) else self.pick(names)

    def object(self, kind: str, otherwise: str) -> str:
        """The name of a module or optimizer made before, or an expression that makes one."""
        names = [n for n in self.space if n.startswith(kind) and n[len(kind) :].isdigit()]
        return self.pick(names) if names else otherwise

    # -- statements --------------------------------------------------------------------------------

    def add(self, text: str) -> None:
        """Appends a statement and runs it on torch."""
        body = "\n".join("    " + line for line in text.splitlines())
        guarded = GUARD.format(body)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(guarded, self.space)
        if not any(inner in printed.getvalue() for inner in INTERNAL):
            self.lines.append(guarded)

    def creation(self) -> None:
        self.add(Fill(self)(self.pick(CREATION)))

    def statement(self) -> None:
        kind, lines = self.pick(TABLES[self.kind])
        text = Fill(self)(self.pick(lines))
        if self.chance(24) and kind in ("unary", "binary", "view", "change"):
            mode = self.pick(["no_grad()", "enable_grad()", "inference_mode()"])
            text = f"with torch.{mode}:\n" + "\n".join("    " + line for line in text.splitlines())
        self.add(text)

    def program(self, length: int) -> str:
        with restored(torch):
            for _ in range(2):
                self.creation()
            for _ in range(length):
                self.statement()
        return "\n".join(self.lines) + "\n"


class Fill:
    """Fills the places `<…>` of a template; a place named twice gets the same text twice."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.done: dict[str, str] = {}
        self.subject = ""  # the first tensor named, which the others are made to fit

    def __call__(self, template: str) -> str:
        return re.sub(r"<(\w+)>", lambda found: self.place(found[1]), template)

    def place(self, name: str) -> str:
        if name not in self.done:
            kind = name.rstrip("0123456789")
            choices = CHOICES.get(kind)
            self.done[name] = self(self.pick(choices)) if choices else getattr(self, "_" + kind)()
            if kind in TENSORS and not self.subject:
                self.subject = self.done[name]
        return self.done[name]

    @property
    def tensor(self) -> Any:
        if not self.subject:
            self.place("x")
        return self.writer.space[self.subject]

    def pick(self, items: Any) -> Any:
        return self.writer.pick(items)

    # -- tensors ----------------------------------------------------------------------------------

    def _x(self) -> str:
        return self.writer.some()

    def _f(self) -> str:
        return self.writer.some(lambda t: t.is_floating_point(), LEAF)

    def _i(self) -> str:
        return self.writer.some(lambda t: not t.is_floating_point(), "torch.arange(3)")

    def _m(self) -> str:
        return self.writer.some(lambda t: t.is_floating_point() and t.ndim == 2, LEAF)

    def _r(self) -> str:
        return self.writer.some(lambda t: t.requires_grad, LEAF)

    def _n(self) -> str:
        return self.writer.some(lambda t: t.requires_grad and not t.is_leaf, LEAF + " * 2")

    def _l(self) -> str:
        return self.writer.some(lambda t: t.requires_grad and t.is_leaf, LEAF)

    def _o(self) -> str:
        return self.writer.some(lambda t: t.numel() == 1, "torch.tensor(2.5)")

    def _w(self) -> str:
        return self.writer.some(
            lambda t: t.is_floating_point() and not t.requires_grad, "torch.ones(2, 3)"
        )

    def _e(self) -> str:
        """Floats without history, none of them empty: what `torch.func` and its kind take."""
        return self.writer.some(
            lambda t: (
                t.is_floating_point() and t.numel() and not t.requires_grad and not t.is_inference()
            ),
            SOURCE,
        )

    def _y(self) -> str:
        """A tensor that can be broadcast with the subject, or now and then one that may not."""
        shape = self.tensor.shape

        def fits(t: Any) -> bool:
            torch.broadcast_shapes(shape, t.shape)
            return True

        return self.writer.some() if self.writer.chance(16) else self.writer.some(fits)

    def _z(self) -> str:
        """A tensor of the subject's shape and dtype."""
        like = self.tensor
        return self.writer.some(lambda t: (t.shape, t.dtype) == (like.shape, like.dtype))

    def _q(self) -> str:
        """A tensor the subject can be multiplied by as a matrix."""
        a = self.tensor
        inner = a.shape[-1] if a.ndim else 1
        return self.writer.some(
            lambda t: t.ndim and t.dtype == a.dtype and t.shape[max(t.ndim - 2, 0)] == inner
        )

    def _u(self) -> str:
        """What an operator takes beside the subject: a number or a tensor."""
        return self._num() if self.writer.chance(3) else self._y()

    # -- numbers, shapes, places ------------------------------------------------------------------

    def _v(self) -> str:
        self.writer.count += 1
        return f"v{self.writer.count}"

    def _num(self) -> str:
        return str(self.pick(NUMBERS))

    def _int(self) -> str:
        return str(self.pick(["0", "1", "2", "3", "-1", "-2"]))

    def _dim(self) -> str:
        n = max(self.tensor.ndim, 1)
        if self.writer.chance(24):
            return str(n)
        return str(self.writer.choose(2 * n) - n)

    def _dims(self) -> str:
        n = self.tensor.ndim
        return self.pick(["()", "(0,)", "(0, -1)", f"{tuple(range(n))}", "[-1]", "None", "0"])

    def _order(self) -> str:
        order = list(range(self.tensor.ndim))
        first = self.writer.choose(max(len(order), 1))
        return str(tuple(order[first:] + order[:first]))

    def _at(self) -> str:
        size = self.tensor.shape[0] if self.tensor.ndim else 1
        return str(self.writer.choose(2 * size + 1) - size)

    def _numel(self) -> str:
        return str(self.tensor.numel())

    def _shape(self) -> str:
        return str(self.pick(SHAPES))

    def _wide(self) -> str:
        """A shape the subject can be expanded to."""
        return str((2, *(3 if n == 1 else n for n in self.tensor.shape)))

    def _divided(self) -> str:
        """Another shape with as many elements."""
        count = self.tensor.numel()
        rows = self.pick([n for n in (1, 2, 3, -1) if n < 0 or count % n == 0])
        return f"({rows}, {-1 if rows > 0 else max(count, 1)})"

    def _index(self) -> str:
        """What stands between brackets: one item, or several."""
        if self.writer.chance(2) or not self.tensor.ndim:
            return self(self.pick(INDICES))
        count = 1 + self.writer.choose(self.tensor.ndim)
        return ", ".join(self._item() for _ in range(count))

    def _item(self) -> str:
        items = ["0", "-1", ":", "1:", ":-1", "::2", "...", "None", "[0, 0]", "[0]", "1"]
        return str(self.pick(items))

    def _view(self) -> str:
        """An expression for a view of the subject."""
        assert self.tensor is not None
        return self(self.pick(VIEWS).replace("<x>", self.subject))

    # -- options -----------------------------------------------------------------------------------

    def _grad(self) -> str:
        return str(self.pick(["", ", requires_grad=True", ", requires_grad=True"]))

    def _kind(self) -> str:
        return str(self.pick(["", "", "", ", dtype=torch.float64"]))

    def _ints(self) -> str:
        return str(self.pick(["", "", ", dtype=torch.int32", ", dtype=torch.uint8"]))

    def _dtype(self) -> str:
        names = ["float32", "float64", "int64", "int32", "bool", "float16", "uint8", "int8"]
        return "torch." + str(self.pick(names))

    def _keep(self) -> str:
        return str(self.pick(["", ", keepdim=True"]))

    def _bool(self) -> str:
        return str(self.pick(["True", "False"]))

    def _pass(self) -> str:
        """How a backward pass treats its graph."""
        return str(self.pick(["", "", "retain_graph=True", "create_graph=True"]))

    def _root(self) -> str:
        """A scalar made of the subject, watched or not."""
        x = self.place("n")
        self.subject = self.subject or x
        sums = [f"{x}.sum()", f"({x} * {x}).sum()", f"{x}.mean()"]
        root = (
            x
            if self.writer.space[x].numel() == 1 and not self.writer.chance(4)
            else self.pick(sums)
        )
        return f"watched({root})" if self.writer.chance(2) else str(root)

    def _reduction(self) -> str:
        return str(self.pick(["'mean'", "'sum'", "'none'"]))

    def _module(self) -> str:
        return self.writer.object("net", "torch.nn.Linear(3, 2)")

    def _optimizer(self) -> str:
        return self.writer.object("opt", f"torch.optim.SGD([{self.place('l')}], lr=0.5)")


TENSORS = frozenset("xfimrnlowe")


def write(choose: Choose, kind: str = "exact", length: int = 14) -> str:
    """A program of about `length` statements. Its kind is `exact`, for operations with torch's very
    bits; `close`, for all of them; or `learners`, for whole pieces as learners write them too.
    """
    return Writer(choose, kind).program(length)
