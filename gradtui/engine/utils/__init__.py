"""`torch.utils`: data sets in memory and their loaders, checkpoints."""

from typing import Any

from gradtui.engine.absent import missing
from gradtui.engine.utils import checkpoint, data

__all__ = ["checkpoint", "data"]


def __getattr__(name: str) -> Any:
    raise missing("torch.utils", name)
