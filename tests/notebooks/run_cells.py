"""Runs a notebook's cells as plain Jupyter would, and tells how the outputs differ from the stored.

The notebook is run in a kernel by nbclient; the process is its own, and ends with the kernel.
"""

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from gradtui.check.prints import first_difference


def differences(path: Path) -> list[str]:
    """Every cell whose outputs are not the stored ones, to the digits printed."""
    stored = nbformat.read(path, as_version=4)
    ran = nbformat.read(path, as_version=4)
    NotebookClient(ran, timeout=120, kernel_name="python3").execute()
    pairs = zip(stored.cells, ran.cells, strict=True)
    return [
        f"{one.source}\n--- stored\n{told(one)}\n--- ran\n{told(other)}"
        for one, other in pairs
        if one.cell_type == "code" and first_difference(told(one), told(other)) is not None
    ]


def told(cell: Any) -> str:
    """What a cell printed, showed and raised, as text."""
    made = ""
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            made += output.text
        elif output.output_type == "execute_result":
            made += output.data["text/plain"] + "\n"
        elif output.output_type == "error":
            made += f"{output.ename}: {output.evalue}\n"
    return made
