"""What a lesson file and a pack file may say: one model per mapping, one description per key.

`Lesson` and `Pack` are frozen. They are filled from YAML whose scalars are all still text
(`gradtui.course.loader`), so it is the field here that decides what `1e-6`, `no` or `017` means.
"""

import re
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import asdict

from gradtui.language.program import Limits

FORMAT = 1  # the version of the lesson and pack format, apart from the program's

MAX_STEPS = 400

Id = Annotated[str, Meta(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=64)]
Line = Annotated[str, Meta(pattern=r"^[^\n]*\S[^\n]*$", max_length=200)]
Prose = Annotated[str, Meta(min_length=1, max_length=20_000)]
Code = Annotated[str, Meta(max_length=50_000)]
Expression = Annotated[str, Meta(min_length=1, max_length=1_000)]
Minutes = Annotated[int, Meta(gt=0, le=600)]
ErrorName = Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z]*$", max_length=64)]
Version = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){0,2}$")]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|nan)", re.ASCII)


def draw_of(value: Any) -> Any:
    """Numbers, at any depth of lists, read from text; ValueError names what is none."""
    if isinstance(value, list):
        return tuple(draw_of(item) for item in value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    raise ValueError(f"must be numbers in nested lists, but `{value}` is not a number")


Numbers = Annotated[Any, draw_of]


class Model(Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping of the format: unknown keys are refused, and nothing changes once loaded."""

    rules: ClassVar[dict[str, Any]] = {}  # of JSON Schema, between its keys


class Raises(Model, frozen=True, kw_only=True):
    """An error that must happen."""

    type: Annotated[
        ErrorName,
        Meta(description="The error's type, as Python names it.", examples=["RuntimeError"]),
    ]
    match: Annotated[
        str,
        Meta(
            description="A phrase its message must contain; choose one that will last.",
            examples=["implicitly created only for scalar"],
        ),
    ] = ""


class WhatIf(Model, frozen=True, kw_only=True):
    """Another version of a step's code, run after the same earlier steps as a second tape."""

    id: Annotated[
        Id,
        Meta(
            description="A name for it, unique in the step: lower case, digits, hyphens.",
            examples=["from-ones"],
        ),
    ]
    label: Annotated[
        Line,
        Meta(
            description="What is changed, as the learner reads it in a list.",
            examples=["Start from ones instead of g"],
        ),
    ]
    code: Annotated[
        Code,
        Meta(
            description="The code that takes the place of the step's code.",
            examples=["z.backward(torch.ones(3))\nprint(x.grad)\n"],
        ),
    ]
    draws: Annotated[
        tuple[Numbers, ...] | None,
        Meta(
            description="Draws of its own; without them, those of the step.",
            examples=[[[0.5, -1.0, 2.0]]],
        ),
    ] = None
    say: Annotated[
        Prose | None,
        Meta(
            description="Markdown shown beside the second tape; it may quote values as `say` does.",
            examples=["A vector of ones adds up the rows of J."],
        ),
    ] = None
    prints: Annotated[
        str | None,
        Meta(
            description="What it must print; without it, whatever it prints is right.",
            examples=["None\n"],
        ),
    ] = None
    raises: Annotated[Raises | None, Meta(description="The error it must end in.")] = None


class Mistake(Model, frozen=True, kw_only=True):
    """A wrong answer worth its own words."""

    when: Annotated[
        Expression,
        Meta(
            description="An expression whose value is this wrong answer. For `order`, `error` and "
            "`prints`, a text: the nodes with commas between, the error's type or `no error`, the output.",
            examples=["(2 * y).detach()", "'no error'"],
        ),
    ]
    say: Annotated[
        Prose,
        Meta(
            description="What the learner is told, in Markdown.",
            examples=["You doubled, but the square is missing."],
        ),
    ]


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


class Ask(Model, frozen=True, kw_only=True):
    """A question put before the step's result is shown. The program computes the answer."""

    rules: ClassVar[dict[str, Any]] = {
        "allOf": [
            _when(["order", "error", "prints"], _READ, {"required": ["answer"]}),
            _when(["choice"], {"required": ["choices"]}, _TYPED),
        ]
    }

    prompt: Annotated[
        Prose,
        Meta(
            description="The question, in Markdown; it may quote values as `say` does.",
            examples=["What will `x.grad[0]` be?"],
        ),
    ]
    kind: Annotated[
        AskKind,
        Meta(
            description="What is asked for: "
            + "; ".join(f"{k}: {v}" for k, v in KINDS.items())
            + ".",
            extra_json_schema={"markdownEnumDescriptions": list(KINDS.values())},
        ),
    ] = "value"
    answer: Annotated[
        Expression | None,
        Meta(
            description="An expression of the lesson language, evaluated after the step. Not given for "
            "`order`, `error` and `prints`, which are read from what happened.",
            examples=["x.grad[0]"],
        ),
    ] = None
    choices: Annotated[
        tuple[Expression, ...],
        Meta(
            description="For `choice`: expressions; one of them equals the answer.",
            examples=[["x.grad", "2 * x.grad", "None"]],
        ),
    ] = ()
    mistakes: Annotated[
        tuple[Mistake, ...], Meta(description="Likely wrong answers, each with its own reply.")
    ] = ()
    hints: Annotated[
        tuple[Prose, ...],
        Meta(
            description="From vague to explicit; the last may be the worked answer.",
            examples=[["What does the mean divide by?", "It is 4·y/3."]],
        ),
    ] = ()


class Exercise(Model, frozen=True, kw_only=True):
    """Code to complete after the step: the starter must fail a check, the solution pass all."""

    say: Annotated[
        Prose | None,
        Meta(
            description="The task, in Markdown; without it, the checks tell it.",
            examples=["Make `w.grad` zero again, without making a new tensor."],
        ),
    ] = None
    starter: Annotated[
        Code,
        Meta(
            description="What the learner starts from, run after the step.",
            examples=["w.grad  # put it back to zero\n"],
        ),
    ]
    solution: Annotated[
        Code, Meta(description="One way that works.", examples=["w.grad.zero_()\n"])
    ]
    checks: Annotated[
        tuple[Expression, ...],
        Meta(
            min_length=1,
            description="Expressions that must be true after the solution.",
            examples=[["w.grad.abs().sum() == 0"]],
        ),
    ]
    hints: Annotated[
        tuple[Prose, ...],
        Meta(
            description="From vague to explicit.",
            examples=[["Methods that change a tensor end in an underscore."]],
        ),
    ] = ()


class Step(Model, frozen=True, kw_only=True):
    """One screen of a lesson: prose, code that runs, and what it must do."""

    rules: ClassVar[dict[str, Any]] = {
        "dependencies": {key: ["code"] for key in ("draws", "prints", "raises", "what_if")}
    }

    id: Annotated[
        Id,
        Meta(
            description="A stable name, unique in the lesson: progress is kept under it.",
            examples=["track-x"],
        ),
    ]
    was: Annotated[
        tuple[Id, ...],
        Meta(
            description="Earlier ids of this step, so that a new name loses nobody's progress.",
            examples=[["make-x"]],
        ),
    ] = ()
    title: Annotated[Line, Meta(description="A short heading.", examples=["Ask for gradients"])]
    source: Annotated[
        Line | None, Meta(description="Where this is in the source document.", examples=["In [2]"])
    ] = None
    say: Annotated[
        Prose,
        Meta(
            description="Markdown. {{ x.grad }} quotes a value as it is after the step; "
            "{{ a.item():.4f }} formats it.",
            examples=["`x.grad` is `{{ x.grad }}`: no backward pass has run yet."],
        ),
    ]
    code: Annotated[
        Code | None,
        Meta(
            description="PyTorch code in the lesson language; numpy may be imported, too.",
            examples=["x = torch.randn(3, requires_grad=True)\nprint(x)\n"],
        ),
    ] = None
    draws: Annotated[
        tuple[Numbers, ...],
        Meta(
            description="What each random call of this step returns, in order, on both engines: a "
            "number, or nested lists of the shape the call asks for.",
            examples=[[[-0.413431, -1.204136, 1.212476]]],
        ),
    ] = ()
    prints: Annotated[
        str | None,
        Meta(
            description="What the step must print. Numbers are compared to the digits written.",
            examples=["tensor([-0.4134, -1.2041,  1.2125], requires_grad=True)\n"],
        ),
    ] = None
    raises: Annotated[
        Raises | None, Meta(description="The error the step must end in, after what it prints.")
    ] = None
    checks: Annotated[
        tuple[Expression, ...],
        Meta(
            description="Expressions that must be true after the step, on both engines.",
            examples=[["x.is_leaf", "x.grad is None"]],
        ),
    ] = ()
    what_if: Annotated[
        tuple[WhatIf, ...],
        Meta(description="Other versions of the step's code, run beside it as a second tape."),
    ] = ()
    ask: Annotated[Ask | None, Meta(description="A prediction asked before the reveal.")] = None
    exercise: Annotated[Exercise | None, Meta(description="Code for the learner to complete.")] = (
        None
    )
    explain: Annotated[
        Prose | None,
        Meta(
            description="Markdown shown afterwards; it may quote values as `say` does.",
            examples=["The numbers are those of `g @ J`."],
        ),
    ] = None


class Term(Model, frozen=True, kw_only=True):
    """A word of the trade."""

    term: Annotated[Line, Meta(description="The word.", examples=["leaf"])]
    means: Annotated[
        Prose,
        Meta(
            description="What it means, in a sentence or two.",
            examples=["A tensor that no recorded operation made."],
        ),
    ]


Format = Annotated[
    int,
    Meta(
        description=f"The version of this format, apart from gradtui's own: {FORMAT}.",
        extra_json_schema={"const": FORMAT},
    ),
]
_LIMITS = Limits()


def _limit(name: str, what: str) -> Meta:
    most = getattr(_LIMITS, name)
    about = f"{what}; at most {most:,}."
    return Meta(gt=0, le=most, description=about, examples=[most // 2 or 0.5])


class LessonLimits(Model, frozen=True, kw_only=True):
    """A tighter budget than the usual one; it cannot be widened."""

    statements: Annotated[int, _limit("statements", "Statements run")] = _LIMITS.statements
    operations: Annotated[int, _limit("operations", "Expressions evaluated")] = _LIMITS.operations
    elements: Annotated[int, _limit("elements", "Array elements made by one call")] = (
        _LIMITS.elements
    )
    live_bytes: Annotated[int, _limit("live_bytes", "Bytes of arrays alive at once")] = (
        _LIMITS.live_bytes
    )
    integer_bits: Annotated[int, _limit("integer_bits", "Bits of one integer")] = (
        _LIMITS.integer_bits
    )
    text: Annotated[int, _limit("text", "Characters of one string, items of one list")] = (
        _LIMITS.text
    )
    output: Annotated[int, _limit("output", "Characters printed")] = _LIMITS.output
    recursion: Annotated[int, _limit("recursion", "Calls within one another")] = _LIMITS.recursion
    seconds: Annotated[float, _limit("seconds", "Seconds of running")] = _LIMITS.seconds
    loop_seconds: Annotated[float, _limit("loop_seconds", "Seconds of one while loop")] = (
        _LIMITS.loop_seconds
    )

    def limits(self) -> Limits:
        """The same as a program's budget."""
        return Limits(**asdict(self))


class Lesson(Model, frozen=True, kw_only=True):
    """A lesson file."""

    format: Format
    id: Annotated[
        Id,
        Meta(
            description="A stable name, unique in the pack: the file's name without .yaml.",
            examples=["my-first-lesson"],
        ),
    ]
    was: Annotated[
        tuple[Id, ...],
        Meta(
            description="Earlier ids of this lesson, so that a new name loses nobody's progress.",
            examples=[["first-steps"]],
        ),
    ] = ()
    title: Annotated[Line, Meta(description="The lesson's title.", examples=["My first lesson"])]
    minutes: Annotated[
        Minutes | None, Meta(description="About how long it takes.", examples=[25])
    ] = None
    source: Annotated[
        Line | None,
        Meta(
            description="The document this lesson follows.",
            examples=['the notebook "Gradients with autograd"'],
        ),
    ] = None
    objectives: Annotated[
        tuple[Line, ...],
        Meta(
            description="What the learner can do afterwards, one line each.",
            examples=[["Read a grad_fn chain from a result back to its leaves"]],
        ),
    ] = ()
    prerequisites: Annotated[
        tuple[Line, ...],
        Meta(
            description="What should be known before: lesson ids or plain words.",
            examples=[["gradients-with-autograd", "What a derivative is"]],
        ),
    ] = ()
    glossary: Annotated[tuple[Term, ...], Meta(description="Terms the lesson introduces.")] = ()
    limits: Annotated[LessonLimits, Meta(description="A budget tighter than the usual one.")] = (
        LessonLimits()
    )
    seed: Annotated[
        int,
        Meta(
            ge=0,
            le=2**63 - 1,
            description="What torch.manual_seed is given before the run.",
            examples=[0],
        ),
    ] = 0
    steps: Annotated[
        tuple[Step, ...],
        Meta(min_length=1, max_length=MAX_STEPS, description="The steps, in order."),
    ]

    def step(self, step_id: str) -> Step:
        """The step of that id; KeyError if there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


class Pack(Model, frozen=True, kw_only=True):
    """A pack.yaml: what the folder of lessons is, and in which order they come."""

    format: Format
    id: Annotated[
        Id, Meta(description="A stable name for the pack.", examples=["autograd-evenings"])
    ]
    version: Annotated[Version, Meta(description="The pack's version.", examples=["1.0.0"])]
    title: Annotated[
        Line, Meta(description="The pack's title.", examples=["Autograd in five evenings"])
    ]
    summary: Annotated[
        Line | None,
        Meta(description="One line about it.", examples=["From a leaf to an optimizer"]),
    ] = None
    authors: Annotated[
        tuple[Line, ...], Meta(description="Who wrote it.", examples=[["Ada Example"]])
    ] = ()
    licence: Annotated[
        Line | None, Meta(description="The licence of the content.", examples=["CC-BY-4.0"])
    ] = None
    language: Annotated[
        Line, Meta(description="The language of the prose.", examples=["en", "de"])
    ] = "en"
    gradtui: Annotated[
        Version | None,
        Meta(description="The lowest version of gradtui that can run it.", examples=["0.1"]),
    ] = None
    lessons: Annotated[
        tuple[Id, ...],
        Meta(
            min_length=1,
            description="Ids of the lessons, in order.",
            examples=[["my-first-lesson", "my-second-lesson"]],
        ),
    ]
