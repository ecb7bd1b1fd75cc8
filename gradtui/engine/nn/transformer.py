"""The transformer (Vaswani et al., 2017): layers of attention and of two linear maps."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.creation import full
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn import functional as F
from gradtui.engine.nn import init
from gradtui.engine.nn.activations import GELU, ReLU
from gradtui.engine.nn.attention import MultiheadAttention
from gradtui.engine.nn.containers import ModuleList
from gradtui.engine.nn.functional.attention import canonical_mask
from gradtui.engine.nn.layers import Dropout, Linear
from gradtui.engine.nn.module import Module
from gradtui.engine.nn.normalisation import LayerNorm


def _activation(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    if given not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {given}")
    return getattr(F, given)


def _later_hidden(size: int, device: Any = None, dtype: Any = None) -> Any:
    """-inf where a place would look at a later one, else 0."""
    return FUNCTIONS["triu"](full((size, size), float("-inf"), dtype=dtype, device=device), 1)


def _is_causal(mask: Any, given: bool | None, size: int) -> bool:
    """Whether the mask is the one that hides what is later, if nobody said."""
    if given is not None or mask is None:
        return given is True
    wanted = np.triu(np.full((size, size), -np.inf), 1)
    return mask.shape == wanted.shape and bool((mask._data == wanted).all())


def _length(source: Any, batch_first: bool) -> int:
    place = 0 if source.dim() == 2 else int(batch_first)
    return int(source.shape[place])


class _Layer(Module):
    """What both kinds of layers have: attention to themselves, two linear maps, norms."""

    __module__ = "torch.nn.modules.transformer"
    _attentions: tuple[str, ...] = ("self_attn",)

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        for name in self._attentions:
            heads = MultiheadAttention(
                d_model, nhead, dropout=dropout, batch_first=batch_first, **made
            )
            setattr(self, name, heads)
        count = len(self._attentions) + 1
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = norm_first
        for number in range(1, count + 1):
            setattr(self, f"norm{number}", LayerNorm(d_model, eps=layer_norm_eps, **made))
        for number in range(1, count + 1):
            setattr(self, f"dropout{number}", Dropout(dropout))
        self.activation = _activation(activation)

    def _wrapped(self, x: Any, norm: Any, block: Any) -> Any:
        """x plus what the block makes of it, normalised before or after."""
        return x + block(norm(x)) if self.norm_first else norm(x + block(x))

    def _sa_block(self, x: Any, attn_mask: Any, key_padding_mask: Any, is_causal: bool) -> Any:
        options = {"need_weights": False, "is_causal": is_causal}
        found = self.self_attn(
            x, x, x, attn_mask=attn_mask, key_padding_mask=key_padding_mask, **options
        )
        return self.dropout1(found[0])

    def _ff_block(self, x: Any) -> Any:
        x = self.linear2(self.dropout(self.activation(self.linear1(x))))
        last: Any = getattr(self, f"dropout{len(self._attentions) + 1}")
        return last(x)


class TransformerEncoderLayer(_Layer):
    """Attention of a sequence to itself, then two linear maps."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = {F.relu: 1, F.gelu: 2}
        chosen = self.activation
        kind = 1 if isinstance(chosen, ReLU) else 2 if isinstance(chosen, GELU) else 0
        self.activation_relu_or_gelu = kind or kinds.get(chosen, 0)

    def forward(
        self,
        src: Any,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:
        padding = canonical_mask(
            src_key_padding_mask, "src_key_padding_mask", src_mask, "src_mask", src
        )
        mask = canonical_mask(src_mask, "src_mask", None, "", src)
        x = self._wrapped(src, self.norm1, lambda x: self._sa_block(x, mask, padding, is_causal))
        return self._wrapped(x, self.norm2, self._ff_block)


class TransformerDecoderLayer(_Layer):
    """Attention of a sequence to itself and to another (`memory`), then two linear maps."""

    _attentions = ("self_attn", "multihead_attn")

    def _mha_block(self, x: Any, memory: Any, mask: Any, padding: Any, is_causal: bool) -> Any:
        options = {"need_weights": False, "is_causal": is_causal}
        found = self.multihead_attn(
            x, memory, memory, attn_mask=mask, key_padding_mask=padding, **options
        )
        return self.dropout2(found[0])

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        x = self._wrapped(
            tgt,
            self.norm1,
            lambda x: self._sa_block(x, tgt_mask, tgt_key_padding_mask, tgt_is_causal),
        )
        x = self._wrapped(
            x,
            self.norm2,
            lambda x: self._mha_block(
                x, memory, memory_mask, memory_key_padding_mask, memory_is_causal
            ),
        )
        return self._wrapped(x, self.norm3, self._ff_block)


class _Stack(Module):
    """Copies of one layer, one behind the other."""

    __module__ = "torch.nn.modules.transformer"

    def _stack(self, layer: Any, num_layers: int, norm: Any) -> None:
        self.layers = ModuleList([copy.deepcopy(layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def _finished(self, x: Any) -> Any:
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """Encoder layers, one behind the other."""

    def __init__(
        self,
        encoder_layer: Any,
        num_layers: int,
        norm: Any = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self._stack(encoder_layer, num_layers, norm)
        self.enable_nested_tensor = self.use_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check
        reason = _slow(encoder_layer)
        if enable_nested_tensor and reason:
            warnings.warn(
                "enable_nested_tensor is True, but self.use_nested_tensor is False because "
                f"{reason}",
                stacklevel=2,
            )
            self.use_nested_tensor = False

    def forward(
        self,
        src: Any,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool | None = None,
    ) -> Any:
        padding = canonical_mask(src_key_padding_mask, "src_key_padding_mask", mask, "mask", src)
        mask = canonical_mask(mask, "mask", None, "", src)
        first: Any = self.layers[0]
        causal = _is_causal(mask, is_causal, _length(src, first.self_attn.batch_first))
        x = src
        for layer in self.layers:
            x = layer(x, src_mask=mask, is_causal=causal, src_key_padding_mask=padding)
        if self._leaves_out_padding(src, mask, padding):
            x = x.masked_fill((padding != 0).unsqueeze(-1), 0.0)
        return self._finished(x)

    def _leaves_out_padding(self, src: Any, mask: Any, padding: Any) -> bool:
        """Whether torch would run without the padding at the ends, and put zeros there."""
        if padding is None or mask is not None or src.dim() != 3 or not self.use_nested_tensor:
            return False
        if self.training or state.grad_enabled:
            return False
        hidden = padding._data != 0
        return bool((np.diff(hidden.astype(np.int8), axis=1) >= 0).all())


def _slow(layer: Any) -> str:
    """Why torch would not run the layer in one operation, if so."""
    name = "encoder_layer"
    if not isinstance(layer, TransformerEncoderLayer):
        return f"{name} was not TransformerEncoderLayer"
    heads: Any = layer.self_attn
    reasons = {
        f"{name}.norm_first was True": layer.norm_first,
        f"{name}.self_attn.batch_first was not True"
        "(use batch_first for better inference performance)": not heads.batch_first,
        f"{name}.self_attn._qkv_same_embed_dim was not True": not heads._qkv_same_embed_dim,
        f"{name}.self_attn was passed bias=False": heads.in_proj_bias is None,
        f"{name}.activation_relu_or_gelu was not True": not layer.activation_relu_or_gelu,
        f"{name}.self_attn.num_heads is odd": heads.num_heads % 2 == 1,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


class TransformerDecoder(_Stack):
    """Decoder layers, one behind the other."""

    def __init__(self, decoder_layer: Any, num_layers: int, norm: Any = None) -> None:
        super().__init__()
        self._stack(decoder_layer, num_layers, norm)

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        first: Any = self.layers[0]
        causal = _is_causal(tgt_mask, tgt_is_causal, _length(tgt, first.self_attn.batch_first))
        x = tgt
        for layer in self.layers:
            x = layer(
                x,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=causal,
                memory_is_causal=memory_is_causal,
            )
        return self._finished(x)


class Transformer(Module):
    """An encoder, and a decoder that attends to what it makes of the source."""

    __module__ = "torch.nn.modules.transformer"

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = F.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        layer = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps)
        options = (batch_first, norm_first, bias, device, dtype)
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        if custom_encoder is not None:
            self.encoder = custom_encoder
        else:
            first = TransformerEncoderLayer(*layer, *options)
            norm = LayerNorm(d_model, eps=layer_norm_eps, **made)
            self.encoder = TransformerEncoder(first, num_encoder_layers, norm)
        if custom_decoder is not None:
            self.decoder = custom_decoder
        else:
            second = TransformerDecoderLayer(*layer, *options)
            norm = LayerNorm(d_model, eps=layer_norm_eps, **made)
            self.decoder = TransformerDecoder(second, num_decoder_layers, norm)
        self._reset_parameters()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        batch = 0 if self.batch_first else 1
        if src.dim() == 3 and src.shape[batch] != tgt.shape[batch]:
            raise RuntimeError("the batch number of src and tgt must be equal")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise RuntimeError("the feature number of src and tgt must be equal to d_model")
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    generate_square_subsequent_mask = staticmethod(_later_hidden)

    def _reset_parameters(self) -> None:
        for parameter in self.parameters():
            if parameter.dim() > 1:
                init.xavier_uniform_(parameter)
