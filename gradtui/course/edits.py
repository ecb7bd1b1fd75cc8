"""Changes of a piece of code: by places in its text, several at once, told in one line each.

code = Code("loss.backward()\\n")
applied(code.text, [code.insertion(at, "retain_graph=True")])
draws_for(old, new, draws)        # the draws that still belong to the random calls of `new`
"""

import ast
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from msgspec import Struct

from gradtui.language.checker import parse
from gradtui.language.draws import RANDOM
from gradtui.language.errors import Refused
from gradtui.language.program import Draw
from gradtui.language.source import Source
from gradtui.language.spans import Spans


class Edit(Struct, frozen=True, order=True):
    """The characters from `start` to `stop` give way to `text`; nothing is taken where they meet."""

    start: int
    stop: int
    text: str


class Code:
    """Code with its tree, and the place in the text of each node. Raises Refused for no Python."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = parse(Source("code", text))
        self.spans = Spans(text)
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def place(self, line: int, column: int) -> int:
        """The offset of a line, from 1, and a column, from 0."""
        return self._starts[line - 1] + column

    def start(self, node: ast.AST) -> int:
        span = self.spans.of(node)
        return self.place(span.line, span.column)

    def stop(self, node: ast.AST) -> int:
        span = self.spans.of(node)
        return self.place(span.end_line, span.end_column)

    def source(self, node: ast.AST) -> str:
        """The code of a node, its lines made one."""
        return " ".join(self.text[self.start(node) : self.stop(node)].split())

    def indent(self, node: ast.stmt) -> str:
        """The white space before a statement."""
        line = self.text[self._starts[node.lineno - 1] :]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def lines(self, node: ast.AST) -> list[int]:
        """The offsets at which a node's lines begin, but for those within a string."""
        inside = {
            line
            for part in ast.walk(node)
            if isinstance(part, ast.Constant | ast.JoinedStr) and part.end_lineno
            for line in range(part.lineno + 1, part.end_lineno + 1)
        }
        span = self.spans.of(node)
        return [self._starts[n - 1] for n in range(span.line, span.end_line + 1) if n not in inside]

    def whole_lines(self, node: ast.stmt) -> tuple[int, int]:
        """From the beginning of a statement's first line to the end of its last, with line ends."""
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(each.lineno for each in decorators)])
        stop = min(self._starts[node.end_lineno or node.lineno], len(self.text))
        return self._starts[first - 1], stop


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with all of the edits; of two that take the same characters, the longer is done."""
    done = len(text) + 1
    for edit in sorted(set(edits), reverse=True):
        if edit.stop <= done:
            text = text[: edit.start] + edit.text + text[edit.stop :]
            done = edit.start
    return text


def clash(some: Sequence[Edit], others: Sequence[Edit]) -> bool:
    """Whether two changes take characters of one another."""
    return any(a.start < b.stop and b.start < a.stop for a in some for b in others)


def random_calls(text: str) -> list[str]:
    """The calls of a random function, as they are written, in their order."""
    code = Code(text)
    found = [
        node
        for node in ast.walk(code.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in RANDOM
    ]
    return [code.source(node) for node in sorted(found, key=code.start)]


def draws_for(old: str, new: str, draws: Sequence[Draw]) -> tuple[Draw, ...]:
    """The draws of `old` that belong to random calls of `new`: all up to its first new call."""
    if not draws or old == new:
        return tuple(draws)
    try:
        before, after = random_calls(old), random_calls(new)
    except Refused:  # which the run will say
        return ()
    if before == after:
        return tuple(draws)
    if len(before) != len(draws):  # a call in a loop takes several
        return ()
    kept: list[Draw] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, False).get_opcodes():
        if tag == "equal":
            kept += draws[i:j]
        elif m > k:  # a new call would take what belongs to those after it
            break
    return tuple(kept)
