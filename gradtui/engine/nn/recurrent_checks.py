"""What recurrent layers and cells refuse, in torch's order and words."""

from __future__ import annotations

from typing import Any


def check_settings(module: Any, dropout: Any) -> None:
    """The arguments of a layer, which it has kept."""
    if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1:
        raise ValueError(_DROPOUT)
    for name, kind in _KINDS.items():
        value = getattr(module, name)
        if not isinstance(value, kind):
            given = type(value).__name__
            raise TypeError(f"{name} should be of type {kind.__name__}, got: {given}")
        if kind is int and value <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if module.num_layers <= 0:
        raise ValueError("num_layers must be greater than zero")


_DROPOUT = (
    "dropout should be a number in range [0, 1] representing the probability of an element being "
    "zeroed"
)
_KINDS: dict[str, Any] = {"bias": bool, "batch_first": bool, "input_size": int, "hidden_size": int}


def check_rank(module: Any, input: Any) -> None:
    """A sequence of samples, or of one."""
    if input.dim() not in (2, 3):
        kind, _, plain = module._mode.partition("_")
        found = f"{input.dim()}D" + (" tensor" if plain else "")
        raise ValueError(f"{kind}: Expected input to be 2D or 3D, got {found} instead")


def check_input(module: Any, input: Any) -> None:
    wanted = next(iter(module.parameters())).dtype
    if input.dtype != wanted:
        raise ValueError(
            f"RNN input dtype ({input.dtype}) does not match weight dtype ({wanted}). Convert "
            f"input: input.to({wanted}), or convert model: model.to({input.dtype})"
        )
    if input.shape[-1] != module.input_size:
        raise RuntimeError(
            f"input.size(-1) must be equal to input_size. Expected {module.input_size}, got "
            f"{input.shape[-1]}"
        )


def states(hx: Any, batched: bool, pair: bool) -> tuple[Any, ...]:
    """The given states, with a batch of one where there is none."""
    given = (hx[0], hx[1]) if pair else (hx,)
    ranks = [h.dim() for h in given]
    if any(rank != 2 + batched for rank in ranks):
        shown = ", ".join(f"{rank}-D" for rank in ranks)
        told = f"hx and cx should also be {2 + batched}-D but got ({shown}) tensors"
        alone = f"hx should also be {2 + batched}-D but got {shown} tensor"
        before = f"For {'batched 3-D' if batched else 'unbatched 2-D'} input, "
        raise RuntimeError(before + (told if pair else alone))
    return tuple(h if batched else h.unsqueeze(1) for h in given)


def check_states(given: tuple[Any, ...], wanted: tuple[int, ...]) -> None:
    for number, h in enumerate(given):
        if tuple(h.shape) != wanted:
            which = f"hidden[{number}]" if len(given) > 1 else "hidden"
            raise RuntimeError(f"Expected {which} size {wanted}, got {list(h.shape)}")


# -- cells -----------------------------------------------------------------------------------------


def check_cell_ranks(kind: str, input: Any, state: Any) -> None:
    """One sample or a batch, and states of one or of a batch."""
    if input.dim() not in (1, 2):
        raise ValueError(f"{kind}: Expected input to be 1D or 2D, got {input.dim()}D instead")
    if state is None:
        return
    named = {"hidden": state}
    if kind == "LSTMCell":
        named = {f"hx[{number}]": value for number, value in enumerate(state)}
    for name, value in named.items():
        if value.dim() not in (1, 2):
            raise ValueError(f"{kind}: Expected {name} to be 1D or 2D, got {value.dim()}D instead")


def cell_states(kind: str, state: Any, batched: bool) -> tuple[Any, ...]:
    """The states of a cell, with a batch of one where there is none."""
    if kind != "LSTMCell":
        return (state if batched else state.unsqueeze(0),)
    if not batched:
        return (state[0].unsqueeze(0), state[1].unsqueeze(0))
    if not isinstance(state, (tuple, list)):
        raise TypeError(
            "lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not "
            + type(state).__name__
        )
    if len(state) != 2:
        raise RuntimeError("lstm_cell expects two hidden states")
    return tuple(state)


def check_cell(module: Any, x: Any, given: tuple[Any, ...]) -> None:
    """The sizes of a batch and of its states."""
    if x.shape[1] != module.input_size:
        raise RuntimeError(
            f"input has inconsistent input_size: got {x.shape[1]} expected {module.input_size}"
        )
    for number, h in enumerate(given):
        if h.shape[0] != x.shape[0]:
            raise RuntimeError(
                f"Input batch size {x.shape[0]} doesn't match hidden{number} batch size "
                f"{h.shape[0]}"
            )
        if h.shape[1] != module.hidden_size:
            raise RuntimeError(
                f"hidden{number} has inconsistent hidden_size: got {h.shape[1]}, expected "
                f"{module.hidden_size}"
            )
