"""The kinds of findings there are: one row each, what it says and how it is mended.

`KINDS["prints"].mend` is the advice every report prints below a finding of that kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "absent",
    "schema",
    "language",
    "id",
    "gone",
    "order",
    "link",
    "term",
    "prints",
    "raises",
    "error",
    "check",
    "quote",
    "name",
    "number",
    "what_if",
    "answer",
    "mistake",
    "choice",
    "hint",
    "draws",
    "exercise",
    "differs",
    "unstable",
    "limit",
    "crash",
]


@dataclass(frozen=True, slots=True)
class Row:
    """What findings of a kind say, and what to do about one; "" where each message says it."""

    kind: Kind
    says: str
    mend: str = ""


_ROWS = (
    Row(
        "absent",
        "there is nothing at a path that was given, so it could not be checked",
        "see how the path is written, and from which folder it leads",
    ),
    Row("schema", "the file is not a lesson or pack of this format"),
    Row("language", "code does not parse, or is not of the lesson language"),
    Row("id", "the id of a lesson, a step or a what-if is used twice"),
    Row(
        "gone",
        "a lesson or step of the previous version is gone, and learners' progress with it",
        "write `was: [old-id]` in the step or lesson that takes its place, or keep the id",
    ),
    Row(
        "order",
        "a lesson is missing from the pack's order, or the order names none",
        "list every lesson of the folder once under `lessons` in pack.yaml",
    ),
    Row(
        "link",
        "a link or prerequisite leads nowhere",
        "name a step of this lesson (#step-id), a lesson of the pack, a file beside it, or a URL",
    ),
    Row(
        "term",
        "a glossary term is given twice or is found nowhere in the lesson",
        "use the term in the prose, or remove it from the glossary",
    ),
    Row(
        "prints",
        "a step prints something else than it says",
        "mend the code, or the text under `prints` (`gradtui check --update` writes it)",
    ),
    Row(
        "raises",
        "an expected error does not happen, happens elsewhere, or is another one",
        "mend the code, or `raises`",
    ),
    Row(
        "error",
        "an error nobody expected",
        "mend the code; if the error is the point, say so with `raises: {type, match}`",
    ),
    Row(
        "check",
        "a check is false or does not compute",
        "mend the code or the check: it must be true after the step on both engines",
    ),
    Row(
        "quote",
        "prose quotes a value that does not compute",
        "quote a value that exists after the step, as in {{ x.grad }}",
    ),
    Row(
        "name",
        "prose names something in code that exists nowhere",
        "write the name as the code has it; words that are no code need no backticks",
    ),
    Row(
        "number",
        "a number in prose is not what the program computes",
        "quote the value instead, as in {{ x.grad }}, so that it cannot rot",
    ),
    Row(
        "what_if",
        "a what-if does just what the step does",
        "change its code so that something else happens, or remove it",
    ),
    Row(
        "answer",
        "a question's answer does not compute",
        "ask for a value that exists after the step",
    ),
    Row(
        "mistake",
        "a listed mistake is the right answer, equals another one, or does not compute",
        "write in `when` an expression for what a learner would wrongly answer",
    ),
    Row(
        "choice",
        "choices coincide, or none of them is the answer",
        "give choices of different values, one of them the answer's",
    ),
    Row(
        "hint",
        "a hint before the last gives the answer away",
        "order hints from vague to explicit; only the last may show the answer",
    ),
    Row(
        "draws",
        "draws are left over, too few or of another shape",
        "give one entry of `draws` for each random call of the step, of its shape",
    ),
    Row(
        "exercise",
        "a starter passes, or a solution fails",
        "the starter must fail at least one check, the solution pass all of them",
    ),
    Row(
        "differs",
        "gradtui's engine and torch disagree",
        "use code both run alike; if torch is right, it is a fault of gradtui: please report it",
    ),
    Row(
        "unstable",
        "the lesson does something else each time it runs",
        "remove what depends on memory or chance: torch.empty, seed(), id(), hash()",
    ),
    Row("limit", "the code is over its budget", "make it do less: a lesson's budget is fixed"),
    Row("crash", "the run came to no proper end", "run it again; if it stays, please report it"),
)

KINDS: Mapping[Kind, Row] = {row.kind: row for row in _ROWS}


_HEAD = """\
# What `gradtui check` finds

Written by `gradtui check --kinds`; do not edit it by hand. Every finding is of one of these kinds, and
says its file, line and column.
"""


def as_markdown() -> str:
    """The table for people: `docs/findings.md`."""
    rows = [f"| `{row.kind}` | {row.says} | {row.mend or 'the message says'} |" for row in _ROWS]
    return "\n".join([_HEAD, "| kind | what it says | how to mend it |", "|---|---|---|", *rows])
