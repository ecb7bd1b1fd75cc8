"""`torch.func`: functions made from functions — gradients, Jacobians, batches.

>>> import gradtui.engine as torch
>>> torch.func.grad(torch.func.grad(lambda x: x**3))(torch.tensor(2.0))
tensor(12.)
"""

from typing import Any

from gradtui.engine.absent import missing
from gradtui.engine.func.batches import vmap
from gradtui.engine.func.members import functional_call, stack_module_state
from gradtui.engine.func.pushed import hessian, jacfwd, jvp, linearize
from gradtui.engine.func.reverse import grad, grad_and_value, jacrev, vjp

__all__ = [
    "functional_call",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "stack_module_state",
    "vjp",
    "vmap",
]


def __getattr__(name: str) -> Any:
    raise missing("torch.func", name)
