"""Random numbers, the very ones torch draws: after the same seed, the same bits.

>>> rand(Generator().manual_seed(0), (2,), dtypes.float32)
array([0.4962566 , 0.7682218 ], dtype=float32)

torch's CPU generator is the Mersenne Twister MT19937. Every draw below says how many of its 32-bit
words an element costs. On processors by Intel torch draws `bernoulli_(p)` (thus dropout) and
`exponential_` with a generator of Intel's library instead; these follow the other processors.
"""

from __future__ import annotations

import contextlib
import math
import secrets
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from gradtui.engine import data, dtypes
from gradtui.engine.absent import missing
from gradtui.engine.fma import fma64

Array = np.ndarray[Any, np.dtype[Any]]
Dtype = dtypes.dtype
Shape = tuple[int, ...]

DEFAULT_SEED = 67280421310721
STATE_BYTES = 5056
_WORDS = 624
_HEAD = struct.Struct("<QiiQ")  # seed, words left in the block, seeded, next word
_TAIL = struct.Struct("<dddi4xfB3x")  # x, kept normal, rho, is one kept, kept float, is one kept


class Generator:
    """torch's CPU generator: a stream of 32-bit words, and the second of the last normal pair."""

    __slots__ = ("_bits", "_seed", "_untouched", "device", "kept_normal")

    def __init__(self, device: Any = "cpu") -> None:
        self.device = dtypes.cpu_only(device)
        self.manual_seed(DEFAULT_SEED)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream of `seed`, an integer of 64 bits (negative ones wrap around)."""
        if not isinstance(seed, int | np.integer):
            raise RuntimeError(f"manual_seed expected a long, but got {data.type_name(seed)}")
        if not -(2**63) <= seed < 2**64:
            raise ValueError("Overflow when unpacking long long")
        self._seed = int(seed) % 2**64
        self._bits = np.random.MT19937(0)
        self._bits._legacy_seeding(self._seed & 0xFFFFFFFF)
        self._untouched = True
        self.kept_normal: float | None = None
        return self

    def seed(self) -> int:
        """Start a stream nobody can foresee; returns its seed."""
        return self.manual_seed(secrets.randbits(64)).initial_seed()

    def initial_seed(self) -> int:
        """The seed this stream started from."""
        return self._seed

    def words(self, count: int) -> Array:
        """The next `count` 32-bit words, as uint64."""
        self._untouched = self._untouched and not count
        words: Array = self._bits.random_raw(count)
        return words

    def long_words(self, count: int) -> Array:
        """The next `count` 64-bit words, each of two 32-bit words, the first of them above."""
        words = self.words(2 * count)
        return (words[0::2] << np.uint64(32)) | words[1::2]

    def get_state(self) -> Any:
        """The 5,056 bytes of the state, as a tensor."""
        from gradtui.engine.tensor import wrap

        return wrap(self.packed())

    def packed(self) -> Array:
        """The 5,056 bytes `torch.Generator.get_state()` holds."""
        state = self._bits.state["state"]
        place = int(state["pos"])
        left, following = (1, 0) if self._untouched else (_WORDS + 1 - place, place)
        kept = self.kept_normal
        packed = (
            _HEAD.pack(self._seed, left, 1, following)
            + state["key"].astype("<u8").tobytes()
            + _TAIL.pack(0.0, kept or 0.0, 0.0, int(kept is not None), 0.0, 0)
        )
        return np.frombuffer(packed, np.uint8).copy()

    def set_state(self, state: Any) -> Generator:
        """Continue from bytes `get_state` gave, here or in torch."""
        packed = np.asarray(getattr(state, "_data", state))
        if packed.dtype != np.uint8 or packed.ndim != 1:
            raise TypeError("expected a torch.ByteTensor, but got " + type(state).__name__)
        if packed.size != STATE_BYTES:
            raise RuntimeError("RNG state is wrong size")
        raw = packed.tobytes()
        self._seed, left, _, following = _HEAD.unpack_from(raw)
        key = np.frombuffer(raw, "<u8", _WORDS, _HEAD.size).astype(np.uint32)
        _, normal, _, kept, *_ = _TAIL.unpack_from(raw, _HEAD.size + 8 * _WORDS)
        self.kept_normal = normal if kept else None
        self._untouched = left == 1 and not following
        place = _WORDS if self._untouched else following
        self._bits.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": place}}
        return self

    def clone_state(self) -> Generator:
        """A generator of its own that will draw the same numbers."""
        return Generator().set_state(self.get_state())

    clone = clone_state
    graphsafe_get_state = clone_state

    def graphsafe_set_state(self, other: Generator) -> Generator:
        """Continue from the state of another generator."""
        return self.set_state(other.get_state())

    def __repr__(self) -> str:
        return f"<torch._C.Generator object at {id(self):#x}>"


default_generator = Generator()
default_generator.seed()


# ------------------------------------------------------------------------------------- uniform


def units(gen: Generator, count: int, dtype: Dtype) -> Array:
    """Numbers in [0, 1), as float64: 53 bits of two words for float64, else 24 bits of one."""
    if dtype is dtypes.float64:
        return (gen.long_words(count) & np.uint64(2**53 - 1)) * 2.0**-53
    return (gen.words(count) & np.uint64(2**24 - 1)) * 2.0**-24


def rand(gen: Generator, shape: Shape, dtype: Dtype | None = None) -> Array:
    """`torch.rand`: uniform in [0, 1); one word an element, two for float64."""
    return uniform(gen, shape, 0.0, 1.0, dtype)


def uniform(
    gen: Generator, shape: Shape, low: float = 0.0, high: float = 1.0, dtype: Dtype | None = None
) -> Array:
    """`uniform_(low, high)`: one word an element, two for float64; no element is `high`."""
    dtype = floating(dtype, "check_uniform_bounds")
    _check_bounds(low, high, dtype)
    unit = units(gen, math.prod(shape), dtype)
    wide = np.float64 if dtype is dtypes.float64 else np.float32
    start, width = float(wide(low)), float(wide(high) - wide(low))
    scaled = fma64(unit, width, start) if wide is np.float64 else unit * width + start
    drawn = data.converted(scaled, dtype)
    kind = dtype.numpy.type
    return np.where(drawn >= kind(high), kind(low), drawn).reshape(shape)


def floating(dtype: Dtype | None, kernel: str) -> Dtype:
    """The dtype to draw in, the default one if None; integers have no such kernel."""
    chosen = dtype or dtypes.get_default_dtype()
    if not chosen.is_floating_point:
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{chosen.scalar_name}'")
    return chosen


def _check_bounds(low: float, high: float, dtype: Dtype) -> None:
    limit = float(np.finfo(dtype.numpy).max)
    for name, bound in (("from", low), ("to", high)):
        if not -limit <= bound <= limit:
            shown = {"float16": "c10::Half", "float32": "float"}.get(dtype.name, "double")
            raise RuntimeError(f"{name} is out of bounds for {shown}")
    if low > high:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}"
        )


def exponential(
    gen: Generator, shape: Shape, lambd: float = 1.0, dtype: Dtype | None = None
) -> Array:
    """`exponential_(lambd)`: two words an element."""
    dtype = floating(dtype, "exponential_cpu")
    if not lambd > 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    unit = units(gen, math.prod(shape), dtypes.float64)
    drawn = np.array([-1.0 / lambd * math.log1p(-u) for u in unit.tolist()], np.float64)
    return data.converted(drawn, dtype).reshape(shape)


def cauchy(gen: Generator, shape: Shape, median: float, sigma: float, dtype: Dtype) -> Array:
    """`cauchy_(median, sigma)`: two words an element."""
    unit = units(gen, math.prod(shape), dtypes.float64)
    drawn = np.array([median + sigma * math.tan(math.pi * (u - 0.5)) for u in unit.tolist()])
    return data.converted(drawn, dtype).reshape(shape)


def geometric(gen: Generator, shape: Shape, p: float, dtype: Dtype) -> Array:
    """`geometric_(p)`: how many coins until the first success; two words an element."""
    unit = units(gen, math.prod(shape), dtypes.float64)
    most = math.log1p(-p)
    drawn = np.array([math.ceil(math.log(u) / most) if u else math.inf for u in unit.tolist()])
    return data.converted(drawn.astype(np.float64), dtype).reshape(shape)


# ------------------------------------------------------------------------------------ integers


def randint(gen: Generator, low: int, high: int, shape: Shape, dtype: Dtype | None = None) -> Array:
    """`torch.randint`: integers in [low, high); one word an element, two for ranges from 2²⁸ on."""
    dtype = dtype or dtypes.int64
    if low >= high:
        raise RuntimeError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )
    _check_range(low, high, dtype)
    count, span = math.prod(shape), high - low
    words = gen.words(count) if span < 1 << 28 else gen.long_words(count)
    drawn = (words % np.uint64(span)).astype(np.int64) + np.int64(low)
    return drawn.astype(dtype.numpy).reshape(shape)


_C_TYPES = {
    dtypes.bool_: ("bool", 0, 1),
    dtypes.uint8: ("unsigned char", 0, 255),
    dtypes.int8: ("signed char", -128, 127),
    dtypes.int16: ("short", -(2**15), 2**15 - 1),
    dtypes.int32: ("int", -(2**31), 2**31 - 1),
    dtypes.float16: ("c10::Half", -65504, 65504),
}


def drawn_between(gen: Generator, low: int, high: int, shape: Shape, dtype: Dtype) -> Array:
    """`random_(low, high)`, in any dtype: what it cannot hold is refused."""
    if low < high:
        _check_range(low, high, dtype)
    return randint(gen, low, high, shape).astype(dtype.numpy)


def whole(gen: Generator, shape: Shape, dtype: Dtype) -> Array:
    """`random_()`: integers from 0 to the largest up to which the dtype holds all of them."""
    kind = dtype.numpy
    if kind.kind == "b":
        bound = 2
    elif kind.kind == "f":
        bound = 2 ** (np.finfo(kind).nmant + 1) + 1
    else:
        bound = int(np.iinfo(kind).max) + 1
    wide = dtype is dtypes.float64 or dtype is dtypes.int64
    drawn = (gen.long_words if wide else gen.words)(math.prod(shape))
    return (drawn % np.uint64(bound)).astype(kind).reshape(shape)


def _check_range(low: int, high: int, dtype: Dtype) -> None:
    name, least, most = _C_TYPES.get(dtype, ("", -math.inf, math.inf))
    for bound, value in (("from", low), ("to - 1", high - 1)):
        if not least <= value <= most:
            raise RuntimeError(f"{bound} is out of bounds for {name}")


def randperm(gen: Generator, n: int, dtype: Dtype | None = None) -> Array:
    """`torch.randperm`: Fisher-Yates from the front; one word an element but the last."""
    data.checked_shape([n])
    places = list(range(n))
    jumps = gen.words(max(n - 1, 0)) % np.arange(n, 1, -1, dtype=np.uint64)
    for i, jump in enumerate(jumps.tolist()):
        other = i + jump
        places[i], places[other] = places[other], places[i]
    return np.array(places, (dtype or dtypes.int64).numpy)


# -------------------------------------------------------------------------------------- choice


def bernoulli_scalar(gen: Generator, shape: Shape, p: float) -> Array:
    """`bernoulli_(p)` as bools: two words an element, also for float32. Dropout keeps these."""
    if not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    return (units(gen, math.prod(shape), dtypes.float64) < p).reshape(shape)


def bernoulli(gen: Generator, p: Array) -> Array:
    """`torch.bernoulli(p)` as bools: one word an element, two where p is float64."""
    if p.size and not bool(((p >= 0) & (p <= 1)).all()):
        raise RuntimeError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message "
            "be improved?  If so, please report an enhancement request to PyTorch.)"
        )
    precise = p.dtype == np.float64
    unit = units(gen, p.size, dtypes.float64 if precise else dtypes.float32)
    return (unit.reshape(p.shape) < p.astype(np.float64)).astype(bool)


def dropout_mask(gen: Generator, shape: Shape, p: float, dtype: Dtype) -> Array:
    """What dropout multiplies with: 0 with probability `p`, else 1 / (1 - p)."""
    kept = bernoulli_scalar(gen, shape, 1 - p).astype(dtype.numpy)
    wide = np.dtype(np.float64 if dtype is dtypes.float64 else np.float32)
    with np.errstate(all="ignore"):
        scaled: Array = np.divide(kept, wide.type(1 - p), dtype=wide).astype(dtype.numpy)
    return scaled


def multinomial(gen: Generator, weights: Array, count: int, replacement: bool = False) -> Array:
    """`torch.multinomial`: `count` column numbers for each row of weights."""
    _check_weights(weights, count, replacement)
    rows = weights.reshape(-1, weights.shape[-1])
    if replacement and count > 1:
        drawn = np.stack([_with_replacement(gen, row, count) for row in rows])
    else:
        noise = exponential(gen, rows.shape, 1.0, dtypes.of(weights.dtype))
        with np.errstate(all="ignore"):
            race = rows / noise
        drawn = np.argsort(-race, axis=1, kind="stable")[:, :count]
    return drawn.astype(np.int64).reshape((*weights.shape[:-1], count))


def _with_replacement(gen: Generator, row: Array, count: int) -> Array:
    wide = row.astype(np.float32) if row.dtype == np.float16 else row
    reached = np.add.accumulate(wide)
    reached = reached / reached[-1]
    reached[-1] = 1
    return np.searchsorted(reached.astype(np.float64), units(gen, count, dtypes.float64))


def _check_weights(weights: Array, count: int, replacement: bool) -> None:
    if not 1 <= weights.ndim <= 2:
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if weights.dtype.kind != "f":
        shown = dtypes.of(weights.dtype).scalar_name
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got: {shown}"
        )
    if count <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and count > weights.shape[-1]:
        raise RuntimeError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement"
        )
    if weights.shape[-1] > 1 << 24:
        raise RuntimeError("number of categories cannot exceed 2^24")
    known = np.isfinite(weights)
    if not bool((known & (weights >= 0)).all()):
        if not replacement:
            raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
        first = weights.ravel()[np.flatnonzero(~known | (weights < 0))[0]]
        what = "= infinity or NaN" if first >= 0 else "< 0"
        raise RuntimeError(
            f"invalid multinomial distribution (encountering probability entry {what})"
        )
    if not bool((weights.sum(-1) > 0).all()):
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")


# -- what `torch.random` offers beside ------------------------------------------------------------


@contextlib.contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, **rest: Any) -> Iterator[None]:
    """The default generator goes on afterwards as if nothing had been drawn within."""
    import gradtui.engine as torch

    kept = torch.get_rng_state() if enabled else None
    try:
        yield
    finally:
        if kept is not None:
            torch.set_rng_state(kept)


_DEFAULTS = ("get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state")
"""Functions of the default generator, which are torch's own as well."""


def __dir__() -> list[str]:
    return sorted([*globals(), *_DEFAULTS])


def __getattr__(name: str) -> Any:
    import gradtui.engine as torch

    if name in _DEFAULTS:
        return getattr(torch, name)
    raise missing("torch.random", name)
