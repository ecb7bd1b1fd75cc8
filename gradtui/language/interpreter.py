"""Runs lesson code over a world, within a budget, told step by step to an observer.

    interpreter = Interpreter(World.over(torch), Limits())
    outcome = interpreter.run(Source("cell 1", "x = torch.ones(3)\\nprint(x)"))
    interpreter.evaluate("x.sum()")

Names live on between runs, as between the cells of a notebook. Lesson code is data throughout:
nothing here executes, evaluates or compiles Python.
"""

import ast
import contextvars
import sys
from collections.abc import Callable, Sequence
from typing import Any

from gradtui.language import (  # noqa: F401 - each fills the tables of the compiler
    assignments,
    calls,
    classes,
    comprehensions,
    expressions,
    fstrings,
    functions,
    guarding,
    imports,
    names,
    patterns,
    statements,
)
from gradtui.language.budget import Budget
from gradtui.language.checker import check, parse
from gradtui.language.compiler import Compiler
from gradtui.language.errors import Complaint, Failure, Outcome, OverBudget, Refused
from gradtui.language.faults import failure, locate
from gradtui.language.frames import Thunk
from gradtui.language.observer import Observer
from gradtui.language.program import Draw, Limits
from gradtui.language.runtime import Runtime
from gradtui.language.scopes import analyse
from gradtui.language.source import Source
from gradtui.language.spans import Spans
from gradtui.language.world import World

PYTHON_FRAMES = 6_000  # of this interpreter's own for a lesson at its deepest


def _write(text: str) -> None:
    sys.stdout.write(text)


class Interpreter:
    """One namespace in which pieces of lesson code run one after another."""

    def __init__(
        self,
        world: World,
        limits: Limits | None = None,
        observer: Observer | None = None,
        output: Callable[[str], None] | None = None,
        errors: Callable[[str], None] | None = None,
    ) -> None:
        self.world = world
        self.budget = Budget(limits or Limits())
        self.runtime = Runtime(world, self.budget, observer, output or _write)
        if errors is not None:
            self.runtime.errors = errors
        self._thunks: dict[Source, Thunk] = {}
        self._context = contextvars.copy_context()  # how numpy prints, say, is the program's own
        self._within = False

    def restart(self, limits: Limits, observer: Observer) -> None:
        """Begin anew with no names and a full budget; code that was compiled stays compiled."""
        self.budget.refill(limits)
        self._context = contextvars.copy_context()
        self.runtime.begin_anew(observer)

    @property
    def namespace(self) -> dict[str, Any]:
        """The lesson's global variables."""
        return self.runtime.globals

    def check(self, source: Source) -> tuple[Complaint, ...]:
        """What of `source` the language does not take; nothing is run."""
        return check(source, self.world, self.runtime.globals.keys())

    def cancel(self) -> None:
        """End what is running at its next turn; safe from any thread."""
        self.budget.cancel()

    def run(self, source: Source, draws: Sequence[Draw] = ()) -> Outcome:
        """Run `source`, its random calls given `draws`.

        Raises Refused, before anything runs, for code outside the language, and OverBudget, its
        `line` and `span` set, where the budget ended it; KeyboardInterrupt passes.
        """
        complaints = self.check(source)
        if complaints:
            raise Refused(complaints, source.name)
        self.runtime.catch_up()
        self.runtime.script = source.name
        self.runtime.draws.clear()
        self.runtime.draws.extend(draws)
        self.runtime.drawn = 0
        self.budget.begin()
        try:
            error = self._apart(self._run, source)
        finally:
            self.budget.end()
        unused = len(self.runtime.draws)
        self.runtime.draws.clear()
        return Outcome(error, unused)

    def _run(self, source: Source) -> Failure | None:
        deepen()
        self.runtime.outer_error = sys.exception()
        try:
            thunk = self._thunks.get(source)
            if thunk is None:
                thunk = self._thunks[source] = self._compiled(parse(source), source.text)
            thunk([None])
            if self.budget.broken is not None:
                raise self.budget.broken
        except KeyboardInterrupt:
            raise
        except OverBudget as spent:
            locate(spent)
            raise spent.with_traceback(None) from None
        except BaseException as error:
            found = failure(error, self.runtime.globals)
            error.__traceback__ = None
            return found
        finally:
            self.runtime.forget()
            self.runtime.outer_error = None
        return None

    def _compiled(self, tree: ast.Module, text: str) -> Thunk:
        scopes = analyse(tree)
        compiler = Compiler(self.runtime, Spans(text), scopes, scopes[tree])
        return compiler.block(tree.body) if tree.body else (lambda frame: None)

    def evaluate(self, expression: str, read: Callable[[Any], Any] = lambda value: value) -> Any:
        """What `read` makes of the value of `expression`, unseen by the observer, on an allowance
        of its own.

        Raises Refused, OverBudget, or whatever the expression raises.
        """
        source = Source("<expression>", expression.strip())
        complaints = self.check(source)
        if complaints:
            raise Refused(complaints)
        self.runtime.catch_up()
        thunk = self._thunks.get(source) or self._expression(source)
        self._thunks[source] = thunk
        deepen()
        muted, self.runtime.muted = self.runtime.muted, True
        try:
            with self.budget.apart():
                return self._apart(lambda: read(thunk([None])))
        finally:
            self.runtime.muted = muted

    def _apart(self, deed: Callable[..., Any], *args: Any) -> Any:
        """Does a deed in the program's context; one within another is in it already."""
        if self._within:
            return deed(*args)
        self._within = True
        try:
            return self._context.run(deed, *args)
        finally:
            self._within = False

    def _expression(self, source: Source) -> Thunk:
        tree = parse(source)
        statement = tree.body[0] if len(tree.body) == 1 else None
        if not isinstance(statement, ast.Expr):
            raise Refused((Complaint(1, 0, "one expression is wanted"),))
        scopes = analyse(tree)
        compiler = Compiler(self.runtime, Spans(source.text), scopes, scopes[tree])
        return compiler.expression(statement.value)


def deepen() -> None:
    """Let Python call as deeply as a lesson at its own limit needs."""
    if sys.getrecursionlimit() < PYTHON_FRAMES:
        sys.setrecursionlimit(PYTHON_FRAMES)


__all__ = ["Interpreter", "OverBudget"]
