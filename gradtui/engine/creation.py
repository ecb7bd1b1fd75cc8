"""Tensors from nothing: from Python values, filled, counted, or drawn at random.

Every function takes torch's `dtype`, `device` and `requires_grad`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import data as values
from gradtui.engine import dtypes, random, ranges, refusals, sharing
from gradtui.engine import normal as normal_draws
from gradtui.engine.kernels import shapes
from gradtui.engine.outputs import creating
from gradtui.engine.signature import MISSING, is_int
from gradtui.engine.tensor import TENSORS, Tensor, wrap

default_generator = random.Generator()


def made(array: Any, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A leaf over `array`."""
    if device is not None:
        dtypes.cpu_only(device)
    if requires_grad and array.dtype.kind != "f":
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    tensor = wrap(array if array.ndim else array[()])
    tensor._rg = requires_grad
    return tensor


def _kind(dtype: Any, function: str) -> Any:
    found = values.dtype_argument(dtype, function)
    return (dtypes.get_default_dtype() if found is None else found).numpy


def tensor(
    data: Any = MISSING,
    *more: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A new leaf that copies `data`."""
    if more or data is MISSING:
        raise _not_one("tensor", more)
    if requires_grad is not False and requires_grad is not True:
        given = refusals.type_name(requires_grad)
        raise TypeError(f"tensor(): argument 'requires_grad' must be bool, not {given}")
    array = values.array_from(data, values.dtype_argument(dtype, "tensor"))
    return made(array, requires_grad, device)


def _not_one(function: str, more: tuple[Any, ...]) -> TypeError:
    """What torch says of a call with several arguments by place, or without any."""
    if more:
        return TypeError(f"{function}() takes 1 positional argument but {1 + len(more)} were given")
    return TypeError(f'{function}() missing 1 required positional arguments: "data"')


def as_tensor(data: Any = MISSING, *more: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` itself when it is a tensor of that dtype, else a new one."""
    if more or data is MISSING:
        raise _not_one("as_tensor", more)
    if data.__class__ in TENSORS and (dtype is None or data.dtype is dtype):
        return data  # type: ignore[no-any-return]
    if isinstance(data, np.ndarray) and (dtype is None or data.dtype == dtype.numpy):
        return sharing.sharing(data)
    return tensor(data, dtype=dtype, device=device)


def _filled(function: str, fill: Callable[[Any, Any], Any]) -> Callable[..., Tensor]:
    def create(
        *size: Any,
        dtype: Any = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
        **names: Any,
    ) -> Tensor:
        if "size" in names and not size:
            size = (names.pop("size"),)
        if names:
            raise TypeError(
                f"{function}() received an invalid combination of arguments - got an unexpected "
                f"keyword argument '{next(iter(names))}'"
            )
        shape = values.checked_shape(values.shape_from(size, function), function)
        return made(fill(shape, _kind(dtype, function)), requires_grad, device)

    create.__name__ = create.__qualname__ = function
    return creating(create)


zeros = _filled("zeros", np.zeros)
ones = _filled("ones", np.ones)
empty = _filled("empty", np.zeros)


@creating
def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **rest: Any,
) -> Tensor:
    """A tensor of one value; its dtype follows the value."""
    plain = fill_value.__class__ not in TENSORS and not isinstance(fill_value, np.generic)
    value = fill_value if plain else fill_value.item()
    shape = values.checked_shape(values.shape_from((size,), "full"), "full")
    found = values.dtype_argument(dtype, "full")
    return made(ranges.full_array(shape, value, found), requires_grad, device)


def _like(function: str, base: Callable[..., Any]) -> Callable[..., Tensor]:
    def create(
        input: Tensor,
        *,
        dtype: Any = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        if input.__class__ not in TENSORS:
            raise TypeError(
                f"{function}(): argument 'input' (position 1) must be Tensor, not "
                f"{type(input).__name__}"
            )
        result: Tensor = base(
            input._data.shape,
            dtype=dtype or input.dtype,
            device=device,
            requires_grad=requires_grad,
        )
        if memory_format in (None, dtypes.preserve_format):
            result._data = shapes.laid_out_like(result._data, input._data)
        return result

    create.__name__ = create.__qualname__ = function
    return create


zeros_like = _like("zeros_like", zeros)
ones_like = _like("ones_like", ones)
empty_like = _like("empty_like", empty)


def full_like(
    input: Tensor, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False, **rest: Any
) -> Tensor:
    made = full(
        input._data.shape, fill_value, dtype=dtype or input.dtype, requires_grad=requires_grad
    )
    made._data = shapes.laid_out_like(made._data, input._data)
    return made


def _number(value: Any) -> Any:
    return value.item() if value.__class__ in TENSORS else value


@creating
def arange(
    *bounds: Any,
    start: Any = None,
    end: Any = None,
    step: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
) -> Tensor:
    """`arange(end)`, `arange(start, end)`, `arange(start, end, step)`."""
    given = [_number(b) for b in bounds]
    if not given and end is None:
        raise TypeError(
            "arange() received an invalid combination of arguments - got (), but expected one of:\n"
            " * (Number end, *, Tensor out = None, torch.dtype dtype = None, torch.layout layout = "
            "torch.strided, torch.device device = None, bool pin_memory = False, bool "
            "requires_grad "
            "= False)\n * (Number start, Number end, *, torch.dtype dtype = None, torch.layout "
            "layout = torch.strided, torch.device device = None, bool pin_memory = False, bool "
            "requires_grad = False)\n * (Number start, Number end, Number step = 1, *, Tensor out "
            "= "
            "None, torch.dtype dtype = None, torch.layout layout = torch.strided, torch.device "
            "device = None, bool pin_memory = False, bool requires_grad = False)\n"
        )
    if len(given) == 1 and end is None:
        low, high = (0 if start is None else start), given[0]
    else:
        low = given[0] if given else (0 if start is None else start)
        high = given[1] if len(given) > 1 else end
    by = given[2] if len(given) > 2 else (1 if step is None else step)
    array = ranges.arange_array(low, _number(high), by, values.dtype_argument(dtype, "arange"))
    return made(array, requires_grad, device)


def _check_spaced(name: str, start: Any, end: Any, steps: Any) -> None:
    """The ends are numbers or tensors of one, and `steps` is an int."""
    if not is_int(steps):
        raise refusals.refusal(name, (start, end, steps), {}, False) or TypeError(name)
    ends = {"start": start, "end": end}
    wide = {n: v._data.ndim for n, v in ends.items() if v.__class__ in TENSORS and v._data.ndim}
    if wide:
        shown = " and ".join(f"{n} with {ndim} dimension(s)" for n, ndim in wide.items())
        raise RuntimeError(
            f"{name} only supports 0-dimensional start and end tensors, but got {shown}."
        )


@creating
def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **rest: Any,
) -> Tensor:
    """`steps` numbers from `start` to `end`, both included."""
    _check_spaced("linspace", start, end, steps)
    kind = values.dtype_argument(dtype, "linspace")
    array = ranges.linspace_array(_number(start), _number(end), steps, kind)
    return made(array, requires_grad, device)


@creating
def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **rest: Any,
) -> Tensor:
    _check_spaced("logspace", start, end, steps)
    kind = values.dtype_argument(dtype, "logspace")
    array = ranges.logspace_array(_number(start), _number(end), steps, base, kind)
    return made(array, requires_grad, device)


@creating
def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **rest: Any,
) -> Tensor:
    """The identity matrix."""
    return made(ranges.eye_array(n, m, values.dtype_argument(dtype, "eye")), requires_grad, device)


# -- random ----------------------------------------------------------------------------------------


def manual_seed(seed: int) -> random.Generator:
    """Starts the default generator anew, with torch's own stream for this seed."""
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    return default_generator.seed()


def initial_seed() -> int:
    return default_generator.initial_seed()


def the_generator(given: Any) -> random.Generator:
    return default_generator if given is None else given


def _drawn(function: str, draw: Callable[..., Any]) -> Callable[..., Tensor]:
    def create(
        *size: Any,
        generator: Any = None,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        layout: Any = None,
        pin_memory: bool = False,
        **names: Any,
    ) -> Tensor:
        if "size" in names and not size:
            size = (names.pop("size"),)
        shape = values.checked_shape(values.shape_from(size, function), function)
        kind = values.dtype_argument(dtype, function) or dtypes.get_default_dtype()
        return made(np.asarray(draw(the_generator(generator), shape, kind)), requires_grad, device)

    create.__name__ = create.__qualname__ = function
    return creating(create)


rand = _drawn("rand", random.rand)
randn = _drawn("randn", normal_draws.randn)


def in_memory_order(array: Any, draw: Callable[[tuple[int, ...]], Any]) -> Any:
    """What `draw` gives for a shape, taken in the order in which `array` lies in memory."""
    if array.__class__ is not np.ndarray or array.ndim < 2 or array.flags.c_contiguous:
        return np.asarray(draw(array.shape))
    order = sorted(range(array.ndim), key=lambda d: -array.strides[d])
    drawn = np.asarray(draw(tuple(array.shape[d] for d in order)))
    return drawn.transpose(np.argsort(order))


def _drawn_like(function: str, base: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Draws in the layout of the input: what `empty_like` and a change in place would give."""
    plain = _like(function, base)

    def create(input: Tensor, **options: Any) -> Tensor:
        array = getattr(input, "_data", None)
        if array.__class__ is not np.ndarray or array.flags.c_contiguous:
            return plain(input, **options)
        grad = options.pop("requires_grad", False)
        made = empty_like(input, **options)
        draw = made.uniform_ if base is rand else made.normal_
        draw()
        made._ver = 0
        return made.requires_grad_(grad)

    create.__name__ = create.__qualname__ = function
    return create


rand_like = _drawn_like("rand_like", rand)
randn_like = _drawn_like("randn_like", randn)


@creating
def randint(
    *args: Any,
    low: int | None = None,
    high: int | None = None,
    size: Any = None,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **rest: Any,
) -> Tensor:
    """`randint(high, size)` or `randint(low, high, size)`."""
    given: list[Any] = [_number(a) if not isinstance(a, (tuple, list)) else a for a in args]
    if given and isinstance(given[-1], (tuple, list)):
        size = given.pop()
    top: int = given.pop() if high is None else high
    bottom: int = (given.pop() if given else 0) if low is None else low
    kind = values.dtype_argument(dtype, "randint") or dtypes.int64
    array = random.randint(the_generator(generator), bottom, top, tuple(size), kind)
    return made(array, requires_grad, device)


def randint_like(input: Tensor, *args: Any, dtype: Any = None, **rest: Any) -> Tensor:
    return randint(*args, tuple(input._data.shape), dtype=dtype or input.dtype, **rest)


@creating
def randperm(
    n: int,
    *,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **rest: Any,
) -> Tensor:
    """The numbers below `n` in random order."""
    array = random.randperm(the_generator(generator), n, dtype or dtypes.int64)
    return made(array, requires_grad, device)


# -- from another tensor ---------------------------------------------------------------------------


def new_tensor(
    self: Tensor, data: Any, *, dtype: Any = None, requires_grad: bool = False, **rest: Any
) -> Tensor:
    return tensor(data, dtype=dtype or self.dtype, requires_grad=requires_grad)


def _new(base: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def create(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
        return base(*size, dtype=dtype or self.dtype, **options)

    return create


new_zeros, new_ones, new_empty = _new(zeros), _new(ones), _new(empty)


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, **options: Any
) -> Tensor:
    return full(size, fill_value, dtype=dtype or self.dtype, **options)
