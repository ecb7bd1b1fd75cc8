"""Attention of several heads as a module."""

from __future__ import annotations

from typing import Any

from gradtui.engine.creation import empty
from gradtui.engine.nn import functional as F
from gradtui.engine.nn import init
from gradtui.engine.nn.functional.attention import canonical_mask
from gradtui.engine.nn.layers import Linear
from gradtui.engine.nn.module import Module
from gradtui.engine.nn.parameter import Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """The layer behind the heads, under the name torch prints."""


class MultiheadAttention(Module):
    """Each place takes from all others by several heads (Vaswani et al., 2017)."""

    __module__ = "torch.nn.modules.activation"

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                f"num_heads={num_heads} instead"
            )
        made = {"device": device, "dtype": dtype}
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim == self.vdim
        self.num_heads, self.dropout, self.batch_first = num_heads, dropout, batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError("embed_dim must be divisible by num_heads")
        shapes = {"in_proj_weight": (3 * embed_dim, embed_dim)}
        if not self._qkv_same_embed_dim:
            sizes = {"q": embed_dim, "k": self.kdim, "v": self.vdim}
            shapes = {f"{name}_proj_weight": (embed_dim, size) for name, size in sizes.items()}
        for name in ("q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_weight"):
            if name in shapes:
                self.register_parameter(name, Parameter(empty(shapes[name], **made)))
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            if name not in shapes:
                self.register_parameter(name, None)
        self.register_parameter(
            "in_proj_bias", Parameter(empty(3 * embed_dim, **made)) if bias else None
        )
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, **made)
        for name in ("bias_k", "bias_v"):
            setattr(
                self, name, Parameter(empty((1, 1, embed_dim), **made)) if add_bias_kv else None
            )
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _weights(self) -> list[Any]:
        if self._qkv_same_embed_dim:
            return [self.in_proj_weight]
        return [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]

    def _reset_parameters(self) -> None:
        for weight in self._weights():
            init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.constant_(self.in_proj_bias, 0.0)
            init.constant_(self.out_proj.bias, 0.0)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        key_padding_mask = canonical_mask(
            key_padding_mask, "key_padding_mask", attn_mask, "attn_mask", query
        )
        attn_mask = canonical_mask(attn_mask, "attn_mask", None, "", query)
        turned = self.batch_first and query.dim() == 3
        if turned:
            query, key, value = _turned(query, key, value)
        options: dict[str, Any] = {}
        if not self._qkv_same_embed_dim:
            options["use_separate_proj_weight"] = True
            options["q_proj_weight"] = self.q_proj_weight
            options["k_proj_weight"] = self.k_proj_weight
            options["v_proj_weight"] = self.v_proj_weight
        out, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
            **options,
        )
        return (out.transpose(1, 0) if turned else out), weights


def _turned(query: Any, key: Any, value: Any) -> tuple[Any, Any, Any]:
    """(batch, length, …) as (length, batch, …), the same tensor staying the same."""
    seen: dict[int, Any] = {}
    for x in (query, key, value):
        if id(x) not in seen:
            seen[id(x)] = x.transpose(1, 0)
    return seen[id(query)], seen[id(key)], seen[id(value)]
