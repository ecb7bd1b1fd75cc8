"""The eleven workloads of the engine's benchmark, in every library that can run them.

Each function of a class named after a library makes ready one workload and returns a call without
arguments: one forward and backward pass, whose result is the gradients as arrays. `Torch` is
written against torch's API, so that it serves torch and the engine alike; `Numpy` is the forward
and backward pass one would write by hand, without a tape: the limit of what numpy can do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Run = Callable[[], list[Any]]
NAMES = {
    "a": "x of 3: y = x + 2, z = 2·y², mean, backward",
    "b": "a chain of 1,000 tiny elementwise operations of 4 kinds",
    "b10k": "a chain of 10,000",
    "c": "a 784-256-128-10 network, batch of 128, relu, cross-entropy",
    "d": "1,000,000 elements through 10 operations",
    "e": "one tensor used 1,000 times",
    "f": "sums and products that broadcast, with reductions",
    "g": "the whole Jacobian of a function from 64 to 64 numbers",
    "h": "double backward of a tiny polynomial",
    "i": "20 matrix products of 256×256",
    "j": "100 epochs: accumulate, zero, a step of gradient descent, 4 weights",
}
F32 = np.float32


def draws(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(F32)


LAYERS = [
    draws(784, 256, seed=1) * F32(0.03),
    draws(256, 128, seed=2) * F32(0.06),
    draws(128, 10, seed=3) * F32(0.1),
]
IMAGES, LABELS = draws(128, 784, seed=4), np.arange(128) % 10
WIDE, TALL, FLAT = draws(128, 1, seed=5), draws(1, 256, seed=6), draws(256, seed=7)
MATRIX, POINT = draws(64, 64, seed=8) * F32(0.1), draws(64, seed=9)
SQUARE = draws(256, 256, seed=10) * F32(0.06)
SAMPLE, AIM = draws(4, seed=11), 2.0
MANY = draws(1_000_000, seed=12)
THREE = np.array([0.5, -0.25, 1.0], F32)


class Torch:
    """Torch's API: real torch, or the engine."""

    def __init__(self, torch: Any) -> None:
        self.t = torch

    def leaf(self, array: Any) -> Any:
        return self.t.tensor(array.tolist() if array.ndim < 2 else array, requires_grad=True)

    def a(self) -> Run:
        x = self.leaf(THREE)

        def run() -> list[Any]:
            x.grad = None
            y = x + 2
            z = 2 * y**2
            z.mean().backward()
            return [x.grad]

        return run

    def chain(self, length: int) -> Run:
        x = self.leaf(THREE)

        def run() -> list[Any]:
            x.grad = None
            y = x
            for _ in range(length // 4):
                y = (-(y * 1.01 + 0.01)).sin()
            y.sum().backward()
            return [x.grad]

        return run

    def b(self) -> Run:
        return self.chain(1000)

    def b10k(self) -> Run:
        return self.chain(10_000)

    def c(self) -> Run:
        functional = self.t.nn.functional
        weights = [self.leaf(w) for w in LAYERS]
        images, labels = self.t.tensor(IMAGES), self.t.tensor(LABELS)

        def run() -> list[Any]:
            for w in weights:
                w.grad = None
            hidden = images
            for w in weights[:-1]:
                hidden = (hidden @ w).relu()
            functional.cross_entropy(hidden @ weights[-1], labels).backward()
            return [w.grad for w in weights]

        return run

    def d(self) -> Run:
        x = self.t.tensor(MANY, requires_grad=True)

        def run() -> list[Any]:
            x.grad = None
            y = x
            for _ in range(2):
                y = ((y * 0.5 + 0.25).relu() - y) * y
            y.sum().backward()
            return [x.grad]

        return run

    def e(self) -> Run:
        x = self.leaf(THREE)

        def run() -> list[Any]:
            x.grad = None
            total = x * 0.5
            for i in range(1000):
                total = total + x * (i + 0.5)
            total.sum().backward()
            return [x.grad]

        return run

    def f(self) -> Run:
        wide, tall, flat = (self.leaf(v) for v in (WIDE, TALL, FLAT))

        def run() -> list[Any]:
            wide.grad = tall.grad = flat.grad = None
            ((wide * tall + flat) * wide).sum().backward()
            return [wide.grad, tall.grad, flat.grad]

        return run

    def g(self) -> Run:
        matrix, point = self.t.tensor(MATRIX), self.leaf(POINT)

        def run() -> list[Any]:
            made = self.t.autograd.functional.jacobian(lambda x: (matrix @ x).tanh(), point)
            return [made]

        return run

    def h(self) -> Run:
        x = self.leaf(THREE)

        def run() -> list[Any]:
            x.grad = None
            (first,) = self.t.autograd.grad((x**3).sum(), x, create_graph=True)
            first.sum().backward()
            return [x.grad]

        return run

    def i(self) -> Run:
        x = self.leaf(SQUARE)

        def run() -> list[Any]:
            x.grad = None
            y = x
            for _ in range(20):
                y = y @ x
            y.sum().backward()
            return [x.grad]

        return run

    def j(self) -> Run:
        sample = self.t.tensor(SAMPLE)

        def run() -> list[Any]:
            weights = self.t.zeros(4, requires_grad=True)
            for _ in range(100):
                loss = ((weights * sample).sum() - AIM) ** 2
                loss.backward()
                with self.t.no_grad():
                    weights -= 0.01 * weights.grad
                weights.grad.zero_()
            return [weights.detach()]

        return run


class Numpy:
    """By hand: what a careful numpy programmer would write."""

    def a(self) -> Run:
        def run() -> list[Any]:
            y = THREE + 2
            z = 2 * y**2
            z.mean()
            return [4 * y / 3]

        return run

    def chain(self, length: int) -> Run:
        def run() -> list[Any]:
            y, kept = THREE, []
            for _ in range(length // 4):
                y = -(y * 1.01 + 0.01)
                kept.append(y)
                y = np.sin(y)
            y.sum()
            grad = np.ones(3, F32)
            for y in reversed(kept):
                grad = -(grad * np.cos(y)) * 1.01
            return [grad]

        return run

    def b(self) -> Run:
        return self.chain(1000)

    def b10k(self) -> Run:
        return self.chain(10_000)

    def c(self) -> Run:
        first, second, third = LAYERS
        rows = np.arange(128)

        def run() -> list[Any]:
            one = np.maximum(IMAGES @ first, 0)
            two = np.maximum(one @ second, 0)
            out = two @ third
            out = out - out.max(1, keepdims=True)
            out -= np.log(np.exp(out).sum(1, keepdims=True))
            -out[rows, LABELS].mean()
            grad = np.exp(out)
            grad[rows, LABELS] -= 1
            grad /= 128
            to_third = two.T @ grad
            grad = (grad @ third.T) * (two > 0)
            to_second = one.T @ grad
            grad = (grad @ second.T) * (one > 0)
            return [IMAGES.T @ grad, to_second, to_third]

        return run

    def d(self) -> Run:
        def run() -> list[Any]:
            kept, y = [], MANY
            for _ in range(2):
                bent = np.maximum(y * 0.5 + 0.25, 0)
                less = bent - y
                kept.append((y, bent, less))
                y = less * y
            y.sum()
            grad = np.ones_like(MANY)
            for y, bent, less in reversed(kept):
                to_less = grad * y
                grad = grad * less + (to_less * (bent > 0) * 0.5 - to_less)
            return [grad]

        return run

    def e(self) -> Run:
        def run() -> list[Any]:
            total = THREE * 0.5
            for i in range(1000):
                total = total + THREE * (i + 0.5)
            total.sum()
            one = np.ones(3, F32)
            grad = one * 0.5
            for i in range(1000):
                grad = grad + one * (i + 0.5)
            return [grad]

        return run

    def f(self) -> Run:
        def run() -> list[Any]:
            product = WIDE * TALL
            inner = product + FLAT
            (inner * WIDE).sum()
            to_inner = np.broadcast_to(WIDE, inner.shape)
            to_wide = inner.sum(1, keepdims=True) + (to_inner * TALL).sum(1, keepdims=True)
            to_tall = (to_inner * WIDE).sum(0, keepdims=True)
            return [to_wide, to_tall, to_inner.sum(0)]

        return run

    def g(self) -> Run:
        def run() -> list[Any]:
            out = np.tanh(MATRIX @ POINT)
            slope = 1 - out * out
            rows = []
            for i in range(64):
                vector = np.zeros(64, F32)
                vector[i] = 1
                rows.append((vector * slope) @ MATRIX)
            return [np.stack(rows)]

        return run

    def h(self) -> Run:
        def run() -> list[Any]:
            x = THREE
            (x**3).sum()
            (3 * x**2).sum()
            return [6 * x]

        return run

    def i(self) -> Run:
        def run() -> list[Any]:
            x, kept = SQUARE, [SQUARE]
            for _ in range(20):
                kept.append(kept[-1] @ x)
            kept[-1].sum()
            back, total = np.ones_like(x), np.zeros_like(x)
            for y in kept[-2::-1]:
                total += y.T @ back
                back = back @ x.T
            return [total + back]

        return run

    def j(self) -> Run:
        def run() -> list[Any]:
            weights = np.zeros(4, F32)
            for _ in range(100):
                error = (weights * SAMPLE).sum() - AIM
                error**2
                grad = 2 * error * SAMPLE
                weights -= 0.01 * grad
            return [weights]

        return run


class Autograd:
    """HIPS autograd: functions of arrays, differentiated as functions."""

    def __init__(self) -> None:
        import autograd
        import autograd.numpy as anp

        self.np, self.of = anp, autograd

    def gradient(self, function: Any, *points: Any) -> Run:
        made = self.of.grad(function, tuple(range(len(points))))
        return lambda: list(made(*points))

    def a(self) -> Run:
        return self.gradient(lambda x: self.np.mean(2 * (x + 2) ** 2), THREE)

    def chain(self, length: int) -> Run:
        def function(y: Any) -> Any:
            for _ in range(length // 4):
                y = self.np.sin(-(y * F32(1.01) + F32(0.01)))
            return self.np.sum(y)

        return self.gradient(function, THREE)

    def b(self) -> Run:
        return self.chain(1000)

    def b10k(self) -> Run:
        return self.chain(10_000)

    def c(self) -> Run:
        rows = np.arange(128)

        def loss(first: Any, second: Any, third: Any) -> Any:
            one = self.np.maximum(self.np.dot(IMAGES, first), 0)
            out = self.np.dot(self.np.maximum(self.np.dot(one, second), 0), third)
            out = out - out.max(1, keepdims=True)
            out = out - self.np.log(self.np.sum(self.np.exp(out), 1, keepdims=True))
            return -self.np.mean(out[rows, LABELS])

        return self.gradient(loss, *LAYERS)

    def d(self) -> Run:
        def function(y: Any) -> Any:
            for _ in range(2):
                y = (self.np.maximum(y * F32(0.5) + F32(0.25), F32(0)) - y) * y
            return self.np.sum(y)

        return self.gradient(function, MANY)

    def e(self) -> Run:
        def function(x: Any) -> Any:
            total = x * F32(0.5)
            for i in range(1000):
                total = total + x * F32(i + 0.5)
            return self.np.sum(total)

        return self.gradient(function, THREE)

    def f(self) -> Run:
        return self.gradient(
            lambda wide, tall, flat: self.np.sum((wide * tall + flat) * wide), WIDE, TALL, FLAT
        )

    def g(self) -> Run:
        made = self.of.jacobian(lambda x: self.np.tanh(self.np.dot(MATRIX, x)))
        return lambda: [made(POINT)]

    def h(self) -> Run:
        first = self.of.grad(lambda x: self.np.sum(x**3))
        return self.gradient(lambda x: self.np.sum(first(x)), THREE)

    def i(self) -> Run:
        def function(x: Any) -> Any:
            y = x
            for _ in range(20):
                y = self.np.dot(y, x)
            return self.np.sum(y)

        return self.gradient(function, SQUARE)

    def j(self) -> Run:
        step = self.of.grad(lambda w: (self.np.sum(w * SAMPLE) - AIM) ** 2)

        def run() -> list[Any]:
            weights = np.zeros(4, F32)
            for _ in range(100):
                weights = weights - F32(0.01) * step(weights)
            return [weights]

        return run


class MyGrad:
    """MyGrad: tensors with a `backward`, on numpy."""

    def __init__(self) -> None:
        import mygrad
        from mygrad.nnet.losses import softmax_crossentropy

        self.mg, self.cross_entropy = mygrad, softmax_crossentropy

    def gradient(self, function: Any, *points: Any) -> Run:
        leaves = [self.mg.tensor(p) for p in points]

        def run() -> list[Any]:
            function(*leaves).backward()
            return [leaf.grad for leaf in leaves]

        return run

    def a(self) -> Run:
        return self.gradient(lambda x: (2 * (x + 2) ** 2).mean(), THREE)

    def chain(self, length: int) -> Run:
        def function(y: Any) -> Any:
            for _ in range(length // 4):
                y = self.mg.sin(-(y * F32(1.01) + F32(0.01)))
            return y.sum()

        return self.gradient(function, THREE)

    def b(self) -> Run:
        return self.chain(1000)

    def b10k(self) -> Run:
        return self.chain(10_000)

    def c(self) -> Run:
        def loss(first: Any, second: Any, third: Any) -> Any:
            one = self.mg.maximum(IMAGES @ first, 0)
            return self.cross_entropy(self.mg.maximum(one @ second, 0) @ third, LABELS)

        return self.gradient(loss, *LAYERS)

    def d(self) -> Run:
        def function(y: Any) -> Any:
            for _ in range(2):
                y = (self.mg.maximum(y * F32(0.5) + F32(0.25), F32(0)) - y) * y
            return y.sum()

        return self.gradient(function, MANY)

    def e(self) -> Run:
        def function(x: Any) -> Any:
            total = x * F32(0.5)
            for i in range(1000):
                total = total + x * F32(i + 0.5)
            return total.sum()

        return self.gradient(function, THREE)

    def f(self) -> Run:
        return self.gradient(
            lambda wide, tall, flat: ((wide * tall + flat) * wide).sum(), WIDE, TALL, FLAT
        )

    def g(self) -> Run:
        point = self.mg.tensor(POINT)

        def run() -> list[Any]:
            rows = []
            for i in range(64):
                out = self.mg.tanh(self.mg.matmul(MATRIX, point))
                vector = np.zeros(64, F32)
                vector[i] = 1
                out.backward(vector)
                rows.append(point.grad)
            return [np.stack(rows)]

        return run

    def i(self) -> Run:
        def function(x: Any) -> Any:
            y = x
            for _ in range(20):
                y = self.mg.matmul(y, x)
            return y.sum()

        return self.gradient(function, SQUARE)

    def j(self) -> Run:
        def run() -> list[Any]:
            weights = self.mg.tensor(np.zeros(4, F32))
            for _ in range(100):
                (((weights * SAMPLE).sum() - AIM) ** 2).backward()
                weights = self.mg.tensor(weights.data - F32(0.01) * weights.grad)
            return [weights.data]

        return run
