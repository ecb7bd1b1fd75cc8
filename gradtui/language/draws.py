"""Random calls that are given their numbers: a step's draws, used one after another.

While a step has draws left, `torch.randn(3)` and its kind return the next one as a tensor instead
of asking the generator.
"""

from typing import TYPE_CHECKING, Any

from gradtui.language.elements import nested_shape
from gradtui.language.errors import DrawMismatch
from gradtui.language.tables import words
from gradtui.language.tensor_costs import sizes

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

RANDOM = frozenset(
    words("""
        rand randn randint randperm normal rand_like randn_like randint_like bernoulli
        multinomial poisson
    """)
)
_LIKE = frozenset(words("rand_like randn_like randint_like bernoulli poisson"))
_WHOLE = frozenset(words("randint randperm multinomial"))


def drawn(runtime: "Runtime", name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The next draw as the tensor that `torch.<name>(*args, **kwargs)` was to be."""
    asked = _asked(runtime, name, args, kwargs)
    draw = runtime.draws[0]
    given = nested_shape(draw)
    if asked is not None and asked != given:
        raise DrawMismatch(
            f"draw {runtime.drawn + 1} of this step has shape {list(given)},"
            f" but torch.{name} asks for {list(asked)}"
        )
    runtime.draws.popleft()
    runtime.drawn += 1
    engine = runtime.world.engine
    dtype = kwargs.get("dtype")
    if dtype is None and name in _LIKE:
        dtype = args[0].dtype
    if dtype is None:
        dtype = engine.int64 if name in _WHOLE else engine.get_default_dtype()
    return engine.tensor(draw, dtype=dtype, requires_grad=bool(kwargs.get("requires_grad", False)))


def _asked(
    runtime: "Runtime", name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[int, ...] | None:
    tensor = runtime.world.tensor
    if name in _LIKE:
        return tuple(args[0].shape)
    if name == "randperm":
        return sizes(args[0])
    if name in ("rand", "randn"):
        return sizes(kwargs["size"]) if "size" in kwargs else sizes(*args)
    if name == "randint":
        return sizes(kwargs["size"] if "size" in kwargs else args[-1])
    if name == "normal":
        size = kwargs.get("size", args[2] if len(args) > 2 else None)
        if size is not None:
            return sizes(size)
        shapes = [tuple(a.shape) for a in args if isinstance(a, tensor)]
        return shapes[0] if len(set(shapes)) == 1 else None
    return None
