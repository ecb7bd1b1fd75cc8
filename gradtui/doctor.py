"""What works on this machine: `gradtui doctor` tells each part in a line."""

import importlib.metadata
import locale
import os
import platform
import shutil
import sys

from gradtui import __version__
from gradtui.oracle.client import OracleError, run_torch

PARTS = ("numpy", "textual", "msgspec", "pyyaml", "platformdirs")


def examine() -> int:
    """Prints a line for each part; returns 1 when something a lesson needs is missing."""
    print(f"gradtui       {__version__}, Python {platform.python_version()}")
    missing = [name for name in PARTS if not _part(name)]
    _terminal()
    torch = _torch()
    if missing:
        print(f"missing: {', '.join(missing)}; install gradtui again with pip", file=sys.stderr)
    return int(bool(missing) or not torch)


def _part(name: str) -> bool:
    try:
        print(f"{name:<13} {importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        print(f"{name:<13} not installed")
        return False
    return True


def _terminal() -> None:
    columns, rows = shutil.get_terminal_size()
    encoding = locale.getpreferredencoding(False)
    print(f"terminal      {os.environ.get('TERM', 'none')}, {columns}×{rows}, {encoding}")


def _torch() -> bool:
    from gradtui.language.program import Program, ProgramStep

    code = "import torch\nx = torch.ones(2, requires_grad=True)\nx.sum().backward()\nprint(x.grad)"
    try:
        events = run_torch(Program("doctor", (ProgramStep("doctor", code),)))
    except OracleError as error:
        print(f"torch         {error}")
        return False
    try:
        version = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        version = "?"
    print(f"torch         {version}, answers ({len(events)} events)")
    return True
