"""Attention (Vaswani et al., 2017): the scaled product, and several heads of it."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.activations import softmax
from gradtui.engine.nn.functional.layers import dropout, linear, pad
from gradtui.engine.nn.functional.shared import native
from gradtui.engine.tensor import Tensor, wrap

# -- the product -----------------------------------------------------------------------------------


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """softmax(q·kᵀ·scale + mask)·v; a boolean mask says which places are seen."""
    _check_product(query, key, value, attn_mask, is_causal)
    if enable_gqa:
        key, value = (t.repeat_interleave(query.shape[-3] // t.shape[-3], -3) for t in (key, value))
    mask = _added(attn_mask, query)
    if dropout_p == 0 and _is_one_operation(query, key, value, attn_mask):
        return FUNCTIONS["_scaled_dot_product_flash_attention_for_cpu"](
            query, key, value, mask, is_causal, scale
        )
    return _in_steps(query, key, value, mask, dropout_p, is_causal, scale)


@native
def _in_steps(
    query: Any, key: Any, value: Any, mask: Any, dropout_p: float, causal: bool, scale: Any
) -> Any:
    """The product as torch makes it of other operations."""
    whole = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    factor = math.sqrt(abs(whole))
    scores = FUNCTIONS["matmul"](
        query * math.copysign(factor, whole), key.transpose(-2, -1) * factor
    )
    if causal:
        hidden = np.triu(np.ones(scores.shape[-2:], bool), 1)
        mask = wrap(np.where(hidden, -np.inf, 0).astype(query._data.dtype))
    scores = scores if mask is None else scores + mask
    weights = FUNCTIONS["_safe_softmax"](scores, -1)
    return FUNCTIONS["matmul"](dropout(weights, dropout_p) if dropout_p > 0 else weights, value)


def _added(mask: Any, query: Any) -> Any:
    """A boolean mask as what is added to the scores."""
    if mask is None or mask._data.dtype != np.bool_:
        return mask
    return wrap(np.where(mask._data, 0, -np.inf).astype(query._data.dtype))


def _is_one_operation(query: Any, key: Any, value: Any, mask: Any) -> bool:
    """Whether torch runs it as one operation on this machine."""
    several = all(t.dim() == 4 and t.numel() for t in (query, key, value))
    if not several or not query.shape[:2] == key.shape[:2] == value.shape[:2]:
        return False
    if not query.shape[-1] == key.shape[-1] == value.shape[-1] or key.shape[2] != value.shape[2]:
        return False
    if any(t.stride(-1) != 1 for t in (query, key, value)):
        return False
    return mask is None or not (mask.requires_grad and state.grad_enabled)


_TYPES = {
    "Double": "double",
    "Float": "float",
    "Half": "c10::Half",
    "Long": "long int",
    "Int": "int",
    "Short": "short int",
    "Byte": "unsigned char",
    "Char": "signed char",
    "Bool": "bool",
}
"""What C++ calls the types."""


def _check_product(query: Any, key: Any, value: Any, mask: Any, causal: bool) -> None:
    named = {"query": query, "key": key, "value": value}
    for place, (name, given) in enumerate(named.items(), 1):
        if not isinstance(given, Tensor):
            raise TypeError(
                f"scaled_dot_product_attention(): argument '{name}' (position {place}) must be "
                f"Tensor, not {type(given).__name__}"
            )
    names = [_TYPES[t.dtype.scalar_name] for t in named.values()]
    if len({t._data.dtype for t in named.values()}) > 1:
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{names[0]} key.dtype: {names[1]} and value.dtype: {names[2]} instead."
        )
    if any(t.dim() < 2 for t in named.values()):
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{query.dim()} key.dim: {key.dim()} and value.dim: {value.dim()} instead."
        )
    if mask is None:
        return
    if mask._data.dtype not in (np.bool_, np.float32, query._data.dtype):
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got "
            f"attn_mask.dtype: {_TYPES[mask.dtype.scalar_name]} and  query.dtype: {names[0]} instead."
        )
    if causal:
        raise RuntimeError(
            "_scaled_dot_product_attention: Explicit attn_mask should not be set when "
            "is_causal=True"
        )


# -- masks -----------------------------------------------------------------------------------------


def canonical_mask(mask: Any, name: str, other: Any, other_name: str, like: Any) -> Any:
    """A mask as what is added to the scores: -inf where a boolean one hides."""
    if mask is None:
        return None
    kind = mask._data.dtype
    if kind.kind not in "fb":
        raise AssertionError(f"only bool and floating types of {name} are supported")
    if other is not None and kind != other._data.dtype:
        warnings.warn(
            f"Support for mismatched {name} and {other_name} is deprecated. Use same type for both "
            "instead.",
            stacklevel=3,
        )
    if kind.kind == "f":
        return mask
    return wrap(np.where(mask._data, -np.inf, 0).astype(like._data.dtype))


def _check_shapes(query: Any, key: Any, value: Any, padding: Any, mask: Any, heads: int) -> bool:
    """Whether there is a batch; refuses what does not fit together."""
    if query.dim() not in (2, 3):
        raise AssertionError(
            "query should be unbatched 2D or batched 3D tensor but received "
            f"{query.dim()}-D query tensor"
        )
    batched = query.dim() == 3
    start = f"For {'batched (3-D)' if batched else 'unbatched (2-D)'} `query`, expected"
    dims = query.dim()
    if key.dim() != dims or value.dim() != dims:
        raise AssertionError(
            f"{start} `key` and `value` to be {dims}-D but found {key.dim()}-D and {value.dim()}-D "
            "tensors respectively"
        )
    if padding is not None and padding.dim() != dims - 1:
        raise AssertionError(
            f"{start} `key_padding_mask` to be `None` or {dims - 1}-D but found "
            f"{padding.dim()}-D tensor instead"
        )
    if mask is not None and mask.dim() not in (2, 3):
        raise AssertionError(
            f"{start} `attn_mask` to be `None`, 2-D or 3-D but found {mask.dim()}-D tensor instead"
        )
    if mask is not None and mask.dim() == 3 and not batched:
        wanted = (heads, query.shape[0], key.shape[0])
        if mask.shape != wanted:
            raise AssertionError(f"Expected `attn_mask` shape to be {wanted} but got {mask.shape}")
    return bool(batched)


def _three_dims(mask: Any, rows: int, target: int, source: int) -> Any:
    """A mask with a dimension for batch and heads."""
    wanted = (target, source) if mask.dim() == 2 else (rows, target, source)
    if mask.dim() not in (2, 3):
        raise RuntimeError(f"attn_mask's dimension {mask.dim()} is not supported")
    if mask.shape != wanted:
        raise RuntimeError(
            f"The shape of the {mask.dim()}D attn_mask is {mask.shape}, but should be {wanted}."
        )
    return mask.unsqueeze(0) if mask.dim() == 2 else mask


def _merged(mask: Any, padding: Any, batch: int, heads: int, source: int) -> Any:
    """The mask with that of the padding added to it."""
    if padding is None:
        return mask
    for dim, wanted in enumerate((batch, source)):
        if padding.shape[dim] != wanted:
            raise AssertionError(
                f"Expected key_padded_mask.shape[{dim}] to be {wanted}, but got "
                f"{padding.shape[dim]}"
            )
    wide = padding.view(batch, 1, 1, source).expand(-1, heads, -1, -1)
    padding = wide.reshape(batch * heads, 1, source)
    return padding if mask is None else mask + padding


# -- several heads ---------------------------------------------------------------------------------


def _thirds(x: Any, weight: Any, bias: Any, parts: int) -> Any:
    """One linear map that makes `parts` vectors of each entry."""
    made = linear(x, weight, bias)
    turned = made.unflatten(-1, (parts, x.shape[-1])).unsqueeze(0).transpose(0, -2)
    return turned.squeeze(-2).contiguous()


def _projected(q: Any, k: Any, v: Any, weight: Any, bias: Any) -> tuple[Any, Any, Any]:
    """Query, key and value from the one weight that holds all three maps."""
    size = q.shape[-1]
    if k is v and q is k:
        made = _thirds(q, weight, bias, 3)
        return made[0], made[1], made[2]
    if k is v:
        w_q, w_kv = weight.split([size, size * 2])
        b_q, b_kv = (None, None) if bias is None else bias.split([size, size * 2])
        first = linear(q, w_q, b_q)
        made = _thirds(k, w_kv, b_kv, 2)
        return first, made[0], made[1]
    return _projected_apart(q, k, v, weight.chunk(3), bias)


def _projected_apart(q: Any, k: Any, v: Any, weights: Any, bias: Any) -> tuple[Any, Any, Any]:
    biases = (None, None, None) if bias is None else bias.chunk(3)
    q, k, v = (linear(x, w, b) for x, w, b in zip((q, k, v), weights, biases, strict=True))
    return q, k, v


def _checked_weights(q: Any, k: Any, v: Any, weights: Any) -> Any:
    for x, weight, name in zip((q, k, v), weights, ("query", "key", "value"), strict=True):
        wanted = (q.shape[-1], x.shape[-1])
        if weight.shape != wanted:
            raise AssertionError(
                f"expecting {name} weights shape of {wanted}, but got {weight.shape}"
            )
    return weights


def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Any, Any]:
    """Attention by several heads: (length, batch, entry), and the weights if they are needed."""
    batched = _check_shapes(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = _batches_of_one(query, key, value)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    length, batch, size = query.shape
    padding = canonical_mask(key_padding_mask, "key_padding_mask", attn_mask, "attn_mask", query)
    mask, is_causal = _chosen_mask(attn_mask, padding, need_weights, is_causal, query)
    _check_sizes(query, key, value, embed_dim_to_check, num_heads, use_separate_proj_weight)
    if use_separate_proj_weight:
        weights = _checked_weights(query, key, value, (q_proj_weight, k_proj_weight, v_proj_weight))
        q, k, v = _projected_apart(query, key, value, weights, in_proj_bias)
    else:
        q, k, v = _projected(query, key, value, in_proj_weight, in_proj_bias)
    rows = batch * num_heads
    mask = None if mask is None else _three_dims(mask, rows, length, key.shape[0])
    if bias_k is not None and bias_v is not None:
        k, v = (FUNCTIONS["cat"]([x, b.repeat(1, batch, 1)]) for x, b in ((k, bias_k), (v, bias_v)))
        mask, padding = (None if m is None else pad(m, (0, 1)) for m in (mask, padding))
    head = size // num_heads
    q = q.view(length, rows, head).transpose(0, 1)
    k, v = (_by_head(x, s, rows, head) for x, s in ((k, static_k), (v, static_v)))
    if add_zero_attn:
        none = wrap(np.zeros((rows, 1, head), k._data.dtype))
        k, v = (FUNCTIONS["cat"]([x, none], 1) for x in (k, v))
        mask, padding = (None if m is None else pad(m, (0, 1)) for m in (mask, padding))
    mask = _merged(mask, padding, batch, num_heads, k.shape[1])
    p = dropout_p if training else 0.0
    if need_weights:
        out, seen = _with_weights(q, k, v, mask, p)
        out = out.transpose(0, 1).reshape(length * batch, size)
    else:
        out, seen = _without_weights(q, k, v, mask, p, is_causal, (batch, num_heads)), None
        out = out.permute(2, 0, 1, 3).reshape(batch * length, size)
    out = linear(out, out_proj_weight, out_proj_bias)
    out = out.view(length, batch, out.shape[1])
    if seen is not None:
        seen = seen.view(batch, num_heads, length, k.shape[1])
        seen = seen.mean(1) if average_attn_weights else seen
    if batched:
        return out, seen
    return out.squeeze(1), None if seen is None else seen.squeeze(0)


def _batches_of_one(*tensors: Any) -> tuple[Any, ...]:
    return tuple(t.unsqueeze(1) for t in tensors)


def _chosen_mask(
    mask: Any, padding: Any, need_weights: bool, causal: bool, query: Any
) -> tuple[Any, bool]:
    """The mask, or only the hint that it is the causal one."""
    if causal and mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module "
            "method `generate_square_subsequent_mask` to create this mask."
        )
    if causal and padding is None and not need_weights:
        return None, True
    return canonical_mask(mask, "attn_mask", None, "", query), causal and padding is None


def _check_sizes(query: Any, key: Any, value: Any, wanted: int, heads: int, separate: bool) -> None:
    size = query.shape[-1]
    if size != wanted:
        raise AssertionError(f"was expecting embedding dimension of {wanted}, but got {size}")
    if size // heads * heads != size:
        raise AssertionError(f"embed_dim {size} not divisible by num_heads {heads}")
    if separate and key.shape[:2] != value.shape[:2]:
        raise AssertionError(
            f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}"
        )
    if not separate and key.shape != value.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")


def _by_head(x: Any, static: Any, rows: int, head: int) -> Any:
    return x.view(x.shape[0], rows, head).transpose(0, 1) if static is None else static


def _with_weights(q: Any, k: Any, v: Any, mask: Any, p: float) -> tuple[Any, Any]:
    scaled = q * math.sqrt(1.0 / float(q.shape[-1]))
    turned = k.transpose(-2, -1)
    scores = (
        FUNCTIONS["bmm"](scaled, turned)
        if mask is None
        else FUNCTIONS["baddbmm"](mask, scaled, turned)
    )
    weights = softmax(scores, -1)
    weights = dropout(weights, p) if p > 0 else weights
    return FUNCTIONS["bmm"](weights, v), weights


def _without_weights(
    q: Any, k: Any, v: Any, mask: Any, p: float, causal: bool, lead: tuple[int, int]
) -> Any:
    if mask is not None:
        alone = mask.shape[0] == 1 and mask.dim() == 3
        mask = mask.unsqueeze(0) if alone else mask.view(*lead, -1, k.shape[1])
    q, k, v = (x.view(*lead, *x.shape[1:]) for x in (q, k, v))
    return scaled_dot_product_attention(q, k, v, mask, p, causal)
