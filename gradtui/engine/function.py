"""`torch.autograd.Function`: operations whose forward and backward are written by the user."""

from __future__ import annotations

import functools
import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from gradtui.engine import errors, state
from gradtui.engine.derive import modified
from gradtui.engine.hooking import as_tensor
from gradtui.engine.inplace import taint
from gradtui.engine.lift import reduce_to
from gradtui.engine.node import Node, Output
from gradtui.engine.refusals import type_name
from gradtui.engine.tensor import TENSORS, alias, edge, owner, requires, storage, wrap
from gradtui.engine.views import as_view, check_in_place, count_up, move_retained, rebase

PUSH: list[Callable[..., None]] = []
UNWATCHED: list[Callable[..., Any]] = []
"""Forward mode through custom functions, while a level of it is open: `gradtui.engine.custom`."""

OF_NODE = frozenset(
    "saved_tensors saved_variables next_functions name metadata register_hook register_prehook "
    "requires_grad _sequence_nr _input_metadata".split()
)
"""What a `ctx` shows of its node."""


class FunctionCtx:
    """What `forward` leaves for `backward`; it may be given attributes of any name."""

    __module__ = "torch.autograd.function"

    def __init__(self, node: _FunctionNode) -> None:
        self._of = weakref.ref(node)
        self.to_save: tuple[Any, ...] = ()
        self.dirty_tensors: tuple[Any, ...] = ()
        self.non_differentiable: tuple[Any, ...] = ()
        self.materialize_grads = True
        self.saved_for_forward: tuple[Any, ...] | None = None
        self.needs_input_grad: tuple[bool, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if name in OF_NODE:
            return getattr(self._of(), name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def save_for_backward(self, *tensors: Any) -> None:
        """Keeps tensors, with their versions, until the graph is freed."""
        for place, tensor in enumerate(tensors):
            if tensor is not None and tensor.__class__ not in TENSORS:
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {place} is of type "
                    + type_name(tensor)
                )
        self.to_save = tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """Keeps tensors for `jvp`, which runs right after `forward`."""
        self.saved_for_forward = tensors

    def mark_dirty(self, *tensors: Any) -> None:
        """Says which inputs `forward` changed in place."""
        self.dirty_tensors = tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Says which outputs have no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether missing cotangents reach `backward` as zeros (the default) or as None."""
        self.materialize_grads = value


class _FunctionNode(Node):
    """The node of a custom function; `context` is what its `forward` and `backward` are given."""

    __module__ = "torch.autograd.function"
    function: Any
    context_class: type[FunctionCtx]
    several = True

    def __init__(self) -> None:
        self.edges = ()
        self.saved = ()
        self.versions = 0
        self.outputs = ()
        self.inputs = None
        self.hooks = None
        self.attributes = None
        self.context = self.context_class(self)
        self.places: tuple[int, ...] = ()  # of the tensors among the arguments

    @property
    def arity(self) -> int:  # type: ignore[override]
        return len(self.edges)

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        if self.context.saved_for_forward is not None:
            return tuple(self.context.saved_for_forward)
        if self.saved is None:
            raise RuntimeError(errors.SECOND_BACKWARD)
        tainted = None if self.attributes is None else self.attributes.get("tainted")
        found = []
        for tensor, version in self.saved:
            if tainted is not None and isinstance(tensor, Output):
                changed, then = tainted
                raise modified(changed, owner(changed)._ver, then, self.name(), tensor.node.shape)
            if tensor.__class__ in TENSORS and owner(tensor)._ver != version:
                raise modified(tensor, owner(tensor)._ver, version)
            found.append(self._unpacked(tensor))
        return tuple(found)

    saved_variables = saved_tensors

    @property
    def _raw_saved_tensors(self) -> tuple[Any, ...]:
        from gradtui.engine.autograd.raw import saved_at

        return tuple(saved_at(self, place) for place in range(len(self.saved or ())))

    def _unpacked(self, tensor: Any) -> Any:
        if isinstance(tensor, Output):  # one of its own results, kept without the tensor
            made = wrap(tensor.node)
            made._node, made._rg = Output(self, tensor.number), True
            return made
        return tensor

    def __call__(self, *grads: Any) -> Any:
        raise TypeError(f"'{type(self).__name__}' object is not callable")

    def __getattr__(self, name: str) -> Any:
        if name == "context" or name.startswith("_raw_saved_"):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        return getattr(self.context, name)

    def __repr__(self) -> str:
        return object.__repr__(self)

    def apply(self, grad: Any) -> tuple[Any, ...]:
        answers = self._backward([as_tensor(g) for g in grad])
        return tuple(None if a is None else a._data for a in answers)

    def apply_tensor(self, grad: Any) -> tuple[Any, ...]:
        return tuple(self._backward(list(grad)))

    def _backward(self, grads: list[Any]) -> list[Any]:
        backward = getattr(self.function, "backward", None) or getattr(self.function, "vjp", None)
        if backward is None or backward is Function.backward:
            raise NotImplementedError(
                "You must implement either the backward or vjp method for your custom "
                "autograd.Function to use it with backward mode AD."
            )
        if self.context.materialize_grads:
            grads = [
                _zeros(pair) if g is None else g
                for g, pair in zip(grads, self.outputs, strict=True)
            ]
        answer = backward(self.context, *grads)
        return self._checked(answer if isinstance(answer, tuple) else (answer,))

    def _checked(self, answers: Sequence[Any]) -> list[Any]:
        """One gradient for each argument of forward; those of tensors, in their shape."""
        name, count = type(self).__name__, len(self.context.needs_input_grad)
        if (len(answers) > count and any(a is not None for a in answers[count:])) or (
            len(answers) < count
        ):
            raise RuntimeError(
                f"function {name} returned an incorrect number of gradients (expected {count}, "
                f"got {len(answers)})"
            )
        for index, answer in enumerate(answers[:count]):
            if index in self.places and not (answer is None or answer.__class__ in TENSORS):
                raise RuntimeError(f"expected Variable or None (got {type_name(answer)})")
            if index not in self.places and answer is not None:
                raise RuntimeError(
                    f"function {name} returned a gradient different than None at position "
                    f"{index + 1}, but the corresponding forward input was not a Variable"
                )
        return [
            None if answers[index] is None or to is None else self._fitted(answers[index], index, i)
            for i, (index, to) in enumerate(zip(self.places, self.edges, strict=True))
        ]

    def _fitted(self, answer: Any, index: int, place: int) -> Any:
        assert self.inputs is not None
        shape, dtype = self.inputs[place]
        if not _expandable(shape, answer._data.shape):
            raise RuntimeError(
                f"Function {type(self).__name__} returned an invalid gradient at index "
                f"{index} - got {list(answer.shape)} but expected shape compatible with {list(shape)}"
            )
        return reduce_to(answer, shape, dtype)


def _expandable(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    if len(shape) > len(to):
        return False
    return all(a in (b, 1) for a, b in zip(reversed(shape), reversed(to), strict=False))


def _zeros(pair: Any) -> Any:
    import numpy as np

    return wrap(np.zeros(*pair))


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a backward that cannot be differentiated again: trying to is an error."""

    @functools.wraps(backward)
    def call(ctx: Any, *grads: Any) -> Any:
        before, state.grad_enabled = state.grad_enabled, False
        try:
            found = backward(ctx, *grads)
        finally:
            state.grad_enabled = before
        if not before or not any(g.__class__ in TENSORS and g._rg for g in grads):
            return found
        outs = found if isinstance(found, tuple) else (found,)
        ends = [None if o is None else alias(o).requires_grad_() for o in outs]
        return _DelayedError.apply(*ends)

    return call


class FunctionMeta(type):
    """Gives each Function its node class, named `<Function>Backward`."""

    def __init__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> None:
        super().__init__(name, bases, body)
        made: dict[str, Any] = {"function": cls, "__module__": "torch.autograd.function"}
        made["context_class"] = type(
            name + "Backward", (FunctionCtx,), {"__module__": "torch.autograd.function"}
        )
        cls._node_class = type(name + "Backward", (_FunctionNode,), made)


class Function(metaclass=FunctionMeta):
    """Subclass it with static `forward(ctx, …)` and `backward(ctx, grad)`; call it by `apply`."""

    __module__ = "torch.autograd.function"
    _node_class: type[_FunctionNode]
    backward: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, "
            "so you should invoke them on the class itself. Instantiating an autograd function will "
            "raise an error in a future version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use "
            "new-style autograd function with static forward method. (Example: "
            "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(
            "You must implement the forward function for custom autograd.Function."
        )

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Any:
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with "
            "forward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Runs `forward` unrecorded and leaves one node that runs `backward`."""
        if state.transforms:
            _check_transformed(cls)
        node = cls._node_class()
        node.function = cls
        node.context.needs_input_grad = tuple(a.__class__ in TENSORS and requires(a) for a in args)
        follows = state.grad_enabled and any(node.context.needs_input_grad)
        node.places = tuple(i for i, a in enumerate(args) if a.__class__ in TENSORS)
        node.edges = tuple(edge(args[i]) if follows else None for i in node.places)
        before = state.grad_enabled
        state.grad_enabled = False
        try:
            if state.duals:
                with UNWATCHED[0]():
                    out = cls._forward(node, args, kwargs)
            else:
                out = cls._forward(node, args, kwargs)
        finally:
            state.grad_enabled = before
        outs = out if isinstance(out, tuple) else (out,)
        node.inputs = tuple((args[i]._data.shape, args[i]._data.dtype) for i in node.places)
        node.seq = state.next_sequence()
        made = [_wrap_output(node, o, n, args, follows) for n, o in enumerate(outs)]
        node.outputs = tuple(_pair(m) for m in made)
        if state.duals:
            PUSH[0](node, args, outs, made)
        node.context.saved_for_forward = None
        _save(node, outs, made, follows)
        found = tuple(made) if isinstance(out, tuple) else made[0]
        if state.tape is not None:
            state.tape.append((cls, args, found))
        return found

    @classmethod
    def _forward(cls, node: _FunctionNode, args: Any, kwargs: Any) -> Any:
        setup = getattr(cls, "setup_context", None)
        if setup is None:
            return cls.forward(node.context, *args, **kwargs)
        out = cls.forward(*args, **kwargs)
        setup(node.context, args, out)
        return out


def _check_transformed(cls: Any) -> None:
    """Raises torch's errors for functions that its transforms cannot see through."""
    if getattr(cls, "setup_context", None) is None:
        raise RuntimeError(
            "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, "
            "jacrev, ...), it must override the setup_context staticmethod. For more details, "
            f"please see {_EXTENDING}"
        )
    rule = getattr(cls, "generate_vmap_rule", False)
    if "vmap" in state.transforms and not rule and getattr(cls, "vmap", None) is None:
        raise RuntimeError(
            f"You tried to vmap over {cls.__name__}, but it does not have vmap support. Please "
            "override and implement the vmap staticmethod or set generate_vmap_rule=True. For more "
            f"details, please see {_EXTENDING}"
        )


_EXTENDING = "https://pytorch.org/docs/main/notes/extending.func.html"


def _version(value: Any) -> int:
    return owner(value)._ver if value.__class__ in TENSORS else 0


def _pair(value: Any) -> Any:
    return (value._data.shape, value._data.dtype) if value.__class__ in TENSORS else ((), None)


def _wrap_output(node: _FunctionNode, out: Any, number: int, args: Any, follows: bool) -> Any:
    """What `forward` returned as the caller gets it: with the node as its history, or without any."""
    if out.__class__ not in TENSORS:
        return out
    given = any(out is a for a in args)
    dirty = any(out is d for d in node.context.dirty_tensors)
    if dirty:
        taint(out)
        count_up(out)
    silent = any(out is n for n in node.context.non_differentiable) or out._data.dtype.kind != "f"
    if silent or not follows:
        return _unfollowed(out, given, dirty)
    if dirty:
        _make_dirty(node, out, number)
        return out
    if given:
        out = as_view(storage(out), out, "custom")
    out._node, out._rg = Output(node, number), True
    if out._base is not None:  # a view, which may not be changed in place any more
        out._rare.creation = "custom"
        out._rare.seen_version = out._rare.owner._ver
    return out


def _unfollowed(out: Any, given: bool, dirty: bool) -> Any:
    """A result without history, which an argument that has one is not given up for."""
    if not requires(out):
        return as_view(storage(out), out, "custom") if given and not dirty else out
    if given:
        return alias(out)
    if out._base is None:
        out._node, out._rg = None, False
    return out


def _make_dirty(node: _FunctionNode, out: Any, number: int) -> None:
    """An input that `forward` changed in place has the node as its history, and no gradient."""
    if requires(out) and out._node is None:
        raise RuntimeError(errors.LEAF_IN_PLACE.replace("is being", "has been"))
    check_in_place(out, True)
    if out._rare is not None:
        out._rare.grad = None
    if out._is_view():
        node.outputs = (_pair(out),)
        rebase(out, node)
    else:
        before, out._node, out._rg = out._node, Output(node, number), True
        move_retained(before, node, number)


def _save(node: _FunctionNode, outs: Sequence[Any], made: Sequence[Any], follows: bool) -> None:
    """Keeps what was given to save_for_backward; own results as arrays, to avoid a cycle."""
    kept: list[Any] = []
    for tensor in node.context.to_save:
        if follows and tensor.__class__ in TENSORS and tensor._ver == -1:
            raise RuntimeError(errors.INFERENCE_SAVED)
        number = next((i for i, o in enumerate(outs) if tensor is o and tensor is not None), None)
        if number is not None and made[number]._rg and made[number].grad_fn is node:
            kept.append((Output(made[number]._data, number), 0))
        else:
            kept.append((tensor, _version(tensor)))
    node.saved = tuple(kept)
    del node.context.to_save


class _DelayedError(Function):
    """The identity, whose backward says that there is none."""

    @staticmethod
    def forward(ctx: Any, *tensors: Any) -> Any:
        found = tuple(None if t is None else alias(t) for t in tensors)
        return found if len(found) > 1 else found[0]

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )


_DelayedError._node_class.__name__ = "Error"
