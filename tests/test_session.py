"""A lesson taken without a screen: the bundled lesson, recorded by gradtui's engine."""

from functools import cache
from pathlib import Path

import pytest

from gradtui.course.packs import bundled
from gradtui.session import Session, Take
from gradtui.session.answers import Asking
from gradtui.session.copying import copies
from gradtui.tape.events import Accumulated, NodeRan, Printed, Raised
from gradtui.tui.opening import Opening, open_target, record

LESSON = bundled().lesson("gradients-with-autograd")


def never() -> None:
    """Nobody leaves while these record."""


@cache
def recorded() -> Take:
    opened = open_target(LESSON)
    assert isinstance(opened, Opening)
    return record(opened.program, never)


@pytest.fixture
def opening() -> Opening:
    opened = open_target(LESSON)
    assert isinstance(opened, Opening)
    opened.session.recorded(Take.of(recorded().tape))
    return opened


@pytest.fixture
def session(opening: Opening) -> Session:
    return opening.session


def go(session: Session, step: str) -> None:
    session.go_to_step([scene.id for scene in session.scenes].index(step))


def test_a_step_is_met_before_any_of_it_has_run(session: Session) -> None:
    for at in range(len(session.scenes)):
        session.go_to_step(at)
        snap = session.snapshot()
        assert snap.fresh
        assert snap.state is not None
        assert snap.state.printed(session.step_id) == ""


def test_forward_reaches_the_end_and_back_the_start_by_the_same_stops(session: Session) -> None:
    session.start()
    there = [(session.at, session.position)]
    while (session.forward(), (session.at, session.position))[1] != there[-1]:
        there.append((session.at, session.position))
    assert session.at == len(session.scenes) - 1
    back = [(session.at, session.position)]
    while (session.back(), (session.at, session.position))[1] != back[-1]:
        back.append((session.at, session.position))
    assert back[::-1] == there


def test_next_and_previous_step_go_by_whole_steps(session: Session) -> None:
    session.next_step()
    session.next_step()
    assert session.at == 2
    session.forward()
    session.previous_step()
    assert session.at == 2
    session.previous_step()
    assert session.at == 1


def test_the_last_step_has_no_next_and_the_first_no_previous(session: Session) -> None:
    session.previous_step()
    assert session.at == 0
    session.end()
    session.next_step()
    assert session.at == len(session.scenes) - 1


def test_the_next_backward_pass_and_its_nodes(session: Session) -> None:
    go(session, "backward-with-g")
    session.next_pass()
    seen = []
    while not isinstance(session.snapshot().event, Accumulated):
        event = session.snapshot().event
        if isinstance(event, NodeRan) and session.take is not None:
            seen.append(session.take.tape.nodes[event.node].name)
        session.forward()
    assert seen[:3] == ["MulBackward0", "PowBackward0", "AddBackward0"]


def test_epochs_accumulate(session: Session) -> None:
    go(session, "accumulate")
    printed = []
    for _ in range(4):
        session.next_epoch()
        while not isinstance(session.snapshot().event, Printed):
            session.forward()
        event = session.snapshot().event
        assert isinstance(event, Printed)
        printed.append(event.text.strip())
    assert printed == [f"tensor([{n}., {n}., {n}., {n}.])" for n in (3, 6, 9, 12)]


def test_a_jump_lands_in_the_step_it_belongs_to(session: Session) -> None:
    assert session.take is not None
    for position in range(0, len(session.take.tape) + 5, 7):
        session.jump(position)
        here = session.range
        assert here is not None
        assert session.position <= max(here.stop, 1)


def test_a_line_runs_again(session: Session) -> None:
    go(session, "accumulate")
    session.run_line(4)
    first = session.position
    session.next_run()
    assert session.position > first
    session.run_line(1)
    assert session.position < first


def test_an_error_ends_its_step(session: Session) -> None:
    go(session, "backward-needs-a-vector")
    session.step_end()
    state = session.snapshot().state
    assert state is not None
    assert isinstance(state.error, Raised)
    assert state.error.type == "RuntimeError"


def test_playing_rests_at_the_end_of_a_step_and_goes_on_when_asked(session: Session) -> None:
    session.go_to_step(3)
    session.play()
    for _ in range(50):
        session.tick()
    assert not session.playing
    assert session.at == 3
    assert session.snapshot().finished
    session.play()
    assert session.playing
    assert session.at == 4


def test_speed_stays_within_its_bounds(session: Session) -> None:
    for _ in range(20):
        session.faster()
    assert session.speed == 16
    for _ in range(20):
        session.slower()
    assert session.speed == 0.5


def test_a_what_if_is_a_second_tape_and_the_first_is_where_it_was(opening: Opening) -> None:
    session = opening.session
    at = next(i for i, scene in enumerate(session.scenes) if scene.variants)
    session.go_to_step(at)
    session.forward()
    before, first = session.position, session.take
    variant = session.scene.variants[0]
    take = record(opening.variant(session.scene.id, variant.id), never)
    session.try_variant(variant, take)
    assert session.take is take
    assert session.snapshot().code == variant.code.rstrip("\n")
    assert session.snapshot().fresh
    session.step_end()
    assert session.snapshot().changed
    session.leave_variant()
    assert session.take is first
    assert session.position == before


def test_torch_that_answers_before_our_run_is_not_lost(opening: Opening) -> None:
    session = Session(opening.session.title, opening.session.scenes)
    tape = recorded().tape
    session.heard(tape.events[:50])
    session.recorded(Take.of(tape))
    session.heard(tape.events[50:])
    session.heard_all()
    assert session.take is not None
    session.take.count()
    tally = session.snapshot().tally
    assert tally.differs == 0
    assert tally.waiting == 0
    assert tally.same


def test_torch_that_ends_early_leaves_the_rest_not_compared(session: Session) -> None:
    assert session.take is not None
    session.heard(session.take.tape.events[:50])
    session.heard_all("torch's process ended with signal 9")
    session.take.count()
    tally = session.snapshot().tally
    assert tally.waiting == 0
    assert tally.uncompared > 400


QUESTIONS = [
    scene.id
    for scene in open_target(LESSON).session.scenes
    if scene.question  # type: ignore[union-attr]
]


@pytest.mark.parametrize("step", QUESTIONS)
def test_the_computed_answer_is_right_and_each_mistake_has_its_own_words(
    session: Session, step: str
) -> None:
    go(session, step)
    asking = Asking.of(session)
    assert asking is not None
    assert asking.answer
    assert asking.judge(asking.answer).right
    for number in range(len(asking.question.mistakes)):
        probed = asking.take.answer(step, f"mistake:{number}")
        assert probed is not None
        reply = asking.judge(probed.text)
        assert not reply.right
        assert "{{" not in reply.say
        assert reply.say != asking.judge("certainly not this").say
    assert all(asking.hint(number) for number in range(asking.hints))


def test_copies_can_be_pasted(session: Session) -> None:
    go(session, "add-two")
    session.forward()
    made = {copy.key: copy.text for copy in copies(session)}
    assert made["y"].startswith("y = x + 2")
    assert made["t"].startswith("torch.tensor([1.5866")
    session.step_end()
    assert "# tensor([1.5866, 0.7959, 3.2125]" in {c.key: c.text for c in copies(session)}["s"]


def test_a_script_is_one_step_without_prose(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        "import torch\nx = torch.ones(2, requires_grad=True)\n(x * x).sum().backward()\n"
    )
    opened = open_target(script)
    assert isinstance(opened, Opening)
    opened.session.recorded(record(opened.program, never))
    opened.session.step_end()
    snap = opened.session.snapshot()
    assert snap.said == ""
    assert snap.state is not None
    assert snap.state.grad(snap.state.leaves[0]).kind == "value"


def test_an_endless_loop_ends_with_one_line(tmp_path: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text("x = 0\nwhile True:\n    x = 1\n")
    opened = open_target(script)
    assert isinstance(opened, Opening)
    take = record(opened.program, never)
    said = [getattr(e, "reason", "") or getattr(e, "message", "") for e in take.tape.events[-3:]]
    assert any("limit" in text and "\n" not in text for text in said)
