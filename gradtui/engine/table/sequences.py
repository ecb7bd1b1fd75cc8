"""Rows of the loss of a sequence of labels whose places in time are not known (Graves, 2006).

`log_probs` is (T, N, C); a label sequence with blanks around every label, 2·S + 1 long, is walked
through in T steps. `alpha` holds the logarithm of what all beginnings together are worth, `beta`
that of all ends.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.engine.table.functional import backward_of, nn_row


def _split(targets: Any, lengths: Sequence[int]) -> list[Any]:
    """The labels of each sample, which come padded or one sample behind the other."""
    if targets.ndim == 2:
        return [row[:n] for row, n in zip(targets, lengths, strict=True)]
    ends = np.cumsum([0, *lengths])
    return [targets[a:b] for a, b in itertools.pairwise(ends)]


def _with_blanks(labels: Any, blank: int) -> Any:
    out = np.full(2 * len(labels) + 1, blank, np.int64)
    out[1::2] = labels
    return out


def _log_sum(*parts: Any) -> Any:
    """log(Σ exp), of -inf only where all are."""
    top = np.maximum.reduce(parts)
    safe = np.where(np.isneginf(top), 0, top).astype(top.dtype)
    total = sum(np.exp(p - safe) for p in parts)
    return np.log(total) + safe


def _shifted(x: Any, by: int) -> Any:
    out = np.full_like(x, -np.inf)
    out[by:] = x[: len(x) - by]
    return out


def _walk(steps: Any, labels: Any) -> Any:
    """alpha: (T, 2·S + 1), where `steps` are the log probabilities of the labels."""
    out = np.full(steps.shape, -np.inf, steps.dtype)
    if not len(steps):
        return out
    out[0, : min(2, steps.shape[1])] = steps[0, :2]
    jump = np.zeros(len(labels), bool)
    jump[2:] = labels[2:] != labels[:-2]
    for t in range(1, len(steps)):
        before = out[t - 1]
        skipped = np.where(jump, _shifted(before, 2), -np.inf).astype(steps.dtype)
        out[t] = _log_sum(before, _shifted(before, 1), skipped) + steps[t]
    return out


def _total(alpha: Any, labels: Any) -> Any:
    """Minus the logarithm of what all walks to the end are worth."""
    if len(labels) == 1:
        return -alpha[-1, 0]
    return -_log_sum(alpha[-1, -1], alpha[-1, -2])


def ctc(
    log_probs: Any,
    targets: Any,
    input_lengths: Sequence[int],
    target_lengths: Sequence[int],
    blank: int,
    zero_infinity: bool,
) -> tuple[Any, Any]:
    """The loss of each sample, and alpha: (N, T, 2·S + 1)."""
    longest = max(target_lengths, default=0)
    times, batch, _ = log_probs.shape
    alphas = np.full((batch, times, 2 * longest + 1), -np.inf, log_probs.dtype)
    losses = np.zeros(batch, log_probs.dtype)
    for n, labels in enumerate(_split(targets, target_lengths)):
        line, length = _with_blanks(labels, blank), input_lengths[n]
        if not length:
            losses[n] = np.inf if len(labels) else 0
            continue
        alpha = _walk(log_probs[:length, n, line], line)
        alphas[n, :length, : len(line)] = alpha
        losses[n] = _total(alpha, line)
    return losses, alphas


def _ctc_backward(
    grad: Any,
    log_probs: Any,
    targets: Any,
    input_lengths: Sequence[int],
    target_lengths: Sequence[int],
    losses: Any,
    alphas: Any,
    blank: int,
    zero_infinity: bool,
) -> Any:
    """exp(log_probs) minus the share of the walks that pass each label, times the cotangent."""
    out = np.zeros_like(log_probs)
    for n, labels in enumerate(_split(targets, target_lengths)):
        if zero_infinity and np.isinf(losses[n]):
            continue
        line, length = _with_blanks(labels, blank), input_lengths[n]
        steps = log_probs[:length, n]
        beta = _walk(steps[::-1][:, line[::-1]], line[::-1])[::-1, ::-1]
        both = alphas[n, :length, : len(line)] + beta
        passed = np.full(steps.shape, -np.inf, steps.dtype)
        for s, label in enumerate(line):
            passed[:, label] = _log_sum(passed[:, label], both[:, s])
        share = np.exp(passed + losses[n] - steps)
        out[:length, n] = (np.exp(steps) - share) * grad[n]
    return out


_LENGTHS = "IntArrayRef input_lengths, IntArrayRef target_lengths"
ctc_backward = backward_of(
    f"_ctc_loss_backward(Tensor grad, Tensor log_probs, Tensor targets, {_LENGTHS}, "
    "Tensor result0, Tensor log_alpha, int64_t blank, bool zero_infinity)",
    "",
    _ctc_backward,
)


def _slope(
    grad: Any,
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    result0: Any,
    log_alpha: Any,
    blank: int,
    zero_infinity: bool,
) -> Any:
    lengths = (input_lengths, target_lengths)
    return ctc_backward(
        grad, log_probs, targets, *lengths, result0, log_alpha, blank, zero_infinity
    )


nn_row(
    f"_ctc_loss(Tensor log_probs, Tensor targets, {_LENGTHS}, int64_t blank=0, "
    "bool zero_infinity=False)",
    "CtcLossBackward0",
    ctc,
    outputs=("result0", "log_alpha"),
    jvp="not_implemented",
    log_probs=_slope,
)
