"""`torch.nn.utils`: clipping of gradients, parameters as one vector, parametrizations, sequences."""

from typing import Any

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
    "rnn",
    "vector_to_parameters",
]


def __getattr__(name: str) -> Any:
    raise missing("torch.nn.utils", name)
