"""`torch.func`, `torch.autograd.functional`, `gradcheck` and anomaly mode against torch."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from twins import agree, outcome

import gradtui.engine as engine


def f(x: Any) -> Any:
    return (x**3).sum()


def g(x: Any, y: Any) -> Any:
    return (x * y.sin()).sum() + (y**2).prod()


def h(x: Any) -> Any:
    return x.exp() * x.sum()


def captured(torch: Any, x: Any, w: Any) -> Any:
    return torch.func.grad(lambda z: (z * z * w).sum())(x)


FUNC = {
    "grad": lambda t, x, y: t.func.grad(f)(x),
    "grad twice": lambda t, x, y: t.func.grad(lambda z: t.func.grad(f)(z).sum())(x),
    "grad thrice": lambda t, x, y: t.func.grad(t.func.grad(t.func.grad(lambda z: z**4)))(x[0]),
    "argnums": lambda t, x, y: t.func.grad(g, argnums=(0, 1))(x, y),
    "argnum 1": lambda t, x, y: t.func.grad(g, argnums=-1)(x, y),
    "aux": lambda t, x, y: t.func.grad(lambda z: (f(z), z + 1), has_aux=True)(x),
    "value": lambda t, x, y: t.func.grad_and_value(f)(x),
    "value aux": lambda t, x, y: t.func.grad_and_value(lambda z: (f(z), z * 2), has_aux=True)(x),
    "tree": lambda t, x, y: t.func.grad(lambda p: g(p["a"], p["b"][0]))({"a": x, "b": [y]}),
    "captured": lambda t, x, y: captured(t, x, y.requires_grad_()),
    "follows": lambda t, x, y: t.func.grad(f)(x.requires_grad_()),
    "no grad": lambda t, x, y: t.no_grad()(t.func.grad(f))(x),
    "independent": lambda t, x, y: t.func.grad(lambda z, w: w.sum())(x, y),
    "vjp": lambda t, x, y: t.func.vjp(h, x)[1](y),
    "vjp value": lambda t, x, y: t.func.vjp(h, x)[0],
    "vjp two": lambda t, x, y: t.func.vjp(lambda a, b: (a * b, a + b), x, y)[1]((x, y)),
    "jvp": lambda t, x, y: t.func.jvp(h, (x,), (y,)),
    "jvp two": lambda t, x, y: t.func.jvp(lambda a, b: a.sin() * b, (x, y), (y, x)),
    "jacrev": lambda t, x, y: t.func.jacrev(h)(x),
    "jacrev two": lambda t, x, y: t.func.jacrev(lambda a, b: (a * b, b.sum()), (0, 1))(x, y),
    "jacfwd": lambda t, x, y: t.func.jacfwd(h)(x),
    "hessian": lambda t, x, y: t.func.hessian(lambda z: (z**3).sum() * z[0])(x),
    "vmap": lambda t, x, y: t.func.vmap(lambda a, b: (a * b).sum())(x.outer(y), y.outer(x)),
    "vmap dims": lambda t, x, y: t.func.vmap(lambda a, b: a + b, (1, None), 1)(x.outer(y), y),
    "vmap dot": lambda t, x, y: t.vmap(t.dot)(x.outer(y), x.outer(x)),
    "vmap grad": lambda t, x, y: t.func.vmap(t.func.grad(f))(x.outer(y)),
    "vmap tree": lambda t, x, y: t.func.vmap(lambda p: {"s": p["a"] + p["b"]})({"a": x, "b": y}),
    "vmap none": lambda t, x, y: t.func.vmap(lambda a: (a, 3), out_dims=(0, None))(x),
    "functional call": lambda t, x, y: t.func.functional_call(
        t.nn.Linear(3, 1), {"weight": t.ones(1, 3)}, (x,)
    ),
    "not a tensor": lambda t, x, y: t.func.grad(f)(3.0),
    "not a number": lambda t, x, y: t.func.grad(h)(x),
    "returns a float": lambda t, x, y: t.func.grad(lambda z: 3.0)(x),
    "argnum 2": lambda t, x, y: t.func.grad(f, argnums=2)(x),
    "primals": lambda t, x, y: t.func.jvp(h, x, y),
    "sizes": lambda t, x, y: t.func.vmap(lambda a, b: a)(x, y[:2]),
    "in_dim": lambda t, x, y: t.func.vmap(lambda a: a, in_dims=3)(x),
    "number": lambda t, x, y: t.func.vmap(lambda a: a)(3),
    "returns int": lambda t, x, y: t.func.vmap(lambda a: 3)(x),
    "random": lambda t, x, y: t.func.vmap(lambda a: a + t.randn(1))(x),
}


@pytest.mark.parametrize("name", FUNC)
def test_func(name: str) -> None:
    def program(torch: Any) -> Any:
        x, y = torch.tensor([0.5, -1.0, 2.0]), torch.tensor([1.5, 0.25, -0.5])
        found = FUNC[name](torch, x, y)
        print(x.grad, y.grad)
        return found

    agree(program, rtol=1e-6, atol=1e-6)


FUNCTIONAL = {
    "jacobian": lambda F, t, x, y: F.jacobian(h, x),
    "jacobian two": lambda F, t, x, y: F.jacobian(lambda a, b: (a * b, b.sum()), (x, y)),
    "jacobian graph": lambda F, t, x, y: F.jacobian(h, x.requires_grad_(), create_graph=True),
    "jacobian unused": lambda F, t, x, y: F.jacobian(lambda a, b: a * 2, (x, y)),
    "jacobian constant": lambda F, t, x, y: F.jacobian(lambda a: y * 2, x),
    "jacobian strict": lambda F, t, x, y: F.jacobian(lambda a, b: a * 2, (x, y), strict=True),
    "jacobian strict constant": lambda F, t, x, y: F.jacobian(lambda a: y * 2, x, strict=True),
    "jacobian vectorized": lambda F, t, x, y: F.jacobian(h, x, vectorize=True),
    "jacobian matrix": lambda F, t, x, y: F.jacobian(lambda a: a.outer(a), x),
    "forward": lambda F, t, x, y: F.jacobian(h, x, strategy="forward-mode", vectorize=True),
    "forward alone": lambda F, t, x, y: F.jacobian(h, x, strategy="forward-mode"),
    "sideways": lambda F, t, x, y: F.jacobian(h, x, strategy="sideways"),
    "hessian": lambda F, t, x, y: F.hessian(f, x),
    "hessian two": lambda F, t, x, y: F.hessian(g, (x, y)),
    "hessian linear strict": lambda F, t, x, y: F.hessian(lambda a: a.sum(), x, strict=True),
    "hessian of several": lambda F, t, x, y: F.hessian(h, x),
    "vjp": lambda F, t, x, y: F.vjp(h, x, y),
    "vjp two": lambda F, t, x, y: F.vjp(lambda a, b: (a * b).sum(), (x, y)),
    "vjp graph": lambda F, t, x, y: F.vjp(h, x.requires_grad_(), y, create_graph=True),
    "vjp needs v": lambda F, t, x, y: F.vjp(h, x),
    "vjp size": lambda F, t, x, y: F.vjp(h, x, y[:2]),
    "jvp": lambda F, t, x, y: F.jvp(h, x, y),
    "jvp two": lambda F, t, x, y: F.jvp(lambda a, b: a * b, (x, y), (y, x)),
    "jvp needs v": lambda F, t, x, y: F.jvp(h, x),
    "vhp": lambda F, t, x, y: F.vhp(f, x, y),
    "vhp two": lambda F, t, x, y: F.vhp(g, (x, y), (y, x)),
    "hvp": lambda F, t, x, y: F.hvp(f, x, y),
    "hvp two": lambda F, t, x, y: F.hvp(g, (x, y), (y, x)),
    "hvp of several": lambda F, t, x, y: F.hvp(h, x, y),
    "not a tensor": lambda F, t, x, y: F.jacobian(f, [x]),
    "not a tensor in": lambda F, t, x, y: F.hessian(f, (x, 3)),
    "not a tensor out": lambda F, t, x, y: F.jacobian(lambda a: 3, x),
}


@pytest.mark.parametrize("name", FUNCTIONAL)
def test_functional(name: str) -> None:
    def program(torch: Any) -> Any:
        x, y = torch.tensor([0.5, -1.0, 2.0]), torch.tensor([1.5, 0.25, -0.5])
        found = FUNCTIONAL[name](torch.autograd.functional, torch, x, y)
        first = found[0] if isinstance(found, tuple) else found
        if isinstance(first, torch.Tensor):
            print(first.requires_grad, first.grad_fn is not None)
        return found

    agree(program, rtol=1e-6, atol=1e-6)


def wrong(torch: Any) -> Any:
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * x

    return Wrong.apply


CHECKS = {
    "right": lambda t, x: t.autograd.gradcheck(lambda a: (a.exp() * a, a.sum()), (x,)),
    "single": lambda t, x: t.autograd.gradcheck(t.sigmoid, x),
    "wrong": lambda t, x: t.autograd.gradcheck(wrong(t), x),
    "wrong, quiet": lambda t, x: t.autograd.gradcheck(wrong(t), x, raise_exception=False),
    "second": lambda t, x: t.autograd.gradgradcheck(lambda a: a.exp() * a.sum(), (x,)),
    "second wrong": lambda t, x: t.autograd.gradgradcheck(wrong(t), (x,), raise_exception=False),
    "no inputs": lambda t, x: t.autograd.gradcheck(t.sin, x.detach()),
    "float32": lambda t, x: t.autograd.gradcheck(
        t.sin, x.detach().float().requires_grad_(), eps=1e-2, atol=1e-2
    ),
    "two": lambda t, x: t.autograd.gradcheck(
        lambda a, b: a @ b, (x.reshape(1, 3), t.ones(3, 2, dtype=t.float64, requires_grad=True))
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_gradcheck(name: str) -> None:
    def program(torch: Any) -> Any:
        x = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
        return CHECKS[name](torch, x)

    agree(program)


def test_jacobian_leaves_grad_alone() -> None:
    def program(torch: Any) -> Any:
        w = torch.ones(3, requires_grad=True)
        x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
        found = torch.autograd.functional.jacobian(lambda a: a * w, x)
        print(w.grad, x.grad, found.requires_grad)
        return found

    agree(program)


def test_gradient_edges_and_versions() -> None:
    def program(torch: Any) -> None:
        x = torch.ones(2, requires_grad=True)
        y = x * 2
        print(torch.autograd.graph.get_gradient_edge(y)[1], type(y.grad_fn).__name__)
        torch.autograd.graph.increment_version(y)
        print(y._version, isinstance(y.grad_fn, torch.autograd.graph.Node))
        torch.autograd.graph.get_gradient_edge(torch.ones(1))

    agree(program)


def test_anomaly_mode() -> None:
    def program(torch: Any) -> None:
        x = torch.tensor([-1.0, 4.0], requires_grad=True)
        for check_nan in (True, False):
            with torch.autograd.detect_anomaly(check_nan=check_nan):
                try:
                    (x.sqrt() * 0).sum().backward()
                    print(x.grad)
                except RuntimeError as error:
                    print(error)
        with torch.autograd.set_detect_anomaly(True):
            (x**2).sum().backward()
            y = x.exp()
            y.add_(1)
            try:
                y.sum().backward()
            except RuntimeError as error:
                print(error)
        try:
            y.sum().backward()
        except RuntimeError as error:
            print(error)
        print(x.grad)

    ours, theirs = outcome(program, engine), outcome(program, torch)
    assert ours[0].split("[")[:6] == theirs[0].split("[")[:6]
    assert ours[1] == theirs[1] is None


def test_once_differentiable() -> None:
    def program(torch: Any) -> Any:
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x)
                return x * x

            @staticmethod
            @torch.autograd.function.once_differentiable
            def backward(ctx: Any, grad: Any) -> Any:
                (x,) = ctx.saved_tensors
                return 2 * x * grad

        x = torch.tensor([2.0], requires_grad=True)
        v = torch.ones(1, requires_grad=True)
        (g,) = torch.autograd.grad(Square.apply(x), x, v, create_graph=True)
        print(g, torch.autograd.grad(Square.apply(x), x))
        torch.autograd.grad(g, v)

    agree(program)


TRACKED: dict[str, Callable[[Any], Any]] = {
    "grad": lambda t: t.func.grad(lambda x: (print(x * 2), x.sum())[1])(t.ones(2)),
    "grad of grad": lambda t: t.func.grad(
        lambda y: t.func.grad(lambda x: (print(x, y), (x * y).sum())[1])(y).sum()
    )(t.ones(2)),
    "jvp": lambda t: t.func.jvp(lambda x: (print(x), x * 2)[1], (t.ones(2),), (t.ones(2),)),
    "hessian": lambda t: t.func.hessian(lambda x: (print(x), (x**3).sum())[1])(t.ones(2)),
}


@pytest.mark.parametrize("name", TRACKED)
def test_a_tensor_shows_the_transforms_that_track_it(name: str, capsys: Any) -> None:
    shown = []
    for module in (engine, torch):
        TRACKED[name](module)
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
