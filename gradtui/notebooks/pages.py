"""A lesson written out as blocks of Markdown and code with what the code put out.

for page in pages(lesson): page.part, page.blocks

Both a notebook and a Markdown file are made of these. Values are those of a run on gradtui's engine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradtui.course import programs
from gradtui.course.hidden import harmless
from gradtui.course.schema import Lesson
from gradtui.notebooks.literals import pinned
from gradtui.notebooks.markdown import fenced
from gradtui.notebooks.runs import played
from gradtui.oracle.tolerance import ADDRESS
from gradtui.session import Session, Take, Variant
from gradtui.session.answers import Asking
from gradtui.session.attempts import Trying
from gradtui.tape.events import AnyEvent, Printed, Raised, Stopped


@dataclass(frozen=True, slots=True)
class Code:
    """A step's code; `pinned` has its draws as literals, for a run that nobody gives numbers."""

    code: str
    pinned: str
    printed: str = ""
    error: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A step, or the head of the lesson (without a step)."""

    step: str
    blocks: tuple[str | Code, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """All of a lesson, and what could not be carried over."""

    pages: tuple[Page, ...]
    notes: tuple[str, ...]


def pages(lesson: Lesson) -> Pages:
    """The lesson's head and steps, in order."""
    take = played(programs.program(lesson))
    session = Session.of_lesson(lesson.title, lesson.steps)
    session.recorded(take)
    made, notes = [Page("", tuple(_head(lesson)))], []
    for at in range(len(session.scenes)):
        session.go_to_step(at)
        step = lesson.steps[at]
        code, note = pinned(take, step.id, step.code or "", len(step.draws))
        made.append(Page(step.id, tuple(_step(lesson, session, code))))
        notes += [f"{step.id}: {note}"] if note else []
    if lesson.glossary:
        words = [f"- **{one.term}**: {_line(one.means)}" for one in lesson.glossary]
        made[0] = Page("", (*made[0].blocks, "\n".join(["**Words**", "", *words])))
    return Pages(tuple(made), tuple(notes))


def _head(lesson: Lesson) -> Iterator[str]:
    facts = [f"About {lesson.minutes} minutes."] if lesson.minutes else []
    facts += [f"After {lesson.source}."] if lesson.source else []
    yield "\n\n".join([f"# {lesson.title}", *([" ".join(facts)] if facts else [])])
    for title, rows in (
        ("Afterwards you can", lesson.objectives),
        ("You should know", lesson.prerequisites),
    ):
        if rows:
            yield "\n".join([f"**{title}**", "", *(f"- {row}" for row in rows)])


def _line(text: str) -> str:
    return " ".join(text.split())


# a step


def _step(lesson: Lesson, session: Session, code: str) -> Iterator[str | Code]:
    scene, snap = session.scene, session.snapshot()
    yield "\n\n".join([f"## {scene.title}", harmless(snap.said).strip("\n")])
    asking, trying = Asking.of(session), Trying.of(session)
    if asking is not None:
        yield "\n\n".join(_question(asking))
    if scene.code.strip():
        yield _cell(session, scene.code, code)
    if snap.explained:
        yield harmless(snap.explained).strip("\n")
    for variant in scene.variants:
        take = played(programs.variant(lesson, scene.id, variant.id))
        yield _details(variant.heading, _variant(scene.id, variant, take))
    if trying is not None:
        yield "\n\n".join(_exercise(trying))


def _cell(session: Session, code: str, pinned_code: str) -> Code:
    here, take = session.range, session.take
    events = take.tape.events[here.start : here.stop] if here and take else ()
    return Code(code, pinned_code, _printed(events), _error(events))


def _printed(events: Sequence[AnyEvent]) -> str:
    """What was printed, with one address for all: a file made twice is the same."""
    text = "".join(event.text for event in events if isinstance(event, Printed))
    return harmless(ADDRESS.sub(r"\g<1>7f0000000000", text))


def _error(events: Sequence[AnyEvent]) -> tuple[str, str] | None:
    raised = [e for e in events if isinstance(e, Raised) and not e.caught]
    return (raised[-1].type, harmless(raised[-1].message)) if raised else None


def _question(asking: Asking) -> Iterator[str]:
    yield f"**Predict.** {harmless(asking.prompt).strip()}"
    if asking.options:
        rows = (f"{n}. {harmless(option)}" for n, option in enumerate(asking.options, 1))
        yield "\n".join(rows)
    yield from _hints(asking)
    wrong = [f"Not {harmless(one)}: {harmless(said).strip()}" for one, said in asking.mistakes]
    yield _details("The answer", "\n\n".join([fenced(harmless(asking.answer), "text"), *wrong]))


def _hints(asked: Asking | Trying) -> Iterator[str]:
    for number in range(asked.hints):
        yield _details(f"Hint {number + 1}", harmless(asked.hint(number)).strip())


def _exercise(trying: Trying) -> Iterator[str]:
    yield f"**Exercise.** {harmless(trying.say).strip()}"
    yield fenced(trying.task.starter)
    yield "True afterwards:"
    yield fenced("\n".join(trying.task.checks))
    yield from _hints(trying)
    yield _details("A solution", fenced(trying.task.solution))


def _variant(step: str, variant: Variant, take: Take) -> str:
    name = f"{step}/{variant.id}"
    here = take.ranges.get(name)
    events = take.tape.events[here.start :] if here is not None else ()
    parts = [fenced(variant.code), *outputs(_printed(events), _error(events))]
    parts += [fenced(event.reason, "text") for event in events if isinstance(event, Stopped)]
    return "\n\n".join([*parts, harmless(take.quoted(name, "say", variant.say)).strip()]).strip()


def outputs(printed: str, error: tuple[str, str] | None) -> list[str]:
    """What code put out, as Markdown."""
    text = printed.rstrip("\n") + (f"\n{error[0]}: {error[1]}" if error else "")
    return [fenced(text.strip("\n"), "text")] if text.strip("\n") else []


def _details(summary: str, text: str) -> str:
    escaped = summary.replace("&", "&amp;").replace("<", "&lt;")
    return f"<details>\n<summary>{escaped}</summary>\n\n{text}\n\n</details>"
