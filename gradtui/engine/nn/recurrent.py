"""Recurrent networks, one step at a time (cells) or over sequences in layers and directions.

A step is written as torch's cells compute it: what the input sends to the gates, plus what the
state sends, then the gates.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

from gradtui.engine.creation import empty, zeros
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn import functional as F
from gradtui.engine.nn import init
from gradtui.engine.nn import recurrent_checks as checks
from gradtui.engine.nn.module import Module
from gradtui.engine.nn.parameter import Parameter

# -- steps: from what input and state send to the gates, the next state -------------------------


def _tanh_step(gates: Any, sent: Any, state: Any) -> Any:
    return ((sent + gates).tanh(),)


def _relu_step(gates: Any, sent: Any, state: Any) -> Any:
    return ((sent + gates).relu(),)


def _gru_step(gates: Any, sent: Any, state: Any) -> Any:
    """Cho et al., 2014."""
    from_input, from_state = gates.chunk(3, 1), sent.chunk(3, 1)
    reset = (from_state[0] + from_input[0]).sigmoid()
    keep = (from_state[1] + from_input[1]).sigmoid()
    new = (from_input[2] + from_state[2] * reset).tanh()
    return ((state[0] - new) * keep + new,)


def _lstm_step(gates: Any, sent: Any, state: Any) -> Any:
    """Hochreiter and Schmidhuber, 1997; gates in the order input, forget, cell, output."""
    into, forget, cell, out = (sent + gates).chunk(4, 1)
    memory = forget.sigmoid() * state[1] + into.sigmoid() * cell.tanh()
    return out.sigmoid() * memory.tanh(), memory


_STEPS = {
    "RNN_TANH": _tanh_step,
    "RNN_RELU": _relu_step,
    "GRU": _gru_step,
    "LSTM": _lstm_step,
}
_GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "GRU": 3, "LSTM": 4}


class _Recurrent(Module):
    __module__ = "torch.nn.modules.rnn"
    _mode = "RNN_TANH"
    hidden_size: int

    def _add(self, sizes: dict[str, tuple[int, ...]], options: dict[str, Any]) -> None:
        for name, size in sizes.items():
            self.register_parameter(name, Parameter(empty(size, **options)))

    def reset_parameters(self) -> None:
        """Draws every weight and bias from ±1/√hidden_size again."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _zeros(self, count: int, like: Any) -> Any:
        made = zeros(count, self.hidden_size, dtype=like.dtype)
        return (made, made) if self._mode == "LSTM" else (made,)


# -- cells --------


class _Cell(_Recurrent):
    _kind = "RNNCell"
    input_size: int

    def _begin(self, sizes: tuple[int, int], bias: bool, device: Any, dtype: Any) -> None:
        self.input_size, self.hidden_size = sizes
        self.bias = bias
        rows = _GATES[self._mode] * self.hidden_size
        options = {"device": device, "dtype": dtype}
        shapes = {"weight_ih": (rows, sizes[0]), "weight_hh": (rows, sizes[1])}
        self._add(shapes | ({"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}), options)
        if not bias:
            self.register_parameter("bias_ih", None)
            self.register_parameter("bias_hh", None)
        self.reset_parameters()

    def _step(self, input: Any, state: Any) -> Any:
        checks.check_cell_ranks(self._kind, input, state)
        batched = input.dim() == 2
        x = input if batched else input.unsqueeze(0)
        if state is None:
            state = self._zeros(x.shape[0], x)
        else:
            state = checks.cell_states(self._kind, state, batched)
        checks.check_cell(self, x, state)
        gates = F.linear(x, self.weight_ih, self.bias_ih)
        sent = F.linear(state[0], self.weight_hh, self.bias_hh)
        found = _STEPS[self._mode](gates, sent, state)
        return tuple(f if batched else f.squeeze(0) for f in found)

    def extra_repr(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}"
        return shown if self.bias is True else f"{shown}, bias={self.bias}"


class RNNCell(_Cell):
    """h ← tanh(W·x + b + U·h + c)."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.nonlinearity = nonlinearity
        if nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {nonlinearity}")
        self._mode = "RNN_" + nonlinearity.upper()
        self._begin((input_size, hidden_size), bias, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        return self._step(input, hx)[0]

    def extra_repr(self) -> str:
        shown = super().extra_repr()
        plain = self.nonlinearity == "tanh"
        return shown if plain else f"{shown}, nonlinearity={self.nonlinearity}"


class GRUCell(_Cell):
    """One step of a gated recurrent unit."""

    _kind, _mode = "GRUCell", "GRU"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._begin((input_size, hidden_size), bias, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        return self._step(input, hx)[0]


class LSTMCell(GRUCell):
    """One step of a long short-term memory: the new state and the new memory."""

    _kind, _mode = "LSTMCell", "LSTM"

    def forward(self, input: Any, hx: Any = None) -> Any:
        return self._step(input, hx)


# -- sequences --------


class RNNBase(_Recurrent):
    """Layers of recurrent steps over a sequence (L, N, input), in one or two directions."""

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if proj_size:
            raise NotImplementedError("proj_size is not supported by gradtui's engine")
        self.mode = self._mode = mode
        self.input_size, self.hidden_size = input_size, hidden_size
        self.num_layers, self.bias = num_layers, bias
        self.batch_first, self.dropout = batch_first, float(dropout)
        self.bidirectional = bidirectional
        if num_layers == 1 and 0 < self.dropout <= 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero "
                f"dropout expects num_layers greater than 1, but got dropout={dropout} and "
                f"num_layers={num_layers}",
                stacklevel=3,
            )
        checks.check_settings(self, dropout)
        self._make({"device": device, "dtype": dtype})
        self.reset_parameters()

    def _directions(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    def _make(self, options: dict[str, Any]) -> None:
        rows, ways = _GATES[self._mode] * self.hidden_size, self._directions()
        for layer in range(self.num_layers):
            width = self.input_size if layer == 0 else self.hidden_size * len(ways)
            for way in ways:
                end = f"_l{layer}{way}"
                sizes: dict[str, tuple[int, ...]] = {
                    f"weight_ih{end}": (rows, width),
                    f"weight_hh{end}": (rows, self.hidden_size),
                }
                if self.bias:
                    sizes |= {f"bias_ih{end}": (rows,), f"bias_hh{end}": (rows,)}
                self._add(sizes, options)

    def flatten_parameters(self) -> None:
        """Does nothing: the weights of this engine need no rearranging."""

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The states of the last layer at every step, and the last state of every layer."""
        if isinstance(input, tuple):
            from gradtui.engine.nn.utils import packing

            return packing.forward(self, input, hx)  # type: ignore[arg-type]
        checks.check_rank(self, input)
        batched = input.dim() == 3
        x = input if batched else input.unsqueeze(0 if self.batch_first else 1)
        x = x.transpose(0, 1) if self.batch_first else x
        out, ends = self._layers(x, self._states(hx, x, batched))
        out = out.transpose(0, 1) if self.batch_first else out
        stacked = tuple(FUNCTIONS["stack"](list(e), 0) for e in zip(*ends, strict=True))
        if not batched:
            out = out.squeeze(0 if self.batch_first else 1)
            stacked = tuple(s.squeeze(1) for s in stacked)
        return out, stacked if self._mode == "LSTM" else stacked[0]

    def _states(self, hx: Any, x: Any, batched: bool) -> list[Any]:
        """The state each layer and direction begins with."""
        count = self.num_layers * len(self._directions())
        given = None if hx is None else checks.states(hx, batched, self._mode == "LSTM")
        checks.check_input(self, x)
        if given is None:
            return [self._zeros(x.shape[1], x)] * count
        checks.check_states(given, (count, x.shape[1], self.hidden_size))
        return [tuple(h[i] for h in given) for i in range(count)]

    def _layers(self, x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        ways, ends = self._directions(), []
        for layer in range(self.num_layers):
            found = []
            for number, way in enumerate(ways):
                begin = states[layer * len(ways) + number]
                out, end = self._run(x, begin, f"_l{layer}{way}", bool(way))
                found.append(out)
                ends.append(end)
            x = found[0] if len(found) == 1 else FUNCTIONS["cat"](found, -1)
            x = self._between(x, layer)
        return x, ends

    def _between(self, x: Any, layer: int) -> Any:
        """What the next layer is given: some of it dropped."""
        if self.dropout and layer + 1 < self.num_layers:
            return F.dropout(x, self.dropout, self.training)
        return x

    def _sent(self, x: Any, end: str) -> Any:
        """What the input sends to the gates."""
        own = self._parameters
        return F.linear(x, own[f"weight_ih{end}"], own.get(f"bias_ih{end}"))

    def _next(self, gates: Any, state: Any, end: str) -> Any:
        """The state after one step."""
        own = self._parameters
        sent = F.linear(state[0], own[f"weight_hh{end}"], own.get(f"bias_hh{end}"))
        return _STEPS[self._mode](gates, sent, state)

    def _run(self, x: Any, state: Any, end: str, backwards: bool) -> tuple[Any, Any]:
        """One layer in one direction: every state, and the last with its memory."""
        gates, seen = self._sent(x, end).unbind(0), []
        for one in reversed(gates) if backwards else gates:
            state = self._next(one, state, end)
            seen.append(state[0])
        return FUNCTIONS[self._joining(x)](seen[::-1] if backwards else seen, 0), state

    def _joining(self, x: Any) -> str:
        """What the states are joined by, whose node torch names after the layer it runs as one."""
        whole = self._mode == "LSTM" and x._data.dtype == "float32"
        return "mkldnn_rnn_layer" if whole else "stack"

    def extra_repr(self) -> str:
        shown = [f"{self.input_size}, {self.hidden_size}"]
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0}
        for name, value in (usual | {"bidirectional": False}).items():
            if getattr(self, name) != value:
                shown.append(f"{name}={getattr(self, name)}")
        return ", ".join(shown)


class RNN(RNNBase):
    """Elman's network (1990)."""

    def __init__(self, *args: Any, nonlinearity: str = "tanh", **options: Any) -> None:
        if len(args) > 3 and isinstance(args[3], str):
            nonlinearity, args = args[3], (*args[:3], *args[4:])
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        self_mode = "RNN_" + nonlinearity.upper()
        super().__init__(self_mode, *args, **options)
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """Long short-term memory."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__("LSTM", *args, **options)


class GRU(RNNBase):
    """Gated recurrent units."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__("GRU", *args, **options)
