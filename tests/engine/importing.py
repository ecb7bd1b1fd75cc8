"""Code that says `import torch`, over torch or over the engine."""

import builtins
import importlib
from typing import Any


def importer(root: str) -> Any:
    """An `__import__` for which `torch` is the module called `root`."""

    def load(name: str, *rest: Any) -> Any:
        if name.split(".")[0] != "torch":
            return builtins.__import__(name, *rest)
        try:
            module = importlib.import_module(root + name[len("torch") :])
        except ModuleNotFoundError as missing:
            text = str(missing).replace(root, "torch")
            raise ModuleNotFoundError(text) from None
        wanted = rest[2] if len(rest) > 2 else None
        return module if wanted else importlib.import_module(root)

    return load


def builtins_over(root: str) -> dict[str, Any]:
    """Python's built-in names with that `__import__`."""
    return {**vars(builtins), "__import__": importer(root)}
