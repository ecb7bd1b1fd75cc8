"""Ordinary PyTorch programs over the engine and over torch: what they print must be the same."""

import contextlib
import importlib
import io
import re
import warnings
from pathlib import Path

import pytest
from importing import builtins_over

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))


def printed(script: Path, root: str) -> str:
    """What the script prints with `root` for torch, and the error that ends it."""
    importlib.import_module(root).manual_seed(0)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(script.read_text(), script.name, "exec")
        exec(code, {"__builtins__": builtins_over(root), "__name__": "__main__"})
    return re.sub(r"0x[0-9a-f]+", "0x", out.getvalue())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_prints_what_torch_prints(script: Path) -> None:
    assert printed(script, "gradtui.engine") == printed(script, "torch")
