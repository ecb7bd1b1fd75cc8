"""L-BFGS (Liu and Nocedal, 1989), with the line search of strong Wolfe conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine import state as engine_state
from gradtui.engine.creation import zeros
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.modes import enable_grad
from gradtui.engine.optim.adaptive import check
from gradtui.engine.optim.optimizer import Optimizer

Evaluate = Callable[[Any, Any, Any], tuple[float, Any]]


class LBFGS(Optimizer):
    """Steps along an approximation of the Newton direction; `step` needs a closure."""

    __module__ = "torch.optim.lbfgs"

    def __init__(
        self,
        params: Any,
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check(lr=lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    # -- parameters as one vector ---------------------------------------------------------------

    def _gradient(self) -> Any:
        parts = [
            zeros(p.numel(), dtype=p.dtype) if p.grad is None else p.grad.view(-1)
            for p in self._params
        ]
        return FUNCTIONS["cat"](parts, 0)

    def _move(self, length: Any, direction: Any) -> None:
        start = 0
        for p in self._params:
            part = direction[start : start + p.numel()].view_as(p)
            p.add_(part, alpha=length)
            start += p.numel()

    def _try(self, closure: Any, at: list[Any], length: Any, direction: Any) -> tuple[float, Any]:
        """Loss and gradient `length` along a direction from `at`, where everything is put back."""
        self._move(length, direction)
        found = float(closure()), self._gradient()
        for p, value in zip(self._params, at, strict=True):
            p.copy_(value)
        return found

    # -- the iteration --------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Up to `max_iter` iterations; returns the loss from before them."""
        before = engine_state.grad_enabled
        engine_state.grad_enabled = False
        try:
            return self._step(enable_grad()(closure))
        finally:
            engine_state.grad_enabled = before

    def _step(self, closure: Any) -> Any:
        group, state = self.param_groups[0], self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first = closure()
        loss, gradient = float(first), self._gradient()
        state["func_evals"] += 1
        if gradient.abs().max() <= group["tolerance_grad"]:
            return first
        evaluations = 1
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            direction = self._direction(gradient, state, group["history_size"])
            if state.get("prev_flat_grad") is None:
                state["prev_flat_grad"] = gradient.clone()
            else:
                state["prev_flat_grad"].copy_(gradient)
            state["prev_loss"] = loss
            length: Any = group["lr"]
            if state["n_iter"] == 1:
                length = min(1.0, 1.0 / gradient.abs().sum()) * group["lr"]
            state["d"], state["t"] = direction, length
            slope = gradient.dot(direction)
            if slope > -group["tolerance_change"]:
                break
            left = group["max_eval"] - evaluations
            last = iteration == group["max_iter"]
            loss, gradient, length, spent = self._advance(
                closure, loss, gradient, length, direction, slope, left, last
            )
            state["t"] = length
            evaluations += spent
            state["func_evals"] += spent
            if last or evaluations >= group["max_eval"]:
                break
            if self._settled(gradient, direction, length, loss - state["prev_loss"]):
                break
        return first

    def _settled(self, gradient: Any, direction: Any, length: Any, change: float) -> bool:
        group = self.param_groups[0]
        least = group["tolerance_change"]
        return bool(
            gradient.abs().max() <= group["tolerance_grad"]
            or direction.mul(length).abs().max() <= least
            or abs(change) < least
        )

    def _direction(self, gradient: Any, state: dict[str, Any], size: int) -> Any:
        """Minus the gradient times the approximate inverse Hessian, by the two-loop recursion."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return gradient.neg()
        self._remember(gradient, state, size)
        dirs, steps, ro = state["old_dirs"], state["old_stps"], state["ro"]
        al = state.setdefault("al", [None] * size)
        q = gradient.neg()
        for i in range(len(dirs) - 1, -1, -1):
            al[i] = steps[i].dot(q) * ro[i]
            q.add_(dirs[i], alpha=-al[i])
        r = q * state["H_diag"]
        for i in range(len(dirs)):
            r.add_(steps[i], alpha=al[i] - dirs[i].dot(r) * ro[i])
        return r

    def _remember(self, gradient: Any, state: dict[str, Any], size: int) -> None:
        y = gradient.sub(state["prev_flat_grad"])
        s = state["d"].mul(state["t"])
        ys = y.dot(s)
        if ys <= 1e-10:
            return
        if len(state["old_dirs"]) == size:
            for name in ("old_dirs", "old_stps", "ro"):
                state[name].pop(0)
        state["old_dirs"].append(y)
        state["old_stps"].append(s)
        state["ro"].append(1.0 / ys)
        state["H_diag"] = ys / y.dot(y)

    def _advance(
        self,
        closure: Any,
        loss: float,
        gradient: Any,
        length: Any,
        direction: Any,
        slope: Any,
        left: int,
        last: bool,
    ) -> tuple[float, Any, Any, int]:
        """Moves along the direction: loss and gradient there, the length, evaluations it took."""
        search = self.param_groups[0]["line_search_fn"]
        if search is None:
            self._move(length, direction)
            if last:
                return loss, gradient, length, 0
            return float(closure()), self._gradient(), length, 1
        if search != "strong_wolfe":
            raise RuntimeError("only 'strong_wolfe' is supported")
        at = [p.clone() for p in self._params]
        found = strong_wolfe(
            lambda x, t, d: self._try(closure, x, t, d),
            at,
            length,
            direction,
            loss,
            gradient,
            slope,
            max_ls=left,
        )
        self._move(found[2], direction)
        return found


# -- line search ----------------------------------------------------------------------------------


def _cubic(x1: Any, f1: Any, g1: Any, x2: Any, f2: Any, g2: Any, bounds: Any = None) -> Any:
    """Where the cubic through two values and slopes is least, within bounds."""
    low, high = bounds if bounds is not None else (x1, x2) if x1 <= x2 else (x2, x1)
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    square = d1**2 - g1 * g2
    if square < 0:
        return (low + high) / 2.0
    d2 = square.sqrt()
    if x1 <= x2:
        least = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
    else:
        least = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
    return min(max(least, low), high)


class _Bracket:
    """Two lengths between which a good one lies, with loss, gradient and slope at each."""

    def __init__(self, *ends: tuple[Any, Any, Any, Any]) -> None:
        self.ends = list(ends)
        self.order()

    def order(self) -> None:
        self.low, self.high = (0, 1) if self.ends[0][1] <= self.ends[-1][1] else (1, 0)

    def lengths(self) -> list[Any]:
        return [end[0] for end in self.ends]

    def guess(self) -> Any:
        (x1, f1, _, g1), (x2, f2, _, g2) = self.ends
        return _cubic(x1, f1, g1, x2, f2, g2)


def strong_wolfe(
    evaluate: Evaluate,
    x: Any,
    t: Any,
    d: Any,
    f: float,
    g: Any,
    gtd: Any,
    c1: float = 1e-4,
    c2: float = 0.9,
    tolerance_change: float = 1e-9,
    max_ls: int = 25,
) -> tuple[float, Any, Any, int]:
    """A length with sufficient decrease and a small slope: its loss, gradient, itself, the cost."""
    g = g.clone()
    start = (0, f, g, gtd)
    bracket, done, spent = _bracket(evaluate, x, t, d, start, c1, c2, max_ls)
    if not done:
        spent = _zoom(evaluate, x, d, start, bracket, spent, (c1, c2, tolerance_change, max_ls))
    length, loss, gradient, _ = bracket.ends[bracket.low if len(bracket.ends) > 1 else 0]
    return loss, gradient, length, spent


def _bracket(
    evaluate: Evaluate, x: Any, t: Any, d: Any, start: Any, c1: float, c2: float, max_ls: int
) -> tuple[_Bracket, bool, int]:
    """Goes further until a minimum has been passed (or found: then it is done)."""
    _, f, _, gtd = start
    before = start
    f_new, g_new = evaluate(x, t, d)
    now = (t, f_new, g_new, g_new.dot(d))
    spent, tries = 1, 0
    while tries < max_ls:
        t, f_new, _, slope = now
        if f_new > f + c1 * t * gtd or (tries > 1 and f_new >= before[1]):
            return _Bracket(before, now), False, spent
        if abs(slope) <= -c2 * gtd:
            return _Bracket(now), True, spent
        if slope >= 0:
            return _Bracket(before, now), False, spent
        bounds = (t + 0.01 * (t - before[0]), t * 10)
        further = _cubic(before[0], before[1], before[3], t, f_new, slope, bounds)
        before = now
        f_new, g_new = evaluate(x, further, d)
        now = (further, f_new, g_new, g_new.dot(d))
        spent += 1
        tries += 1
    return _Bracket(start, now), True, spent


def _inside(bracket: _Bracket, t: Any, stuck: bool) -> tuple[Any, bool]:
    """Keeps a guess away from the ends when the last one was near them too."""
    low, high = min(bracket.lengths()), max(bracket.lengths())
    margin = 0.1 * (high - low)
    if min(high - t, t - low) >= margin:
        return t, False
    if not (stuck or t >= high or t <= low):
        return t, True
    return (high - margin if abs(t - high) < abs(t - low) else low + margin), False


def _zoom(
    evaluate: Evaluate, x: Any, d: Any, start: Any, bracket: _Bracket, spent: int, limits: Any
) -> int:
    """Narrows the bracket until its lower end satisfies both conditions."""
    c1, c2, tolerance, max_ls = limits
    _, f, _, gtd = start
    stuck, longest = False, d.abs().max()
    while spent - 1 < max_ls:
        ends = bracket.lengths()
        if abs(ends[1] - ends[0]) * longest < tolerance:
            break
        t, stuck = _inside(bracket, bracket.guess(), stuck)
        f_new, g_new = evaluate(x, t, d)
        slope = g_new.dot(d)
        spent += 1
        low, high = bracket.low, bracket.high
        if f_new > f + c1 * t * gtd or f_new >= bracket.ends[low][1]:
            bracket.ends[high] = (t, f_new, g_new, slope)
            bracket.order()
            continue
        finished = bool(abs(slope) <= -c2 * gtd)
        if not finished and slope * (ends[high] - ends[low]) >= 0:
            bracket.ends[high] = bracket.ends[low]
        bracket.ends[low] = (t, f_new, g_new, slope)
        if finished:
            break
    return spent
