"""`torch.nn.utils`: clipping of gradients, parameters as one vector, parametrizations, sequences."""

from typing import Any

from gradtui.engine import late
from gradtui.engine.absent import missing
from gradtui.engine.nn.utils import parametrizations, parametrize, rnn
from gradtui.engine.nn.utils.clipping import (
    clip_grad_norm_,
    clip_grad_value_,
    clip_grads_with_norm_,
    get_total_norm,
    parameters_to_vector,
    vector_to_parameters,
)

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "skip_init",
    "spectral_norm",
    "vector_to_parameters",
    "weight_norm",
]


_NORMS = "gradtui.engine.nn.utils.norms"
weight_norm = late.function(_NORMS, "weight_norm")
remove_weight_norm = late.function(_NORMS, "remove_weight_norm")
spectral_norm = late.function(_NORMS, "spectral_norm")
remove_spectral_norm = late.function(_NORMS, "remove_spectral_norm")


def skip_init(module_cls: Any, *args: Any, **kwargs: Any) -> Any:
    """A module whose parameters nobody has set: no draws are spent on them."""
    from gradtui.engine.nn.skipping import made

    return made(module_cls, *args, **kwargs)


def __getattr__(name: str) -> Any:
    raise missing("torch.nn.utils", name)
