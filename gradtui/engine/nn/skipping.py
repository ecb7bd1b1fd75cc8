"""`nn.utils.skip_init`: a module made without drawing its parameters."""

from __future__ import annotations

import inspect
from typing import Any

from gradtui.engine import creation
from gradtui.engine.nn.module import Module


def made(module_cls: Any, *args: Any, **kwargs: Any) -> Any:
    """The module, its numbers whatever was there, and the random generator as it was."""
    if not issubclass(module_cls, Module):
        raise RuntimeError(f"Expected a Module; got {module_cls}")
    if "device" not in inspect.signature(module_cls).parameters:
        raise RuntimeError("Module must support a 'device' arg to skip initialization")
    kwargs.pop("device", None)
    before = creation.default_generator.get_state()
    try:
        return module_cls(*args, **kwargs)
    finally:
        creation.default_generator.set_state(before)
