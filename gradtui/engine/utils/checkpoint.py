"""`torch.utils.checkpoint`: a backward pass that computes again instead of keeping what it needs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gradtui.engine import creation, state
from gradtui.engine.absent import missing
from gradtui.engine.autograd.entry import backward
from gradtui.engine.autograd.packing import saved_tensors_hooks
from gradtui.engine.function import Function
from gradtui.engine.modes import enable_grad, no_grad
from gradtui.engine.nn.containers import Sequential
from gradtui.engine.tensor import Tensor

_EXPLICIT = (
    "the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, calling "
    "checkpoint without use_reentrant will raise an exception. use_reentrant=False is recommended, "
    "but if you need to preserve the current default behavior, you can pass use_reentrant=True. "
    "Refer to docs for more details on the differences between the two variants."
)


class _Enough(Exception):
    """Everything that was kept has been computed again."""


@contextmanager
def _random_state(then: Any) -> Iterator[None]:
    """The generator as it was `then`, for a while."""
    generator = creation.default_generator
    now = generator.packed()
    try:
        if then is not None:
            generator.set_state(then)
        yield
    finally:
        if then is not None:
            generator.set_state(now)


class _Frame:
    """One call that is run again when its first saved tensor is needed."""

    def __init__(self, call: Callable[[], Any], keep_random: bool) -> None:
        self.call = call
        self.random = creation.default_generator.packed() if keep_random else None
        self.count = 0
        self.found: dict[int, Any] = {}

    def pack(self, tensor: Tensor) -> int:
        """The number of a tensor in the order of saving, kept instead of it."""
        self.count += 1
        return self.count - 1

    def unpack(self, number: int) -> Any:
        if number not in self.found:
            self.run_again()
        return self.found.pop(number)

    def run_again(self) -> None:
        made: list[Any] = []

        def collect(tensor: Tensor) -> Any:
            made.append(tensor.detach())
            if len(made) == self.count:
                raise _Enough
            return made[-1]

        with _random_state(self.random), enable_grad():
            try:
                with saved_tensors_hooks(collect, lambda kept: kept):
                    self.call()
            except _Enough:
                pass
        self.found = dict(enumerate(made))


class CheckpointFunction(Function):
    """The variant that runs a backward pass within the backward pass."""

    @staticmethod
    def forward(ctx: Any, run_function: Any, preserve_rng_state: bool, *args: Any) -> Any:
        ctx.run_function = run_function
        ctx.random = creation.default_generator.packed() if preserve_rng_state else None
        ctx.inputs = [None if isinstance(a, Tensor) else a for a in args]
        ctx.places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]
        ctx.save_for_backward(*(a for a in args if isinstance(a, Tensor)))
        if not any(isinstance(a, Tensor) and a.requires_grad for a in args):
            warnings.warn(
                "None of the inputs have requires_grad=True. Gradients will be None", stacklevel=3
            )
        with no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        inputs = list(ctx.inputs)
        for place, tensor in zip(ctx.places, ctx.saved_tensors, strict=True):
            inputs[place] = tensor.detach().requires_grad_(tensor.requires_grad)
        with _random_state(ctx.random), enable_grad():
            made = ctx.run_function(*inputs)
        outputs = (made,) if isinstance(made, Tensor) else made
        pairs = [
            (out, grad)
            for out, grad in zip(outputs, grads, strict=True)
            if isinstance(out, Tensor) and out.requires_grad
        ]
        if not pairs:
            raise RuntimeError(
                "none of output has requires_grad=True, this checkpoint() is not necessary"
            )
        backward([out for out, _ in pairs], [grad for _, grad in pairs])
        return (None, None, *(t.grad if isinstance(t, Tensor) else None for t in inputs))


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """function(*args), whose intermediate results the backward pass computes again."""
    if use_reentrant is None:
        warnings.warn(f"torch.utils.checkpoint: {_EXPLICIT}", stacklevel=2)
        use_reentrant = True
    if use_reentrant:
        if kwargs:
            raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
        return CheckpointFunction.apply(function, preserve_rng_state, *args)
    if not state.grad_enabled:
        return function(*args, **kwargs)
    frame = _Frame(lambda: function(*args, **kwargs), preserve_rng_state)
    with saved_tensors_hooks(frame.pack, frame.unpack):
        return function(*args, **kwargs)


def checkpoint_sequential(
    functions: Any,
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
) -> Any:
    """A sequence of modules in segments, each of which is computed again, but for the last."""
    steps = list(functions.children()) if isinstance(functions, Sequential) else list(functions)
    size = len(steps) // segments
    for start in range(0, size * (segments - 1), size):
        input = checkpoint(
            _chained(steps[start : start + size]),
            input,
            use_reentrant=use_reentrant,
            preserve_rng_state=preserve_rng_state,
        )
    return _chained(steps[size * (segments - 1) :])(input)


def _chained(steps: Sequence[Any]) -> Callable[[Any], Any]:
    def forward(input: Any) -> Any:
        for step in steps:
            input = step(input)
        return input

    return forward


def __getattr__(name: str) -> Any:
    raise missing("torch.utils.checkpoint", name)
