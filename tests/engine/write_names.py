"""Writes `gradtui/engine/names.txt`: torch's public names by module, and the tensor's."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

MODULES = """
torch torch.nn torch.nn.functional torch.nn.init torch.nn.utils torch.optim
torch.optim.lr_scheduler torch.autograd torch.autograd.graph torch.func torch.linalg torch.special
torch.utils.data
""".split()


def own(value: Any) -> bool:
    """Whether a member of a module is torch's, and something to call or to look into."""
    if not (callable(value) or isinstance(value, ModuleType)):
        return False
    return str(getattr(value, "__module__", None) or "torch").startswith("torch")


def lines() -> list[str]:
    found = []
    for path in MODULES:
        module = importlib.import_module(path)
        names = [n for n in dir(module) if not n.startswith("_") and own(getattr(module, n, None))]
        found.append(f"{path}: {' '.join(sorted(names))}")
    methods = [n for n in dir(torch.Tensor) if not n.startswith("_")]
    return [*found, f"Tensor: {' '.join(methods)}"]


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "gradtui" / "engine" / "names.txt"
    target.write_text("\n".join(lines()) + "\n")
