"""`torch.nn.utils.parametrize`: a parameter as a function of others.

>>> import gradtui.engine as torch
>>> class Positive(torch.nn.Module):
...     def forward(self, x):
...         return x.exp()
>>> layer = torch.nn.Linear(1, 1)
>>> P = torch.nn.utils.parametrize
>>> P.register_parametrization(layer, "weight", Positive()).weight.item() > 0
True
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from gradtui.engine.absent import missing
from gradtui.engine.modes import no_grad
from gradtui.engine.nn.containers import ModuleDict, ModuleList
from gradtui.engine.nn.module import Module
from gradtui.engine.nn.parameter import Parameter
from gradtui.engine.tensor import Tensor

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
]

_cached: dict[tuple[int, str], Any] | None = None


@contextmanager
def cached() -> Iterator[None]:
    """Computes each parametrized tensor once while it is open."""
    global _cached
    before, _cached = _cached, {}
    try:
        yield
    finally:
        _cached = before


def _enter(module: Module, name: str, original: Any) -> None:
    if isinstance(original, Parameter):
        module.register_parameter(name, original)
    else:
        module.register_buffer(name, original)


def _put(into: Any, value: Any) -> None:
    into.data = value.detach()


class ParametrizationList(ModuleList):
    """The functions of one tensor, and the `original` (or several) they begin with."""

    __module__ = "torch.nn.utils.parametrize"

    def __init__(self, modules: Sequence[Any], original: Any, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype = original.shape, original.dtype
        with no_grad():
            new: Any = original
            for module in list(self)[::-1]:
                if hasattr(module, "right_inverse"):
                    try:
                        new = module.right_inverse(new)
                    except NotImplementedError:
                        continue
        self.is_tensor = isinstance(new, Tensor)
        if not self.is_tensor and not isinstance(new, Sequence):
            raise ValueError(
                "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                f"Got {type(new).__name__}"
            )
        self.ntensors = 1 if self.is_tensor else len(new)
        self._keep(original, new)
        if not unsafe:
            _check_result(self(), shape, dtype)

    def _keep(self, original: Any, new: Any) -> None:
        if self.is_tensor:
            if original.dtype != new.dtype:
                raise ValueError(
                    "When `right_inverse` outputs one tensor, it may not change the dtype.\n"
                    f"original.dtype: {original.dtype}\nright_inverse(original).dtype: {new.dtype}"
                )
            _put(original, new)
            _enter(self, "original", original)
            return
        for number, part in enumerate(new):
            if not isinstance(part, Tensor):
                raise ValueError(
                    "'right_inverse' must return a Tensor or a Sequence of tensors (list, "
                    f"tuple...). Got element {number} of the sequence with type "
                    f"{type(part).__name__}."
                )
            kept = part
            if isinstance(original, Parameter):
                kept = Parameter(part, original.requires_grad)
            _enter(self, f"original{number}", kept.requires_grad_(original.requires_grad))

    def right_inverse(self, value: Any) -> None:
        """Sets the originals so that the tensor becomes `value`."""
        with no_grad():
            for module in list(self)[::-1]:
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(
                        f"parametrization {type(module).__name__} does not implement right_inverse."
                    )
                value = module.right_inverse(value)
            if self.is_tensor:
                _put(self.original, value)
                return
            for number, part in enumerate(value):
                _put(getattr(self, f"original{number}"), part)

    def forward(self) -> Any:
        first, *rest = list(self)
        if self.is_tensor:
            x = first(self.original)
        else:
            x = first(*(getattr(self, f"original{i}") for i in range(self.ntensors)))
        for module in rest:
            x = module(x)
        return x


def _check_result(made: Any, shape: Any, dtype: Any) -> None:
    if not isinstance(made, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {type(made).__name__}.")
    for what, before, now in (("dtype", dtype, made.dtype), ("shape", shape, made.shape)):
        if before != now:
            raise ValueError(
                f"Registering a parametrization may not change the {what} of the tensor, unless "
                f"`unsafe` flag is enabled.\nunparametrized {what}: {before}\n"
                f"parametrized {what}: {now}"
            )


# -- on a module -----------------------------------------------------------------------------------


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a module has parametrizations, of one tensor or of any."""
    lists: Any = module.__dict__.get("_modules", {}).get("parametrizations")
    if not isinstance(lists, ModuleDict):
        return False
    return len(lists) > 0 if tensor_name is None else tensor_name in lists


def _change_class(module: Module) -> None:
    """Gives the module a class of its own, in which parametrized tensors are properties."""
    cls = module.__class__
    body = {"__deepcopy__": _copied, "__module__": cls.__module__}
    module.__class__ = type(f"Parametrized{cls.__name__}", (cls,), body)


def _copied(self: Any, memo: dict[int, Any]) -> Any:
    made = self.__new__(self.__class__)
    memo[id(self)] = made
    made.__dict__ = deepcopy(self.__dict__, memo)
    return made


def _as_property(name: str) -> property:
    def read(self: Any) -> Any:
        if _cached is None:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in _cached:
            _cached[key] = self.parametrizations[name]()
        return _cached[key]

    def write(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    return property(read, write)


def register_parametrization(
    module: Any, tensor_name: str, parametrization: Any, *, unsafe: bool = False
) -> Any:
    """Makes a parameter or buffer of a module a function of what it was."""
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        kept = module.parametrizations[tensor_name]
        if not unsafe:
            now = getattr(module, tensor_name)
            _check_result(parametrization(now), now.shape, now.dtype)
        if hasattr(parametrization, "right_inverse") and kept.is_tensor:
            with no_grad():
                _put(kept.original, parametrization.right_inverse(kept.original))
        kept.append(parametrization)
        return module
    if tensor_name not in module._parameters and tensor_name not in module._buffers:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element "
            f"with name '{tensor_name}'"
        )
    made = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe=unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        _change_class(module)
        module.parametrizations = ModuleDict()
    setattr(type(module), tensor_name, _as_property(tensor_name))
    module.parametrizations[tensor_name] = made
    return module


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """Makes a tensor a parameter again: with the value it has, or the original."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    kept = module.parametrizations[tensor_name]
    if kept.is_tensor:
        original = kept.original
        if leave_parametrized:
            with no_grad():
                _put(original, getattr(module, tensor_name))
    elif leave_parametrized:
        value = getattr(module, tensor_name)
        original = Parameter(value.detach()) if value.requires_grad else value
    else:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is "
            "parametrized in terms of a sequence of tensors."
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    _enter(module, tensor_name, original)
    if not is_parametrized(module):
        delattr(module, "parametrizations")
        module.__class__ = module.__class__.__bases__[0]
    return module


def __getattr__(name: str) -> Any:
    raise missing("torch.nn.utils.parametrize", name)
