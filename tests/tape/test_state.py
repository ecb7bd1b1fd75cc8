"""The state at a position equals what a naive replay of the events up to it gives."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from sample import Run, document

from gradtui.tape import events as e
from gradtui.tape.state import tape_state
from gradtui.tape.tape import Tape


@dataclass
class Replay:
    """Everything seen so far, kept the slow way."""

    values: dict[int, e.Value] = field(default_factory=dict)
    names: dict[str, int | None] = field(default_factory=dict)
    grads: dict[int, e.Value | None] = field(default_factory=dict)
    printed: str = ""
    freed: set[int] = field(default_factory=set)
    running: bool = False
    ran: list[int] = field(default_factory=list)
    epoch: int | None = None

    def take(self, event: e.AnyEvent) -> None:
        match event:
            case e.StepBegan():
                self.printed, self.ran, self.epoch, self.running = "", [], None, False
            case e.Operation():
                self.values |= {v.tensor: v for v in (*event.inputs, *event.outputs)}
            case e.Bound():
                self.names[event.name] = event.tensor
            case e.Printed():
                self.printed += event.text
            case e.BackwardBegan():
                self.running, self.ran = True, []
            case e.NodeRan():
                self.ran.append(event.node)
            case e.BackwardEnded():
                self.running = False
                self.freed |= set(event.freed)
            case e.Accumulated():
                self.grads[event.tensor] = self.values[event.after.tensor] = event.after
            case e.Changed():
                self.values[event.after.tensor] = event.after
                if event.owner is not None:
                    self.grads[event.owner] = event.after
            case e.Iteration():
                self.epoch = event.index
            case e.Statement() if event.span and event.span.column == 0:
                self.epoch = None


TAPES = [document().tape(), Run().leaf("x").op("y", "mul", "x x").tape()]


@given(tape=st.sampled_from(TAPES), data=st.data())
def test_a_position_is_a_replay_up_to_it(tape: Tape, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(tape)))
    replay = Replay()
    for event in tape.events[:position]:
        replay.take(event)
    state = tape_state(tape, position)
    everything = set(range(len(tape.index.values)))
    assert {t: state.value(t) for t in everything if state.value(t)} == replay.values
    assert {name: it.tensor for name, it in state.names.items()} == replay.names
    assert {t: state.grad(t).value for t in replay.grads} == replay.grads
    assert state.printed() == replay.printed
    assert state.freed == replay.freed
    assert (state.phase == "backward") == replay.running
    assert list(state.ran) == replay.ran
    assert state.epoch == replay.epoch or state.phase == "between"
    for name, tensor in replay.names.items():
        if tensor is not None:
            assert name in state.names_of(tensor)


@given(position=st.integers(0, len(TAPES[0])))
def test_the_ledger_adds_up(position: int) -> None:
    state = tape_state(TAPES[0], position)
    for leaf in state.leaves:
        ledger = state.ledger(leaf)
        assert [entry.event for entry in ledger] == sorted(entry.event for entry in ledger)
        assert all(entry.event < position for entry in ledger)
        if ledger:
            assert ledger[-1].after == state.grad(leaf).value


def test_none_not_yet_and_zero_are_told_apart() -> None:
    run = Run().leaf("x").leaf("c", grad=False).leaf("alone").op("y", "mul", "x c")
    before = len(run.events)
    run.backward("y", {"x": (1.0, 2.0, 3.0)})
    after = len(run.events)
    run.zero("x")
    tape = run.tape()
    early, late, end = (tape_state(tape, at) for at in (before, after, len(run.events)))
    assert [early.grad(t).kind for t in range(4)] == ["not yet", "none", "not yet", "none"]
    assert [late.grad(t).kind for t in range(4)] == ["value", "none", "none", "none"]
    assert end.grad(0).kind == "zero"
    assert len({early.grad(1).reason, early.grad(3).reason, late.grad(2).reason}) == 3


def test_the_ledger_is_dated_and_knows_the_way() -> None:
    run = Run().leaf("w", (1.0,)).op("_", "exp", "w", 1.0)
    for epoch in range(2):
        run.loop(epoch)
        run.op("m", "mul", "w", (1.0,), column=4).op("l", "sum", "m", 1.0, column=4)
        run.backward("l", {"w": (3.0,)}).zero("w")
    entries = tape_state(run.tape(), len(run.events)).ledger(0)
    assert [(one.epoch, one.number, one.kind) for one in entries] == [
        (0, 0, "added"), (0, None, "zeroed"), (1, 1, "added"), (1, None, "zeroed"),
    ]  # fmt: skip
    assert entries[0].path == "Sum → Mul → w"
    assert entries[1].path == "zero_()"


def test_labels() -> None:
    run = Run().leaf("x").op("y", "mul", "x x").op("_", "add", "y x")
    run.backward("y", {"x": (1.0, 2.0, 3.0)})
    run.op("x", "exp", "y")
    state = tape_state(run.tape(), len(run.events))
    grad = run.values["x.grad"].tensor
    assert state.label(1) == "y"
    assert state.label(0) == "earlier x"
    assert state.label(2) == "add(y, earlier x)" or state.label(2) == "add(y, x)"
    assert state.label(grad) == "earlier x.grad"
    assert tape_state(run.tape(), 4).label(0) == "x"


def test_a_tensor_without_a_name_is_called_by_its_code() -> None:
    run = Run().leaf("x").op("_", "mul", "x x")
    tape = Tape(run.events, {"one": "x = tensor(1)\nx*x + rest"})
    assert tape_state(tape, len(tape)).label(1) == "x*x + rest"[:10]


def test_flows_carry_what_was_sent() -> None:
    run = Run().leaf("x").op("y", "mul", "x x").op("z", "exp", "y").backward("z", {"x": (1, 1, 1)})
    first = next(i for i, event in enumerate(run.events) if isinstance(event, e.NodeRan))
    flows = tape_state(run.tape(), first + 1).flows
    assert [(flow.source, flow.edge.node) for flow in flows] == [(2, 1)]
    assert len(tape_state(run.tape(), len(run.events)).flows) == 3


def test_the_error_of_a_step() -> None:
    tape = document().tape()
    assert tape_state(tape, len(tape)).error is not None
    assert tape_state(tape, tape.steps[0].stop).error is None


def test_grad_mode() -> None:
    run = Run()
    run.events += [e.GradMode(enabled=False), e.GradMode(enabled=True)]
    tape = run.tape()
    assert [tape_state(tape, at).grad_enabled for at in range(4)] == [True, True, False, True]
