"""Exploring without a screen: expressions tried at a moment, what-ifs of one's own, as plain lines.

for line in tried("gradients-with-autograd", "square", 0, ["z.grad_fn"], torch=True): ...
for line in own_what_ifs("gradtui.py", "", [], torch=False): ...   # [] lists them
"""

from collections.abc import Iterator, Sequence

import gradtui.engine as engine
from gradtui.course import programs
from gradtui.course.loader import load_lesson
from gradtui.course.packs import find_lesson
from gradtui.course.problems import Unknown
from gradtui.course.toggles import changed
from gradtui.language.program import Program
from gradtui.oracle.compare import Verdict
from gradtui.session import Session, Take, Variant
from gradtui.session.comparing import Compared, Row, compared
from gradtui.session.own import OWN, toggles_of
from gradtui.session.scratching import Answer, Pad, Try
from gradtui.session.told import clean
from gradtui.show import recorded, script
from gradtui.tape import plain
from gradtui.tape.events import AnyEvent
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape


def tried(
    target: str, step: str, at: int, lines: Sequence[str], torch: bool = False
) -> Iterator[str]:
    """What lines give, one after another, after event `at` of the lesson; 0: at the step's end.

    BadLesson for a lesson that cannot be used, Unknown for a step or an event there is not.
    """
    session = _session(target, step)
    take, here = session.take, session.range
    assert take is not None
    if not 0 <= at <= len(take.tape):
        raise Unknown(f"there is no event {at}: there are {len(take.tape)}")
    if here is None:
        raise Unknown("the run does not come to this step")
    take.position = at or here.stop
    pad = Pad.of(session)
    assert pad is not None
    yield clean(pad.where)
    for line in lines:
        number, program = pad.ask(line)
        pad.ours(number, _events(program))
        if torch:
            pad.torch(number, *_on_torch(program))
        yield from ("", clean(f">> {line}"), *_answered(pad.tries[number], torch))


def _answered(one: Try, torch: bool) -> Iterator[str]:
    yield from _said("gradtui", one.ours)
    if not torch:
        return
    if one.verdict is not None and one.verdict.kind == "same":
        yield "  torch    the same"
        return
    if one.verdict is not None:
        reason = f": {one.verdict.reason}" if one.verdict.reason else ""
        yield clean(f"  torch    {one.verdict.kind}{reason}")
    yield from _said("torch", one.torch) if one.torch else (clean(f"  torch    {one.silent}"),)


def _said(engine: str, answer: Answer | None) -> Iterator[str]:
    lead = f"  {engine:<9}"
    for row in (answer.said if answer else "").splitlines() or ["done"]:
        yield lead + clean(row)
        lead = " " * len(lead)


# what-ifs


def own_what_ifs(
    target: str, step: str, chosen: Sequence[int], torch: bool = False
) -> Iterator[str]:
    """The changes a step's code allows, numbered; those `chosen` made, and what differs then.

    BadLesson and Unknown as in `tried`.
    """
    session = _session(target, step)
    found = toggles_of(session)
    if not chosen:
        for number, toggle in enumerate(found, 1):
            yield clean(f"{number}. {toggle.label}")
            yield from (clean(f"   - {toggle.before}"), clean(f"   + {toggle.after}"))
        if not found:
            yield "This step's code has nothing to put in or take out."
        return
    wrong = next((n for n in chosen if not 1 <= n <= len(found)), None)
    if wrong is not None:
        raise Unknown(f"there is no change {wrong}: this step has {len(found)}")
    those = [found[n - 1] for n in dict.fromkeys(chosen)]
    code = changed(session.scene.code, those)
    yield from _version(session, code, "; ".join(each.after for each in those), torch)


def _version(session: Session, code: str, label: str, torch: bool) -> Iterator[str]:
    main, step = session.main, session.scene.id
    assert main is not None
    assert main.program is not None
    program = programs.edited(main.program, step, code, OWN)
    take = Take.of(recorded(program), program)
    if torch:
        events, reason = _on_torch(program)
        take.hear(events)
        take.heard_all(reason)
    session.try_variant(Variant(OWN, f"What if: {label}", code, mine=True), take)
    yield clean(f"What if: {label}")
    found = compared(main.tape, step, take.tape, session.step_id)
    yield from _differences(main.tape, take, found, torch)


def _differences(lesson: Tape, take: Take, found: Compared, torch: bool) -> Iterator[str]:
    if found.first is None:
        yield "Both tapes are the same: here it makes no difference."
    for gradient in found.gradients:
        yield clean(f"{gradient.name}: {gradient.left} in the lesson, {gradient.right} here")
    for row in found.rows:
        yield from _row(row, lesson, take, torch)
    if torch:
        take.count()
        tally = take.tally
        yield f"torch: {tally.same} same, {tally.close} close, {tally.differs} differ"


def _row(row: Row, lesson: Tape, take: Take, torch: bool) -> Iterator[str]:
    if row.kind != "same" and row.left is not None:
        yield clean(f"- {plain.describe(lesson, row.left + 1)}")
    if row.right is not None:
        sign = "  " if row.kind == "same" else "+ "
        verdict: Verdict = take.verdicts[row.right]
        said = f"  [{verdict.kind}]" if torch else ""
        yield clean(f"{sign}{plain.describe(take.tape, row.right + 1)}{said}")
    if row.why and row.kind != "same":
        yield clean(f"    why: {row.why}")


# running


def _session(target: str, step: str) -> Session:
    """The lesson, or the script, recorded and at a step: its id or its number."""
    if target.endswith(".py"):
        program = script(target)
        code = program.steps[0].code
        session = Session.of_script(program.name, code, program.steps[0].id)
    else:
        lesson = load_lesson(find_lesson(target)).lesson
        program = programs.program(lesson)
        session = Session.of_lesson(lesson.title, lesson.steps)
    session.recorded(Take.of(recorded(program), program))
    session.go_to_step(_number(session, step))
    return session


def _number(session: Session, step: str) -> int:
    if not step:
        return len(session.scenes) - 1
    for at, scene in enumerate(session.scenes):
        if step in (scene.id, *scene.was, str(at + 1)):
            return at
    raise Unknown(
        f"there is no step {step}: a step's number, 1 to {len(session.scenes)}, or its id"
    )


def _events(program: Program) -> list[AnyEvent]:
    events: list[AnyEvent] = []
    play(program, engine, events.append)
    return events


def _on_torch(program: Program) -> tuple[list[AnyEvent], str]:
    from gradtui.oracle.client import OracleError, run_torch

    try:
        return run_torch(program), ""
    except OracleError as error:
        return [], str(error)
