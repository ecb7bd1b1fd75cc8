"""Methods of arrays and of numpy's numbers, charged like the functions of the same names."""

from typing import TYPE_CHECKING, Any

from gradtui.arrays import prices
from gradtui.arrays.functions import Kit, charge
from gradtui.arrays.prices import Price, size
from gradtui.arrays.values import checked

if TYPE_CHECKING:
    from gradtui.language.methods import Handler

PARAMETERS: dict[str, str] = {
    "all": "axis out keepdims where", "any": "axis out keepdims where",
    "argmax": "axis out keepdims", "argmin": "axis out keepdims",
    "argpartition": "kth axis kind order", "argsort": "axis kind order stable",
    "astype": "dtype order casting subok copy", "choose": "choices out mode",
    "clip": "min max out", "compress": "condition axis out", "conj": "", "conjugate": "",
    "copy": "order", "cumprod": "axis dtype out", "cumsum": "axis dtype out",
    "diagonal": "offset axis1 axis2", "dot": "b out", "fill": "value", "flatten": "order",
    "item": "*args", "max": "axis out keepdims initial where",
    "mean": "axis dtype out keepdims where", "min": "axis out keepdims initial where",
    "nonzero": "", "partition": "kth axis kind order",
    "prod": "axis dtype out keepdims initial where", "put": "ind v mode", "ravel": "order",
    "repeat": "repeats axis", "reshape": "*shape order copy", "round": "decimals out",
    "searchsorted": "v side sorter", "sort": "axis kind order stable", "squeeze": "axis",
    "std": "axis dtype out ddof keepdims where", "sum": "axis dtype out keepdims initial where",
    "swapaxes": "axis1 axis2", "take": "indices axis out mode", "tolist": "",
    "trace": "offset axis1 axis2 dtype out", "transpose": "*axes",
    "var": "axis dtype out ddof keepdims where", "view": "dtype", "is_integer": "",
    "as_integer_ratio": "", "bit_count": "",
}  # fmt: skip
VIEWS = frozenset("diagonal item reshape squeeze swapaxes transpose view ravel".split())
PRICES: dict[str, Price] = {
    **dict.fromkeys(("argpartition", "argsort", "partition", "sort"), prices.weighed(16)),
    "searchsorted": prices.weighed(16),
    "dot": prices.dotted,
    "nonzero": prices.places,
    "repeat": prices.repeated,
    "take": prices.taken,
    "tolist": lambda p, g: p.budget.items(size(g["a"])),
    "ravel": prices.each,
    "reshape": prices.each,
    **dict.fromkeys(("diagonal", "item", "squeeze", "swapaxes", "transpose"), prices.scarcely),
}


def handler(kit: Kit, name: str) -> "Handler":
    """What `array.<name>(…)` runs."""
    parameters = PARAMETERS[name].split()
    price = PRICES.get(name, prices.each)

    def call(owner: Any, args: Any, kwargs: Any) -> Any:
        given, args, kwargs = kit.bound(name, parameters, args, kwargs)
        charge(price, kit.prices, {"a": owner, **given})
        return checked(f"{name}()", getattr(owner, name)(*args, **kwargs))

    return call
