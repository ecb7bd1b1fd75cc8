"""Calling a module that has hooks: before and after `forward`, and around the backward pass."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from gradtui.engine import state
from gradtui.engine.function import Function
from gradtui.engine.tensor import Tensor

MIXED_HOOKS = (
    "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use "
    "only one of them."
)
FIRING = (
    "Full backward hook is firing when gradients are computed with respect to module outputs since "
    "no inputs require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module."
    "html#torch.nn.Module.register_full_backward_hook for more details."
)


def run(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`forward` between its hooks; hooks marked always_call run even when it fails."""
    called: set[int] = set()
    try:
        return _run(module, args, kwargs, called)
    except Exception:
        _call_the_rest(module, args, kwargs, called)
        raise


def _run(module: Any, args: Any, kwargs: Any, called: set[int]) -> Any:
    for number, hook in list(module._forward_pre_hooks.items()):
        args, kwargs = _before(module, number, hook, args, kwargs)
    full = module._is_full_backward_hook is True
    user_hooks = list(module._backward_hooks.values()) if full else []
    around = None
    if user_hooks or module._backward_pre_hooks:
        around = BackwardHook(module, user_hooks, list(module._backward_pre_hooks.values()))
        args = around.watch_inputs(args)
    result = module.forward(*args, **kwargs)
    for number, hook in list(module._forward_hooks.items()):
        called.add(number)
        answer = _after(module, number, hook, args, kwargs, result)
        result = result if answer is None else answer
    if around is not None:
        if not isinstance(result, (Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of "
                f"Tensors but received {type(result)}",
                stacklevel=4,
            )
        result = around.watch_outputs(result)
    if module._backward_hooks and not full:
        _watch_last_node(module, result)
    return result


def _before(module: Any, number: int, hook: Any, args: Any, kwargs: Any) -> Any:
    if number not in module._forward_pre_hooks_with_kwargs:
        answer = hook(module, args)
        if answer is None:
            return args, kwargs
        return (answer if isinstance(answer, tuple) else (answer,)), kwargs
    answer = hook(module, args, kwargs)
    if answer is None:
        return args, kwargs
    if isinstance(answer, tuple) and len(answer) == 2:
        return answer
    raise RuntimeError(
        f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {answer}."
    )


def _after(module: Any, number: int, hook: Any, args: Any, kwargs: Any, result: Any) -> Any:
    if number in module._forward_hooks_with_kwargs:
        return hook(module, args, kwargs, result)
    return hook(module, args, result)


def _call_the_rest(module: Any, args: Any, kwargs: Any, called: set[int]) -> None:
    for number in list(module._forward_hooks_always_called):
        hook = module._forward_hooks.get(number)
        if hook is None or number in called:
            continue
        try:
            _after(module, number, hook, args, kwargs, None)
        except Exception as error:
            warnings.warn(
                "module forward hook with ``always_call=True`` raised an exception that was "
                f"silenced as another error was raised in forward: {error}",
                stacklevel=4,
            )


def _watch_last_node(module: Any, result: Any) -> None:
    """The older backward hooks: on the node of the (first) result."""
    while not isinstance(result, Tensor):
        result = next(iter(result.values())) if isinstance(result, dict) else result[0]
    node: Any = result.grad_fn
    for hook in module._backward_hooks.values() if node is not None else ():
        node.register_hook(lambda into, out, hook=hook: hook(module, into, out))


class BackwardHookFunction(Function):
    """The identity on several tensors, one node for all of them."""

    __module__ = "torch.nn.modules._functions"

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        ctx.mark_non_differentiable(*[a for a in args if not a.requires_grad])
        return args

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        return grads


class BackwardHook:
    """Catches the gradients at a module's inputs and outputs and hands both to the user's hooks."""

    def __init__(self, module: Any, hooks: list[Any], pre_hooks: list[Any]) -> None:
        self.module, self.hooks, self.pre_hooks = module, hooks, pre_hooks
        self.grad_outputs: tuple[Any, ...] | None = None
        self.inputs: list[int] | None = None  # which arguments are tensors
        self.outputs: list[int] | None = None
        self.n_inputs = self.n_outputs = -1

    def watch_inputs(self, args: tuple[Any, ...]) -> Any:
        self.n_inputs = len(args)
        watched, self.inputs = _watch(args, self._inputs_known)
        return watched

    def watch_outputs(self, result: Any) -> Any:
        args = result if isinstance(result, tuple) else (result,)
        self.n_outputs = len(args)
        watched, self.outputs = _watch(args, self._outputs_known)
        return watched if isinstance(result, tuple) else watched[0]

    def _inputs_known(self, grad_input: Any, _: Any) -> Any:
        if self.grad_outputs is None:
            return None
        assert self.inputs is not None
        found = _spread(self.inputs, grad_input, self.n_inputs)
        for hook in self.hooks:
            answer = hook(self.module, found, self.grad_outputs)
            if answer is None:
                continue
            if len(answer) != len(found):
                raise RuntimeError(
                    "Backward hook returned an invalid number of grad_input, got "
                    f"{len(answer)}, but expected {len(found)}"
                )
            found = answer
        self.grad_outputs = None
        return tuple(found[i] for i in self.inputs)

    def _outputs_known(self, _: Any, grad_output: Any) -> Any:
        assert self.outputs is not None
        self.grad_outputs = _spread(self.outputs, grad_output, self.n_outputs)
        for hook in self.pre_hooks:
            answer = hook(self.module, self.grad_outputs)
            if answer is None:
                continue
            if len(answer) != len(self.grad_outputs):
                raise RuntimeError(
                    "Backward pre hook returned an invalid number of grad_output, got "
                    f"{len(answer)}, but expected {len(self.grad_outputs)}"
                )
            self.grad_outputs = answer
        found = self.grad_outputs
        if self.inputs is None:
            self._without_inputs()
        return tuple(found[i] for i in self.outputs)

    def _without_inputs(self) -> None:
        """No input requires grad, so the hooks are called when the outputs' gradients are known."""
        warnings.warn(FIRING, stacklevel=6)
        for hook in self.hooks:
            answer = hook(self.module, (None,) * self.n_inputs, self.grad_outputs)
            if answer is not None and not (
                isinstance(answer, tuple) and all(a is None for a in answer)
            ):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always "
                    "return None or None for all gradients."
                )
        self.grad_outputs = None


def _spread(places: list[int], values: Sequence[Any], size: int) -> Any:
    found: list[Any] = [None] * size
    for place, value in zip(places, values, strict=False):
        found[place] = value
    return tuple(found)


def _watch(args: tuple[Any, ...], hook: Callable[..., Any]) -> tuple[Any, list[int] | None]:
    """The tensors of `args` led through one node that has `hook`, where any requires grad."""
    places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]
    if not (state.grad_enabled and any(args[i].requires_grad for i in places)):
        return args, None
    made = BackwardHookFunction.apply(*[args[i] for i in places])
    node = next(t.grad_fn for t in made if t.grad_fn is not None)
    node.register_hook(hook)
    found = list(args)
    for place, value in zip(places, made, strict=True):
        found[place] = value
    return tuple(found), places
