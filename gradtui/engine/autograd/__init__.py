"""`torch.autograd`: backward passes, custom functions, grad modes, Jacobians, numerical checks.

>>> import gradtui.engine as torch
>>> x = torch.tensor([1.0, 2.0])
>>> torch.autograd.functional.jacobian(lambda x: x**2, x)
tensor([[2., 0.],
        [0., 4.]])
"""

from typing import Any

from gradtui.engine import function
from gradtui.engine.absent import missing
from gradtui.engine.autograd import forward_ad, functional, grad_mode, graph, raw
from gradtui.engine.autograd.anomaly import detect_anomaly, set_detect_anomaly
from gradtui.engine.autograd.entry import backward, grad
from gradtui.engine.autograd.grad_mode import (
    _force_original_view_tracking,
    _unsafe_preserve_version_counter,
    set_multithreading_enabled,
)
from gradtui.engine.autograd.gradcheck import gradcheck, gradgradcheck
from gradtui.engine.autograd.variable import Variable
from gradtui.engine.function import Function, FunctionCtx
from gradtui.engine.modes import enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = [
    "Function",
    "FunctionCtx",
    "Variable",
    "_force_original_view_tracking",
    "_unsafe_preserve_version_counter",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "forward_ad",
    "function",
    "functional",
    "grad",
    "grad_mode",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "raw",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_multithreading_enabled",
]


def __getattr__(name: str) -> Any:
    raise missing("torch.autograd", name)
