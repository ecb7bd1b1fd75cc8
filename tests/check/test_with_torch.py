"""The bundled lessons are green with every event compared; a difference is found."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from gradtui.check import torch_side
from gradtui.check.differences import compared
from gradtui.check.findings import Counts, Report
from gradtui.check.runner import check
from gradtui.check.text import as_text
from gradtui.course.loader import LoadedLesson, parse_lesson
from gradtui.course.packs import bundled
from gradtui.course.programs import program, variant
from gradtui.oracle.client import TorchChild, run_torch
from gradtui.tape.events import AnyEvent, Operation, Printed, Raised

Change = Callable[[AnyEvent], AnyEvent]

LESSON = """\
format: 1
id: small
title: Small
minutes: 1
steps:
  - {id: make, title: Make, say: One., code: "import torch\\nx = torch.ones(2)\\nprint(x)"}
  - {id: more, title: More, say: Two., code: "y = x + 1\\nprint(y)"}
"""


@pytest.fixture(scope="module")
def report() -> Report:
    return check([bundled().folder])


def test_the_bundled_lessons_are_green(report: Report) -> None:
    assert report.ok, as_text(report)
    assert report.exit_code == 0


def test_every_event_of_theirs_is_compared(report: Report) -> None:
    for lesson in report.lessons:
        assert lesson.compared.same > 300
        assert lesson.compared.differs == lesson.compared.not_compared == 0


def runs() -> tuple[LoadedLesson, list[AnyEvent]]:
    loaded = parse_lesson(LESSON, Path("small.yaml"))
    return loaded, run_torch(program(loaded.lesson))


def test_a_difference_is_said_at_its_code() -> None:
    loaded, events = runs()
    other = [
        Printed(span=event.span, text="tensor([3., 3.])\n") if told == 1 else event
        for event, told in zip(events, _printed_so_far(events), strict=True)
    ]
    counts, found = compared(loaded, None, None, other, events)
    assert (counts.differs, counts.not_compared) == (1, 0)
    assert [(one.step, one.kind, one.line) for one in found] == [("more", "differs", 7)]
    assert "[3., 3.]" in found[0].message
    assert "[2., 2.]" in found[0].message


def _printed_so_far(events: list[AnyEvent]) -> list[int | None]:
    """For each event its number among the printed ones, None where it is none of them."""
    numbers = iter(range(len(events)))
    return [next(numbers) if isinstance(event, Printed) else None for event in events]


def test_a_run_cut_short_is_not_green() -> None:
    loaded, events = runs()
    counts, found = compared(loaded, None, None, events, events[: len(events) // 2])
    assert counts.differs > 0
    assert found


def test_a_run_for_ever_ends_on_both_sides(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(LESSON.replace("y = x + 1\\nprint(y)", "print(1)\\nwhile True:\\n    x + 1"))
    report = check([path])
    assert report.exit_code == 1
    assert {one.kind for one in report.lessons[0].findings} == {"limit"}
    assert {one.step for one in report.lessons[0].findings} == {"more"}


def test_missing_torch_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n"
    )

    class Without(TorchChild):
        def __init__(self, *, jobs: int) -> None:
            path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
            super().__init__(jobs=jobs, env={"PYTHONPATH": path})

    monkeypatch.setattr(torch_side, "TorchChild", Without)
    report = check([bundled().folder])
    assert report.exit_code == 2
    assert report.trouble.startswith("not compared: PyTorch is not installed")
    assert "\n" not in report.trouble
    assert all(lesson.compared.not_compared > 0 for lesson in report.lessons)
    assert all(lesson.ok for lesson in report.lessons)


FORGIVEN: dict[str, Change] = {
    "a node's number": lambda e: (
        msgspec.structs.replace(
            e,
            nodes=tuple(
                msgspec.structs.replace(n, name=n.name.replace("d0", "d7")) for n in e.nodes
            ),
        )
        if isinstance(e, Operation)
        else e
    ),
    "a message's words": lambda e: (
        msgspec.structs.replace(e, message="grad can only be created implicitly for scalar outputs")
        if isinstance(e, Raised)
        else e
    ),
}
GRAPH = """\
format: 1
id: graph
title: Graph
minutes: 1
steps:
  - id: make
    title: Make
    say: One.
    code: |
      import torch
      x = torch.ones(2, requires_grad=True)
      (x + 1).backward()
    raises: {type: RuntimeError, match: only for scalar}
"""


@pytest.mark.parametrize("change", FORGIVEN.values(), ids=FORGIVEN.keys())
def test_what_another_torch_words_otherwise_is_close(change: Change) -> None:
    loaded = parse_lesson(GRAPH, Path("graph.yaml"))
    events = run_torch(program(loaded.lesson))
    other = [change(event) for event in events]
    assert other != events
    counts, found = compared(loaded, None, None, events, other)
    assert (counts.close, counts.differs, found) == (1, 0, [])
    _, found = compared(loaded, None, None, events, other, strict=True)
    assert [one.line for one in found] == [12]


def test_another_message_is_no_rewording() -> None:
    loaded = parse_lesson(GRAPH, Path("graph.yaml"))
    events = run_torch(program(loaded.lesson))
    other = [
        msgspec.structs.replace(e, message="something else") if isinstance(e, Raised) else e
        for e in events
    ]
    counts, found = compared(loaded, None, None, events, other)
    assert (counts.differs, [one.kind for one in found]) == (1, ["differs"])


WHAT_IF = """\
format: 1
id: what
title: What
minutes: 1
steps:
  - {id: make, title: Make, say: One., code: "import torch\\nx = torch.ones(2)"}
  - id: more
    title: More
    say: Two.
    code: y = x + 1
    what_if:
      - id: two
        label: Two
        code: |
          y = x + 2
          print(y)
"""


def test_a_difference_in_a_what_if_is_said_at_its_code() -> None:
    loaded = parse_lesson(WHAT_IF, Path("what.yaml"))
    alone = replace(variant(loaded.lesson, "more", "two"), told_from=1)
    events = run_torch(alone)
    other = [
        msgspec.structs.replace(event, text="tensor([9., 9.])\n")
        if isinstance(event, Printed)
        else event
        for event in events
    ]
    counts, found = compared(loaded, 1, 0, events, other)
    assert (counts.differs, [(one.step, one.kind, one.line) for one in found]) == (
        1,
        [("more/two", "differs", 16)],
    )
    assert compared(loaded, 1, 0, events, events) == (Counts(counts.same + 1), [])


CRASHES = WHAT_IF.replace("x = torch.ones(2)", "x = torch.ones(2)\\nwhile True: x = x + 1")
SEEDED = WHAT_IF.replace("x = torch.ones(2)", "torch.manual_seed(9)\\nx = torch.randn(2)")
MODES = WHAT_IF.replace(
    "x = torch.ones(2)",
    "torch.autograd.set_detect_anomaly(True)\\ntorch.set_default_dtype(torch.float64)\\ntorch.set_grad_enabled(False)\\n"
    "torch.set_printoptions(precision=1)\\nx = torch.ones(2)",
)
CHANCE = """\
format: 1
id: {name}
title: Chance
minutes: 1
steps:
  - id: draw
    title: Draw
    say: One.
    code: |
      import torch
      x = torch.randn(2, requires_grad=True)
      print(x * 1, torch.ones(1) / 3)
    prints: |
      tensor([ 1.5410, -0.2934], grad_fn=<MulBackward0>) tensor([0.3333])
"""


def test_lessons_do_not_reach_each_other(tmp_path: Path) -> None:
    """Each disturber stands between two lessons that show seed, mode, dtype and print options."""
    disturbers = {"b": CRASHES, "d": SEEDED, "f": MODES}
    for name in "aceg":
        (tmp_path / f"{name}.yaml").write_text(CHANCE.format(name=name))
    for name, text in disturbers.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    report = check([tmp_path], jobs=2)
    bad = {lesson.path.stem: lesson.findings for lesson in report.lessons if not lesson.ok}
    assert set(bad) == {"b"}, bad
    assert {one.kind for one in bad["b"]} == {"limit"}
    assert all(lesson.compared.differs == 0 for lesson in report.lessons)
