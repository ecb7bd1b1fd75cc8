"""Literal numbers in prose that look like results, and whether the run comes to them.

Four ways of writing a result are looked for: `x.grad` is 12.0 (the value is asked of the run, after
the step and before it); prints 3.00; a code span of nothing but numbers, `[4.0, 4.0]`; and plain
numbers of three decimals or more. What a sentence only supposes (if, would, not, …) and what a
listed mistake is told are left alone.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

import numpy as np
import numpy.typing as npt

from gradtui.check import prose
from gradtui.check.findings import Finding
from gradtui.check.numbers import NUMBER, Known, Written, of_text, of_value, same, written
from gradtui.check.runs import StepRun
from gradtui.course.loader import LoadedLesson
from gradtui.course.schema import Lesson
from gradtui.language.program import Probe, Program
from gradtui.tape.events import Bound, Printed, Probed


@dataclass(frozen=True, slots=True)
class Mention:
    """Numbers at an offset of a text; a claim also says of which expression they are the value."""

    id: int
    text: prose.Text
    offset: int
    form: Literal["claim", "prints", "number"]
    said: str
    expression: str = ""

    @property
    def numbers(self) -> tuple[Written, ...]:
        return written(self.said)

    @property
    def what_if(self) -> int | None:
        """The number of the what-if whose prose it is in."""
        return int(self.text.path[3]) if self.text.path[2] == "what_if" else None


MOST = 500  # numbers of one lesson
LONGEST = 200  # characters of an expression, or of numbers together

_FILLER = (
    r"(?:(?:now|then|still|again|exactly|therefore|thus|also|just|left at|equal to|to|always|"
    r"both|all|the value|the tensor|a tensor of|the numbers|out)\s+|:\s*)*"
)
_ROW = rf"{NUMBER}(?:(?:\s*,\s+(?:and\s+)?|\s+and\s+){NUMBER})*"
_SAID = rf"(?P<said>`[^`{{}}]+`|(?:tensor\()?\[[^\]{{}}]*\]+\)?|{_ROW})"
_NAMED = r"(?:`(?P<span>[^`{}]+)`|(?<![\w.])(?P<plain>[A-Za-z]\w*(?:\.[a-z]\w*|\[\d+\])+))"
_VERB = r"(?:is|are|equals|becomes|became|holds|contains|gives|==?)"
_CLAIM = re.compile(rf"{_NAMED},?\s*(?<=[\s`\w\]]){_VERB}\s+{_FILLER}{_SAID}")
_PRINTS = re.compile(rf"\b(?:prints?|printed|printing)\s+{_FILLER}{_SAID}")
_FEW = re.compile(r"[-−+]?\d*\.?\d?(?:e[-+]?\d+)?")  # one number that may stand for anything
_PAIRED = re.compile(r"`\s*(?:,|and|,\s*and)\s*$")
_DECIMALS = re.compile(r"(?<![\w.`])[-−]?\d+\.\d{3,}(?!\w|\.\d)")
_QUOTE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_DIGIT = re.compile(r"\d")
_NUMERIC = re.compile(rf"(?:tensor)?[\[\(,\s]*{NUMBER}(?:(?:[\s,\[\]()]|and)+{NUMBER})*[\s,\]\)]*")
_SUPPOSED = re.compile(
    r"\b(?:if|would|could|should|suppose|imagine|were|might|not|never|instead|unless|had|about|"
    r"roughly|nearly|almost|approximately|without)\b|n't|≈|~",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.!?:;](?=\s)|\n\s*\n")
_ENDS = re.compile(r"\s*(?:$|[.,;:!?)`\]]|(?:in|at|now|after|again|and|but|here|everywhere)\b)")
_OPERATES = re.compile(r"\s*[-×·*/^+=%°]|-\w")


def mentions(lesson: Lesson) -> list[Mention]:
    """The numbers of a lesson's prose that look like results, up to MOST of them."""
    found = (
        one
        for text in prose.texts(lesson)
        if text.step is not None and "mistakes" not in text.path
        for one in _in_text(text)
    )
    return [replace(one, id=n) for n, one in enumerate(islice(found, MOST))]


def _in_text(text: prose.Text) -> Iterator[Mention]:
    taken: list[range] = []
    for one in _forms(text):
        place = range(one.offset, one.offset + len(one.said))
        if any(place.start < other.stop and other.start < place.stop for other in taken):
            continue
        taken.append(place)
        if one.numbers and not _SUPPOSED.search(_sentence(text.text, one.offset)):
            yield one


def _forms(text: prose.Text) -> Iterator[Mention]:
    quoted = _QUOTE.sub(lambda one: " " * len(one[0]), text.text)
    if not _DIGIT.search(quoted):
        return
    for match in _CLAIM.finditer(quoted):
        expression = " ".join((match["span"] or match["plain"]).split())
        before = quoted[max(0, match.start() - 20) : match.start()]
        paired = len(written(match["said"])) > 1 and _PAIRED.search(before)
        if not paired and _is_plain(match, quoted) and _asks_only(expression):
            yield Mention(0, text, match.start("said"), "claim", match["said"], expression)
    for match in _PRINTS.finditer(quoted):
        if _is_plain(match, quoted):
            yield Mention(0, text, match.start("said"), "prints", match["said"])
    for span in prose.spans(quoted):
        if _FEW.fullmatch(span.code):
            continue
        decimals = "." in span.code or span.code.startswith("tensor")
        if decimals and len(span.code) <= LONGEST and _NUMERIC.fullmatch(span.code):
            yield Mention(0, text, span.start, "number", span.code)
    for match in _DECIMALS.finditer(quoted):
        if not _OPERATES.match(quoted, match.end()):
            yield Mention(0, text, match.start(), "number", match[0])


def _is_plain(match: re.Match[str], text: str) -> bool:
    """Whether what is said is numbers and nothing else, and no part of a longer formula."""
    said, after = match["said"], match.end()
    if (
        len(said) > LONGEST
        or not _NUMERIC.fullmatch(said.strip("`"))
        or _OPERATES.match(text, after)
    ):
        return False
    whole = said[0] not in "`[t" and written(said)[0].is_whole
    return not whole or _ENDS.match(text, after) is not None


def _sentence(text: str, offset: int) -> str:
    """The sentence around an offset."""
    start = max(0, offset - 500)
    before = [one.end() for one in _STOP.finditer(text, start, offset)]
    after = _STOP.search(text, offset, offset + 500)
    return text[before[-1] if before else start : after.start() if after else offset + 500]


_HARMLESS = frozenset("item sum mean detach numel dim norm abs max min size tolist".split())
_PARTS = (
    ast.Expression, ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.BinOp, ast.UnaryOp,
    ast.Call, ast.Tuple, ast.Slice, ast.operator, ast.unaryop, ast.expr_context,
)  # fmt: skip


def _asks_only(expression: str) -> bool:
    """Whether an expression can be evaluated without changing anything."""
    if len(expression) > LONGEST:
        return False
    try:
        tree = ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    nodes = list(ast.walk(tree))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    harmless = all(isinstance(f, ast.Attribute) and f.attr in _HARMLESS for f in calls)
    named = any(isinstance(node, ast.Name) for node in nodes)
    return harmless and named and all(isinstance(node, _PARTS) for node in nodes)


# Asking the run.


def asking(
    program: Program, step: int | None, what_if: int | None, claims: Iterable[Mention]
) -> Program:
    """The program with a probe for each claim: after its step, and after the step before.

    `step` and `what_if` are those of a what-if's program, which ends in it; None for the main line.
    """
    after: dict[int, list[Probe]] = {}
    for one in claims:
        number = one.text.step or 0
        here = one.what_if == what_if and (step is None or number == step)
        if one.form != "claim" or not here:
            continue
        after.setdefault(number, []).append(Probe(f"claim:{one.id}", one.expression))
        if step is None and number:
            after.setdefault(number - 1, []).append(Probe(f"before:{one.id}", one.expression))
    steps = tuple(
        replace(one, probes=(*one.probes, *after[n])) if n in after else one
        for n, one in enumerate(program.steps)
    )
    return replace(program, steps=steps)


def disproved(
    loaded: LoadedLesson,
    found: Sequence[Mention],
    main: Mapping[str, StepRun],
    others: Mapping[str, StepRun],
) -> Iterator[Finding]:
    """The numbers in prose that no run comes to; `others` are the runs of what-ifs by id."""
    everything: Known | None = None
    for one in found:
        run = _run_of(loaded, one, main, others)
        if run is None or run.stopped or (run.error is not None and not _expected(loaded, one)):
            continue
        if one.form == "claim":
            wrong = _claimed(one, run, main)
        elif one.form == "prints" and _printed(one, [*main.values(), *others.values()]):
            wrong = ""
        else:
            everything = everything or _everything(loaded, [*main.values(), *others.values()])
            known = one.form == "number" and everything.holds(one.numbers)
            wrong = "" if known else _unheard(one)
        if wrong:
            yield prose.at(loaded, one.text, one.offset, "number", wrong)


def _run_of(
    loaded: LoadedLesson,
    one: Mention,
    main: Mapping[str, StepRun],
    others: Mapping[str, StepRun],
) -> StepRun | None:
    step = loaded.lesson.steps[one.text.step or 0]
    if one.what_if is None:
        return main.get(step.id)
    return others.get(f"{step.id}/{step.what_if[one.what_if].id}")


def _expected(loaded: LoadedLesson, one: Mention) -> bool:
    step = loaded.lesson.steps[one.text.step or 0]
    return (step if one.what_if is None else step.what_if[one.what_if]).raises is not None


def _unheard(one: Mention) -> str:
    said = one.said.strip("`")
    if one.form == "prints":
        return f"no line printed in this lesson holds {said}"
    return f"{said} is no number this lesson's code comes to"


def _claimed(one: Mention, run: StepRun, main: Mapping[str, StepRun]) -> str:
    after = run.probes.get(f"claim:{one.id}")
    before = [r.probes[key] for r in main.values() if (key := f"before:{one.id}") in r.probes]
    asked = [answer for answer in (after, *before) if answer is not None and not answer.error]
    if after is None or after.error or any(_is(one.numbers, answer) for answer in asked):
        return ""
    if any(same(one.numbers, array) for array in _within(one, run, after)):
        return ""
    text = " ".join(after.text.split())[:120]
    return f"`{one.expression}` is {text} after this step, not {one.said.strip('`')}"


def _within(one: Mention, run: StepRun, after: Probed) -> Iterator[npt.NDArray[np.float64]]:
    """What a name meant, and tensors of its size held, while the step ran."""
    for event in run.events:
        if isinstance(event, Bound) and event.name == one.expression:
            yield of_text(event.text)
    if after.value is not None:
        size = of_value(after.value).size
        yield from (array for array in Known.of([run]).arrays if array.size == size)


def _is(numbers: Sequence[Written], answer: Probed) -> bool:
    return same(numbers, of_text(answer.text) if answer.value is None else of_value(answer.value))


def _printed(one: Mention, runs: Iterable[StepRun]) -> bool:
    lines = (event.text for run in runs for event in run.events if isinstance(event, Printed))
    return any(Known([of_text(line)]).holds(one.numbers) for line in lines)


_FRACTIONS = [over / under for under in range(1, 13) for over in range(1, under)]
_CONSTANTS = np.array([np.pi, np.e, np.sqrt(2), np.log(2), *_FRACTIONS])


def _everything(loaded: LoadedLesson, runs: Iterable[StepRun]) -> Known:
    """All numbers of the runs and of the lesson's code."""
    known = Known.of(runs)
    for step in loaded.lesson.steps:
        asked = step.ask.answer or "" if step.ask else ""
        codes = [step.code or "", asked, *step.checks, *(one.code for one in step.what_if)]
        if step.exercise:
            codes += [step.exercise.starter, step.exercise.solution, *step.exercise.checks]
        known.arrays += [of_text(code) for code in codes]
        known.arrays += [of_text(str(draw)) for draw in step.draws]
    known.arrays.append(_CONSTANTS)
    return known
