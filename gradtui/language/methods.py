"""Methods whose calls are charged before they run, by the receiver's type and the method's name."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeAlias

from gradtui.language import calendar_times, late
from gradtui.language.elements import Elements
from gradtui.language.formatting import SafeFormatter
from gradtui.language.meters import TypeTable
from gradtui.language.tables import whole, words
from gradtui.language.tensor_costs import HIGHER_ORDER, TENSOR_COSTS, tensor_cost

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

Handler: TypeAlias = Callable[[Any, tuple[Any, ...], Mapping[str, Any]], Any]


class OnDemand(dict[str, Handler]):
    """Handlers by name, each made when it is first asked for: a tensor has hundreds."""

    def __init__(self, make: Callable[[str], Handler], names: Iterable[str]) -> None:
        super().__init__()
        self.make = make
        self.names = frozenset(names)

    def get(self, name: str, default: Any = None) -> Any:
        """The handler of that name, or `default` where there is none."""
        if name not in self and name in self.names:
            self[name] = self.make(name)
        return super().get(name, default)


class Methods:
    """The charged methods of one runtime; `table[type(x)]` maps names to handlers, or is None."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime
        self.budget = runtime.budget
        self.meters = runtime.meters
        self.table = TypeTable(
            {
                str: self._strings(),
                list: self._lists(),
                deque: self._deques(),
                tuple: {"count": self._scan("count"), "index": self._scan("index")},
                range: {"count": self._scan("count"), "index": self._scan("index")},
                dict: self._dicts(),
                Counter: {**self._dicts(), "elements": self._elements},
                **calendar_times.methods(runtime),
                set: self._sets(),
                frozenset: self._sets(),
                runtime.world.tensor: self._tensors(),
                **self._modules(),
                **self.late(),
            }
        )

    def bound(self, owner: Any, name: str) -> Any:
        """`owner.name` as a function that charges, or None where the plain method will do."""
        handlers = self.table[type(owner)]
        handler = handlers.get(name) if handlers is not None else None
        if handler is None or not callable(getattr(type(owner), name, None)):
            return None
        return charged(name, lambda *args, **kwargs: handler(owner, args, kwargs))

    def unbound(self, kind: type, name: str) -> Any:
        """`kind.name` where `kind` is not a lesson's: charged like the method of an instance."""
        value = getattr(kind, name)
        handlers = self.table[kind]
        handler = handlers.get(name) if handlers is not None else None
        if handler is None or not callable(value):
            return value

        def call(owner: Any, /, *args: Any, **kwargs: Any) -> Any:
            if not isinstance(owner, kind):
                return value(owner, *args, **kwargs)
            return handler(owner, args, kwargs)

        if name == "maketrans":
            return charged(name, lambda *args, **kwargs: handler("", args, kwargs))
        return charged(name, value if name == "fromkeys" and isinstance(value, type) else call)

    def _then(self, name: str, charge: Callable[..., None]) -> Handler:
        """A handler that charges and then calls the method itself."""

        def handler(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
            charge(owner, *args, **kwargs)
            return getattr(owner, name)(*args, **kwargs)

        return handler

    # Text.

    def _strings(self) -> dict[str, Handler]:
        budget = self.budget

        def widened(owner: str, width: Any = 0, *rest: Any) -> None:
            budget.text(max(len(owner), whole(width) or 0))

        def replaced(owner: str, old: Any = "", new: Any = "", count: Any = -1) -> None:
            if isinstance(old, str) and isinstance(new, str):
                times = owner.count(old)
                most = whole(count)
                if most is not None and most >= 0:
                    times = min(times, most)
                budget.text(len(owner) + max(len(new) - len(old), 0) * times)

        def linear(owner: str, *args: Any, **kwargs: Any) -> None:
            budget.text(len(owner))

        def expanded(owner: str, tabsize: Any = 8) -> None:
            budget.text(len(owner) + owner.count("\t") * max(whole(tabsize) or 0, 0))

        rows: dict[str, Callable[..., None]] = {
            **dict.fromkeys(("ljust", "rjust", "center", "zfill"), widened),
            **dict.fromkeys(
                words("""
                    upper lower title capitalize swapcase casefold strip lstrip rstrip split
                    rsplit splitlines count find rfind index rindex
                """),
                linear,
            ),
            "replace": replaced,
            "expandtabs": expanded,
        }
        found = {name: self._then(name, charge) for name, charge in rows.items()}
        found["translate"], found["maketrans"] = self._translate, self._table
        found["join"] = self._join
        found["format"] = lambda owner, args, kwargs: self._format(owner, args, kwargs)
        found["format_map"] = lambda owner, args, kwargs: self._format(owner, (), args[0])
        return found

    def _translate(self, owner: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
        table = args[0] if args and isinstance(args[0], dict) else {}
        self.budget.items(len(table))
        longest = max((len(v) for v in table.values() if isinstance(v, str)), default=1)
        self.budget.text(len(owner) * max(longest, 1))
        return owner.translate(*args, **kwargs)

    def _table(self, owner: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        for value in args:
            self.budget.items(len(value) if isinstance(value, str | dict) else 0)
        return str.maketrans(*args, **kwargs)

    def _join(self, owner: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
        if len(args) != 1 or kwargs or not self.runtime.iterable(args[0]):
            return owner.join(*args, **kwargs)
        items = list(self.runtime.consume(args[0]))
        total = sum(len(item) for item in items if isinstance(item, str))
        self.budget.text(total + len(owner) * len(items))
        return owner.join(items)

    def _format(self, owner: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
        self.budget.text(len(owner))
        return SafeFormatter(self.runtime).vformat(owner, args, kwargs)

    # Containers.

    def _scan(self, name: str) -> Handler:
        return self._then(name, lambda owner, item=None, *rest: self.meters.contains(item, owner))

    def _lists(self) -> dict[str, Handler]:
        budget, runtime = self.budget, self.runtime

        def extend(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
            if len(args) == 1 and runtime.iterable(args[0]):
                self.meters.extend(owner, args[0])
                args = (runtime.consume(args[0]),)
            owner.extend(*args, **kwargs)

        def sort(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
            if args or not set(kwargs) <= {"key", "reverse"}:
                owner.sort(*args, **kwargs)
            owner[:] = runtime.in_order(
                list(owner), kwargs.get("key"), kwargs.get("reverse", False)
            )

        def linear(owner: Any, *args: Any, **kwargs: Any) -> None:
            budget.operations(len(owner) >> 4)

        found = {name: self._then(name, linear) for name in ("insert", "pop", "reverse")}
        found["copy"] = self._then("copy", lambda owner: budget.items(len(owner)))
        for name in ("index", "count", "remove"):
            found[name] = self._scan(name)
        found["extend"], found["sort"] = extend, sort
        return found

    def _deques(self) -> dict[str, Handler]:
        runtime = self.runtime
        lists = self._lists()

        def extend(name: str) -> Handler:
            def handler(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
                getattr(owner, name)(*map(runtime.consume, args), **kwargs)

            return handler

        def turned(owner: Any, *args: Any) -> None:
            runtime.budget.operations(len(owner) >> 4)

        found = {name: lists[name] for name in words("copy count index insert remove reverse")}
        found["rotate"] = self._then("rotate", turned)
        return found | {name: extend(name) for name in ("extend", "extendleft")}

    def _keyed(self, name: str) -> Handler:
        return self._then(name, lambda owner, key=None, *rest: self.meters.weigh_key(key))

    def _dicts(self) -> dict[str, Handler]:
        runtime = self.runtime

        def update(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
            return owner.update(*runtime.entries(args), **kwargs)

        def fromkeys(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
            if not args:
                return owner.fromkeys()
            keys = list(runtime.consume(args[0]))
            runtime.hashed(keys)
            return owner.fromkeys(keys, *args[1:], **kwargs)

        found = {name: self._keyed(name) for name in ("get", "pop", "setdefault")}
        found["copy"] = self._then("copy", lambda owner: self.budget.items(len(owner)))
        found["update"], found["fromkeys"] = update, fromkeys
        return found

    def _elements(self, owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        self.budget.items(sum(n for n in owner.values() if isinstance(n, int) and n > 0))
        return owner.elements()

    def _sets(self) -> dict[str, Handler]:
        runtime = self.runtime

        def combine(name: str) -> Handler:
            def handler(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
                ready = [runtime.hashed(a) if runtime.iterable(a) else a for a in args]
                for value in (owner, *ready):
                    self.meters.weigh(value)
                return getattr(owner, name)(*ready, **kwargs)

            return handler

        names = """difference difference_update intersection intersection_update isdisjoint issubset
            issuperset symmetric_difference symmetric_difference_update union update"""
        found = {name: combine(name) for name in names.split()}
        found.update({name: self._keyed(name) for name in ("add", "discard", "remove")})
        found["copy"] = self._then("copy", lambda owner: self.budget.items(len(owner)))
        return found

    # Tensors and modules.

    def _tensors(self) -> dict[str, Handler]:
        names = self.runtime.world.attributes[self.runtime.world.tensor]
        return OnDemand(self._tensor, (name for name in names if not name.startswith("_")))

    def _tensor(self, name: str) -> Handler:
        elements: Elements = self.meters.elements
        safe = self.runtime.safe
        if name in HIGHER_ORDER:

            def hook(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
                return getattr(owner, name)(*map(safe, args), **kwargs)

            return hook
        if name not in TENSOR_COSTS:

            def plain(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
                if args or kwargs:
                    elements.elementwise(owner, *args, **kwargs)
                else:
                    elements.one(owner)
                return getattr(owner, name)(*args, **kwargs)

            return plain
        cost = tensor_cost(name)

        def handler(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
            cost(elements, owner, *args, **kwargs)
            return getattr(owner, name)(*args, **kwargs)

        return handler

    def _modules(self) -> dict[type, dict[str, Handler]]:
        safe = self.runtime.safe

        def guarded(name: str) -> Handler:
            def handler(owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
                return getattr(owner, name)(*map(safe, args), **kwargs)

            return handler

        names = """apply register_forward_hook register_forward_pre_hook register_full_backward_hook
            register_full_backward_pre_hook"""
        kind = self.runtime.world.part("torch.nn.Module")
        return {kind: {name: guarded(name) for name in names.split()}} if kind else {}

    def catch_up(self) -> None:
        """Takes in the methods of what joined the world late."""
        self.table.base.update({self.runtime.world.tensor: self._tensors(), **self.late()})
        self.table.clear()

    def late(self) -> dict[type, dict[str, Handler]]:
        """Of the instances of modules that joined the world late."""
        view = self.runtime.world.modules.get("torch.distributions")
        kind = None if view is None else view.members.get("Distribution")
        if kind is None:
            return {}
        elements = self.meters.elements

        def priced(cost: Callable[..., None]) -> Callable[..., None]:
            return lambda owner, *args, **kwargs: cost(elements, owner, *args, **kwargs)

        return {kind: {n: self._then(n, priced(c)) for n, c in late.METHODS.items()}}


def charged(name: str, call: Callable[..., Any]) -> FunctionType:
    """A plain function of that name which calls `call`."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return call(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    return function  # type: ignore[return-value]
