"""Sequences of different lengths one step behind the other, without their padding.

packed = pack_sequence([a, b, c])      # a, b, c of lengths 3, 2, 2
packed.batch_sizes                     # tensor([3, 3, 1]): how many take part in each step
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gradtui.engine import creation
from gradtui.engine.dtypes import int64
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.lift import is_tensor, reshape, zeros
from gradtui.engine.table.functional import nn_row
from gradtui.engine.tensor import Tensor, wrap


class _Fields(NamedTuple):
    data: Any
    batch_sizes: Any
    sorted_indices: Any
    unsorted_indices: Any


_Fields.__name__ = "PackedSequence"


class PackedSequence(_Fields):
    """The entries of all sequences, step by step; how many take part in each; and their order."""

    __module__ = "torch.nn.utils.rnn"

    def __new__(
        cls,
        data: Any,
        batch_sizes: Any = None,
        sorted_indices: Any = None,
        unsorted_indices: Any = None,
    ) -> Any:
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            data, batch_sizes = data
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    @property
    def is_cuda(self) -> bool:
        """No tensor of this engine is anywhere else."""
        return False

    def _each(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return type(self)(getattr(self.data, name)(*args, **kwargs), *self[1:])

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """The entries in another dtype."""
        return self._each("to", *args, **kwargs)

    def cpu(self) -> Any:
        """Itself."""
        return self

    def double(self) -> Any:
        """The entries in float64."""
        return self._each("double")

    def float(self) -> Any:
        """The entries in float32."""
        return self._each("float")


def invert_permutation(permutation: Any) -> Any:
    """The order that undoes another."""
    return None if permutation is None else wrap(np.argsort(permutation._data))


# -- packing ---------------------------------------------------------------------------------------


def _sizes(lengths: Any) -> Any:
    """How many sequences are longer than each step."""
    return np.array([(lengths > step).sum() for step in range(int(lengths[0]))], np.int64)


def _places(sizes: Any, batch: int) -> Any:
    """Where each packed entry lies among all (step, sequence)."""
    return np.concatenate([step * batch + np.arange(n) for step, n in enumerate(sizes)])


def _pack(x: Any, lengths: Any, batch_first: bool) -> Any:
    steps = np.swapaxes(x, 0, 1) if batch_first else x
    sizes = _sizes(lengths)
    flat = steps.reshape(-1, *steps.shape[2:])
    return flat[_places(sizes, steps.shape[1])], sizes


def _unpack_gradient(grad: Any, input_sizes: Any, batch_first: bool, sizes: Any) -> Any:
    first, second, *rest = input_sizes
    steps, batch = (second, first) if batch_first else (first, second)
    place = _places(sizes._data if is_tensor(sizes) else sizes, batch)
    flat = zeros(grad, (steps * batch, *rest))
    if is_tensor(grad):
        flat = F["index_copy"](flat, 0, wrap(place), grad)
        whole = reshape(flat, (steps, batch, *rest))
        return F["transpose"](whole, 0, 1) if batch_first else whole
    flat[place] = grad
    whole = flat.reshape(steps, batch, *rest)
    return np.swapaxes(whole, 0, 1) if batch_first else whole


def _check(input: Any, lengths: Any, batch_first: bool) -> None:
    batch, given = input.shape[0 if batch_first else 1], lengths._data
    if len(given) != batch:
        raise RuntimeError(
            "Expected `len(lengths)` to be equal to batch_size, but got "
            f"{len(given)} (batch_size={batch})"
        )
    if (given <= 0).any():
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' "
            "that is <= 0"
        )
    if (np.diff(given) > 0).any():
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You "
            "can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to "
            "sidestep this requirement if you do not need ONNX exportability."
        )


PACK = nn_row(
    "_pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first)",
    "PackPaddedSequenceBackward0",
    _pack,
    outputs=("result0", "info"),
    check=_check,
    jvp="auto_linear",
    input=lambda grad, input_sizes, batch_first, info: _unpack_gradient(
        grad, input_sizes, batch_first, info
    ),
)


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Packs sequences that lie padded in one tensor; the longest come first."""
    from gradtui.engine.dispatch import run

    if isinstance(lengths, Tensor):
        lengths = lengths.long()
    else:
        lengths = creation.tensor(list(lengths), dtype=int64)
    order = None
    if not enforce_sorted:
        lengths, order = F["sort"](lengths, descending=True)
        input = F["index_select"](input, 0 if batch_first else 1, order)
    data, sizes = run(PACK, (input, lengths, batch_first))
    return PackedSequence(data, sizes, order, None)  # type: ignore[no-any-return]


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Packs sequences of different lengths."""
    from gradtui.engine.nn.utils.rnn import pad_sequence

    lengths = [s.shape[0] for s in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


# -- and back --------------------------------------------------------------------------------------


def pad_packed_sequence(
    sequence: Any,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Any, Any]:
    """The sequences side by side again, and their lengths."""
    steps = len(sequence.batch_sizes)
    if total_length is not None and total_length < steps:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but "
            f"got total_length={total_length} and max sequence length being {steps}"
        )
    out, lengths = _padded(sequence, padding_value, total_length or steps)
    out = F["transpose"](out, 0, 1) if batch_first else out
    order = sequence.unsorted_indices
    if order is None:
        return out, lengths
    return F["index_select"](out, 0 if batch_first else 1, order), lengths[order]


def _padded(sequence: Any, value: float, steps: int) -> tuple[Any, Any]:
    """Blocks of steps in which as many sequences take part, each copied at once."""
    data, sizes = sequence.data, sequence.batch_sizes.tolist()
    out = creation.full((steps, sizes[0], *data.shape[1:]), value, dtype=data.dtype)
    offset = begun = 0
    for step, (now, after) in enumerate(zip(sizes, [*sizes[1:], 0], strict=True), 1):
        if now != after:
            block = F["slice"](data, 0, offset, offset + now * (step - begun), 1)
            place = F["slice"](F["slice"](out, 0, begun, step, 1), 1, 0, now, 1)
            place.copy_(F["view"](block, (step - begun, now, *data.shape[1:])))
            offset, begun = offset + now * (step - begun), step
    lengths = [sum(n > place for n in sizes) for place in range(sizes[0])]
    return out, creation.tensor(lengths)


def unpack_sequence(packed_sequences: Any) -> list[Any]:
    """The sequences `pack_sequence` was given."""
    from gradtui.engine.nn.utils.rnn import unpad_sequence

    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


# -- recurrent networks over packed sequences ------------------------------------------------------


def forward(module: Any, packed: PackedSequence, hx: Any) -> tuple[Any, Any]:
    """The states of a network's last layer, packed, and the last state of every sequence."""
    sizes, order = packed.batch_sizes.tolist(), packed.sorted_indices
    if hx is not None and order is not None:
        given = hx if isinstance(hx, tuple) else (hx,)
        turned = tuple(F["index_select"](h, 1, order) for h in given)
        hx = turned if isinstance(hx, tuple) else turned[0]
    like = creation.zeros(1, sizes[0], packed.data.shape[-1], dtype=packed.data.dtype)
    x, ends = packed.data, []
    states, ways = module._states(hx, like, True), module._directions()
    for layer in range(module.num_layers):
        found = []
        for number, way in enumerate(ways):
            begin = states[layer * len(ways) + number]
            out, end = _run(module, x, sizes, begin, f"_l{layer}{way}", bool(way))
            found.append(out)
            ends.append(end)
        x = found[0] if len(found) == 1 else F["cat"](found, -1)
        x = module._between(x, layer)
    stacked = tuple(F["stack"](list(e), 0) for e in zip(*ends, strict=True))
    if packed.unsorted_indices is not None:
        stacked = tuple(F["index_select"](s, 1, packed.unsorted_indices) for s in stacked)
    return PackedSequence(x, *packed[1:]), stacked if module._mode == "LSTM" else stacked[0]


def _cut(state: Any, start: int, end: int) -> Any:
    return tuple(F["slice"](s, 0, start, end, 1) for s in state)


def _joined(states: Any) -> Any:
    return tuple(F["cat"](list(parts), 0) for parts in zip(*states, strict=True))


def _run(
    module: Any, x: Any, sizes: list[int], state: Any, end: str, backwards: bool
) -> tuple[Any, Any]:
    """One layer in one direction; sequences leave as they end, or join as they begin."""
    gates, ends = module._sent(x, end), np.cumsum(sizes).tolist()
    order = range(len(sizes))
    begin, seen, done = state, [], []
    state = _cut(begin, 0, sizes[-1]) if backwards else begin
    last = sizes[-1] if backwards else sizes[0]
    for step in reversed(order) if backwards else order:
        now = sizes[step]
        if now < last:
            done.append(_cut(state, now, last))
            state = _cut(state, 0, now)
        elif now > last:
            state = _joined([state, _cut(begin, last, now)])
        last = now
        one = F["slice"](gates, 0, ends[step] - now, ends[step], 1)
        state = module._next(one, state, end)
        seen.append(state[0])
    out = F["cat"](seen[::-1] if backwards else seen, 0)
    return out, state if backwards else _joined([state, *done[::-1]])
