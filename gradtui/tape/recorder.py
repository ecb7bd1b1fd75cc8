"""Listens to the interpreter and tells, event by event, what happened, on either engine.

    recorder = Recorder(torch, emit)         # the observer of an Interpreter over that module
    play(program, torch, emit)               # runs a whole program and tells of all of it

The recorder reads only what torch and the engine both show: `grad_fn`, `next_functions`, sequence
numbers, versions, hooks. So one program gives one list of events, whichever engine runs it, and two
runs are compared by comparing two lists. What it does cannot be seen by the lesson.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec
import numpy as np

from gradtui.arrays.guest import world
from gradtui.language.budget import Budget
from gradtui.language.errors import OverBudget, Refused
from gradtui.language.interpreter import Interpreter
from gradtui.language.observer import Act
from gradtui.language.program import Program, ProgramStep
from gradtui.language.source import Source, Span
from gradtui.tape import events as e
from gradtui.tape.events import AnyEvent, Value
from gradtui.tape.graph_reader import GraphReader
from gradtui.tape.jacobians import JacobianReader
from gradtui.tape.operands import (
    brief,
    makes,
    may_change,
    operands,
    operation_name,
    results,
    shares,
    why_unrecorded,
)
from gradtui.tape.passes import Pass, Request, owned, request
from gradtui.tape.probes import asked_after, text_of
from gradtui.tape.script import perform
from gradtui.tape.watch import Known, Watch

Told = TypeVar("Told", bound=e.Event)


class Recorder:
    """The observer of one run over `torch`; each event goes to `emit` the moment it is complete."""

    def __init__(self, torch: Any, emit: Callable[[AnyEvent], None]) -> None:
        self.torch = torch
        self.tensor: type = torch.Tensor
        self.module: Any = torch.nn.Module
        self.out = emit
        self.watch = Watch()
        self.graph = GraphReader(torch, self.watch)
        self.arguments = self.graph.arguments
        self.muted = False
        self.budget: Budget | None = None  # of the interpreter that is listened to
        self.enabled: bool = torch.is_grad_enabled()
        self.passes = 0
        self.reader = JacobianReader(torch)
        self.bytewise = False
        self.fault: tuple[BaseException, int | None] | None = None
        self.pending: tuple[BaseException, e.Raised] | None = None
        self.deferred: list[AnyEvent] = []
        self.calls: list[e.ModuleBegan] = []  # modules that are being called
        self.told = 0  # how many of them were told of
        self.parameters: dict[str, int] = {}  # the numbers of `net.0.weight` and its like

    def _deep(self, event: Told) -> Told:
        """The event, told how many calls of the lesson's functions are under way."""
        if self.budget is not None and self.budget.depth:
            msgspec.structs.force_setattr(event, "depth", self.budget.depth)
        return event

    # What the interpreter tells.

    def statement(self, span: Span) -> None:
        self._grad_mode(span)
        self.emit(e.Statement(span=span))

    def iteration(self, loop: Span, index: int, target: str) -> None:
        self.emit(e.Iteration(span=loop, index=index, target=target))

    def printed(self, text: str, span: Span) -> None:
        self.emit(e.Printed(span=span, text=text))

    def grad_mode(self, enabled: bool, span: Span) -> None:
        self._grad_mode(span)

    def bind(self, name: str, value: Any, span: Span) -> None:
        if not isinstance(value, self.tensor):
            self.emit(e.Bound(span=span, name=name, text=brief(value)))
            if name != "self" and isinstance(value, self.module):
                self._name_parameters(name, value, span)
            return
        if value not in self.watch:
            self._looked_up(value, span)
        entry = self.watch.keep(value)
        self.emit(e.Bound(span=span, name=name, tensor=entry.number))

    def raised(self, error: BaseException, span: Span) -> None:
        """Waits: whether it is caught is known when the next thing happens, or the step ends."""
        self._flush(caught=True)
        node = self.fault[1] if self.fault and self.fault[0] is error else None
        told = e.Raised(span=span, type=type(error).__name__, message=text_of(error), node=node)
        self.pending = (error, told)

    def act(self, act: Act, proceed: Callable[[], Any]) -> Any:
        """Lets the deed happen and tells what came of it."""
        if self.muted:
            return proceed()
        if self.pending is not None:
            self._flush(caught=True)
        asked = request(act, self.tensor)
        if asked is not None:
            return self._backward(act, asked, proceed)
        given = operands(act, self.tensor)
        inputs = tuple([self.watch.see(tensor) for tensor in given])
        if act.name == "step":
            result = self.arguments.deaf(proceed)
        else:
            calls = act.name == "call" and isinstance(act.receiver, self.module)
            result = self._called(act, proceed) if calls else proceed()
        self._happened(act, given, inputs, result)
        if self.enabled != self.torch.is_grad_enabled():
            self._grad_mode(act.span)
        return result

    def _called(self, act: Act, proceed: Callable[[], Any]) -> Any:
        """Lets a module be called; it is told of once something happens within."""
        depth = len(self.calls)
        called = e.ModuleBegan(span=act.span, name=operation_name(act))
        self.calls.append(self._deep(called))
        try:
            return proceed()
        finally:
            del self.calls[depth:]
            if self.told > depth:
                self.told = depth
                self._after_error(e.ModuleEnded(span=act.span))

    def _after_error(self, event: AnyEvent) -> None:
        """Tells it, but not before an error of which it is not known whether it is caught."""
        event = self._deep(event)
        if self.pending is not None:
            self.deferred.append(event)
        else:
            self.out(event)

    # Operations.

    def _happened(
        self, act: Act, given: Sequence[Any], inputs: tuple[Value, ...], result: Any
    ) -> None:
        """Tells of the new tensors an act gave and of the old ones it changed."""
        made = results(result, self.tensor)
        if act.kind == "getattr":
            self._read(act, made)
        elif act.kind == "call" and shares(act):
            self.bytewise = True
        written = self.watch.written
        changed = [t for t, v in zip(given, inputs, strict=True) if written(t, v)]
        touched = self._touched(act, given, inputs, changed, made)
        fresh = [tensor for tensor in made if self._is_news(tensor)]
        if touched is not None:
            self._operation(act, inputs, [touched], inplace=True)
        elif fresh and makes(act, self.tensor):
            self._operation(act, inputs, made)
        elif fresh:
            for tensor in fresh:
                self.watch.entry(tensor)
        elif act.kind == "call" and not made:
            self._parameters(act, result)
        if changed or may_change(act):
            self._sweep(act, given, inputs)

    def _read(self, act: Act, made: Sequence[Any]) -> None:
        if act.name == "grad" and made:
            owned(self.watch, act.receiver)
        elif act.name == "data":
            self.bytewise = True

    def _touched(
        self,
        act: Act,
        given: Sequence[Any],
        inputs: Sequence[Value],
        changed: Sequence[Any],
        made: Sequence[Any],
    ) -> Any:
        """The operand an operation worked on in place, if it did: its numbers, or its flags."""
        if changed:
            returned = [tensor for tensor in made if is_in(tensor, changed)]
            if returned or act.kind in ("inplace", "setitem"):
                return (returned or changed)[0]
        if not given or not may_change(act):
            return None
        first, before = given[0], inputs[0]
        flags = (first.requires_grad, first.is_leaf)
        return first if flags != (before.requires_grad, before.is_leaf) else None

    def _operation(
        self, act: Act, inputs: tuple[Value, ...], made: Sequence[Any], inplace: bool = False
    ) -> None:
        entries = [self.watch.entry(tensor) for tensor in made]
        before = [entry.value for entry in entries]
        outputs = tuple([self.watch.see(tensor, inplace) for tensor in made])
        if inplace:  # the sweep that follows tells the change itself
            for entry, value in zip(entries, before, strict=True):
                entry.value = value
        nodes, grad_fn = self._nodes(made, inputs + outputs)
        enabled = self.torch.is_grad_enabled()
        reason = "" if nodes else why_unrecorded(act, inputs, outputs[0], enabled)
        self.emit(
            e.Operation(
                span=act.span,
                name=operation_name(act),
                inputs=inputs,
                outputs=outputs,
                nodes=nodes,
                grad_fn=grad_fn,
                unrecorded=reason,
                inplace=inplace,
            )
        )

    def _nodes(
        self, made: Sequence[Any], shown: Sequence[Value]
    ) -> tuple[tuple[e.Node, ...], int | None]:
        functions = [tensor.grad_fn for tensor in made]
        if functions[0] is None and not any(functions):
            return (), None
        nodes = self.graph.discover(functions, shown)
        return nodes, None if functions[0] is None else self.graph.id(functions[0])

    def _is_news(self, tensor: Any) -> bool:
        """Whether a result was not shown before, or has a history since that was not."""
        if tensor not in self.watch:
            return True
        return tensor.grad_fn is not None and not self.graph.knows(tensor.grad_fn)

    def _parameters(self, act: Act, result: Any) -> None:
        """Tells of the parameters a module was built with."""
        if isinstance(result, self.module):
            found = self._parameters_of(result).values()
            fresh = [tensor for tensor in found if tensor not in self.watch]
            if fresh:
                self._operation(act, (), fresh)

    def _parameters_of(self, module: Any) -> dict[str, Any]:
        """Its first parameters by name, whatever the lesson's own class makes of them."""
        self.muted = True
        try:
            return dict(islice(self.module.named_parameters(module), PARAMETERS))
        except Exception:
            return {}  # its class did not call super().__init__() yet
        finally:
            self.muted = False

    def _name_parameters(self, name: str, module: Any, span: Span) -> None:
        """Tells what a module's parameters are called once the module has a name."""
        for path, tensor in self._parameters_of(module).items():
            full, number = f"{name}.{path}", self.watch.entry(tensor).number
            if self.parameters.get(full) != number:
                self.parameters[full] = number
                self.emit(e.Bound(span=span, name=full, tensor=number))

    def _looked_up(self, value: Any, span: Span) -> None:
        """Tells of a tensor that came without an act: an item of a loop, a default argument."""
        if value.grad_fn is not None and not self.graph.knows(value.grad_fn):
            name = value.grad_fn.name().rstrip("0123456789").removesuffix("Backward").lower()
            self._operation(Act("call", name, span), (), [value])

    # Changes in place.

    def _sweep(self, act: Act, given: Sequence[Any], inputs: Sequence[Value]) -> None:
        """Tells of every watched tensor that has other numbers now, and every `.grad` replaced."""
        bytewise = self.bytewise or act.kind == "setattr"
        told: set[int] = set()
        for tensor, shown in zip(given, inputs, strict=True):
            self._changed(tensor, self.watch.entry(tensor), act, bytewise, shown)
            told.add(shown.tensor)
        for tensor, entry in list(self.watch.live()):
            if entry.number not in told:
                self._changed(tensor, entry, act, bytewise)
            if tensor.is_leaf and tensor.requires_grad:
                self._grad_set(tensor, entry, act.name, act.span)

    def _changed(
        self, tensor: Any, entry: Known, act: Act, bytewise: bool, shown: Value | None = None
    ) -> None:
        written = shown is not None and tensor is act.receiver
        before = self.watch.refreshed(tensor, entry, bytewise, written)
        if before is None:
            return
        self.emit(
            e.Changed(
                span=act.span,
                before=before if shown is None else shown,
                after=entry.value,
                owner=entry.owner,
                cause=act.name,
            )
        )

    def _grad_set(self, tensor: Any, entry: Known, cause: str, span: Span | None) -> None:
        before = None if entry.grad is None else entry.grad.value
        grad = tensor.grad
        if grad is None and before is None:
            return
        after = owned(self.watch, tensor)
        if before is not None and after is not None and before.tensor == after.tensor:
            return
        self.emit(
            e.GradSet(span=span, tensor=entry.number, before=before, after=after, cause=cause)
        )

    # Backward passes.

    def _backward(self, act: Act, asked: Request, proceed: Callable[[], Any]) -> Any:
        given = operands(act, self.tensor)
        inputs = tuple(self.watch.see(tensor) for tensor in given)
        running = Pass(
            self.passes, asked, act.span, self.torch, self.graph, self.watch, self.reader, self.emit
        )
        self.passes += 1
        running.begin()
        try:
            result = proceed() if asked.create_graph else self.arguments.deaf(proceed)
        except BaseException as error:
            self.fault = (error, running.fault)
            raise
        finally:
            running.end()
        self._settle(act.span)
        if asked.call == "grad":
            self._operation_of_grad(act, inputs, result)
        return result

    def _settle(self, span: Span) -> None:
        """Tells of gradients a pass left where no AccumulateGrad ran: retained ones, leaf roots."""
        for tensor, entry in list(self.watch.live()):
            if tensor.requires_grad and (tensor.is_leaf or tensor.retains_grad):
                self._grad_set(tensor, entry, "backward", span)

    def _operation_of_grad(self, act: Act, inputs: tuple[Value, ...], result: Any) -> None:
        made = results(result, self.tensor)
        if any(tensor not in self.watch for tensor in made):
            self._operation(act, inputs, made)

    # The stream.

    def emit(self, event: AnyEvent) -> None:
        if self.muted:
            return
        if self.pending is not None:
            self._flush(caught=True)
        for call in self.calls[self.told :]:
            self.out(call)
        self.told = len(self.calls)
        self.out(self._deep(event))

    def _grad_mode(self, span: Span | None) -> None:
        enabled = self.torch.is_grad_enabled()
        if enabled == self.enabled or self.muted:
            return
        self.enabled = enabled
        event = e.GradMode(span=span, enabled=enabled)
        self._after_error(event)

    def _flush(self, caught: bool) -> None:
        if self.pending is None:
            return
        told = self.pending[1]
        self.pending = None
        self.out(msgspec.structs.replace(told, caught=True) if caught else told)
        for event in self.deferred:
            self.out(event)
        self.deferred.clear()

    def step_ended(self, error: BaseException | None, raised: e.Raised | None) -> None:
        """Settles how a step came to its end: `raised` tells of an error nobody reported."""
        if self.pending is not None:
            self._flush(caught=self.pending[0] is not error)
        elif raised is not None:
            self.out(raised)
        self._grad_mode(None)
        self.fault = None


PARAMETERS = 64  # of one module that get names


def is_in(tensor: Any, tensors: Sequence[Any]) -> bool:
    """Whether it is one of them: `in` would compare their numbers."""
    return any(tensor is other for other in tensors)


def silent(text: str) -> None:
    """What is printed is told of by the recorder; nothing goes to stdout."""


@np.errstate(all="ignore")  # on any thread: infinities and nan are results here
def play(program: Program, torch: Any, emit: Callable[[AnyEvent], None]) -> None:
    """Runs the program over `torch` and tells of everything that happened, from its seed on.

    An uncaught error ends its step; what is refused or over budget ends the program. The programs
    of `then` follow, each behind a ProgramBegan.
    """
    if program.scratch is not None:
        from gradtui.tape.scratch import answer  # which plays the steps with what is here

        answer(program, torch, emit)
        return
    if program.look is not None:
        from gradtui.tape.look import look

        look(program, torch, emit)
        return
    if not program.watched:
        perform(program, torch, emit)
        return
    forget(torch, program.seed)
    recorder = Recorder(torch, emit)
    interpreter = Interpreter(world(torch), program.limits, recorder, silent)
    play_steps(program, recorder, interpreter)
    for other in program.then:
        emit(e.ProgramBegan(program=other.name))
        forget(torch, other.seed)
        recorder = Recorder(torch, emit)
        interpreter.restart(other.limits, recorder)
        play_steps(other, recorder, interpreter)


def play_steps(program: Program, recorder: Recorder, interpreter: Interpreter) -> None:
    """Runs the steps one after another, and asks each what is to be asked of it."""
    recorder.budget = interpreter.budget
    recorder.arguments.listen()
    try:
        _steps(program, recorder, interpreter)
    finally:
        recorder.arguments.stop()


def _steps(program: Program, recorder: Recorder, interpreter: Interpreter) -> None:
    emit = recorder.out
    for number, step in enumerate(program.steps):
        told = number >= program.told_from
        interpreter.runtime.muted = not told
        try:
            if not told:
                interpreter.run(Source(step.id, step.code), step.draws)
                continue
            emit(e.StepBegan(step=step.id))
            _step(step, interpreter, recorder)
        except (OverBudget, Refused) as stop:
            emit(e.Stopped(reason=str(stop)))
            return
        emit(e.StepEnded(step=step.id))
        asked_after(step, interpreter, recorder, emit)


def forget(torch: Any, seed: int) -> None:
    """Puts back what a program before this one, in the same process, may have set for all."""
    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)
    torch.set_printoptions(profile="default")
    torch.autograd.set_detect_anomaly(False)
    torch.default_generator.manual_seed(seed)  # torch.manual_seed looks for graphics cards


def _step(step: ProgramStep, interpreter: Interpreter, recorder: Recorder) -> None:
    outcome = interpreter.run(Source(step.id, step.code), step.draws)
    failure = outcome.error
    if failure is None:
        recorder.step_ended(None, None)
        return
    told = e.Raised(span=failure.span, type=failure.type_name, message=failure.message)
    recorder.step_ended(failure.error, told)
