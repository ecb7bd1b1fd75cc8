"""The types a tensor is described with: dtype, Size, device, layout, memory format.

>>> promote_types(int32, float16)
torch.float16
>>> Size([2, 3]) + (4,)
torch.Size([2, 3, 4])

Three of torch's names would hide Python's own here, so inside the engine they are called `bool_`,
`float32` (for `float`) and `int32` (for `int`); `NAMES` maps every public name to its dtype.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NoReturn, SupportsIndex, overload

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


class dtype:
    """The type of a tensor's elements; one object per type, compared by identity, as in torch."""

    __slots__ = (
        "abbr",
        "is_complex",
        "is_floating_point",
        "is_signed",
        "itemsize",
        "name",
        "numpy",
        "rank",
        "scalar_name",
    )
    name: str
    numpy: np.dtype[Any]
    scalar_name: str
    abbr: str
    itemsize: int
    is_floating_point: bool
    is_complex: bool
    is_signed: bool
    rank: int

    def __init__(self) -> None:
        raise TypeError("cannot create 'torch.dtype' instances")

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return (NAMES.__getitem__, (self.name,))

    def to_real(self) -> dtype:
        """The real type of the same precision: itself."""
        return self


dtype.__module__ = "torch"

_BY_NUMPY: dict[Any, dtype] = {}
NAMES: dict[str, dtype] = {}


def _declare(name: str, scalar_name: str, abbr: str, *aliases: str) -> dtype:
    made = object.__new__(dtype)
    made.name, made.scalar_name, made.abbr = name, scalar_name, abbr
    made.numpy = np.dtype(name)
    made.itemsize = made.numpy.itemsize
    made.is_floating_point = made.numpy.kind == "f"
    made.is_complex = False
    made.is_signed = made.numpy.kind in "if"
    made.rank = len(_BY_NUMPY)
    _BY_NUMPY[made.numpy] = made
    NAMES.update(dict.fromkeys((name, *aliases), made))
    return made


# In the order of promotion, with the names torch's C++ messages use.
bool_ = _declare("bool", "Bool", "b8")
uint8 = _declare("uint8", "Byte", "u8")
int8 = _declare("int8", "Char", "i8")
int16 = _declare("int16", "Short", "i16", "short")
int32 = _declare("int32", "Int", "i32", "int")
int64 = _declare("int64", "Long", "i64", "long")
float16 = _declare("float16", "Half", "f16", "half")
float32 = _declare("float32", "Float", "f32", "float")
float64 = _declare("float64", "Double", "f64", "double")
half, double, short, long = float16, float64, int16, int64

ALL: tuple[dtype, ...] = (bool_, uint8, int8, int16, int32, int64, float16, float32, float64)

_default: dtype = float32


def of(numpy_dtype: np.dtype[Any]) -> dtype:
    """The torch dtype of a numpy dtype; KeyError for one torch has not."""
    return _BY_NUMPY[numpy_dtype]


def get_default_dtype() -> dtype:
    """The dtype of tensors made from Python floats."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Make `d`, a floating-point dtype, the dtype of tensors made from Python floats."""
    global _default
    if not isinstance(d, dtype):
        raise TypeError(
            "invalid dtype object: only floating-point types are supported as the default type"
        )
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d


def _promoted(a: dtype, b: dtype) -> dtype:
    """The least type that holds both; uint8 and int8 meet in int16."""
    low, high = sorted((a, b), key=lambda d: d.rank)
    return int16 if (low, high) == (uint8, int8) else high


_PROMOTED = {(a, b): _promoted(a, b) for a in ALL for b in ALL}


def _need_dtype(function: str, argument: str, position: int, value: object) -> None:
    if not isinstance(value, dtype):
        raise TypeError(
            f"{function}(): argument '{argument}' (position {position}) must be torch.dtype, "
            f"not {type(value).__name__}"
        )


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest dtype at least as large and of at least the kind of both."""
    try:
        return _PROMOTED[type1, type2]
    except (KeyError, TypeError):
        _need_dtype("promote_types", "type1", 1, type1)
        _need_dtype("promote_types", "type2", 2, type2)
        raise


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether torch converts `from_` to `to` without being asked, as in `a += b`."""
    _need_dtype("can_cast", "from_", 1, from_)
    _need_dtype("can_cast", "to", 2, to)
    return _kind(from_) <= _kind(to)


def _kind(d: dtype) -> int:
    """bool 0, integers 1, floating point 2."""
    return 2 if d.is_floating_point else int(d is not bool_)


def scalar_dtype(value: object) -> dtype:
    """The dtype torch gives a Python number that takes part in an operation."""
    if isinstance(value, bool):
        return bool_
    return int64 if isinstance(value, int) else _default


def result_of(*operands: Any) -> dtype:
    """The dtype of an operation on arrays (or numpy scalars, as 0-d tensors) and Python numbers.

    Dimensioned tensors decide; 0-d tensors only raise the kind (bool, integer, floating point) of
    the result, and Python numbers only that of both.
    """
    states: list[dtype | None] = [None, None, None]
    for operand in operands:
        if isinstance(operand, np.ndarray | np.generic):
            rank, found = int(operand.ndim == 0), _BY_NUMPY[operand.dtype]
        else:
            rank, found = 2, scalar_dtype(operand)
        before = states[rank]
        states[rank] = found if before is None else _PROMOTED[before, found]
    result = _combined(states[0], _combined(states[1], states[2]))
    if result is None:
        raise RuntimeError("result_of needs an operand")
    return result


def _combined(higher: dtype | None, lower: dtype | None) -> dtype | None:
    """torch's combine_categories: the lower category matters only where it raises the kind."""
    if higher is None or lower is None:
        return higher if lower is None else lower
    if _kind(lower) > _kind(higher):
        return _PROMOTED[higher, lower]
    return higher


def result_type(tensor: Any, other: Any) -> dtype:
    """`torch.result_type`: the dtype an operation on two tensors or numbers would give."""
    operands = [getattr(value, "_data", value) for value in (tensor, other)]
    if not all(isinstance(v, np.ndarray | np.generic | bool | int | float) for v in operands):
        _refuse_result_type(tensor, other)
    return result_of(*operands)


def _refuse_result_type(a: object, b: object) -> NoReturn:
    names = ["Tensor" if hasattr(v, "_data") else type(v).__name__ for v in (a, b)]

    def shown(name: str, accepted: str) -> str:
        return name if name == accepted else f"!{name}!"

    lines = [
        f" * ({one} {first}, {two} {second})\n      didn't match because some of the arguments "
        f"have invalid types: ({shown(names[0], one)}, {shown(names[1], two)})\n"
        for one, first, two, second in _RESULT_TYPE_OVERLOADS
    ]
    raise TypeError(
        f"result_type() received an invalid combination of arguments - got ({', '.join(names)}), "
        f"but expected one of:\n{''.join(lines)}"
    )


_RESULT_TYPE_OVERLOADS = (
    ("Tensor", "tensor", "Tensor", "other"),
    ("Number", "scalar", "Tensor", "tensor"),
    ("Tensor", "tensor", "Number", "other"),
    ("Number", "scalar1", "Number", "scalar2"),
)


class finfo:
    """The limits of a floating-point dtype (by default the default one)."""

    def __init__(self, type: dtype | None = None) -> None:
        chosen = _default if type is None else type
        _need_dtype("finfo", "type", 1, chosen)
        if not chosen.is_floating_point:
            raise TypeError(
                "torch.finfo() requires a floating point input type. "
                "Use torch.iinfo to handle 'torch.finfo'"
            )
        limits = np.finfo(chosen.numpy)
        self.dtype = chosen.name
        self.bits = chosen.itemsize * 8
        self.eps = float(limits.eps)
        self.max = float(limits.max)
        self.min = float(limits.min)
        self.smallest_normal = self.tiny = float(limits.smallest_normal)
        self.resolution = 10.0 ** -int(limits.precision)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, finfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        shown = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        parts = ", ".join(f"{name}={getattr(self, name):g}" for name in shown)
        return f"finfo({parts}, dtype={self.dtype})"


class iinfo:
    """The limits of an integer dtype."""

    def __init__(self, type: dtype) -> None:
        _need_dtype("iinfo", "type", 1, type)
        if type.is_floating_point:
            raise TypeError(
                "torch.iinfo() requires an integer input type. "
                "Use torch.finfo to handle 'torch.iinfo'"
            )
        if type is bool_:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        limits = np.iinfo(type.numpy)
        self.dtype = type.name
        self.bits = int(limits.bits)
        self.max, self.min = int(limits.max), int(limits.min)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, iinfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


class Size(tuple[int, ...]):
    """A tensor's shape: a tuple that keeps its type under `+`, `*` and slicing."""

    __slots__ = ()

    def __new__(cls, items: Iterable[Any] = ()) -> Size:
        if type(items) is Size:
            return items
        return tuple.__new__(cls, [_extent(i, item) for i, item in enumerate(items)])

    @staticmethod
    def of(shape: tuple[int, ...]) -> Size:
        """The shape of an array, whose sizes need no check."""
        return tuple.__new__(Size, shape)

    def numel(self) -> int:
        """The number of elements a tensor of this shape has."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __add__(self, other: Any) -> Size:
        if not isinstance(other, tuple):
            name = type(other).__name__
            raise TypeError(f"can only concatenate tuple (not {name}) to torch.Size")
        return tuple.__new__(Size, tuple.__add__(self, other))

    def __radd__(self, other: Any) -> Size:
        if not isinstance(other, tuple):
            return NotImplemented
        return tuple.__new__(Size, tuple.__add__(other, self))

    def __mul__(self, times: SupportsIndex) -> Size:
        return tuple.__new__(Size, tuple.__mul__(self, times))

    __rmul__ = __mul__

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Size: ...
    def __getitem__(self, index: SupportsIndex | slice) -> int | Size:
        found = tuple.__getitem__(self, index)
        return tuple.__new__(Size, found) if isinstance(found, tuple) else found

    def __reduce__(self) -> tuple[Any, ...]:
        return (Size, (tuple(self),))


def _extent(position: int, item: Any) -> int:
    if type(item) is int:
        return item
    inner = getattr(item, "_data", None)
    if isinstance(item, int | np.integer):
        return int(item)
    if isinstance(inner, np.ndarray | np.generic) and inner.dtype.kind in "iu" and inner.size == 1:
        return int(inner.item())
    raise TypeError(
        f"torch.Size() takes an iterable of 'int' (item {position} is '{type(item).__name__}')"
    )


Size.__module__ = "torch"

_DEVICE_TYPES = (
    "cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, "
    "mps, meta, hpu, mtia, privateuseone"
)


class device:
    """Where a tensor lives. Any device torch knows can be named; tensors live on the CPU only."""

    __slots__ = ("index", "type")
    type: str
    index: int | None

    def __init__(self, type: Any = None, index: int | None = None) -> None:
        if isinstance(type, device):
            self.type, self.index = type.type, type.index
            return
        if isinstance(type, int) and not isinstance(type, bool):
            raise RuntimeError("Cannot access accelerator device when none is available.")
        if not isinstance(type, str):
            _refuse_device(type)
        self.type, self.index = _parsed_device(type)
        if index is not None:
            if index < 0:
                raise RuntimeError("Device index must not be negative")
            self.index = index

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, device):
            return NotImplemented
        return (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


device.__module__ = "torch"


def _parsed_device(text: str) -> tuple[str, int | None]:
    if not text:
        raise RuntimeError("Device string must not be empty")
    kind, colon, index = text.partition(":")
    if colon and not (index.isdecimal() and index == str(int(index))):
        raise RuntimeError(f"Invalid device string: '{text}'")
    if kind not in _DEVICE_TYPES.split(", "):
        raise RuntimeError(
            f"Expected one of {_DEVICE_TYPES} device type at start of device string: {kind}"
        )
    return kind, int(index) if colon else None


def _refuse_device(got: object) -> NoReturn:
    from gradtui.engine.refusals import marked, type_name

    name = "" if got is None else type_name(got)
    why = f"      didn't match because some of the arguments have invalid types: ({marked(got, '')})\n"
    raise TypeError(
        f"device() received an invalid combination of arguments - got ({name}), but expected "
        f"one of:\n * (torch.device device)\n{why if name else ''}"
        " * (str type, int index = -1)\n"
    )


CPU = device("cpu")


def cpu_only(wanted: Any) -> device:
    """The CPU device, or the error of a torch built for the CPU when another one is wanted."""
    if wanted is None:
        return CPU
    found = wanted if isinstance(wanted, device) else device(wanted)
    if found.type in ("cuda", "xpu"):
        raise AssertionError(f"Torch not compiled with {found.type.upper()} enabled")
    if found.type != "cpu":
        raise NotImplementedError(
            f"Could not run 'aten::empty.memory_format' with arguments from the "
            f"'{found.type.upper()}' backend. Tensors live on the CPU here."
        )
    return CPU


class layout:
    """How a tensor's elements are laid out: always `strided` here."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


class memory_format:
    """The order in memory asked of a copy: `preserve_format` or `contiguous_format`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


layout.__module__ = memory_format.__module__ = "torch"
strided = layout("strided")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
