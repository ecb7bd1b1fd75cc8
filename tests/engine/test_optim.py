"""Optimizers and schedules against torch: the same program on both, bit for bit."""

from typing import Any

import pytest
from twins import agree

ROOTLESS = (
    "sgd",
    "momentum",
    "dampening",
    "nesterov",
    "decay",
    "maximize",
    "groups",
    "adamax",
    "rprop",
)
"""Updates without a square root, of which torch's vector library gets the last bit wrong."""

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
    "adam": lambda o, p: o.Adam(p, lr=0.05),
    "adam decay": lambda o, p: o.Adam(p, lr=0.05, betas=(0.8, 0.95), weight_decay=0.1, eps=1e-3),
    "amsgrad": lambda o, p: o.Adam(p, lr=0.1, amsgrad=True, maximize=True),
    "adamw": lambda o, p: o.AdamW(p, lr=0.05),
    "adamax": lambda o, p: o.Adamax(p, lr=0.05, weight_decay=0.1),
    "nadam": lambda o, p: o.NAdam(p, lr=0.05, weight_decay=0.1),
    "radam": lambda o, p: o.RAdam(p, lr=0.05, weight_decay=0.1),
    "rprop": lambda o, p: o.Rprop(p),
    "asgd": lambda o, p: o.ASGD(p, lr=0.05, lambd=0.01, t0=3, weight_decay=0.1),
    "rmsprop": lambda o, p: o.RMSprop(p),
    "rmsprop centered": lambda o, p: o.RMSprop(p, centered=True, momentum=0.9, weight_decay=0.1),
    "adagrad": lambda o, p: o.Adagrad(p, lr=0.1, lr_decay=0.1, weight_decay=0.1),
    "adafactor": lambda o, p: o.Adafactor(p, lr=0.1, weight_decay=0.1),
    "adadelta": lambda o, p: o.Adadelta(p, weight_decay=0.1),
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
    rtol = 0.0 if name in ROOTLESS else {"float32": 1e-5, "float64": 1e-13}[dtype]
    agree(lambda torch: descend(torch, OPTIMIZERS[name], dtype), rtol, rtol / 10)


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
    "adam lr": lambda t, x: t.optim.Adam([x], lr=-1.0),
    "adam beta": lambda t, x: t.optim.Adam([x], betas=(0.9, 1.0)),
    "adam eps": lambda t, x: t.optim.AdamW([x], eps=-1.0),
    "adam ints": lambda t, x: t.optim.Adam([x], betas=(0, 0.9)),
    "rms": lambda t, x: t.optim.RMSprop([x], alpha=-1.0),
    "adagrad": lambda t, x: t.optim.Adagrad([x], lr_decay=-1.0),
    "adafactor": lambda o, p: o.Adafactor(p, lr=0.1, weight_decay=0.1),
    "adadelta": lambda t, x: t.optim.Adadelta([x], rho=2.0),
    "lbfgs": lambda t, x: t.optim.LBFGS([{"params": x}, {"params": t.ones(1)}]),
    "unknown": lambda t, x: t.optim.Lion([x]),
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


SCHEDULES = {
    "step": lambda s, o: s.StepLR(o, 3, gamma=0.5),
    "multi": lambda s, o: s.MultiStepLR(o, [2, 5, 5]),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.9),
    "constant": lambda s, o: s.ConstantLR(o, 0.3, 4),
    "linear": lambda s, o: s.LinearLR(o, total_iters=6),
    "polynomial": lambda s, o: s.PolynomialLR(o, 7, 2.0),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 5, eta_min=0.01),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2),
    "lambda": lambda s, o: s.LambdaLR(o, [lambda e: 0.9**e, lambda e: 1 / (e + 1)]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, lambda e: 0.95),
    "one cycle": lambda s, o: s.OneCycleLR(o, max_lr=0.5, total_steps=14),
    "three phases": lambda s, o: s.OneCycleLR(
        o, [0.5, 0.2], epochs=2, steps_per_epoch=7, three_phase=True, anneal_strategy="linear"
    ),
    "cyclic": lambda s, o: s.CyclicLR(o, 0.1, [0.5, 0.7], step_size_up=3, step_size_down=4),
    "cyclic 2": lambda s, o: s.CyclicLR(
        o, 0.1, 0.5, step_size_up=2, mode="exp_range", gamma=0.9, cycle_momentum=False
    ),
    "sequence": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)], milestones=[4]
    ),
    "chain": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)]),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name: str) -> None:
    def program(torch: Any) -> Any:
        x = torch.ones(2, requires_grad=True)
        y = torch.ones(1, requires_grad=True)
        optimizer = torch.optim.SGD([{"params": x}, {"params": y, "lr": 0.3}], lr=0.1, momentum=0.9)
        schedule = SCHEDULES[name](torch.optim.lr_scheduler, optimizer)
        rates = []
        for _ in range(13):
            optimizer.step()
            schedule.step()
            rates.append(list(schedule.get_last_lr()))
            rates.append([group["momentum"] for group in optimizer.param_groups])
        print(rates, optimizer)
        state = schedule.state_dict()
        print({k: v for k, v in state.items() if isinstance(v, (int, float, list))})
        schedule.load_state_dict(state)
        schedule.step()
        return schedule.get_last_lr()

    agree(program)


def test_plateau_and_warnings() -> None:
    def program(torch: Any) -> None:
        optimizer = torch.optim.Adam([torch.ones(2, requires_grad=True)], lr=0.1)
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1, cooldown=1)
        for metric in (3.0, 2.0, 2.0, torch.tensor(2.0), 2.0, 1.9999, 1.9999, 1.9999, 1.0):
            plateau.step(metric)
            print(optimizer.param_groups[0]["lr"], plateau.num_bad_epochs, plateau.get_last_lr())
        late = torch.optim.lr_scheduler.StepLR(optimizer, 2)
        late.step()
        late.step(5)
        print(late.get_lr(), late.get_last_lr())

    agree(program)


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_lbfgs_finds_the_minimum_of_rosenbrock(search: str | None) -> None:
    def program(torch: Any) -> Any:
        torch.set_default_dtype(torch.float64)
        try:
            x = torch.tensor([-1.2, 1.0], requires_grad=True)
            rate = 1.0 if search else 1e-3
            optimizer = torch.optim.LBFGS([x], lr=rate, line_search_fn=search, history_size=5)
            seen = []

            def closure() -> Any:
                optimizer.zero_grad()
                loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
                loss.backward()
                return loss

            for _ in range(4):
                seen.append(optimizer.step(closure).item())
            state = optimizer.state[x]
            print(state["func_evals"], state["n_iter"], optimizer)
            return [x, seen]
        finally:
            torch.set_default_dtype(torch.float32)

    agree(program, rtol=1e-7, atol=1e-9)
