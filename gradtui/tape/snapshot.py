"""Tensors as they are at one moment, read through what torch and gradtui's engine both show.

    take(torch.ones(2), 7)           # Value(tensor=7, shape=(2,), dtype="float32", …)
    take(cotangent)                  # Value(tensor=-1, …): an array that never gets a number

An array of at most `SMALL` elements is kept whole, of a larger one a digest and 64 samples.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import numpy as np

from gradtui.tape.events import Summary, Value

SMALL = 1024  # elements
SAMPLES = 64
ANONYMOUS = -1  # the number of a tensor that no name can reach: a cotangent, a row of a Jacobian

largest = SMALL  # elements of an array that is kept whole, in the run that goes on

_dtypes: dict[Any, str] = {}


@contextmanager
def keeping(size: int) -> Iterator[None]:
    """Within it, arrays of up to so many elements are kept whole."""
    global largest
    largest = size
    try:
        yield
    finally:
        largest = SMALL


def dtype_name(dtype: Any) -> str:
    """`"float32"` for torch.float32."""
    name = _dtypes.get(dtype)
    if name is None:
        name = _dtypes[dtype] = str(dtype).rpartition(".")[2]
    return name


def array(tensor: Any) -> Any:
    """The numbers as a numpy array; bfloat16, which numpy lacks, as its bits in uint16."""
    plain = tensor.detach()
    try:
        return plain.numpy()
    except (TypeError, RuntimeError):
        return _unusual(plain)


def _unusual(plain: Any) -> Any:
    try:
        if dtype_name(plain.dtype) == "bfloat16":
            return np.ascontiguousarray(plain.float().numpy()).reshape(-1).view(np.uint16)[1::2]
        return plain.resolve_conj().resolve_neg().numpy()
    except (AttributeError, TypeError, RuntimeError):
        return np.empty(0, np.uint8)  # sparse and quantised layouts have no plain bytes


def summary(numbers: Any) -> Summary:
    """What is kept of a large array: a digest of all its bytes and evenly spaced samples."""
    flat = np.ascontiguousarray(numbers).reshape(-1)
    picked = flat[np.arange(SAMPLES) * flat.size // SAMPLES]
    return Summary(blake2b(flat.data, digest_size=16).digest(), picked.tobytes())


def contents(tensor: Any) -> tuple[bytes, Summary | None]:
    """The bytes of a small tensor, or the summary of a large one."""
    numbers = array(tensor)
    if numbers.size <= largest:
        return numbers.tobytes(), None
    return b"", summary(numbers)


def version(tensor: Any) -> int:
    """How often the tensor was written to; 0 for an inference tensor, which does not count."""
    try:
        number: int = tensor._version
    except RuntimeError:
        return 0
    return number


def take(tensor: Any, number: int = ANONYMOUS, base: int = 0) -> Value:
    """The tensor now, its version counted from `base`.

    One without a number has version 0: how it was made is the engine's own.
    """
    data, large = contents(tensor)
    return Value(
        number,
        tuple(tensor.shape),
        dtype_name(tensor.dtype),
        tensor.requires_grad,
        tensor.is_leaf,
        version(tensor) - base if number >= 0 else 0,
        data,
        large,
    )


def matrix(rows: int, columns: int, dtype: str, data: bytes) -> Value:
    """A Jacobian, from its rows one after the other."""
    return Value(ANONYMOUS, (rows, columns), dtype, False, True, 0, data)
