"""Padding as modules: with a number, mirrored, repeated or around the other side."""

from __future__ import annotations

from typing import Any

from gradtui.engine.nn import functional as F
from gradtui.engine.nn.module import Module


class _Pad(Module):
    """Grows the last dimensions by `padding`: one width, or (left, right, top, bottom, …)."""

    __module__ = "torch.nn.modules.padding"
    _dims = 1
    _mode = "constant"

    def __init__(self, padding: Any) -> None:
        super().__init__()
        whole = isinstance(padding, int)
        self.padding = (padding,) * (2 * self._dims) if whole else tuple(padding)

    def forward(self, input: Any) -> Any:
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Any) -> Any:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_ConstantPad):
    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


_KINDS = {
    "ConstantPad": (_ConstantPad, "constant", "Grows dimensions by a number."),
    "ZeroPad": (_ZeroPad, "constant", "Grows dimensions by zeros."),
    "ReflectionPad": (_Pad, "reflect", "Grows dimensions by their mirror images."),
    "ReplicationPad": (_Pad, "replicate", "Grows dimensions by their first and last entries."),
    "CircularPad": (_Pad, "circular", "Grows dimensions by what is at their other end."),
}

PUBLIC: dict[str, Any] = {
    f"{name}{dims}d": type(
        f"{name}{dims}d",
        (base,),
        {"_dims": dims, "_mode": mode, "__doc__": doc, "__module__": "torch.nn.modules.padding"},
    )
    for name, (base, mode, doc) in _KINDS.items()
    for dims in (1, 2, 3)
}
"""The modules by torch's names."""
