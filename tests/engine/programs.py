"""Writes random programs that PyTorch can run, one statement after another, by running them on
torch.

`write(choose)` returns the text of a program; `choose(n)` gives a number below n, from a seeded
generator or from hypothesis. Each statement is drawn for the tensors that exist by then, so that
most of them work; those that raise are kept too, and print what they raised.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from typing import Any, ClassVar

import torch

Choose = Callable[[int], int]

GUARD = "try:\n{}\nexcept Exception as error:\n    print(type(error).__name__, error)"

PRELUDE = '''\
def walk(node, seen=None):
    seen = {} if seen is None else seen
    stack = [node]
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
'''


class Writer:
    """A program in the making: its statements, and torch's state after them."""

    def __init__(self, choose: Choose, exact: bool) -> None:
        self.choose, self.exact = choose, exact
        self.lines: list[str] = []
        self.space: dict[str, Any] = {"torch": torch}
        self.count = 0
        exec(PRELUDE, self.space)
        torch.manual_seed(0)

    # -- drawing -----------------------------------------------------------------------------------

    def pick(self, items: Any) -> Any:
        return items[self.choose(len(items))]

    def chance(self, of: int) -> bool:
        return self.choose(of) == 0

    def tensors(self, fits: Callable[[Any], bool] = lambda t: True) -> list[str]:
        return [
            n
            for n, v in self.space.items()
            if n.startswith("v") and isinstance(v, torch.Tensor) and self._holds(fits, v)
        ]

    @staticmethod
    def _holds(fits: Callable[[Any], bool], value: Any) -> bool:
        try:
            return fits(value)
        except RuntimeError:  # a view whose base was changed has no grad_fn any more
            return False

    def some(self, fits: Callable[[Any], bool] = lambda t: True) -> str:
        names = self.tensors(fits) or self.tensors()
        if not names:
            self.creation()
            names = self.tensors()
        return self.pick(names[-6:]) if not self.chance(4) else self.pick(names)

    def floats(self) -> str:
        return self.some(lambda t: t.is_floating_point())

    def number(self) -> str:
        return self.pick(["2", "3", "-1", "0.5", "-2.5", "1", "0", "1.5", "10", "True"])

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    # -- statements --------------------------------------------------------------------------------

    def add(self, text: str) -> None:
        """Appends a statement and runs it on torch."""
        body = "\n".join("    " + line for line in text.splitlines())
        guarded = GUARD.format(body)
        self.lines.append(guarded)
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(guarded, self.space)

    def creation(self) -> None:
        shape = self.pick(
            [
                "()",
                "(3,)",
                "(2, 3)",
                "(3, 2)",
                "(1,)",
                "(1, 3)",
                "(2, 1)",
                "(2, 2, 3)",
                "(4,)",
                "(3, 3)",
                "(0,)",
                "(5, 2)",
            ]
        )
        grad = self.pick(["", ", requires_grad=True", ", requires_grad=True"])
        kind = self.pick(["", "", "", ", dtype=torch.float64"])
        text = self.pick(
            [
                f"torch.randn({shape}{kind}{grad})",
                f"torch.randn({shape}{kind}{grad})",
                f"torch.rand({shape}{kind}{grad})",
                f"torch.ones({shape}{kind}{grad})",
                f"torch.zeros({shape}{kind}{grad})",
                f"torch.full({shape}, {self.pick(['2.5', '-1.0', '3.0'])}{kind}{grad})",
                f"torch.arange({self.pick(['3', '4', '6', '1., 7.', '0, 10, 3'])})",
                f"torch.tensor([1., -2., 3.]{kind}{grad})",
                f"torch.tensor([[1., 2.], [3., -4.]]{kind}{grad})",
                f"torch.tensor({self.pick(['2.', '-1.5', '0.'])}{kind}{grad})",
                "torch.tensor([1, 2, 3])",
                f"torch.randint(0, 5, {shape})",
                "torch.tensor([True, False, True])",
                f"torch.linspace(-1, 1, {self.pick(['3', '4', '5'])})",
                f"torch.eye({self.pick(['2', '3'])}{grad})",
            ]
        )
        self.add(f"{self.fresh()} = {text}")

    UNARY: ClassVar[list[str]] = [
        "neg",
        "abs",
        "sign",
        "floor",
        "ceil",
        "round",
        "relu",
        "clone",
        "square",
        "reciprocal",
        "detach",
        "contiguous",
        "trunc",
        "frac",
        "isnan",
        "logical_not",
    ]
    CURVED: ClassVar[list[str]] = [
        "exp",
        "sqrt",
        "log",
        "sin",
        "cos",
        "tanh",
        "sigmoid",
        "log1p",
        "expm1",
        "rsqrt",
        "erf",
        "atan",
        "softmax(-1)",
        "log_softmax(-1)",
        "std()",
        "var()",
        "logsumexp(-1)",
        "norm()",
        "cumprod(0)",
    ]

    def unary(self) -> None:
        x = self.some()
        if not self.exact and self.chance(2):
            name = self.pick(self.CURVED)
            self.add(f"{self.fresh()} = {x}.{name}" + ("" if name.endswith(")") else "()"))
        else:
            self.add(f"{self.fresh()} = {x}.{self.pick(self.UNARY)}()")

    def like(self, name: str) -> str:
        """A tensor that can be broadcast with the named one."""
        shape = self.space[name].shape

        def fits(t: Any) -> bool:
            try:
                torch.broadcast_shapes(shape, t.shape)
            except RuntimeError:
                return False
            return True

        return self.some(fits)

    def binary(self) -> None:
        x = self.some()
        y = self.number() if self.chance(3) else self.like(x)
        sign = self.pick(
            ["+", "-", "*", "*", "/", "+", "-", "**", "//", "%", ">", "<=", "==", "!="]
        )
        if sign == "**":
            y = self.pick(["2", "3", "-1", "1", "0", "-2", "2.0"])
        if self.chance(5):
            x, y = y, x
        self.add(f"{self.fresh()} = {x} {sign} {y}")

    def several(self) -> None:
        x = self.floats()
        y = self.like(x)
        self.add(
            f"{self.fresh()} = "
            + self.pick(
                [
                    f"torch.where({x} > 0, {x}, {y})",
                    f"torch.maximum({x}, {y})",
                    f"torch.minimum({x}, {y})",
                    f"{x}.clamp({self.pick(['0', '-1, 1', 'min=-0.5', 'max=0.5'])})",
                    f"torch.add({x}, {y}, alpha={self.pick(['2', '0.5', '-1'])})",
                    f"torch.addcmul({x}, {x}, {y})",
                    f"torch.lerp({x}, {y}, 0.5)",
                    f"torch.stack([{x}, {x}])",
                    f"torch.cat([{x}, {y}])",
                    f"torch.cat([{x}, {x}], -1)",
                    f"{x}.masked_fill({x} > 0, {self.number()})",
                    f"Twice.apply({x})",
                    f"torch.zeros_like({x})",
                    f"{x}.expand_as({y})",
                    f"{x}.type_as({y})",
                    f"{x}.{self.pick(['double', 'float', 'long', 'int', 'bool', 'half'])}()",
                    f"{x}.fmod({self.number()})",
                    f"torch.outer({x}, {x})",
                    f"{x}.pow({y})" if not self.exact else f"{x}.mul({y})",
                ]
            )
        )

    def reduction(self) -> None:
        x = self.some()
        ndim = max(self.space[x].ndim, 1)
        dim = self.choose(ndim) - (ndim if self.chance(2) else 0)
        keep = self.pick(["", ", keepdim=True"])
        v = self.fresh()
        self.add(
            self.pick(
                [
                    f"{v} = {x}.sum()",
                    f"{v} = {x}.mean()",
                    f"{v} = {x}.sum({dim}{keep})",
                    f"{v} = {x}.mean({dim}{keep})",
                    f"{v} = {x}.max()",
                    f"{v} = {x}.min()",
                    f"{v}, w = {x}.max({dim}{keep})",
                    f"{v}, w = {x}.min({dim}{keep})",
                    f"{v} = {x}.prod()",
                    f"{v} = {x}.amax({dim}{keep})",
                    f"{v} = {x}.cumsum({dim})",
                    f"{v} = {x}.argmax()",
                    f"{v} = {x}.any()",
                    f"{v} = {x}.sort({dim}).values",
                    f"{v} = {x}.sum({dim}).mean()",
                    f"{v} = {x}.prod({dim}{keep})",
                ]
            )
        )

    def product(self) -> None:
        if self.exact:  # the last bits of a product depend on the processor
            self.several()
            return
        x = self.some(lambda t: t.is_floating_point() and t.ndim > 0)
        a = self.space[x]
        inner = a.shape[-1] if a.ndim else 1
        y = self.some(
            lambda t: (
                t.is_floating_point()
                and t.ndim > 0
                and t.dtype == a.dtype
                and t.shape[max(t.ndim - 2, 0)] == inner
            )
        )
        self.add(
            f"{self.fresh()} = "
            + self.pick(
                [
                    f"{x} @ {y}",
                    f"torch.matmul({x}, {y})",
                    f"{x} @ {x}.t()",
                    f"{x}.t() @ {x}",
                    f"torch.mm({x}, {y})",
                    f"torch.dot({x}, {y})",
                    f"{x} @ {x}.mT",
                ]
            )
        )

    def view_of(self, x: str) -> str:
        t = self.space[x]
        ndim = t.ndim
        d = self.choose(max(ndim, 1))
        e = self.choose(max(ndim, 1))
        order = list(range(ndim))
        if ndim > 1:
            order = order[d:] + order[:d]
        size = t.shape[d] if ndim else 1
        at = self.choose(size + 1) - self.choose(2)
        return self.pick(
            [
                f"{x}.view(-1)",
                f"{x}.reshape(-1)",
                f"{x}.flatten()",
                f"{x}.t()",
                f"{x}.transpose({d}, {e})",
                f"{x}.permute({', '.join(map(str, order))})" if ndim else f"{x}.view(1)",
                f"{x}.unsqueeze({d})",
                f"{x}.squeeze()",
                f"{x}.squeeze({d})",
                f"{x}[{at}]",
                f"{x}[{at}:]",
                f"{x}[..., {at}]",
                f"{x}[::2]",
                f"{x}[None]",
                f"{x}[:, {at}]",
                f"{x}.detach()",
                f"{x}.narrow({d}, 0, 1)",
                f"{x}.select({d}, 0)",
                f"{x}.expand(2, {', '.join(['-1'] * ndim)})" if ndim else f"{x}.expand(3)",
                f"{x}.unbind({d})[0]",
                f"{x}.split(1, {d})[0]",
                f"{x}.chunk(2, {d})[-1]",
                f"{x}.diagonal()",
                f"{x}.view({t.numel()}, 1)",
                f"{x}[...]",
                f"{x}.T",
                f"{x}[:, None]",
                f"{x}.unflatten({d}, (1, -1))" if ndim else f"{x}.view(1, 1)",
                f"{x}.movedim(0, -1)",
                f"{x}.view_as({x})",
                f"{x}.broadcast_to({(2, *t.shape)})",
            ]
        )

    def view(self) -> None:
        x = self.some()
        self.add(f"{self.fresh()} = {self.view_of(x)}")

    def gather(self) -> None:
        x = self.some()
        self.add(
            f"{self.fresh()} = "
            + self.pick(
                [
                    f"{x}[[0, 0]]",
                    f"{x}[{x} > 0]",
                    f"{x}[torch.tensor([0, 1])]",
                    f"{x}[:, [0]]",
                    f"{x}.index_select(0, torch.tensor([0, 0]))",
                    f"{x}.gather(0, torch.zeros_like({x}).long())",
                    f"{x}.flip(0)",
                    f"{x}.roll(1, 0)",
                    f"{x}.tril()",
                    f"{x}.repeat(2, 1)",
                    f"{x}.triu(1)",
                    f"torch.diag({x})",
                    f"{x}[-1, None]",
                    f"{x}[torch.tensor([[0, 0], [0, 0]])]",
                ]
            )
        )

    def change(self) -> None:
        x = self.some()
        y = self.number() if self.chance(2) else self.like(x)
        at = self.pick(["0", "-1", ":1", "...", "0:2", "[0]", "::2", f"{x} > 0"])
        text = self.pick(
            [
                f"{x} += {y}",
                f"{x} -= {y}",
                f"{x} *= {y}",
                f"{x} /= {y}",
                f"{x}.add_({y})",
                f"{x}.mul_({y})",
                f"{x}.sub_({y})",
                f"{x}.zero_()",
                f"{x}.fill_({self.number()})",
                f"{x}.copy_({y})",
                f"{x}[{at}] = {y}",
                f"{x}[{at}] = {self.number()}",
                f"{x}[{at}] += {y}",
                f"{x}[{at}] *= {self.number()}",
                f"{x}.clamp_(-1, 1)",
                f"{x}.neg_()",
                f"{x}.relu_()",
                f"{x}.abs_()",
                f"{x}.masked_fill_({x} > 0, 0)",
                f"{x}.t_()",
                f"{x}.unsqueeze_(0)",
                f"{x}.squeeze_()",
                f"{x}.detach_()",
                f"{x}.requires_grad_()",
                f"{x}.data.mul_(2)",
                f"{x}.pow_(2)",
                f"{x}.div_({y})",
                f"{self.view_of(x)}.mul_(2)",
                f"{self.view_of(x)}.add_({y})",
            ]
        )
        if self.chance(4):
            text = f"with torch.no_grad():\n    {text}"
        self.add(text)

    def backward(self) -> None:
        x = self.some(lambda t: t.requires_grad and not t.is_leaf)
        keep = self.pick(["", "retain_graph=True", "", "create_graph=True"])
        root = f"{x}.sum()" if self.space[x].numel() != 1 or self.chance(4) else x
        root = f"watched({root})" if self.chance(2) else root
        leaf = self.some(lambda t: t.requires_grad)
        v = self.fresh()
        self.add(
            self.pick(
                [
                    f"{root}.backward({keep})",
                    f"{root}.backward({keep})",
                    f"{root}.backward({keep})",
                    f"{x}.backward(torch.ones_like({x}){', ' + keep if keep else ''})",
                    f"{v} = torch.autograd.grad({root}, {leaf}{', ' + keep if keep else ''})[0].clone()",
                    f"{v}, = torch.autograd.grad({root}, {leaf}, allow_unused=True, create_graph=True)",
                    f"{root}.backward(inputs=[{leaf}])",
                    f"{v} = {x}.grad_fn(torch.ones_like({x}))",
                ]
            )
        )

    def hook(self) -> None:
        x = self.some(lambda t: t.requires_grad)
        self.add(
            self.pick(
                [
                    f"{x}.grad_fn; {x}.register_hook(lambda g: print('hook', g))",
                    f"{x}.grad_fn; {x}.register_hook(lambda g: g * 2)",
                    f"{x}.retain_grad()",
                    f"{x}.register_post_accumulate_grad_hook(lambda p: print('post', p.grad))",
                    f"{x}.grad_fn.register_prehook(lambda gs: print('pre', gs))",
                ]
            )
        )

    def show(self) -> None:
        x = self.some()
        self.add(
            self.pick(
                [
                    f"print({x})",
                    f"print({x}.grad)",
                    f"print({x}.grad_fn, {x}.is_leaf)".replace(
                        f"{x}.grad_fn", f"{x}.grad_fn and {x}.grad_fn.name()"
                    ),
                    f"print({x}.shape, {x}.stride())",
                    f"print({x}.is_contiguous(), {x}._version, {x}.dtype)",
                    f"print({x}.tolist())",
                    f"print({x}.item())",
                    f"{x}.grad = None",
                    f"{x}.grad.zero_()",
                    f"print(bool({x}))",
                    f"print(len({x}))",
                    f"print([n for n, _ in enumerate({x})])",
                    f"print(f'{{{x}:.3f}}')",
                    f"print({x}.requires_grad, {x}.storage_offset())",
                ]
            )
        )

    def flow(self) -> None:
        x = self.floats()
        y = self.like(x)
        v = self.fresh()
        self.add(
            self.pick(
                [
                    f"{v} = {x}\nfor i in range(3):\n    {v} = {v} * {y} + i",
                    f"{v} = {x} * 2 if {x}.sum() > 0 else {x} - 1",
                    f"with torch.no_grad():\n    {v} = {x} * {y}",
                    f"with torch.no_grad():\n    {v} = {self.view_of(x)}",
                    f"with torch.set_grad_enabled({self.pick(['True', 'False'])}):\n    {v} = {x} + {y}",
                    f"{v} = 0\nfor row in {x}:\n    {v} = {v} + row",
                    f"def f(a):\n    return a * a\n{v} = f(f({x}))",
                    f"{v} = sum([{x}, {y}, {x}])",
                    f"with torch.inference_mode():\n    {v} = {x} * 2"
                    if self.chance(3)
                    else f"{v} = {x}.clone()",
                ]
            )
        )

    KINDS = (
        "creation",
        "unary",
        "unary",
        "binary",
        "binary",
        "binary",
        "several",
        "reduction",
        "product",
        "view",
        "view",
        "gather",
        "change",
        "change",
        "backward",
        "backward",
        "hook",
        "show",
        "flow",
    )

    def program(self, length: int) -> str:
        for _ in range(2):
            self.creation()
        for _ in range(length):
            getattr(self, self.pick(self.KINDS))()
        return PRELUDE + "\n".join(self.lines) + "\n"


def write(choose: Choose, exact: bool = True, length: int = 14) -> str:
    """A program of about `length` statements; `exact` ones use only operations with torch's very
    bits.
    """
    return Writer(choose, exact).program(length)
