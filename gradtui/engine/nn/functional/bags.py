"""Embeddings of bags, and the loss of sequences whose places in time are not known."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from gradtui.engine.creation import arange, tensor
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.layers import renormalise
from gradtui.engine.nn.functional.losses import enum
from gradtui.engine.nn.functional.shared import native
from gradtui.engine.signature import is_int
from gradtui.engine.tensor import TENSORS

_MODES = {"sum": 0, "mean": 1, "max": 2}


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """The sum, the mean or the maximum of the rows each bag names: (bags, columns)."""
    if weight._data.dtype == "int64" and input._data.dtype.kind == "f":
        warnings.warn(_SWAPPED, stacklevel=2)
        weight, input = input, weight
    factors = per_sample_weights
    if factors is not None and input.size() != factors.size():
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({factors.shape}) is not None, then it must "
            f"have the same shape as the input ({input.shape})"
        )
    if weight.dim() != 2:
        raise ValueError(
            f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.dim()}"
        )
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch "
                f"of fixed length sequences. However, found offsets of type {type(offsets)}"
            )
        offsets = arange(0, input.numel(), input.size(1), dtype=input.dtype)
        include_last_offset = False
        input = input.reshape(-1)
        factors = None if factors is None else factors.reshape(-1)
    _check_bags(input, offsets, mode, scale_grad_by_freq, sparse)
    if max_norm is not None:
        renormalise(weight, input, max_norm, norm_type)
    if factors is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported "
            f"for mode='sum' (got mode='{mode}'). Please open a feature request on GitHub."
        )
    return bags(
        weight,
        input,
        offsets,
        scale_grad_by_freq,
        _MODES[mode],
        sparse,
        factors,
        include_last_offset,
        padding_idx,
    )[0]


_SWAPPED = (
    "Argument order of nn.functional.embedding_bag was changed. Usage `embedding_bag(weight, "
    "input, ...)` is deprecated, and should now be `embedding_bag(input, weight, ...)`."
)


def _check_bags(input: Any, offsets: Any, mode: str, by_frequency: bool, sparse: bool) -> None:
    if input.dim() != 1:
        raise ValueError(
            f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.dim()}"
        )
    if offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    if offsets.dim() != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    if mode not in _MODES:
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and by_frequency:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")


def bags(
    weight: Any,
    indices: Any,
    offsets: Any,
    scale_grad_by_freq: bool = False,
    mode: int = 0,
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """`torch.embedding_bag`: the bags, and what their gradient needs."""
    if sparse and weight.requires_grad:
        raise NotImplementedError("sparse gradients are not supported by gradtui's engine")
    first = offsets._data[:1]
    if first.size and first[0] != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from "
            f"position 0. However, got {first[0]}"
        )
    if offsets._data.size and offsets._data[-1] > indices._data.size:
        raise RuntimeError(
            "offsets[-1] can not be greater than input's length "
            f"{indices._data.size} but got offsets[-1] of {offsets._data[-1]}"
        )
    rows = weight._data.shape[0]
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise RuntimeError("padding_idx must be within the number of embeddings, "
                               f"-{rows} through {rows - 1}, but got {padding_idx}")  # fmt: skip
        padding_idx %= rows
    return FUNCTIONS["_embedding_bag"](
        weight,
        indices,
        offsets,
        scale_grad_by_freq,
        mode,
        sparse,
        per_sample_weights,
        include_last_offset,
        padding_idx,
    )


# -- sequences -------------------------------------------------------------------------------------


def _lengths(given: Any) -> tuple[int, ...]:
    return tuple(int(n) for n in (given.tolist() if given.__class__ in TENSORS else given))


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """Minus the log probability of label sequences, however they lie in time."""
    return ctc(
        log_probs, targets, input_lengths, target_lengths, blank, enum(reduction), zero_infinity
    )


@native
def ctc(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: int = 1,
    zero_infinity: bool = False,
) -> Any:
    """`torch.ctc_loss`, with the reduction as a number."""
    single = log_probs.dim() == 2
    times, labels = (
        (int(v),) if is_int(v) or getattr(v, "ndim", 1) == 0 else _lengths(v)
        for v in (input_lengths, target_lengths)
    )
    wide = log_probs.unsqueeze(1) if single else log_probs
    named = targets.unsqueeze(0) if single and targets.dim() == 1 else targets
    _check_sequences(wide, named, times, labels, blank)
    losses = FUNCTIONS["_ctc_loss"](wide, named, times, labels, blank, zero_infinity)[0]
    if zero_infinity:
        losses = FUNCTIONS["where"](losses == float("inf"), 0.0, losses)
    if reduction == 1:
        counts = tensor([max(n, 1) for n in labels], dtype=losses.dtype)
        return (losses / counts).mean()
    if reduction == 2:
        return losses.sum()
    return losses.squeeze(0) if single else losses


def _check_sequences(
    x: Any, targets: Any, times: Sequence[int], labels: Sequence[int], blank: int
) -> None:
    steps, batch, classes = x.shape
    if x._data.dtype.kind != "f" or x._data.itemsize < 4:
        raise NotImplementedError(f"\"ctc_loss_cpu\" not implemented for '{x.dtype.scalar_name}'")
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    for name, given in (("input_lengths", times), ("target_lengths", labels)):
        if len(given) != batch:
            raise RuntimeError(f"{name} must be of size batch_size")
    for n, length in enumerate(times):
        if length < 0:
            raise RuntimeError(
                f"Expected input_lengths to have value at least 0, but got value {length}"
            )
        if length > steps:
            raise RuntimeError(
                f"Expected input_lengths to have value at most {steps}, but got value {length} "
                "(while checking arguments for ctc_loss_cpu)"
            )
        assert n < batch
    if targets.dim() == 1 and targets._data.size != sum(labels):
        raise RuntimeError(
            f"Expected tensor to have size {sum(labels)} at dimension 0, but got size "
            f"{targets._data.size} for argument #2 'targets' (while checking arguments for "
            "ctc_loss_cpu)"
        )
