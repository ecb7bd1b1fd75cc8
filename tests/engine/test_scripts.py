"""Ordinary PyTorch programs over the engine and over torch: what they print must be the same."""

import builtins
import contextlib
import importlib
import io
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))


def importer(root: str) -> Any:
    """An `__import__` for which `torch` is the module called `root`."""

    def load(name: str, *rest: Any) -> Any:
        if name.split(".")[0] != "torch":
            return builtins.__import__(name, *rest)
        module = importlib.import_module(root + name[len("torch") :])
        wanted = rest[2] if len(rest) > 2 else None
        return module if wanted else importlib.import_module(root)

    return load


def printed(script: Path, root: str) -> str:
    """What the script prints with `root` for torch, and the error that ends it."""
    importlib.import_module(root).manual_seed(0)
    names = {**vars(builtins), "__import__": importer(root)}
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(script.read_text(), script.name, "exec")
        exec(code, {"__builtins__": names, "__name__": "__main__"})
    return re.sub(r"0x[0-9a-f]+", "0x", out.getvalue())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_prints_what_torch_prints(script: Path) -> None:
    assert printed(script, "gradtui.engine") == printed(script, "torch")
