"""`weight_norm` and `spectral_norm` in torch's older way, by a hook before `forward`; loaded when a
program calls one.
"""

from __future__ import annotations

import warnings
from typing import Any

from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.modes import no_grad
from gradtui.engine.nn import functional as F
from gradtui.engine.nn.parameter import Parameter
from gradtui.engine.nn.utils.parametrizations import _WeightNorm


class _Hook:
    """Puts a computed weight in its place before every call."""

    shown = ""

    def __init__(self, name: str) -> None:
        self.name = name

    def part(self, module: Any, end: str) -> Any:
        return getattr(module, f"{self.name}_{end}")

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.weight(module, module.training))

    def weight(self, module: Any, moving: bool) -> Any:
        """The weight that its parts make."""
        raise NotImplementedError

    def take(self, module: Any) -> Any:
        """The parameter itself, which leaves the module; one hook of a kind for each."""
        for hook in module._forward_pre_hooks.values():
            if type(hook) is type(self) and hook.name == self.name:
                raise RuntimeError(
                    f"Cannot register two {self.shown} hooks on the same parameter {self.name}"
                )
        return module._parameters.pop(self.name)


def _find(module: Any, kind: type[_Hook], name: str) -> Any:
    """Takes the hook of a kind off a module."""
    for number, hook in list(module._forward_pre_hooks.items()):
        if isinstance(hook, kind) and hook.name == name:
            del module._forward_pre_hooks[number]
            return hook
    raise ValueError(f"{kind.shown} of '{name}' not found in {module}")


# -- length and direction --------------------------------------------------------------------------


class WeightNorm(_Hook):
    """A weight as length times direction."""

    shown = "weight_norm"

    def __init__(self, name: str, dim: int | None) -> None:
        super().__init__(name)
        self.inner = _WeightNorm(dim)

    def weight(self, module: Any, moving: bool) -> Any:
        return self.inner(self.part(module, "g"), self.part(module, "v"))


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Makes a weight the product of its length and its direction (Salimans and Kingma, 2016)."""
    warnings.warn(
        "`torch.nn.utils.weight_norm` is deprecated in favor of "
        "`torch.nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
        stacklevel=3,
    )
    hook = WeightNorm(name, dim)
    weight = hook.take(module)
    with no_grad():
        length, _ = hook.inner.right_inverse(weight)
    module.register_parameter(f"{name}_g", Parameter(length))
    module.register_parameter(f"{name}_v", Parameter(weight.data))
    setattr(module, name, hook.weight(module, False))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Makes the weight a parameter again."""
    hook = _find(module, WeightNorm, name)
    weight = hook.weight(module, False)
    delattr(module, name)
    for end in "gv":
        del module._parameters[f"{name}_{end}"]
    setattr(module, name, Parameter(weight.data))
    return module


# -- the greatest singular value -------------------------------------------------------------------


class SpectralNorm(_Hook):
    """A weight over its greatest singular value, found by the power method."""

    shown = "spectral_norm"

    def __init__(self, name: str, steps: int, dim: int, eps: float) -> None:
        super().__init__(name)
        if steps <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={steps}"
            )
        self.steps, self.dim, self.eps = steps, dim, eps

    def matrix(self, weight: Any) -> Any:
        """The weight with one dimension for rows and the others for columns."""
        if self.dim:
            rest = [d for d in range(weight.dim()) if d != self.dim]
            weight = weight.permute(self.dim, *rest)
        return weight.reshape(weight.shape[0], -1)

    def unit(self, weight: Any, size: int) -> Any:
        """A vector drawn at random, of length 1."""
        return F.normalize(weight.new_empty(size).normal_(0, 1), dim=0, eps=self.eps)

    def weight(self, module: Any, moving: bool) -> Any:
        weight = self.part(module, "orig")
        u, v, matrix = self.part(module, "u"), self.part(module, "v"), self.matrix(weight)
        if moving:
            with no_grad():
                for _ in range(self.steps):
                    v.copy_(F.normalize(FUNCTIONS["mv"](matrix.t(), u), dim=0, eps=self.eps))
                    u.copy_(F.normalize(FUNCTIONS["mv"](matrix, v), dim=0, eps=self.eps))
                u, v = u.clone(), v.clone()
        return weight / FUNCTIONS["dot"](u, FUNCTIONS["mv"](matrix, v))


def spectral_norm(
    module: Any,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Any:
    """Makes a weight have 1 for its greatest singular value (Miyato et al., 2018)."""
    if dim is None:
        dim = int(type(module).__name__.startswith("ConvTranspose"))
    hook = SpectralNorm(name, n_power_iterations, dim, eps)
    weight = hook.take(module)
    if weight is None:
        raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{name}` is None")
    with no_grad():
        rows, columns = hook.matrix(weight).shape
        u, v = hook.unit(weight, rows), hook.unit(weight, columns)
    module.register_parameter(f"{name}_orig", weight)
    setattr(module, name, weight.data)
    module.register_buffer(f"{name}_u", u)
    module.register_buffer(f"{name}_v", v)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: Any, name: str = "weight") -> Any:
    """Makes the weight a parameter again."""
    hook = _find(module, SpectralNorm, name)
    with no_grad():
        weight = hook.weight(module, False)
    delattr(module, name)
    for end in ("u", "v", "orig"):
        delattr(module, f"{name}_{end}")
    module.register_parameter(name, Parameter(weight.detach()))
    return module
