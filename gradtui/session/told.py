"""What a lesson says around its replay, as plain lines: for pipes and screen readers.

yield from heading(session); yield from before(session)    # prose and question
...                                                        # the replay
yield from after(session)                                  # answer, explanation, exercise
yield from other(session, variant, take)                   # a what-if, from its own run
"""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from gradtui.session.answers import Asking
from gradtui.session.attempts import Trying
from gradtui.session.scene import Variant
from gradtui.session.session import Session
from gradtui.session.take import Take
from gradtui.tape.events import Printed, Raised, Stopped


def heading(session: Session) -> Iterator[str]:
    """The step's number, title and source."""
    scene = session.scene
    source = f" ({scene.source})" if scene.source else ""
    yield clean(f"Step {session.at + 1} of {len(session.scenes)}: {scene.title}{source}")


def before(session: Session) -> Iterator[str]:
    """The prose, and the question with its options and hints, without its answer."""
    yield from _text(session.snapshot().said)
    asking = Asking.of(session)
    if asking is None:
        return
    yield from ("", "Predict:", *_text(asking.prompt, "  "))
    for number, option in enumerate(asking.options, 1):
        yield clean(f"  {number}) {option}")
    yield from _hints(asking)


def after(session: Session) -> Iterator[str]:
    """The answer with what is said to mistakes, the explanation, the exercise."""
    asking, trying = Asking.of(session), Trying.of(session)
    if asking is not None:
        yield from ("", clean(f"The answer: {asking.answer}"))
        for wrong, said in asking.mistakes:
            yield clean(f"Not {wrong}:")
            yield from _text(said, "  ")
    explained = session.snapshot().explained
    if explained:
        yield from ("", *_text(explained))
    if trying is not None:
        yield from ("", "Exercise:", *_text(trying.say, "  "), *_hints(trying))
        yield from _code("Start from:", trying.task.starter)
        yield from _code("True afterwards:", "\n".join(trying.task.checks))
        yield from _code("A solution:", trying.task.solution)


def other(variant: Variant, step: str, take: Take) -> Iterator[str]:
    """A what-if: its code, what it prints or raises, and what is said of it."""
    yield from _code(variant.heading, variant.code)
    here = take.ranges.get(f"{step}/{variant.id}")
    for event in take.tape.events[here.start :] if here is not None else ():
        if isinstance(event, Printed):
            yield from (f"  | {clean(line)}" for line in event.text.splitlines())
        elif isinstance(event, Raised) and not event.caught:
            yield clean(f"  Error: {event.type}: {event.message}")
        elif isinstance(event, Stopped):
            yield clean(f"  Stopped: {event.reason}")
    yield from _text(take.quoted(f"{step}/{variant.id}", "say", variant.say), "  ")


def listed(title: str, rows: Sequence[str], width: int) -> Iterator[str]:
    """A heading and its rows; nothing where there are none."""
    if rows:
        yield from ("", f"{title}:")
    for row in rows:
        yield from wrap(clean(row), max(20, width), initial_indent="  - ", subsequent_indent="    ")


def clean(text: str) -> str:
    """The text in one line, without what would move a terminal's cursor."""
    return "".join(one if one.isprintable() else "�" for one in text.replace("\n", " "))


def _hints(asked: Asking | Trying) -> Iterator[str]:
    for number in range(asked.hints):
        first, *rest = list(_text(asked.hint(number), "    ")) or [""]
        yield from (f"  Hint {number + 1}: {first.strip()}", *rest)


def _code(title: str, code: str) -> Iterator[str]:
    yield from ("", clean(title))
    yield from (f"  > {clean(line)}" for line in code.splitlines())


def _text(text: str, indent: str = "") -> Iterator[str]:
    """Markdown as it is written."""
    for line in text.rstrip("\n").splitlines():
        yield (indent + clean(line)).rstrip()
