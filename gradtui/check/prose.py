"""The prose of a lesson, text by text, and the names in its code spans.

A span such as `x.grad` must be made of names that exist: bound by the lesson's code, of the lesson
language, or Python's. What reads like mathematics (`dL/dx`, `f(x)`, `x[i]`) and what does not parse
is left alone.
"""

import ast
import builtins
import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from itertools import islice

from gradtui.check.findings import Finding
from gradtui.course import templates
from gradtui.course.filling import keys
from gradtui.course.loader import LoadedLesson
from gradtui.course.schema import Lesson, Step
from gradtui.course.yaml_nodes import Path, nearest
from gradtui.engine import late
from gradtui.engine.rows import TABLE
from gradtui.language import tables


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a lesson, where it is, and the number of its step (None outside steps)."""

    path: Path
    text: str
    step: int | None = None

    @property
    def key(self) -> str | int:
        """What the text is under: `say`, `explain`, `hints`."""
        return next(part for part in reversed(self.path) if isinstance(part, str))


@dataclass(frozen=True, slots=True)
class Span:
    """What stands between backticks, and where."""

    code: str
    start: int
    end: int


MOST = 20  # findings about names in one lesson
MOST_SPANS = 5_000  # code spans looked at in one lesson
LONGEST = 300  # characters of a span that is looked at

_FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")


def texts(lesson: Lesson) -> Iterator[Text]:
    """Everything a learner reads that is not code."""
    for n, term in enumerate(lesson.glossary):
        yield Text(("glossary", n, "means"), term.means)
    for number, step in enumerate(lesson.steps):
        for path, text in _of_step(step):
            if text:
                yield Text(("steps", number, *path), text, number)


def _of_step(step: Step) -> Iterator[tuple[Path, str | None]]:
    yield ("say",), step.say
    yield ("explain",), step.explain
    for n, what_if in enumerate(step.what_if):
        yield ("what_if", n, "say"), what_if.say
    if step.ask:
        yield ("ask", "prompt"), step.ask.prompt
        for n, mistake in enumerate(step.ask.mistakes):
            yield ("ask", "mistakes", n, "say"), mistake.say
        for n, hint in enumerate(step.ask.hints):
            yield ("ask", "hints", n), hint
    if step.exercise:
        yield ("exercise", "say"), step.exercise.say
        for n, hint in enumerate(step.exercise.hints):
            yield ("exercise", "hints", n), hint


def spans(text: str) -> list[Span]:
    """The code spans of a Markdown text, without those of fenced blocks."""
    if "`" not in text:
        return []
    plain = _FENCE.sub(lambda fence: " " * len(fence[0]), text) if "```" in text else text
    return [Span(one[1], one.start(1), one.end(1)) for one in _SPAN.finditer(plain)]


def at(loaded: LoadedLesson, text: Text, offset: int, kind: str, message: str) -> Finding:
    """A finding at an offset of a text."""
    where = loaded.positions.within(text.path, *templates.place(text.text, offset))
    step = "" if text.step is None else loaded.lesson.steps[text.step].id
    return Finding(step, kind, message, where.line, where.column)  # type: ignore[arg-type]


# Names.


def misnamed(loaded: LoadedLesson) -> Iterator[Finding]:
    """Names in code spans that exist nowhere, up to MOST of them."""
    known = _known(loaded.lesson)
    spanned = ((text, one) for text in texts(loaded.lesson) for one in spans(text.text))
    unknown = (
        (text, span, name)
        for text, span in islice(spanned, MOST_SPANS)
        for name in _unknown(span.code, known)
    )
    for text, span, name in islice(unknown, MOST):
        close = nearest(name, sorted(known))
        hint = f": did you mean `{close}`?" if close else ""
        offset = span.start + max(0, span.code.find(name))
        message = f"`{name[:60]}` is no name of this lesson, of torch or of Python{hint}"
        yield at(loaded, text, offset, "name", message)


_NODE = re.compile(r"[A-Za-z]+Backward\d*$|AccumulateGrad$")
_FILE = re.compile(r"[\w./-]+\.(?:yaml|yml|py|ipynb|md|txt|zip|json)$")
_OPTION = re.compile(r"-{1,2}[A-Za-z]")
_DIFFERENTIAL = re.compile(r"d\d?[A-Za-z]\w*$")
_FOREIGN = frozenset("torch nn F optim np numpy math autograd jax tf tensorflow pd plt".split())
INDICES = frozenset("i j k n m N M D B C H W T".split())


def _unknown(code: str, known: frozenset[str]) -> list[str]:
    code = " ".join(code.split())
    if (
        len(code) > LONGEST
        or "{{" in code
        or code in known
        or _FILE.match(code)
        or _OPTION.match(code)
    ):
        return []
    if _identifiers(code) <= known:
        return []
    tree = _parsed(code)
    if tree is None:
        return []
    known = known | _introduced(tree)
    names = (name for name in dict.fromkeys(_names(tree)) if name in code)  # not ᵀ read as T
    return [name for name in names if not _exists(name, known, code)]


def _introduced(tree: ast.Module) -> set[str]:
    """The names a formula gives meaning to itself, as in `w_new = w - rate * w.grad`."""
    given = [one for one in tree.body if isinstance(one, ast.Assign)]
    formulas = [one for one in given if not isinstance(one.value, ast.Constant)]
    return {name.id for one in formulas for name in one.targets if isinstance(name, ast.Name)}


def _parsed(code: str) -> ast.Module | None:
    for whole in (code, f"_{code}", f"{code} pass"):
        try:
            return ast.parse(whole)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
    return None


def _names(tree: ast.Module) -> Iterator[str]:
    """The names a piece of code reads, and the attributes of what is no module."""
    applied = {id(one.func) for one in ast.walk(tree) if isinstance(one, ast.Call)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Name):
            mathematical = id(one) in applied and len(one.id) == 1
            if one.id != "_" and not mathematical:
                yield one.id
        elif isinstance(one, ast.Attribute):
            if _root(one) not in _FOREIGN:
                yield one.attr
        elif isinstance(one, ast.keyword) and one.arg:
            yield one.arg


def _root(expression: ast.expr) -> str:
    while isinstance(expression, ast.Attribute):
        expression = expression.value
    return expression.id if isinstance(expression, ast.Name) else ""


def _exists(name: str, known: frozenset[str], code: str) -> bool:
    if name in known or name in INDICES:
        return True
    if _NODE.match(name):
        plain = name.rstrip("0123456789")
        listed = plain in _plain() or plain.removesuffix("Backward") in known
        return listed or not get_close_matches(name, _nodes(), 1, 0.8)
    if _DIFFERENTIAL.match(name) and "/" in code:
        return True
    foreign_class = name[0].isupper() and nearest(name, sorted(known)) is None
    return foreign_class or name.startswith("__")


@cache
def _nodes() -> tuple[str, ...]:
    """The names of the engine's nodes: a name like none of them may still be one of torch's."""
    late.table()
    return ("AccumulateGrad", *{row.node for rows in TABLE.values() for row in rows if row.node})


@cache
def _plain() -> frozenset[str]:
    return frozenset(name.rstrip("0123456789") for name in _nodes())


def _known(lesson: Lesson) -> frozenset[str]:
    words = {word for code in _codes(lesson) for word in _identifiers(code)}
    terms = {term.term for term in lesson.glossary}
    ids = {step.id for step in lesson.steps} | {lesson.id}
    ids |= {one.id for step in lesson.steps for one in step.what_if}
    raised = {step.raises.type for step in lesson.steps if step.raises}
    known = {*keys(Lesson), *keys(Step)}
    return _always() | known | words | terms | ids | raised


def _codes(lesson: Lesson) -> Iterator[str]:
    for step in lesson.steps:
        yield step.code or ""
        yield from step.checks
        for what_if in step.what_if:
            yield what_if.code
        if step.exercise:
            yield from (step.exercise.starter, step.exercise.solution, *step.exercise.checks)
        if step.ask:
            yield from (step.ask.answer or "", *step.ask.choices)


_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def _identifiers(code: str) -> set[str]:
    """All words of a code, those of its comments and texts too."""
    return set(_IDENTIFIER.findall(code))


@cache
def _always() -> frozenset[str]:
    listed = [*tables.MODULES.values(), *tables.INSTANCES.values(), *tables.BUILTIN_TYPES.values()]
    words = {word for text in listed for word in text.split()}
    paths = {part for path in tables.MODULES for part in path.split(".")}
    python = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *sys.stdlib_module_names}
    return frozenset(words | paths | python | _FOREIGN | _ARGUMENTS | _CUSTOMARY)


_ARGUMENTS = frozenset(
    """
    requires_grad retain_graph create_graph allow_unused inputs gradient grad_outputs set_to_none
    dtype device dim keepdim lr momentum weight_decay nesterov dampening maximize betas eps params
    input other out size generator alpha beta bias in_features out_features reduction accumulate
    grad_fn grad_input grad_output saved_tensors ctx self cls args kwargs is_grads_batched strict
    memory_format pin_memory layout correction unbiased weight target
    """.split()
)

_CUSTOMARY = frozenset(
    """
    model net network loss criterion optimizer scheduler data dataset batch epoch layer inputs
    outputs output target targets label labels prediction predictions params parameters weight
    weights bias lr features logits tensor tensors vector scalar matrix foo bar
    loss_fn y_hat y_pred y_true theta sigma mu mse acc accuracy hidden_size num_classes n_samples
    jacobian Jacobian hessian pip
    """.split()
)
