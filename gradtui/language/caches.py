"""`functools.lru_cache` over a lesson's function: a callable that remembers, and says how often."""

import functools
from collections import namedtuple
from types import MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

CacheInfo = namedtuple("CacheInfo", "hits misses maxsize currsize")
ATTRIBUTES = frozenset({"cache_info", "cache_clear"})


class Cached:
    """A function whose answers are kept by its arguments, the latest `maxsize` of them."""

    def __init__(self, runtime: "Runtime", function: Any, maxsize: Any) -> None:
        self._runtime, self._call, self._most = runtime, runtime.safe(function), maxsize
        self._kept: dict[Any, Any] = {}
        self._hits = self._misses = 0
        if hasattr(function, "__name__"):
            functools.update_wrapper(self, function, updated=())
            vars(self).pop("__wrapped__")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        kept = self._kept
        key = (args, tuple(kwargs.items()))
        self._runtime.meters.weigh_key(key)
        if key in kept:
            self._hits += 1
            kept[key] = value = kept.pop(key)
            return value
        self._misses += 1
        value = self._call(*args, **kwargs)
        if self._most is None or self._most > 0:
            kept[key] = value
        if self._most is not None and len(kept) > self._most:
            del kept[next(iter(kept))]
        return value

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else MethodType(self, owner)

    def cache_info(self) -> Any:
        """How often an answer was at hand, how often not, and how many are kept."""
        return CacheInfo(self._hits, self._misses, self._most, len(self._kept))

    def cache_clear(self) -> None:
        """Forget every answer."""
        self._kept.clear()
        self._hits = self._misses = 0
