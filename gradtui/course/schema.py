"""What a lesson file and a pack file may say: one model per mapping, one description per key.

`Lesson` and `Pack` are frozen. They are filled from YAML whose scalars are all still text
(`gradtui.course.loader`), so it is the field here that decides what `1e-6`, `no` or `017` means.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from gradtui.language.program import Limits

FORMAT = 1  # the version of the lesson and pack format, apart from the program's

MAX_STEPS = 400

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=64)]
Line = Annotated[str, StringConstraints(pattern=r"^[^\n]*\S[^\n]*$", max_length=200)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Code = Annotated[str, StringConstraints(max_length=50_000)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){0,2}$")]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|nan)", re.ASCII)


def draw_of(value: Any) -> Any:
    """Numbers, at any depth of lists, read from text; ValueError names what is none."""
    if isinstance(value, list):
        return tuple(draw_of(item) for item in value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    raise ValueError(f"must be numbers in nested lists, but `{value}` is not a number")


Numbers = Annotated[Any, BeforeValidator(draw_of)]


class Model(BaseModel):
    """A mapping of the format: unknown keys are refused, and nothing changes once loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Raises(Model):
    """An error that must happen."""

    type: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z]*$", max_length=64)] = Field(
        description="The error's type, as Python names it.", examples=["RuntimeError"]
    )
    match: str = Field(
        default="",
        description="A phrase its message must contain; choose one that will last.",
        examples=["implicitly created only for scalar"],
    )


class WhatIf(Model):
    """Another version of a step's code, run after the same earlier steps as a second tape."""

    id: Id = Field(
        description="A name for it, unique in the step: lower case, digits, hyphens.",
        examples=["from-ones"],
    )
    label: Line = Field(
        description="What is changed, as the learner reads it in a list.",
        examples=["Start from ones instead of g"],
    )
    code: Code = Field(
        description="The code that takes the place of the step's code.",
        examples=["z.backward(torch.ones(3))\nprint(x.grad)\n"],
    )
    draws: tuple[Numbers, ...] | None = Field(
        default=None,
        description="Draws of its own; without them, those of the step.",
        examples=[[[0.5, -1.0, 2.0]]],
    )
    say: Prose | None = Field(
        default=None,
        description="Markdown shown beside the second tape; it may quote values as `say` does.",
        examples=["A vector of ones adds up the rows of J."],
    )
    prints: str | None = Field(
        default=None,
        description="What it must print; without it, whatever it prints is right.",
        examples=["None\n"],
    )
    raises: Raises | None = Field(default=None, description="The error it must end in.")


class Mistake(Model):
    """A wrong answer worth its own words."""

    when: Expression = Field(
        description="An expression whose value is this wrong answer. For `order`, `error` and "
        "`prints`, a text: the nodes with commas between, the error's type or `no error`, the output.",
        examples=["(2 * y).detach()", "'no error'"],
    )
    say: Prose = Field(
        description="What the learner is told, in Markdown.",
        examples=["You doubled, but the square is missing."],
    )


AskKind = Literal["value", "choice", "order", "error", "none_or_zero", "shape", "prints"]
KINDS: dict[AskKind, str] = {
    "value": "a number, a tensor or a text to type",
    "choice": "one of `choices`",
    "order": "the nodes of the step's last backward pass, in the order they run",
    "error": "which error the step ends in, if any",
    "none_or_zero": "nothing yet, zeros, or a value",
    "shape": "the shape of a tensor, in any way it is written",
    "prints": "what the step prints",
}


def _when(kinds: list[AskKind], then: dict[str, Any], otherwise: Any = None) -> dict[str, Any]:
    """A rule of JSON Schema for questions of some kinds, and another for the others."""
    of_kind = {"enum": kinds, "description": f"One of {', '.join(kinds)}."}
    rule = {"if": {"properties": {"kind": of_kind}, "required": ["kind"]}, "then": then}
    return {**rule, "else": otherwise} if otherwise else rule


def _without(key: str, why: str) -> dict[str, Any]:
    return {"properties": {key: {"not": {}, "description": why}}}


_READ = _without(
    "answer", "Not given for `order`, `error` and `prints`: it is read from what happens."
)
_TYPED = _without("choices", "Only for a question of kind `choice`.")


class Ask(Model):
    """A question put before the step's result is shown. The program computes the answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                _when(["order", "error", "prints"], _READ, {"required": ["answer"]}),
                _when(["choice"], {"required": ["choices"]}, _TYPED),
            ]
        }
    )

    prompt: Prose = Field(
        description="The question, in Markdown; it may quote values as `say` does.",
        examples=["What will `x.grad[0]` be?"],
    )
    kind: AskKind = Field(
        default="value",
        description="What is asked for: " + "; ".join(f"{k}: {v}" for k, v in KINDS.items()) + ".",
        json_schema_extra={"markdownEnumDescriptions": list(KINDS.values())},
    )
    answer: Expression | None = Field(
        default=None,
        description="An expression of the lesson language, evaluated after the step. Not given for "
        "`order`, `error` and `prints`, which are read from what happened.",
        examples=["x.grad[0]"],
    )
    choices: tuple[Expression, ...] = Field(
        default=(),
        description="For `choice`: expressions; one of them equals the answer.",
        examples=[["x.grad", "2 * x.grad", "None"]],
    )
    mistakes: tuple[Mistake, ...] = Field(
        default=(), description="Likely wrong answers, each with its own reply."
    )
    hints: tuple[Prose, ...] = Field(
        default=(),
        description="From vague to explicit; the last may be the worked answer.",
        examples=[["What does the mean divide by?", "It is 4·y/3."]],
    )


class Exercise(Model):
    """Code to complete after the step: the starter must fail a check, the solution pass all."""

    say: Prose | None = Field(
        default=None,
        description="The task, in Markdown; without it, the checks tell it.",
        examples=["Make `w.grad` zero again, without making a new tensor."],
    )
    starter: Code = Field(
        description="What the learner starts from, run after the step.",
        examples=["w.grad  # put it back to zero\n"],
    )
    solution: Code = Field(description="One way that works.", examples=["w.grad.zero_()\n"])
    checks: tuple[Expression, ...] = Field(
        min_length=1,
        description="Expressions that must be true after the solution.",
        examples=[["w.grad.abs().sum() == 0"]],
    )
    hints: tuple[Prose, ...] = Field(
        default=(),
        description="From vague to explicit.",
        examples=[["Methods that change a tensor end in an underscore."]],
    )


class Step(Model):
    """One screen of a lesson: prose, code that runs, and what it must do."""

    model_config = ConfigDict(
        json_schema_extra={
            "dependencies": {key: ["code"] for key in ("draws", "prints", "raises", "what_if")}
        }
    )

    id: Id = Field(
        description="A stable name, unique in the lesson: progress is kept under it.",
        examples=["track-x"],
    )
    was: tuple[Id, ...] = Field(
        default=(),
        description="Earlier ids of this step, so that a new name loses nobody's progress.",
        examples=[["make-x"]],
    )
    title: Line = Field(description="A short heading.", examples=["Ask for gradients"])
    source: Line | None = Field(
        default=None,
        description="Where this is in the source document.",
        examples=["In [2]"],
    )
    say: Prose = Field(
        description="Markdown. {{ x.grad }} quotes a value as it is after the step; "
        "{{ a.item():.4f }} formats it.",
        examples=["`x.grad` is `{{ x.grad }}`: no backward pass has run yet."],
    )
    code: Code | None = Field(
        default=None,
        description="PyTorch code in the lesson language.",
        examples=["x = torch.randn(3, requires_grad=True)\nprint(x)\n"],
    )
    draws: tuple[Numbers, ...] = Field(
        default=(),
        description="What each random call of this step returns, in order, on both engines: a "
        "number, or nested lists of the shape the call asks for.",
        examples=[[[-0.413431, -1.204136, 1.212476]]],
    )
    prints: str | None = Field(
        default=None,
        description="What the step must print. Numbers are compared to the digits written.",
        examples=["tensor([-0.4134, -1.2041,  1.2125], requires_grad=True)\n"],
    )
    raises: Raises | None = Field(
        default=None, description="The error the step must end in, after what it prints."
    )
    checks: tuple[Expression, ...] = Field(
        default=(),
        description="Expressions that must be true after the step, on both engines.",
        examples=[["x.is_leaf", "x.grad is None"]],
    )
    what_if: tuple[WhatIf, ...] = Field(
        default=(), description="Other versions of the step's code, run beside it as a second tape."
    )
    ask: Ask | None = Field(default=None, description="A prediction asked before the reveal.")
    exercise: Exercise | None = Field(default=None, description="Code for the learner to complete.")
    explain: Prose | None = Field(
        default=None,
        description="Markdown shown afterwards; it may quote values as `say` does.",
        examples=["The numbers are those of `g @ J`."],
    )


class Term(Model):
    """A word of the trade."""

    term: Line = Field(description="The word.", examples=["leaf"])
    means: Prose = Field(
        description="What it means, in a sentence or two.",
        examples=["A tensor that no recorded operation made."],
    )


_FORMAT: Any = Field(
    description=f"The version of this format, apart from gradtui's own: {FORMAT}.",
    json_schema_extra={"const": FORMAT},
)
_LIMITS = Limits()


def _limit(name: str, what: str) -> Any:
    most = getattr(_LIMITS, name)
    about = f"{what}; at most {most:,}."
    return Field(default=most, gt=0, le=most, description=about, examples=[most // 2 or 0.5])


class LessonLimits(Model):
    """A tighter budget than the usual one; it cannot be widened."""

    statements: int = _limit("statements", "Statements run")
    operations: int = _limit("operations", "Expressions evaluated")
    elements: int = _limit("elements", "Array elements made by one call")
    live_bytes: int = _limit("live_bytes", "Bytes of arrays alive at once")
    integer_bits: int = _limit("integer_bits", "Bits of one integer")
    text: int = _limit("text", "Characters of one string, items of one list")
    output: int = _limit("output", "Characters printed")
    recursion: int = _limit("recursion", "Calls within one another")
    seconds: float = _limit("seconds", "Seconds of running")
    loop_seconds: float = _limit("loop_seconds", "Seconds of one while loop")

    def limits(self) -> Limits:
        """The same as a program's budget."""
        return Limits(**self.model_dump())


class Lesson(Model):
    """A lesson file."""

    format: int = _FORMAT
    id: Id = Field(
        description="A stable name, unique in the pack: the file's name without .yaml.",
        examples=["my-first-lesson"],
    )
    was: tuple[Id, ...] = Field(
        default=(),
        description="Earlier ids of this lesson, so that a new name loses nobody's progress.",
        examples=[["first-steps"]],
    )
    title: Line = Field(description="The lesson's title.", examples=["My first lesson"])
    minutes: int | None = Field(
        default=None, gt=0, le=600, description="About how long it takes.", examples=[25]
    )
    source: Line | None = Field(
        default=None,
        description="The document this lesson follows.",
        examples=['the notebook "Gradients with autograd"'],
    )
    objectives: tuple[Line, ...] = Field(
        default=(),
        description="What the learner can do afterwards, one line each.",
        examples=[["Read a grad_fn chain from a result back to its leaves"]],
    )
    prerequisites: tuple[Line, ...] = Field(
        default=(),
        description="What should be known before: lesson ids or plain words.",
        examples=[["gradients-with-autograd", "What a derivative is"]],
    )
    glossary: tuple[Term, ...] = Field(default=(), description="Terms the lesson introduces.")
    limits: LessonLimits = Field(
        default_factory=LessonLimits, description="A budget tighter than the usual one."
    )
    seed: int = Field(
        default=0,
        ge=0,
        lt=2**63,
        description="What torch.manual_seed is given before the run.",
        examples=[0],
    )
    steps: tuple[Step, ...] = Field(
        min_length=1, max_length=MAX_STEPS, description="The steps, in order."
    )

    def step(self, step_id: str) -> Step:
        """The step of that id; KeyError if there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


class Pack(Model):
    """A pack.yaml: what the folder of lessons is, and in which order they come."""

    format: int = _FORMAT
    id: Id = Field(description="A stable name for the pack.", examples=["autograd-evenings"])
    version: Version = Field(description="The pack's version.", examples=["1.0.0"])
    title: Line = Field(description="The pack's title.", examples=["Autograd in five evenings"])
    summary: Line | None = Field(
        default=None, description="One line about it.", examples=["From a leaf to an optimizer"]
    )
    authors: tuple[Line, ...] = Field(
        default=(), description="Who wrote it.", examples=[["Ada Example"]]
    )
    licence: Line | None = Field(
        default=None, description="The licence of the content.", examples=["CC-BY-4.0"]
    )
    language: Line = Field(
        default="en", description="The language of the prose.", examples=["en", "de"]
    )
    gradtui: Version | None = Field(
        default=None, description="The lowest version of gradtui that can run it.", examples=["0.1"]
    )
    lessons: tuple[Id, ...] = Field(
        min_length=1,
        description="Ids of the lessons, in order.",
        examples=[["my-first-lesson", "my-second-lesson"]],
    )
