"""What a recording holds, over gradtui's engine and torch; both tell the same of any script."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
from scripts import SCRIPTS

import gradtui.engine as engine
from gradtui.language.program import Limits, Probe, Program, ProgramStep
from gradtui.oracle.compare import compare
from gradtui.tape import events as e
from gradtui.tape.events import AnyEvent, Value
from gradtui.tape.recorder import play

Record = Callable[..., list[AnyEvent]]
E = TypeVar("E", bound=e.Event)

LIMITS = Limits(seconds=20.0)
STATIC = (e.StepBegan, e.StepEnded, e.Statement, e.ModuleBegan, e.ModuleEnded)


def played(module: Any, program: Program) -> list[AnyEvent]:
    events: list[AnyEvent] = []
    play(program, module, events.append)
    return events


def program_of(*codes: str, probes: Sequence[str] = (), **options: Any) -> Program:
    asked = tuple(Probe(expression, expression) for expression in probes)
    steps = [ProgramStep(f"step {n}", f"import torch\n{code}") for n, code in enumerate(codes)]
    steps[-1] = ProgramStep(steps[-1].id, steps[-1].code, options.pop("draws", ()), asked)
    return Program("test", tuple(steps), limits=options.pop("limits", LIMITS), **options)


def recorded(module: Any, *codes: str, **options: Any) -> list[AnyEvent]:
    return played(module, program_of(*codes, **options))


@pytest.fixture(params=[engine, torch], ids=["gradtui", "torch"])
def record(request: pytest.FixtureRequest) -> Record:
    """`record(code, …)` plays the code of each step and gives its events."""
    return partial(recorded, request.param)


def of(events: Sequence[AnyEvent], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def operations(events: Sequence[AnyEvent]) -> dict[str, e.Operation]:
    """The operations by name, the last of each name."""
    return {event.name: event for event in of(events, e.Operation)}


def numbers(value: Value | None) -> list[float]:
    assert value is not None
    return np.frombuffer(value.data, value.dtype).tolist()  # type: ignore[no-any-return]


def text_of(code: str, event: AnyEvent) -> str:
    """The one line of source an event comes from."""
    assert event.span is not None
    assert event.span.line == event.span.end_line
    line = f"import torch\n{code}".splitlines()[event.span.line - 1]
    return line[event.span.column : event.span.end_column]


def names_by_id(events: Sequence[AnyEvent]) -> dict[int, str]:
    told = [*of(events, e.Operation), *of(events, e.BackwardBegan)]
    return {node.id: node.name for event in told for node in event.nodes}


# Operations.

POLYNOMIAL = """\
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x + 2
z = 2*y**2
a = z.mean()
"""


def test_a_sub_expression_is_an_operation_with_its_own_span(record: Record) -> None:
    events = record(POLYNOMIAL)
    spans = [(event.name, text_of(POLYNOMIAL, event)) for event in of(events, e.Operation)]
    assert spans == [
        ("tensor", "torch.tensor([1.0, 2.0], requires_grad=True)"),
        ("add", "x + 2"),
        ("pow", "y**2"),
        ("mul", "2*y**2"),
        ("mean", "z.mean()"),
    ]


def test_an_operation_tells_what_went_in_and_what_came_out(record: Record) -> None:
    power = operations(record(POLYNOMIAL))["pow"]
    assert [numbers(value) for value in power.inputs] == [[3.0, 4.0]]
    assert [numbers(value) for value in power.outputs] == [[9.0, 16.0]]
    out = power.outputs[0]
    assert (out.shape, out.dtype, out.requires_grad, out.is_leaf) == ((2,), "float32", True, False)


def test_nodes_are_told_with_their_edges_shapes_and_saved_tensors(record: Record) -> None:
    found = operations(record(POLYNOMIAL))
    leaf, add = found["add"].nodes
    assert (leaf.name, leaf.leaf, leaf.edges) == ("AccumulateGrad", 0, ())
    assert (add.name, add.edges[0]) == ("AddBackward0", e.Edge(leaf.id, 0))
    (power,) = found["pow"].nodes
    assert (power.name, power.edges, power.shapes) == ("PowBackward0", (e.Edge(add.id),), ((2,),))
    assert dict(power.saved)["self"].tensor == found["add"].outputs[0].tensor
    assert found["pow"].grad_fn == power.id


def test_one_tensor_has_one_number(record: Record) -> None:
    found = operations(record(POLYNOMIAL))
    assert found["add"].inputs[0].tensor == found["tensor"].outputs[0].tensor
    assert found["pow"].inputs[0].tensor == found["add"].outputs[0].tensor


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("x = torch.ones(2)", "ones", "leaf"),
        ("x = torch.ones(2); y = x * 2", "mul", "inputs"),
        ("x = torch.ones(2, requires_grad=True); y = x.detach()", "detach", "detach"),
        ("x = torch.ones(2, requires_grad=True); y = x > 0", "gt", "not differentiable"),
        ("x = torch.ones(2, requires_grad=True); y = x.argmax()", "argmax", "not differentiable"),
        (
            "x = torch.ones(2, requires_grad=True)\nwith torch.no_grad():\n    y = x * 2",
            "mul",
            "no_grad",
        ),
        ("x = torch.ones(2, requires_grad=True); y = torch.zeros_like(x)", "zeros_like", "leaf"),
        ("x = torch.ones(2, requires_grad=True); y = x * 2", "mul", ""),
    ],
)
def test_why_an_operation_was_not_recorded(
    record: Record, code: str, name: str, reason: str
) -> None:
    told = operations(record(code))[name]
    assert told.unrecorded == reason
    assert bool(told.nodes) == (not reason)


def test_no_grad_is_told_where_it_begins_and_ends(record: Record) -> None:
    events = record("with torch.no_grad():\n    x = torch.ones(1)\ny = 1")
    assert [event.enabled for event in of(events, e.GradMode)] == [False, True]


def test_detach_cuts_the_path(record: Record) -> None:
    events = record(SCRIPTS["detach"])
    assert operations(events)["add"].nodes[-1].edges[1] == e.Edge(None)
    assert [event.tensor for event in of(events, e.Accumulated)] == [0]


# Names, text, loops.


def test_names_are_bound_to_tensors_and_to_plain_values(record: Record) -> None:
    bound = of(record("x = torch.ones(2)\nn = 3\ny = x\nl = [1, 'a']"), e.Bound)
    assert [(event.name, event.tensor, event.text) for event in bound[1:]] == [
        ("x", 0, ""),
        ("n", None, "3"),
        ("y", 0, ""),
        ("l", None, "[1, 'a']"),
    ]


def test_a_print_is_told_as_it_was_written(record: Record) -> None:
    printed = of(record("print(torch.ones(2), 1, sep='; ', end='.')"), e.Printed)
    assert [event.text for event in printed] == ["tensor([1., 1.]); 1."]


def test_each_pass_of_a_loop_is_told(record: Record) -> None:
    told = of(record("for epoch in range(3):\n    x = torch.ones(1)"), e.Iteration)
    assert [(event.index, event.target) for event in told] == [(n, "epoch") for n in range(3)]


def test_the_draws_of_a_step_are_what_its_random_calls_give(record: Record) -> None:
    events = record("x = torch.randn(3)", draws=([1.0, 2.0, 3.0],))
    assert numbers(operations(events)["randn"].outputs[0]) == [1.0, 2.0, 3.0]


# Backward passes.


def test_a_pass_is_told_node_by_node_in_torchs_order(record: Record) -> None:
    events = record(POLYNOMIAL + "a.backward()")
    names = names_by_id(events)
    ran = of(events, e.NodeRan)
    assert [names[event.node] for event in ran] == [
        "MeanBackward0",
        "MulBackward0",
        "PowBackward0",
        "AddBackward0",
    ]
    assert [numbers(event.cotangents[0]) for event in ran] == [
        [1.0],
        [0.5, 0.5],
        [1.0, 1.0],
        [6.0, 8.0],
    ]
    assert [numbers(event.products[0]) for event in ran[1:]] == [[1.0, 1.0], [6.0, 8.0], [6.0, 8.0]]


def test_a_pass_begins_at_its_root_with_its_vector(record: Record) -> None:
    code = "x = torch.ones(2, requires_grad=True)\nz = x * 3\nz.backward(torch.tensor([1.0, 2.0]))"
    (began,) = of(record(code), e.BackwardBegan)
    assert numbers(began.vectors[0]) == [1.0, 2.0]
    assert (began.call, began.number) == ("backward", 0)
    (began,) = of(record(POLYNOMIAL + "a.backward(retain_graph=True)"), e.BackwardBegan)
    assert numbers(began.vectors[0]) == [1.0]
    assert began.retain_graph


def test_small_jacobians_are_read_from_the_node(record: Record) -> None:
    events = record(POLYNOMIAL + "a.backward()")
    names = names_by_id(events)
    jacobians = {names[event.node]: event.jacobians[0] for event in of(events, e.NodeRan)}
    told = {name: value and (value.shape, numbers(value)) for name, value in jacobians.items()}
    assert told == {
        "MeanBackward0": ((1, 2), [0.5, 0.5]),
        "MulBackward0": ((2, 2), [2.0, 0.0, 0.0, 2.0]),
        "PowBackward0": ((2, 2), [6.0, 0.0, 0.0, 8.0]),
        "AddBackward0": ((2, 2), [1.0, 0.0, 0.0, 1.0]),
    }


def test_a_product_is_the_vector_times_the_jacobian(record: Record) -> None:
    code = (
        "x = torch.randn(2, 3, requires_grad=True)\n(x @ torch.randn(3, 2)).exp().sum().backward()"
    )
    checked = 0
    for ran in of(record(code), e.NodeRan):
        for product, jacobian in zip(ran.products, ran.jacobians, strict=True):
            if product is not None and jacobian is not None:
                matrix = np.reshape(numbers(jacobian), jacobian.shape)
                expected = np.array(numbers(ran.cotangents[0])) @ matrix
                np.testing.assert_allclose(numbers(product), expected, rtol=1e-5)
                checked += 1
    assert checked >= 3


def test_large_jacobians_are_not_built(record: Record) -> None:
    events = record("x = torch.ones(100, requires_grad=True)\n(x * 2).exp().sum().backward()")
    told = {names_by_id(events)[ran.node]: ran.jacobians for ran in of(events, e.NodeRan)}
    assert not any(told["MulBackward0"])


def test_accumulating_is_before_plus_added(record: Record) -> None:
    told = of(record(SCRIPTS["accumulate"]), e.Accumulated)
    assert len(told) == 3
    assert told[0].before is None
    for event in told:
        before = numbers(event.before) if event.before else [0.0] * 4
        assert numbers(event.added) == [3.0] * 4
        assert numbers(event.after) == [b + 3.0 for b in before]


def test_two_paths_are_two_products_and_one_sum(record: Record) -> None:
    (told,) = of(record(SCRIPTS["two paths"]), e.Accumulated)
    assert numbers(told.after) == [44.0]  # d/dx (x⁴ + x³) at 2


def test_the_freed_nodes_are_told_unless_retained(record: Record) -> None:
    code = "x = torch.ones(2, requires_grad=True)\ny = (x**2).sum()\n"
    (ended,) = of(record(code + "y.backward()"), e.BackwardEnded)
    assert len(ended.freed) == 1
    (kept,) = of(record(code + "y.backward(retain_graph=True)"), e.BackwardEnded)
    assert kept.freed == ()


def test_autograd_grad_is_a_pass_and_an_operation(record: Record) -> None:
    events = record(SCRIPTS["grad function"])
    assert [event.call for event in of(events, e.BackwardBegan)] == ["grad", "grad"]
    first, second = [event for event in of(events, e.Operation) if event.name == "grad"]
    assert (numbers(first.outputs[0]), numbers(second.outputs[0])) == ([12.0], [12.0])
    assert first.grad_fn is not None
    assert of(events, e.Accumulated) == []


def test_a_retained_gradient_is_told(record: Record) -> None:
    (told,) = of(record(SCRIPTS["retain_grad"]), e.GradSet)
    assert (told.before, numbers(told.after)) == (None, [1.0, 1.0])


def test_recording_leaves_no_hooks_and_changes_no_numbers(record: Record) -> None:
    events = record(SCRIPTS["twice retained"], probes=("x.grad",))
    assert numbers(of(events, e.Probed)[0].value) == [4.0, 4.0, 4.0]


# Changes.


def test_zeroing_a_gradient_in_place_is_told_with_its_owner(record: Record) -> None:
    told = of(record(SCRIPTS["zero in place"]), e.Changed)
    assert [(event.owner, event.cause) for event in told] == [(0, "zero_")] * 3
    assert [(numbers(event.before), numbers(event.after)) for event in told] == [
        ([3.0] * 4, [0.0] * 4)
    ] * 3


def test_an_optimizers_step_and_zero_grad_are_told(record: Record) -> None:
    events = record(SCRIPTS["sgd"])
    steps = of(events, e.Changed)
    assert [event.cause for event in steps] == ["step", "step"]
    assert numbers(steps[0].after) == pytest.approx([0.8, 0.8])
    sets = of(events, e.GradSet)
    assert [(event.tensor, event.after, event.cause) for event in sets] == [
        (0, None, "zero_grad")
    ] * 2


def test_a_gradient_taken_away_is_told(record: Record) -> None:
    events = record("w = torch.ones(1, requires_grad=True)\n(w * 2).backward()\nw.grad = None")
    (told,) = of(events, e.GradSet)
    assert (told.tensor, numbers(told.before), told.after) == (0, [2.0], None)


def test_an_update_in_place_is_an_operation_and_a_change(record: Record) -> None:
    code = "w = torch.ones(2, requires_grad=True)\nwith torch.no_grad():\n    w -= 0.5"
    events = record(code)
    (told,) = [event for event in of(events, e.Operation) if event.inplace]
    assert (told.outputs[0].tensor, told.unrecorded) == (0, "no_grad")
    (changed,) = of(events, e.Changed)
    assert (changed.before.version, changed.after.version) == (0, 1)
    assert (numbers(changed.before), numbers(changed.after)) == ([1.0] * 2, [0.5] * 2)


def test_a_change_through_a_view_is_told_of_the_base(record: Record) -> None:
    told = of(record("x = torch.zeros(3)\ny = x[1:]\ny.fill_(7)"), e.Changed)
    assert {event.before.tensor: numbers(event.after) for event in told} == {
        1: [7.0, 7.0],
        0: [0.0, 7.0, 7.0],
    }


def test_a_change_through_data_is_told_though_the_version_stands(record: Record) -> None:
    told = of(record(SCRIPTS["data"]), e.Changed)
    assert [0.5, 0.5] in [numbers(event.after) for event in told if event.before.tensor == 0]


# Errors.


def test_an_error_names_the_node_at_fault(record: Record) -> None:
    events = record(SCRIPTS["twice"])
    (raised,) = of(events, e.Raised)
    assert raised.type == "RuntimeError"
    assert "second time" in raised.message
    assert names_by_id(events)[raised.node or 0] == "PowBackward0"
    assert not raised.caught


def test_a_version_error_names_the_node_whose_tensor_was_changed(record: Record) -> None:
    events = record(SCRIPTS["version"])
    (raised,) = of(events, e.Raised)
    assert "modified by an inplace operation" in raised.message
    assert names_by_id(events)[raised.node or 0] == "ExpBackward0"


def test_a_caught_error_is_told_as_caught(record: Record) -> None:
    (raised,) = of(record(SCRIPTS["caught"]), e.Raised)
    assert (raised.caught, raised.node) == (True, None)


def test_an_uncaught_error_ends_its_step_not_the_program(record: Record) -> None:
    events = record("1/0\nprint('never')", "print('after')")
    assert [event.text for event in of(events, e.Printed)] == ["after\n"]
    assert of(events, e.Raised)[0].type == "ZeroDivisionError"


def test_what_is_refused_ends_the_program_before_it_runs(record: Record) -> None:
    events = record("print('never')\nopen('x')", "print('never')")
    (stopped,) = of(events, e.Stopped)
    assert "3:1: open is not in the lesson language" in stopped.reason
    assert of(events, e.Printed) == []


def test_over_budget_ends_the_program(record: Record) -> None:
    events = record("while True:\n    x = 1", "print('never')", limits=Limits(statements=100))
    (stopped,) = of(events, e.Stopped)
    assert "over the limit of 100 statements" in stopped.reason
    assert of(events, e.Printed) == []


# Custom functions and modules.


def test_a_custom_function_is_an_operation_with_its_node(record: Record) -> None:
    events = record(SCRIPTS["custom function"])
    told = operations(events)["Square"]
    assert [node.name for node in told.nodes] == ["AccumulateGrad", "SquareBackward"]
    assert (told.grad_fn, told.outputs[0].requires_grad) == (told.nodes[1].id, True)
    ran = [names_by_id(events)[event.node] for event in of(events, e.NodeRan)]
    assert ran == ["SumBackward0", "SquareBackward"]


def test_parameters_are_named_with_their_module(record: Record) -> None:
    bound = {event.name: event.tensor for event in of(record(SCRIPTS["module"]), e.Bound)}
    assert [name for name in bound if name.startswith("net.")] == [
        "net.0.weight",
        "net.0.bias",
        "net.2.weight",
        "net.2.bias",
    ]
    assert len({bound[name] for name in bound if name.startswith("net.")}) == 4


def test_a_modules_own_operations_are_told(record: Record) -> None:
    events = record(SCRIPTS["own module"])
    assert {"Linear", "Parameter", "mul", "sum"} <= set(operations(events))
    names = {event.name for event in of(events, e.Bound)}
    assert {"net.scale", "net.first.weight", "net.first.bias"} <= names


# Probes and programs.


def test_probes_answer_after_their_step_unseen(record: Record) -> None:
    probes = ("x.grad", "x.is_leaf", "x * 2 == 1", "nothing", "(x*0).sum()")
    events = record("x = torch.ones(2, requires_grad=True)", probes=probes)
    answers = {event.id: event for event in of(events, e.Probed)}
    assert (answers["x.grad"].text, answers["x.grad"].truth) == ("None", False)
    assert answers["x.is_leaf"].truth is True
    assert answers["x * 2 == 1"].truth is None  # of several values
    assert answers["nothing"].error == "NameError: name 'nothing' is not defined"
    assert numbers(answers["(x*0).sum()"].value) == [0.0]
    assert len(of(events, e.Operation)) == 1


@pytest.mark.parametrize(
    ("code", "probe"),
    [
        ("class A:\n    def __repr__(self):\n        while True: pass\na = A()", "a"),
        ("class A:\n    def __bool__(self):\n        while True: pass\na = A()", "a"),
        ("a = 1", "[i for i in range(10**9)]"),
    ],
)
def test_a_probe_is_paid_from_its_own_allowance(record: Record, code: str, probe: str) -> None:
    limits = Limits(statements=1000, operations=100_000)
    events = record(code, probes=(probe, "1 + 1"), limits=limits)
    spent, after = of(events, e.Probed)
    assert spent.error.startswith("OverBudget: ")
    assert after.text == "2"


def test_steps_before_told_from_only_prepare(record: Record) -> None:
    events = record("x = torch.ones(2)\nprint(x)", "y = x + 1", told_from=1)
    assert [event.step for event in of(events, e.StepBegan)] == ["step 1"]
    assert of(events, e.Printed) == []
    assert numbers(operations(events)["add"].outputs[0]) == [2.0, 2.0]


def test_programs_that_follow_begin_anew(record: Record) -> None:
    other = program_of("print(torch.rand(1))", "print(x)")
    events = record("torch.set_grad_enabled(False)\nx = torch.rand(1)\nprint(x)", then=(other,))
    assert [event.program for event in of(events, e.ProgramBegan)] == ["test"]
    first, second = [event.text for event in of(events, e.Printed)]
    assert first == second
    assert of(events, e.Raised)[0].message == "name 'x' is not defined"


def test_an_unwatched_program_tells_only_what_it_prints_and_how_it_fails(record: Record) -> None:
    events = record("x = torch.ones(1, requires_grad=True)\nprint(x)\n1/0", watched=False)
    assert [type(event) for event in events] == [e.Printed, e.Raised]


def test_large_tensors_are_told_by_digest_and_samples(record: Record) -> None:
    value = operations(record("x = torch.arange(2000.0)"))["arange"].outputs[0]
    assert value.data == b""
    assert value.summary is not None
    assert np.frombuffer(value.summary.samples, value.dtype)[:2].tolist() == [0.0, 31.0]


# Both engines.


@pytest.mark.parametrize("name", SCRIPTS)
def test_both_engines_tell_the_same(name: str) -> None:
    ours, theirs = recorded(engine, SCRIPTS[name]), recorded(torch, SCRIPTS[name])
    compared = compare(ours, theirs)
    parted = [verdict for verdict in compared.verdicts if verdict.kind == "differs"]
    assert (parted, compared.extra) == ([], [])
    assert compared.counts()["not compared"] == sum(isinstance(event, STATIC) for event in ours)
