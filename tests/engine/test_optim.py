"""Optimizers and schedules against torch: the same program on both, bit for bit."""

from typing import Any

import pytest
from twins import agree

OPTIMIZERS = {
    "sgd": lambda o, p: o.SGD(p, lr=0.1),
    "momentum": lambda o, p: o.SGD(p, lr=0.1, momentum=0.9),
    "dampening": lambda o, p: o.SGD(p, lr=0.1, momentum=0.9, dampening=0.3),
    "nesterov": lambda o, p: o.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "decay": lambda o, p: o.SGD(p, lr=0.05, weight_decay=0.01),
    "maximize": lambda o, p: o.SGD(p, lr=0.01, momentum=0.5, weight_decay=0.1, maximize=True),
    "groups": lambda o, p: o.SGD(
        [{"params": p[:1], "lr": 0.3}, {"params": p[1:], "momentum": 0.7}], lr=0.02
    ),
}


def descend(torch: Any, make: Any, dtype: str) -> Any:
    kind = getattr(torch, dtype)
    w = torch.randn(5, 7, dtype=kind, requires_grad=True)
    b = torch.randn(5, 7, dtype=kind, requires_grad=True)
    s = torch.randn((), dtype=kind, requires_grad=True)
    optimizer = make(torch.optim, [w, b, s])
    for _ in range(12):
        optimizer.zero_grad()
        (((w * 0.5 + b) ** 2).sum() + s * s * 0.3).backward()
        optimizer.step()
    print(optimizer, [p._version for p in (w, b, s)])
    state = optimizer.state_dict()
    print(sorted(map(str, state["param_groups"])))
    return [w, b, s, state["state"]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_updates_are_torchs(name: str, dtype: str) -> None:
    agree(lambda torch: descend(torch, OPTIMIZERS[name], dtype))


ERRORS = {
    "tensor": lambda t, x: t.optim.SGD(x),
    "float64 tensor": lambda t, x: t.optim.SGD(x.double()),
    "empty": lambda t, x: t.optim.SGD([]),
    "not a leaf": lambda t, x: t.optim.SGD([x * 2]),
    "a number": lambda t, x: t.optim.SGD([3]),
    "a string": lambda t, x: t.optim.SGD(["w"]),
    "not iterable": lambda t, x: t.optim.SGD(3),
    "nothing": lambda t, x: t.optim.SGD(),
    "lr": lambda t, x: t.optim.SGD([x], lr=-1),
    "momentum": lambda t, x: t.optim.SGD([x], momentum=-0.1),
    "decay": lambda t, x: t.optim.SGD([x], weight_decay=-0.1),
    "nesterov": lambda t, x: t.optim.SGD([x], nesterov=True),
    "set": lambda t, x: t.optim.SGD([{"params": {x}}]),
    "twice": lambda t, x: t.optim.SGD([{"params": x}, {"params": [x]}]),
    "duplicate": lambda t, x: print(t.optim.SGD([x, x])),
    "lr of several": lambda t, x: t.optim.SGD([x], lr=t.ones(2)),
    "group": lambda t, x: t.optim.SGD([x]).add_param_group([x]),
    "names": lambda t, x: t.optim.SGD([("a", x), t.ones(2)]),
    "load": lambda t, x: t.optim.SGD([x]).load_state_dict({"state": {}, "param_groups": []}),
    "load size": lambda t, x: t.optim.SGD([x]).load_state_dict(
        {"state": {}, "param_groups": [{"params": [0, 1]}]}
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_refusals_are_torchs(name: str) -> None:
    agree(lambda torch: ERRORS[name](torch, torch.ones(3, requires_grad=True)))


def test_grad_is_none_after_zero_grad_or_zero_and_the_same_tensor() -> None:
    def program(torch: Any) -> None:
        w = torch.ones(2, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.1)
        optimizer.step()
        (w * 3).sum().backward()
        grad = w.grad
        optimizer.zero_grad(set_to_none=False)
        print(w.grad, w.grad is grad, grad._version, w._version)
        optimizer.zero_grad()
        print(w.grad, w)

    agree(program)


def test_closures_hooks_and_state_dicts() -> None:
    def program(torch: Any) -> Any:
        w = torch.tensor([1.0, -2.0], requires_grad=True)
        optimizer = torch.optim.SGD([("w", w)], lr=0.1, momentum=0.5)

        def closure() -> Any:
            optimizer.zero_grad()
            loss = (w**2).sum()
            loss.backward()
            return loss

        optimizer.register_step_pre_hook(lambda o, args, kw: print("before", len(args), kw))
        handle = optimizer.register_step_post_hook(lambda o, args, kw: print("after", w.tolist()))
        print(optimizer.step(closure))
        handle.remove()
        print(optimizer.step(closure), torch.is_grad_enabled())
        print(optimizer.state_dict())
        v = torch.zeros(2, requires_grad=True)
        other = torch.optim.SGD([v], lr=9.0)
        other.load_state_dict(optimizer.state_dict())
        print(other, other.state[v], other.state_dict())
        other.add_param_group({"params": torch.ones(1, requires_grad=True)})

    agree(program)
