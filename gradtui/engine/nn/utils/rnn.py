"""`torch.nn.utils.rnn`: sequences of different lengths in one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from gradtui.engine import late
from gradtui.engine.absent import missing
from gradtui.engine.creation import full
from gradtui.engine.tensor import Tensor

__all__ = [
    "pack_padded_sequence", "pack_sequence", "pad_packed_sequence",
    "pad_sequence", "unpack_sequence", "unpad_sequence",
]  # fmt: skip


def pad_sequence(
    sequences: Any,
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Any:
    """Sequences side by side, the shorter ones filled up: (longest, batch, …)."""
    if isinstance(sequences, Tensor):
        sequences = sequences.unbind(0)
    longest = max(s.shape[0] for s in sequences)
    shape = (len(sequences), longest, *sequences[0].shape[1:])
    out = full(shape, padding_value, dtype=sequences[0].dtype)
    for row, sequence in enumerate(sequences):
        length = sequence.shape[0]
        place = slice(0, length) if padding_side == "right" else slice(longest - length, None)
        out[row, place] = sequence
    return out if batch_first else out.transpose(0, 1)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """The sequences `pad_sequence` was given."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    sizes: Sequence[int] = lengths.tolist() if isinstance(lengths, Tensor) else lengths
    return [row[:size] for row, size in zip(rows, sizes, strict=True)]


_PACKING = "gradtui.engine.nn.utils.packing"
pack_padded_sequence = late.function(_PACKING, "pack_padded_sequence")
pack_sequence = late.function(_PACKING, "pack_sequence")
pad_packed_sequence = late.function(_PACKING, "pad_packed_sequence")
unpack_sequence = late.function(_PACKING, "unpack_sequence")
invert_permutation = late.function(_PACKING, "invert_permutation")


def __getattr__(name: str) -> Any:
    if name == "PackedSequence":
        return import_module(_PACKING).PackedSequence
    raise missing("torch.nn.utils.rnn", name)
