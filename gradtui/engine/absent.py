"""What a name that is not here answers: torch's own words, or what is supported nearby.

`names.txt` lists torch's names by module (`tests/engine/write_names.py` writes it).
"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from gradtui.engine.tensor import Tensor


@cache
def torchs() -> dict[str, frozenset[str]]:
    """Torch's public names, by module, and the tensor's."""
    lines = Path(__file__).with_name("names.txt").read_text().splitlines()
    rows = (line.partition(": ") for line in lines)
    return {module: frozenset(names.split()) for module, _, names in rows}


def _nearby(name: str, have: list[str], module: str) -> str:
    found = get_close_matches(name, [h for h in have if h in torchs()[module]], 3, 0.5)
    return f"; supported nearby: {', '.join(found)}" if found else ""


def missing(module: str, name: str) -> AttributeError:
    """The error of `module.name`, where `module` is torch's: `torch.nn`."""
    text = f"module '{module}' has no attribute '{name}'"
    if name in torchs().get(module, ()):
        here = sys.modules.get("gradtui.engine" + module.removeprefix("torch"))
        text += f" in gradtui's engine{_nearby(name, dir(here), module)}"
    return AttributeError(text)


def _missing_method(self: Tensor, name: str) -> AttributeError:
    text = f"'{type(self).__name__}' object has no attribute '{name}'"
    if name in torchs()["Tensor"]:
        text += f" in gradtui's engine{_nearby(name, dir(Tensor), 'Tensor')}"
    return AttributeError(text, name=name, obj=self)


def attach() -> None:
    """Lets tensors answer for names they lack."""

    def __getattr__(self: Tensor, name: str) -> None:
        raise _missing_method(self, name)

    setattr(Tensor, "__getattr__", __getattr__)  # noqa: B010 - what mypy knows it by
