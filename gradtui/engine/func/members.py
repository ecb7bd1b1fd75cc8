"""Modules as functions: called with parameters from outside, stacked into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradtui.engine.lift import FUNCTIONS


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: Any = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Calls a module with other parameters and buffers, by their paths."""
    given = parameter_and_buffer_dicts
    merged: dict[str, Any] = {}
    for one in [given] if isinstance(given, dict) else given:
        merged.update(one)
    places = [(*_place(module, path), value) for path, value in merged.items()]
    kept = [(table, name, table[name]) for table, name, _ in places]
    positional = () if args is None else args if isinstance(args, tuple) else (args,)
    try:
        for table, name, value in places:
            table[name] = value
        return module(*positional, **(kwargs or {}))
    finally:
        for table, name, value in kept:
            table[name] = value


def _place(module: Any, path: str) -> tuple[dict[str, Any], str]:
    """The table of parameters or buffers an entry lives in, and its name there."""
    owner_path, _, name = path.rpartition(".")
    owner = module.get_submodule(owner_path)
    for table in (owner._parameters, owner._buffers):
        if name in table:
            return table, name
    raise KeyError(f"{path!r} is neither a parameter nor a buffer of {type(module).__name__}")


def stack_module_state(models: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters, and the buffers, of several modules of one kind, stacked by name."""
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")

    def stack(tables: list[dict[str, Any]]) -> dict[str, Any]:
        return {k: FUNCTIONS["stack"]([t[k] for t in tables]) for k in tables[0]}

    params = stack([dict(m.named_parameters()) for m in models])
    made = {k: v.detach().requires_grad_() for k, v in params.items()}
    return made, stack([dict(m.named_buffers()) for m in models])
