"""What running lesson code leans on: its world, budget, globals, output and observer in one
place.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from gradtui.language.attributes import Attributes
from gradtui.language.budget import Budget
from gradtui.language.builtins import Builtins
from gradtui.language.errors import OverBudget
from gradtui.language.faults import innermost, standing
from gradtui.language.guards import instance_costs, world_guards
from gradtui.language.guests import brought
from gradtui.language.kinds import retold
from gradtui.language.library import namespace
from gradtui.language.meters import Meters
from gradtui.language.methods import Methods
from gradtui.language.observer import Act, Observer
from gradtui.language.source import Span
from gradtui.language.standard import Named, dice, standard_guards
from gradtui.language.streams import write
from gradtui.language.system import Own

if TYPE_CHECKING:
    from gradtui.language.world import World

SIZED = (list, tuple, dict, set, frozenset, str, range)


FRESH: dict[str, Any] = {"__name__": "__main__", "__doc__": None}


class Runtime:
    """The state that compiled closures share. One interpreter has one runtime."""

    def __init__(
        self,
        world: "World",
        budget: Budget,
        observer: Observer | None,
        output: Callable[[str], None],
    ) -> None:
        self.world = world
        self.budget = budget
        self.observer = observer
        self.output = output
        self.errors = output  # takes what is written to stderr
        self.script: str = ""
        self.redirected: list[Any] = []
        self._owned: dict[int, Any] = {}
        self._namespaces: dict[str, type] = {}
        self.muted = False
        self.globals: dict[str, Any] = dict(FRESH)
        self._plain = {world.tensor, str, int, float, bool, type(None)}
        self.builtins: dict[str, Any] = {}
        self.guards: dict[int, Callable[..., Any]] = {}
        self.origins = dict(world.origins)
        self.builtin: set[int] = set()  # guards of what no class makes a method of
        self.draws: deque[Any] = deque()
        self.dice = dice()
        self.drawn = 0
        self._reported: BaseException | None = None
        self.outer_error: BaseException | None = None  # handled around the run, not by it
        self.lesson_code: set[Any] = set()
        self.meters = Meters(budget, world)
        self.attributes = Attributes(self)
        self.methods = Methods(self)
        self.on_anew: list[Callable[[], None]] = []  # called when a program begins anew
        self._settled: list[Any] = []
        self._grown = world.grown
        builtins = Builtins(self)
        self.builtins.update(builtins.names)
        self.guards.update(builtins.guards)
        self.guards.update(world_guards(self))
        self.call_costs = instance_costs(self)
        self.add = self.meters.add
        self.guards.update(standard_guards(self))
        self.entries = builtins.entries
        self.hashed = builtins.hashed
        self.in_order = builtins.in_order
        self.type_of = builtins.type_of
        self.knows_type = builtins.knows_type
        self.type_of_type = builtins.type_of_type
        self.real_types = builtins.real_types
        self.printed = builtins.printed
        self._settle()

    def catch_up(self) -> None:
        """Takes in the modules that have joined the world since."""
        if self.world.grown != self._grown:
            self._grown = self.world.grown
            self.guards.update(world_guards(self))
            self.origins.update(self.world.origins)
            self.methods.catch_up()
            self.attributes.catch_up()
            self._settle()

    def _settle(self) -> None:
        for guest in self.world.present:
            if guest not in self._settled:
                self._settled.append(guest)
                guest.settle(self)

    def begin_anew(self, observer: Observer) -> None:
        """Forget every name and draw, and tell `observer` from now on."""
        self.globals.clear()
        self.globals.update(FRESH)
        self.draws.clear()
        self.redirected.clear()
        self._owned.clear()
        self.dice = dice()
        for begin in self.on_anew:
            begin()
        self.observer = observer
        self.muted = False
        self.forget()

    # Telling the observer.

    def observe(
        self,
        kind: str,
        name: str,
        span: Span,
        receiver: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        proceed: Callable[[], Any],
    ) -> Any:
        """Let the observer go around a deed on an engine object."""
        if self.muted or self.observer is None:
            return proceed()
        return self.observer.act(Act(kind, name, span, receiver, args, kwargs), proceed)

    def tell_statement(self, span: Span) -> None:
        if self.observer is not None and not self.muted:
            self.observer.statement(span)

    def tell_bind(self, name: str, value: Any, span: Span) -> None:
        if self.observer is not None and not self.muted:
            self.observer.bind(name, value, span)

    def tell_global(self, name: str, value: Any, span: Span) -> None:
        """A function binds a name of the module: it outlives the call."""
        held, self.budget.depth = self.budget.depth, 0
        try:
            self.tell_bind(name, value, span)
        finally:
            self.budget.depth = held

    def tell_iteration(self, loop: Span, index: int, target: str) -> None:
        if self.observer is not None and not self.muted:
            self.observer.iteration(loop, index, target)

    def tell_raised(self, error: BaseException) -> None:
        """Tell of an error once, where it first leaves a statement."""
        if error is self._reported or self.observer is None or self.muted:
            return
        if isinstance(error, OverBudget | KeyboardInterrupt | GeneratorExit):
            return
        self._reported = error
        span = innermost(error)
        if span is not None:
            self.observer.raised(error, span)

    def forget(self) -> None:
        """Let go of the last error told of."""
        self._reported = None

    def print(self, text: str, span: Span | None) -> None:
        """Charge `text`, tell of it and put it out."""
        self.budget.output(len(text))
        if self.muted:
            return
        if self.redirected:
            write(self, self.redirected[-1], text)
            return
        if not text.isascii():
            text.encode()  # half a character cannot be written: UnicodeEncodeError, as in Python
        self._tell_printed(text, span)
        self.output(text)

    def _tell_printed(self, text: str, span: Span | None) -> None:
        if self.observer is not None:
            at = span or standing()
            if at is not None:
                self.observer.printed(text, at)

    def print_error(self, text: str) -> None:
        """Charge `text` and put it out beside what is printed."""
        self.budget.output(len(text))
        if not self.muted:
            self._tell_printed(text, None)
            self.errors(text)

    def namespaces(self, name: str) -> type:
        """The class of objects with attributes alone that is called so."""
        if name not in self._namespaces:
            self._namespaces[name] = namespace(self, name, name)
        return self._namespaces[name]

    # Iterating at a price.

    def iterable(self, value: Any) -> bool:
        """Whether `for` would take `value`."""
        kind = type(value)
        return hasattr(kind, "__iter__") or hasattr(kind, "__getitem__")

    def consume(self, value: Iterable[Any]) -> Iterable[Any]:
        """`value` to be read to its end: charged at once where its length is known, else item by
        item.
        """
        if isinstance(value, SIZED):
            self.budget.items(len(value))
            return value
        return self.ticking(self.iterator(value))

    def iterator(self, value: Any) -> Iterator[Any]:
        """`iter(value)`, the rows of a tensor charged as they are all made at once."""
        if isinstance(value, self.world.shaped):
            self.meters.elements.one(value)
            self.meters.elements.views(value.shape[0] if len(value.shape) else 0)
        return iter(value)

    def ticking(self, value: Iterable[Any]) -> Iterator[Any]:
        """The items of `value`, each charged before it is asked for, no more than a list may
        hold.
        """
        tick, most = self.budget.tick, self.budget.limits.text
        for count, item in enumerate(value):
            tick()
            if count >= most:
                self.budget.refuse("text")
            yield item

    def mapping(self, value: Any) -> Any:
        """`value` as the operand of `**`."""
        if isinstance(value, dict):
            self.budget.items(len(value))
            return value
        if hasattr(type(value), "keys") and hasattr(type(value), "__getitem__"):
            return {key: value[key] for key in self.consume(value.keys())}
        raise TypeError(f"'{type(value).__name__}' object is not a mapping")

    # Calling.

    def safe(self, callee: Any) -> Any:
        """`callee`, or what stands for it where a call of it must be charged."""
        return self.guards.get(id(callee), callee)

    def held(self, value: Any) -> Any:
        """A member of a module as lesson code may keep it: a function in its charged form, so that
        whoever is given it to call pays; a class as it is, so that it can be derived from.
        """
        if isinstance(value, type | Named):
            return value
        if isinstance(value, Own):
            if id(value) not in self._owned:
                self._owned[id(value)] = value.make(self)
            return self._owned[id(value)]
        guard = self.guards.get(id(value))
        if guard is None:
            return value
        if id(guard) not in self.origins:
            self.origins[id(guard)] = self.world.origins.get(id(value), ("", ""))
            if not isinstance(value, FunctionType):
                self.builtin.add(id(guard))
        return guard

    def call(self, callee: Any, *args: Any, **kwargs: Any) -> Any:
        """Call something from lesson code on behalf of a builtin."""
        return self.guards.get(id(callee), callee)(*args, **kwargs)

    def charged_call(self, callee: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Call a value, charging first for what calling an instance of its type costs."""
        charge = self.call_costs[type(callee)]
        if charge is not None:
            charge(callee, *args, **kwargs)
        try:
            return callee(*args, **kwargs)
        except TypeError as error:
            if callable(callee):
                raise
            raise retold(self, error, callee) from None

    def invoke(
        self, callee: Any, args: Sequence[Any], kwargs: Mapping[str, Any], span: Span
    ) -> Any:
        """Call `callee`, telling the observer where the engine has a part in it."""
        guarded = self.safe(callee)
        name = self._act_name(callee, args)
        if name is None:
            return self.charged_call(guarded, args, kwargs)
        receiver = getattr(callee, "__self__", None) if type(callee) in _BOUND else None
        if self.world.is_engine(callee) and not isinstance(callee, type):
            receiver = callee
        if not self.world.is_engine(receiver):
            receiver = None
        return self.observe(
            "call", name, span, receiver, args, kwargs,
            lambda: self.charged_call(guarded, args, kwargs),
        )  # fmt: skip

    def _act_name(self, callee: Any, args: Sequence[Any]) -> str | None:
        module, name = self.origins.get(id(callee), ("", ""))
        if module.split(".")[0] == "torch":
            return name
        if module and not brought(self.world, module):
            return None
        if self.is_lesson_function(callee) or isinstance(callee, type):
            return None
        is_engine = self.world.is_engine
        if is_engine(callee):
            return "call"
        first = args[0] if args else None
        held = isinstance(first, list | tuple) and any(map(is_engine, first[:1]))
        if held or any(map(is_engine, args)):
            return getattr(callee, "__name__", None)
        return None

    def is_lesson_function(self, value: Any) -> bool:
        """Whether `value` is a function, or a bound method, that lesson code defined."""
        if type(value) is MethodType:
            value = value.__func__
        return type(value) is FunctionType and value.__code__ in self.lesson_code

    def is_print(self, callee: Any) -> bool:
        return callee is self.builtins["print"]

    def print_from(self, span: Span, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        """`print(*args, **kwargs)` of the call at `span`."""
        kwargs.pop("flush", None)
        unknown = set(kwargs) - {"sep", "end", "file"}
        if unknown:
            raise TypeError(f"print() got an unexpected keyword argument '{min(unknown)}'")
        if kwargs.get("file") is not None:
            self.builtins["print"](*args, **kwargs)
            return
        kwargs.pop("file", None)
        if self.muted and all(type(value) in self._plain for value in args):
            return  # nobody hears it, and the text of such values has no effects
        self.print(self.printed(tuple(args), **kwargs), span)


_BOUND = (MethodType, BuiltinFunctionType)
