"""The TypeErrors of torch's argument parser, from torch's own signatures.

A call that fits none of a function's overloads gets the message torch composes: the source is
`torch/csrc/utils/python_arg_parser.cpp` and `invalid_arguments.cpp`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gradtui.engine import dtypes
from gradtui.engine.overloads import Argument, Overload, overloads
from gradtui.engine.signature import (
    NUMBERS_AS_TENSORS,
    is_double,
    is_int,
    is_number,
    is_size,
    is_tensor,
)

# -- what an argument accepts ----------------------------------------------------------------------


def _begins(value: Any, item: Callable[[Any], bool]) -> bool:
    """Whether a list passes for one of a kind: torch looks at its first entry alone."""
    return isinstance(value, (tuple, list)) and (not value or item(value[0]))


def _is_tensors(value: Any) -> bool:
    """Whether a value is a list of tensors; TypeError for a list that holds anything else."""
    if not isinstance(value, (tuple, list)):
        return False
    for number, entry in enumerate(value):
        if not is_tensor(entry):
            raise _Stranger(number, type_name(entry))
    return True


class _Stranger(Exception):
    """What a list of tensors holds that is no tensor: its number, and its type's name."""


ACCEPTS: Mapping[str, Callable[[Any], bool]] = {
    "Tensor": is_tensor,
    "Scalar": is_number,
    "int64_t": is_int,
    "SymInt": is_int,
    "double": is_double,
    "bool": lambda v: isinstance(v, bool) or type(v).__name__ in ("bool", "bool_"),
    "IntArrayRef": lambda v: _begins(v, is_size),
    "SymIntArrayRef": lambda v: _begins(v, is_size),
    "ArrayRef<double>": lambda v: _begins(v, is_double),
    "TensorList": _is_tensors,
    "ScalarType": lambda v: isinstance(v, dtypes.dtype) or v in (float, int, bool),
    "Layout": lambda v: isinstance(v, dtypes.layout),
    "Device": lambda v: isinstance(v, (str, dtypes.device, int)) and not isinstance(v, bool),
    "MemoryFormat": lambda v: isinstance(v, dtypes.memory_format),
    "Generator": lambda v: type(v).__name__ == "Generator",
    "c10::string_view": lambda v: isinstance(v, str),
    "std::string": lambda v: isinstance(v, str),
}


def _accepts(overload: Overload, argument: Argument, value: Any) -> bool:
    if argument.kind == "Tensor" and overload.name in NUMBERS_AS_TENSORS:
        return is_tensor(value) or isinstance(value, (bool, int, float))
    if ACCEPTS.get(argument.kind, lambda v: True)(value):
        return True
    return argument.size > 0 and is_int(value) and not is_tensor(value)


# -- trying an overload ----------------------------------------------------------------------------


def misfit(overload: Overload, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """Why a call does not fit an overload, in torch's words; empty where it fits."""
    spread = _spread(overload, args)
    if len(args) > overload.positional and not spread:
        return _too_many(overload, len(args))
    place, used = 0, 0
    for number, argument in enumerate(overload.arguments):
        by_place = place < len(args)
        if by_place and argument.keyword:
            return _too_many(overload, len(args))
        value, given = _given(argument, args, kwargs, place)
        if (not given and argument.optional) or (value is None and given and argument.nullable):
            pass
        elif not given:
            return _missing(overload, number)
        elif _fits(overload, number, value):
            pass
        elif spread and by_place:
            place = len(args)
            continue
        else:
            return _refused(overload, argument, value, place, by_place)
        place += by_place
        used += given and not by_place
    return _unexpected(overload, args, kwargs) if used < len(kwargs) else ""


def _spread(overload: Overload, args: Sequence[Any]) -> bool:
    """Whether all arguments by place may stand for one list of numbers: `view(2, 3)`."""
    listed = overload.positional == 1 and overload.arguments[0].kind.endswith("IntArrayRef")
    return listed and len(args) > 0 and is_size(args[0])


def _fits(overload: Overload, number: int, value: Any) -> bool:
    try:
        return _accepts(overload, overload.arguments[number], value)
    except _Stranger as found:
        entry, kind = found.args
        raise TypeError(
            f"expected Tensor as element {entry} in argument {number}, but got {kind}"
        ) from None


def unpacked(overload: Overload, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """What torch says of a list in a call that fits, whose later entries are not of its kind."""
    if _spread(overload, args) and not isinstance(args[0], (tuple, list)):
        args = (tuple(args),)
    for place, argument in enumerate(overload.arguments):
        value, given = _given(argument, args, kwargs, place)
        if given and isinstance(value, (tuple, list)):
            for at, entry in enumerate(value):
                if not _ENTRIES.get(argument.kind, lambda v: True)(entry):
                    return _entry_refused(overload, argument, at, entry)
    return ""


_ENTRIES: Mapping[str, Callable[[Any], bool]] = {
    "IntArrayRef": lambda v: is_size(v) or isinstance(v, bool),
    "SymIntArrayRef": lambda v: is_size(v) or isinstance(v, bool),
    "ArrayRef<double>": is_double,
}
"""What may stand in a list of numbers."""


def _entry_refused(overload: Overload, argument: Argument, at: int, entry: Any) -> str:
    head, kind = f"{overload.name}(): argument '{argument.name}'", type_name(entry)
    if argument.kind == "ArrayRef<double>":
        return f"{head} must be tuple of floats, but found element of type {kind} at pos {at + 1}"
    return (
        f"{head} failed to unpack the object at pos {at + 1} with error "
        f'"type must be tuple of ints,but got {kind}"'
    )


NUMPY_NAMES = {
    "dim": ("axis",),
    "keepdim": ("keepdims",),
    "input": ("x", "a", "x1"),
    "other": ("x2",),
}


def _given(
    argument: Argument, args: Sequence[Any], kwargs: Mapping[str, Any], place: int
) -> tuple[Any, bool]:
    if place < len(args):
        return args[place], True
    for name in (argument.name, *NUMPY_NAMES.get(argument.name, ())):
        if name in kwargs:
            return kwargs[name], True
    return None, False


def _too_many(overload: Overload, count: int) -> str:
    least, most = overload.least, overload.positional
    were = "was" if count == 1 else "were"
    if least != most:
        return (
            f"{overload.name}() takes from {least} to {most} positional arguments but {count} were "
            "given"
        )
    s = "" if most == 1 else "s"
    return f"{overload.name}() takes {most} positional argument{s} but {count} {were} given"


def _missing(overload: Overload, number: int) -> str:
    names = [f'"{a.name}"' for a in overload.arguments[number:] if not a.optional]
    s = "s" if len(names) == 1 else ""
    return f"{overload.name}() missing {len(names)} required positional argument{s}: " + ", ".join(
        names
    )


def _refused(overload: Overload, argument: Argument, value: Any, place: int, by_place: bool) -> str:
    head = f"{overload.name}(): argument '{argument.name}'"
    if not by_place:
        return f"{head} must be {argument.shown_kind}, not {type_name(value)}"
    head += f" (position {place + 1}) must be {argument.shown_kind}"
    if isinstance(value, (tuple, list)) and argument.kind.endswith("IntArrayRef"):
        return f"{head}, but found element of type {type_name(value[0])} at pos 0"
    return f"{head}, not {type_name(value)}"


def _unexpected(overload: Overload, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    names = {
        n: i
        for i, a in enumerate(overload.arguments)
        for n in (a.name, *NUMPY_NAMES.get(a.name, ()))
    }
    for name in kwargs:
        if name not in names:
            return f"{overload.name}() got an unexpected keyword argument '{name}'"
        if names[name] < len(args):
            return f"{overload.name}() got multiple values for argument '{name}'"
    return "invalid keyword arguments"


# -- the message -----------------------------------------------------------------------------------


_NAMED_BY_TORCH = (
    *(dtypes.dtype, dtypes.Size, dtypes.device, dtypes.layout, dtypes.memory_format),
    *(dtypes.finfo, dtypes.iinfo),
)
_HEAP = 1 << 9
"""The flag of classes made by a `class` statement, which C code calls by their bare name."""


def type_name(value: Any) -> str:
    """A value's type as torch's C++ code names it."""
    if is_tensor(value):
        return "Parameter" if type(value).__name__ == "Parameter" else "Tensor"
    if isinstance(value, _NAMED_BY_TORCH):
        return f"torch.{type(value).__name__}"
    kind = type(value)
    if kind.__name__ == "Generator":
        return "torch._C.Generator"
    if kind.__flags__ & _HEAP or kind.__module__ in ("builtins", "types"):
        return kind.__name__
    return f"{kind.__module__}.{kind.__name__}"


def refusal(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], method: bool
) -> TypeError | None:
    """The error torch raises for a call, or None when torch would accept it."""
    tried = overloads(name, method)
    if method:
        args = args[1:]
    try:
        return _refusal(name, tried, args, kwargs, method)
    except TypeError as error:
        return error


def _refusal(
    name: str,
    tried: Sequence[Overload],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    method: bool,
) -> TypeError | None:
    if len(tried) == 1:
        if method and not tried[0].arguments and (args or kwargs):
            return TypeError(_takes_none(name, len(args), kwargs))
        text = misfit(tried[0], args, kwargs) or unpacked(tried[0], args, kwargs)
        return TypeError(text) if text else None
    fitting = next((o for o in tried if not misfit(o, args, kwargs)), None)
    if fitting is not None:
        text = unpacked(fitting, args, kwargs)
        return TypeError(text) if text else None
    count = len(args) + len(kwargs)
    plausible = [o for o in tried if o.least <= count <= len(o.arguments) and not o.hidden]
    if len(plausible) == 1:
        return TypeError(misfit(plausible[0], args, kwargs))
    shown = [o.shown() for o in tried if not o.hidden]
    return TypeError(_combination(name, args, kwargs, shown))


def _takes_none(name: str, count: int, kwargs: Mapping[str, Any]) -> str:
    if kwargs:
        return f"TensorBase.{name}() takes no keyword arguments"
    return f"TensorBase.{name}() takes no arguments ({count} given)"


def _combination(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], options: Sequence[str]
) -> str:
    kwargs = {k: kwargs[k] for k in hashed(kwargs)}
    got = "".join(f"{type_name(a)}, " for a in args)
    got += "".join(f"{k}={type_name(v)}, " for k, v in kwargs.items())
    got = got[:-2] if args else got
    head = f"{name}() received an invalid combination of arguments - got "
    if len(options) == 1:
        names = [p.rpartition(" ")[2] for p in options[0][1:-1].split(", ")]
        strange = [k for k in kwargs if k not in names[len(names) - len(kwargs) :]]
        if strange:
            return f"{head}unrecognized keyword arguments: {', '.join(strange)}"
        return f"{head}({got}), but expected {options[0]}"
    lines = "".join(f" * {o}\n{_why(o, args, kwargs)}" for o in options)
    return f"{head}({got}), but expected one of:\n{lines}"


def hashed(names: Iterable[str]) -> list[str]:
    """Names in the order of C++'s `unordered_map`, from which torch's messages list keywords."""
    order: list[tuple[int, str]] = []
    for name in names:
        bucket = _hash(name.encode()) % 13
        first = next((i for i, (b, _) in enumerate(order) if b == bucket), 0)
        order.insert(first, (bucket, name))
    return [name for _, name in order]


def _hash(data: bytes) -> int:
    """libstdc++'s hash of a string: MurmurHash64A, eight bytes at a time."""
    mul, mask = 0xC6A4A7935BD1E995, 2**64 - 1
    found = (0xC70F6907 ^ (len(data) * mul)) & mask
    for at in range(0, len(data), 8):
        part = int.from_bytes(data[at : at + 8], "little")
        if at + 8 <= len(data):
            part = (part * mul) & mask
            part = ((part ^ (part >> 47)) * mul) & mask
        found = ((found ^ part) * mul) & mask
    found = ((found ^ (found >> 47)) * mul) & mask
    return found ^ (found >> 47)


def _why(option: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """What torch says below an option that has as many arguments as were given."""
    pieces = [p.rpartition(" ") for p in option[1:-1].split(", ")]
    names = [p[2] for p in pieces]
    kinds = [p[0] for p in pieces]
    if len(pieces) != len(args) + len(kwargs):
        return ""
    wrong = [k for k in kwargs if k not in names[len(pieces) - len(kwargs) :]]
    if wrong:
        return (
            "      didn't match because some of the keywords were incorrect: "
            + ", ".join(wrong)
            + "\n"
        )
    shown = [marked(v, k, "") for v, k in zip(args, kinds, strict=False)]
    shown += [
        marked(kwargs[n], k, f"{n}=")
        for n, k in zip(names[len(args) :], kinds[len(args) :], strict=True)
    ]
    end = "" if args else ", "  # which torch takes away only where there are arguments by place
    return (
        "      didn't match because some of the arguments have invalid types: ("
        + ", ".join(shown)
        + f"{end})\n"
    )


def marked(value: Any, kind: str, before: str = "") -> str:
    """A given type, between exclamation marks where it is not the wanted one."""
    name = type_name(value)
    fits = name == kind or (kind == "float" and name == "int")
    if isinstance(value, (tuple, list)):
        inner = ", ".join(type_name(v) for v in value)
        if isinstance(value, tuple):
            inner = f"({inner},)" if len(value) == 1 else f"({inner})"
        else:
            inner = f"[{inner}]"
        name = f"{name} of {inner}"
    return f"{before}{name}" if fits else f"!{before}{name}!"
