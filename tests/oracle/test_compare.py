"""Verdicts by table: a line a case. Nothing is green that was not looked at."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradtui.language.source import Span
from gradtui.oracle.compare import Comparison, compare
from gradtui.oracle.tolerance import compare_text
from gradtui.tape import events as e
from gradtui.tape.events import AnyEvent, Value
from gradtui.tape.snapshot import summary


def value(numbers: Any, dtype: str = "float32", tensor: int = 0, **fields: Any) -> Value:
    array = np.asarray(numbers, dtype)
    options: dict[str, Any] = {"requires_grad": False, "is_leaf": True, "version": 0, **fields}
    if array.size > 1024:
        options["summary"] = summary(array)
    else:
        options["data"] = array.tobytes()
    return Value(tensor, array.shape, dtype, **options)


def made(numbers: Any, dtype: str = "float32", **fields: Any) -> e.Operation:
    return e.Operation(name="mul", inputs=(), outputs=(value(numbers, dtype, **fields),))


def verdict(ours: AnyEvent, torch: AnyEvent) -> str:
    began = e.StepBegan(step="one")
    return compare([began, ours], [began, torch]).verdicts[1].kind


NEXT = float(np.nextafter(np.float32(0.1), np.float32(1)))
TABLE = [
    ("equal", made([1.0, 2.0]), made([1.0, 2.0]), "same"),
    ("last bit", made([0.1]), made([NEXT]), "close"),
    ("far", made([0.1]), made([0.2]), "differs"),
    ("nan and nan", made([np.nan]), made([np.nan]), "same"),
    ("nan and a number", made([np.nan]), made([0.0]), "differs"),
    ("a number and nan", made([0.0]), made([np.nan]), "differs"),
    ("infinities", made([np.inf]), made([np.inf]), "same"),
    ("opposite infinities", made([np.inf]), made([-np.inf]), "differs"),
    ("infinity and a number", made([np.inf]), made([3e38]), "differs"),
    ("-0.0 and 0.0", made([-0.0]), made([0.0]), "close"),
    ("integers", made([1], "int64"), made([2], "int64"), "differs"),
    ("truths", made([True], "bool"), made([False], "bool"), "differs"),
    ("shape", made([1.0]), made([[1.0]]), "differs"),
    ("dtype", made([1.0]), made([1.0], "float64"), "differs"),
    ("float64 within", made([1.0], "float64"), made([1.0 + 1e-12], "float64"), "close"),
    ("float64 beyond", made([1.0], "float64"), made([1.0 + 1e-5], "float64"), "differs"),
    ("complex", made([1 + 2j], "complex64"), made([1 + 2.0000002j], "complex64"), "close"),
    ("requires_grad", made([1.0], requires_grad=True), made([1.0]), "differs"),
    ("leaf", made([1.0], is_leaf=False), made([1.0]), "differs"),
    ("version", made([1.0], version=1), made([1.0]), "differs"),
    ("large, equal", made(np.arange(2000.0)), made(np.arange(2000.0)), "same"),
    ("large, near", made(np.full(2000, 0.1)), made(np.full(2000, NEXT)), "close"),
    ("large, far", made(np.arange(2000.0)), made(np.arange(2000.0) + 1), "differs"),
    ("text", e.Printed(text="a\n"), e.Printed(text="b\n"), "differs"),
    ("last digit", e.Printed(text="[1.2345]\n"), e.Printed(text="[1.2346]\n"), "close"),
    ("two digits", e.Printed(text="[1.2345]\n"), e.Printed(text="[1.2347]\n"), "differs"),
    ("error", e.Raised(type="A", message="m"), e.Raised(type="A", message="m"), "same"),
    ("its message", e.Raised(type="A", message="m"), e.Raised(type="A", message="n"), "differs"),
    ("its type", e.Raised(type="A", message="m"), e.Raised(type="B", message="m"), "differs"),
    ("caught", e.Raised(type="A", message="m"), e.Raised(type="A", message="m", caught=True),
     "differs"),
    ("probe", e.Probed(id="p", text="1", truth=True), e.Probed(id="p", text="1", truth=True),
     "same"),
    ("its truth", e.Probed(id="p", text="1", truth=True), e.Probed(id="p", text="1"), "differs"),
    ("a statement", e.Statement(), e.Statement(), "not compared"),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "torch", "kind"), [row[1:] for row in TABLE],
                         ids=[row[0] for row in TABLE])  # fmt: skip
def test_a_verdict(ours: AnyEvent, torch: AnyEvent, kind: str) -> None:
    assert verdict(ours, torch) == kind


def test_a_close_verdict_says_how_close_and_shows_both() -> None:
    began = e.StepBegan(step="one")
    near = compare([began, made([0.1])], [began, made([NEXT])]).verdicts[1]
    assert (near.kind, near.ulps) == ("close", 1)
    assert near.ours
    assert near.torch


def test_a_difference_says_where() -> None:
    began = e.StepBegan(step="one")
    parted = compare([began, made([1.0])], [began, made([1.0], "float64")]).verdicts[1]
    assert parted.reason == "outputs.dtype"
    assert (parted.ours, parted.torch) == ("float32", "float64")


TEXTS = [
    ("1.2345", "1.2345", "same"),
    ("1.2345", "1.2346", "close"),
    ("1.23", "1.24", "differs"),  # printed as it is, not rounded
    ("-0.0000", "0.0000", "close"),
    ("1.0000e-04", "1.0001e-04", "close"),
    ("1.0000e-04", "1.0000e-05", "differs"),
    ("[ 1.0000, -2.0000]", "[ 1.0001, -2.0000]", "close"),
    ("[1.0000]", "[1.0000, 2.0000]", "differs"),
    ("<MulBackward0>", "<AddBackward0>", "differs"),
    ("<AddBackward0>", "<AddBackward1>", "differs"),
    ("<A object at 0x7f82b0aa0>", "<A object at 0x55d0>", "close"),
    ("<A object at 0x7f82b0aa0>", "<B object at 0x7f82b0aa0>", "differs"),
]


@pytest.mark.parametrize(("ours", "torch", "kind"), TEXTS)
def test_a_printed_text(ours: str, torch: str, kind: str) -> None:
    assert compare_text(ours, torch).kind == kind


# Whole runs.


def line(text: str, at: int) -> e.Printed:
    return e.Printed(text=text, span=Span(at, 0, at, 5))


def run(*events: AnyEvent, step: str = "one") -> list[AnyEvent]:
    return [e.StepBegan(step=step), *events, e.StepEnded(step=step)]


A, B, C = line("a\n", 1), line("b\n", 2), line("c\n", 3)


def kinds(ours: Sequence[AnyEvent], torch: Sequence[AnyEvent], reason: str = "") -> list[str]:
    return [verdict.kind for verdict in compare(ours, torch, reason).verdicts]


def test_an_event_torch_lacks_costs_one_verdict() -> None:
    assert kinds(run(A, B, C), run(A, C))[1:4] == ["same", "differs", "same"]


def test_an_event_only_torch_has_is_extra_and_counts_as_a_difference() -> None:
    comparison = compare(run(A, C), run(A, B, C))
    assert [verdict.kind for verdict in comparison.verdicts[1:3]] == ["same", "same"]
    assert comparison.extra == [(2, B)]
    assert comparison.counts()["differs"] == 1


def test_the_next_step_is_compared_though_this_one_parted() -> None:
    ours, torch = run(A) + run(C, step="two"), run(B) + run(C, step="two")
    assert kinds(ours, torch)[4] == "same"


def test_an_order_that_differs_is_a_difference() -> None:
    assert "differs" in kinds(run(A, B), run(B, A))


def test_names_that_differ_are_a_difference() -> None:
    ours, torch = e.Bound(name="x", text="1"), e.Bound(name="y", text="1")
    assert kinds(run(ours), run(torch))[1] == "differs"


def test_numbers_of_tensors_are_paired_after_one_too_many() -> None:
    def use(tensor: int, at: int) -> e.Operation:
        told = made([1.0], tensor=tensor)
        return msgspec.structs.replace(told, span=Span(at, 0, at, 9))

    ours = run(use(0, 1), use(1, 3), use(1, 4))
    torch = run(use(0, 1), use(1, 2), use(2, 3), use(2, 4))
    assert kinds(ours, torch)[1:4] == ["same", "same", "same"]


def test_another_tensor_under_the_same_name_is_a_difference() -> None:
    first = [e.Bound(name="x", tensor=0), e.Bound(name="y", tensor=1)]
    second = e.Bound(name="z", tensor=0), e.Bound(name="z", tensor=1)
    assert kinds(run(*first, second[0]), run(*first, second[1]))[3] == "differs"


def test_nothing_is_green_before_torch_has_answered() -> None:
    comparison = Comparison(run(A, B))
    assert {verdict.kind for verdict in comparison.verdicts} == {"waiting"}
    assert comparison.counts()["same"] == 0


def test_what_torch_did_not_reach_is_not_compared_and_says_why() -> None:
    comparison = compare(run(A, B), run(A)[:2], "torch's process was ended by SIGKILL")
    assert [verdict.kind for verdict in comparison.verdicts[1:3]] == ["same", "not compared"]
    assert comparison.verdicts[2].reason == "torch's process was ended by SIGKILL"


def test_what_torch_does_not_do_at_all_differs() -> None:
    assert set(kinds(run(A, B), [])) == {"differs"}


def test_what_only_torch_does_differs() -> None:
    assert compare([], run(A)).counts()["differs"] == 3


pool = st.sampled_from([A, B, C, made([1.0]), made([NEXT]), e.Statement()])
runs = st.lists(st.lists(pool, max_size=4), max_size=3).map(
    lambda steps: [event for n, step in enumerate(steps) for event in run(*step, step=str(n))]
)


@given(runs, runs, st.data())
def test_fed_piece_by_piece_is_as_fed_at_once(
    ours: list[AnyEvent], torch: list[AnyEvent], data: st.DataObject
) -> None:
    whole, pieces = compare(ours, torch), Comparison(ours)
    rest = list(torch)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        pieces.feed(rest[:size])
        rest = rest[size:]
    pieces.finish()
    assert (pieces.verdicts, pieces.extra) == (whole.verdicts, whole.extra)


@given(runs, runs)
def test_only_equal_runs_are_all_the_same(ours: list[AnyEvent], torch: list[AnyEvent]) -> None:
    counts = compare(ours, torch).counts()
    assert (counts["differs"] + counts["close"] == 0) == (ours == torch)
    assert counts["waiting"] == 0


def test_a_run_that_had_no_more_time_differs_in_nothing() -> None:
    stopped = e.Stopped("line 3: over the limit of 1.5 seconds")
    whole = run(made([1.0]), made([2.0]), made([3.0]))
    cut = [*whole[:2], stopped]
    assert set(kinds(cut, whole)) == {"same", "not compared"}
    assert set(kinds(whole, cut)) == {"same", "not compared"}
    assert not compare(cut, whole).counts()["differs"]
    assert "differs" in kinds([*whole[:2], e.Stopped("line 3: over the limit of 4 bytes")], whole)
