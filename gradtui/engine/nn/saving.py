"""`state_dict` and `load_state_dict`, and the conversion of whole modules to another dtype."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Mapping
from typing import Any

from gradtui.engine import dtypes
from gradtui.engine.modes import no_grad
from gradtui.engine.nn.parameter import Parameter
from gradtui.engine.tensor import Tensor

_EXTRA = "_extra_state"


class _IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    """What `load_state_dict` returns."""

    __slots__ = ()
    __module__ = "torch.nn.modules.module"

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return super().__repr__()

    __str__ = __repr__


def state_dict(
    module: Any, args: tuple[Any, ...], destination: Any, prefix: Any, keep_vars: Any
) -> Any:
    """Fills `destination` with the tensors of `module` and of those below it."""
    destination, prefix, keep_vars = (*args, *(destination, prefix, keep_vars)[len(args) :])
    if destination is None:
        destination = OrderedDict()
        destination._metadata = OrderedDict()
    metadata = {"version": module._version}
    if hasattr(destination, "_metadata"):
        destination._metadata[prefix[:-1]] = metadata
    for hook in module._state_dict_pre_hooks.values():
        hook(module, prefix, keep_vars)
    module._save_to_state_dict(destination, prefix, keep_vars)
    for name, child in module._modules.items():
        if child is not None:
            child.state_dict(
                destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars
            )
    for hook in module._state_dict_hooks.values():
        if hook(module, destination, prefix, metadata) is not None:
            raise RuntimeError("state_dict post-hook must return None")
    return destination


def save(module: Any, destination: Any, prefix: str, keep_vars: bool) -> None:
    """The module's own tensors, without those of its children."""
    for name, tensor in _lasting(module).items():
        destination[prefix + name] = tensor if keep_vars else tensor.detach()
    if hasattr(type(module), "get_extra_state"):
        destination[prefix + _EXTRA] = module.get_extra_state()


def _lasting(module: Any) -> dict[str, Any]:
    """Parameters, then persistent buffers, by name."""
    skipped = module._non_persistent_buffers_set
    buffers = {k: b for k, b in module._buffers.items() if k not in skipped}
    both = {**module._parameters, **buffers}
    return {k: t for k, t in both.items() if t is not None}


def load_state_dict(module: Any, given: Any, strict: bool, assign: bool) -> Any:
    """Loads what fits; with `strict`, keys too many or too few are an error."""
    if not isinstance(given, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(given)}.")
    missing: list[str] = []
    unexpected: list[str] = []
    errors: list[str] = []
    metadata = getattr(given, "_metadata", None) or {}
    _load_tree(module, dict(given), "", metadata, assign, (missing, unexpected, errors))
    if strict:
        errors = _complaints("Unexpected", unexpected) + errors
        errors = _complaints("Missing", missing) + errors
    if errors:
        raise RuntimeError(
            f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(errors)
        )
    return _IncompatibleKeys(missing, unexpected)


def _complaints(kind: str, keys: list[str]) -> list[str]:
    shown = ", ".join(f'"{k}"' for k in keys)
    return [f"{kind} key(s) in state_dict: {shown}. "] if keys else []


def _load_tree(
    module: Any, given: dict[str, Any], prefix: str, metadata: Any, assign: bool, found: Any
) -> None:
    local = dict(metadata.get(prefix[:-1], {}))
    if assign:
        local["assign_to_params_buffers"] = True
    module._load_from_state_dict(given, prefix, local, True, *found)
    for name, child in module._modules.items():
        if child is not None:
            path = f"{prefix}{name}."
            below = {k: v for k, v in given.items() if k.startswith(path)}
            _load_tree(child, below, path, metadata, assign, found)
    for hook in module._load_state_dict_post_hooks.values():
        hook(module, _IncompatibleKeys(found[0], found[1]))


def load(
    module: Any,
    given: dict[str, Any],
    prefix: str,
    metadata: Any,
    missing: list[str],
    unexpected: list[str],
    errors: list[str],
) -> None:
    """The module's own tensors; says which keys were missing, too many or of another shape."""
    for hook in module._load_state_dict_pre_hooks.values():
        hook(module, given, prefix, metadata, True, missing, unexpected, errors)
    own = _lasting(module)
    assign = metadata.get("assign_to_params_buffers", False)
    for name, tensor in own.items():
        key = prefix + name
        if key not in given:
            missing.append(key)
            continue
        problem = _load_one(module, name, key, tensor, given[key], assign)
        errors += [problem] if problem else []
    if hasattr(type(module), "set_extra_state") and prefix + _EXTRA in given:
        module.set_extra_state(given[prefix + _EXTRA])
    unexpected += [k for k in given if _is_stranger(module, own, prefix, k)]


def _is_stranger(module: Any, own: Any, prefix: str, key: str) -> bool:
    if not key.startswith(prefix) or (
        key == prefix + _EXTRA and hasattr(type(module), "set_extra_state")
    ):
        return False
    first, _, rest = key[len(prefix) :].partition(".")
    return first not in module._modules if rest else first not in own


def _load_one(module: Any, name: str, key: str, tensor: Any, value: Any, assign: bool) -> str:
    """Loads one tensor; returns what is wrong with it, if anything."""
    if not isinstance(value, Tensor):
        return (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like '
            f"object from checkpoint but received {type(value)}"
        )
    if tensor.dim() == 0 and value.shape == (1,):
        value = value[0]  # type: ignore[index]
    if value.shape != tensor.shape:
        return (
            f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, "
            f"the shape in current model is {tensor.shape}."
        )
    with no_grad():
        if not assign:
            tensor.copy_(value)
            return ""
        if isinstance(tensor, Parameter):
            value = (
                value.requires_grad_(tensor.requires_grad)
                if isinstance(value, Parameter)
                else Parameter(value, requires_grad=tensor.requires_grad)
            )
        setattr(module, name, value)
    return ""


def convert(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`module.to(dtype)`, `.to(device)`, `.to(tensor)` and their combinations."""
    dtype = kwargs.get("dtype")
    for value in args:
        if isinstance(value, dtypes.dtype):
            dtype = value
        elif isinstance(value, Tensor):
            dtype = value.dtype
        elif isinstance(value, (str, dtypes.device)):
            dtypes.cpu_only(value)
    if kwargs.get("device") is not None:
        dtypes.cpu_only(kwargs["device"])
    if dtype is None:
        return module
    if not dtype.is_floating_point:
        raise TypeError(
            "nn.Module.to only accepts floating point or complex dtypes, but got desired "
            f"dtype={dtype}"
        )
    return module._to_dtype(dtype)
