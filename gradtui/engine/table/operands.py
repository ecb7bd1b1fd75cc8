"""Operations of two operands of which one may be a number."""

from __future__ import annotations

from typing import Any

from gradtui.engine.rows import Check
from gradtui.engine.tensor import TENSORS


def one_tensor(name: str) -> Check:
    """Refuses two numbers, in the words of torch's argument parser."""

    def check(self: Any, other: Any) -> None:
        if self.__class__ not in TENSORS and other.__class__ not in TENSORS:
            from gradtui.engine.signature import mismatch

            raise mismatch(name, (self, other), {}, False)

    return check
