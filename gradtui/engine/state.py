"""The engine's switches, read by every operation: grad mode, the counter, the open tape."""

from collections.abc import Callable
from itertools import count
from typing import Any

grad_enabled: bool = True
inference: bool = False
anomaly: bool = False
check_nan: bool = True  # whether anomaly mode looks for nan
hooks: int = 0  # hooks on living tensors and nodes
duals: bool = False  # a level of forward mode is open: tangents travel
transforms: list[str] = []  # the transforms of torch.func that run, the innermost last
native: bool = False  # torch itself computes: numbers meet tensors as in its C++ code
strided: bool = False  # whether some tensor does not lie in rows: gradients then may not either
tape: list[Any] | None = None
passes: list[Any] = []  # the backward passes that run, the innermost last
versions: dict[int, list[Any]] | None = None  # of gradients of the pass that runs, by id
last_write: int = -1  # the sequence number of the latest change in place of any tensor
next_sequence: Callable[[], int] = count().__next__
