"""An autograd engine in numpy that looks like torch: `import gradtui.engine as torch`.

Ordinary PyTorch code runs as it is, prints what PyTorch prints, and raises what PyTorch raises.

>>> import gradtui.engine as torch
>>> x = torch.tensor([1.0, 2.0], requires_grad=True)
>>> (x ** 2).sum().backward()
>>> x.grad
tensor([2., 4.])
"""

from importlib import import_module
from typing import Any

import numpy as np

from gradtui.engine import (
    accelerator,
    aliases,
    allocation,
    autograd,
    backends,
    creation,
    cuda,
    description,
    determinism,
    dtypes,
    func,
    late,
    legacy,
    linalg,
    nn,
    oddments,
    optim,
    parsed,
    settings,
    special,
    surface,
    utils,
)
from gradtui.engine.absent import missing
from gradtui.engine.creation import (
    arange,
    as_tensor,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    initial_seed,
    linspace,
    logspace,
    manual_seed,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
    seed,
    tensor,
    zeros,
    zeros_like,
)
from gradtui.engine.dtypes import (
    Size,
    can_cast,
    contiguous_format,
    device,
    dtype,
    finfo,
    get_default_dtype,
    iinfo,
    layout,
    memory_format,
    preserve_format,
    promote_types,
    set_default_dtype,
    strided,
)
from gradtui.engine.func import vmap
from gradtui.engine.modes import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from gradtui.engine.naming import typename
from gradtui.engine.nn import members
from gradtui.engine.random import Generator
from gradtui.engine.sharing import from_numpy
from gradtui.engine.tensor import Tensor
from gradtui.engine.text import set_printoptions

CREATION = """
arange as_tensor empty empty_like eye from_numpy full full_like linspace logspace ones ones_like rand
rand_like randint randint_like randn randn_like randperm zeros zeros_like result_type can_cast
promote_types
""".split()

assert description.TRACKING == []
allocation.keep_freed()
np.seterr(all="ignore")  # infinities and nan are results here, as in torch

globals().update(dtypes.NAMES)
globals().update(surface.PUBLIC)
globals().update(members.PUBLIC)

globals().update(legacy.PUBLIC)
globals().update(determinism.PUBLIC)
globals().update(settings.PUBLIC)

default_generator = creation.default_generator
newaxis = None
pi, e, inf, nan = np.pi, np.e, np.inf, np.nan
__version__ = "2.13.0"


def get_rng_state() -> Tensor:
    """The state of the default generator, as bytes."""
    found: Tensor = default_generator.get_state()
    return found


def set_rng_state(new_state: Tensor) -> None:
    """Continues from a state `get_rng_state` gave."""
    default_generator.set_state(new_state)


def is_tensor(obj: Any) -> bool:
    """Whether `obj` is a tensor."""
    return isinstance(obj, Tensor)


def result_type(tensor1: Any, tensor2: Any) -> Any:
    """The dtype of an operation on both."""
    return dtypes.result_type(tensor1, tensor2)


def __getattr__(name: str) -> Any:
    if name in late.MODULES:
        return import_module(f"{__name__}.{name}")
    raise missing("torch", name)


for _name in (
    "get_default_dtype",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "is_anomaly_enabled",
    "is_anomaly_check_nan_enabled",
):
    globals()[_name] = parsed.alone(_name, globals()[_name])
globals().update(parsed.members({name: globals()[name] for name in (*CREATION, *members.PUBLIC)}))
oddments.attach()
aliases.attach()
