"""Spans of syntax nodes: `ast` counts columns in UTF-8 bytes, spans count characters."""

import ast
import re

from gradtui.language.source import Span

_HEADER_END = re.compile(r"(?:#[^\n]*|[^:#])*?(?=\s*:)")


class Spans:
    """Where each node of one parsed text stands."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines(keepends=False) if "\f" not in text else text.split("\n")
        self._bytes = [None if line.isascii() else line.encode() for line in self.lines]

    def column(self, line: int, offset: int) -> int:
        """The column in characters of byte `offset` in `line`."""
        raw = self._bytes[line - 1] if line <= len(self._bytes) else None
        return offset if raw is None else len(raw[:offset].decode(errors="replace"))

    def of(self, node: ast.AST) -> Span:
        """The span of an expression, statement, alias, argument, keyword or handler."""
        line, end_line = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        return Span(
            line,
            self.column(line, node.col_offset),  # type: ignore[attr-defined]
            end_line,
            self.column(end_line, node.end_col_offset),  # type: ignore[attr-defined]
        )

    def header(self, node: ast.stmt) -> Span:
        """The span of a statement without its blocks: `for i in range(3)`, `with no_grad()`."""
        whole = self.of(node)
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        if not isinstance(body, list):
            return whole
        parts = [self.of(part) for part in _header_parts(node)]
        end = max([(p.end_line, p.end_column) for p in parts], default=(whole.line, whole.column))
        return Span(whole.line, whole.column, *self._to_colon(*end))

    def _to_colon(self, line: int, column: int) -> tuple[int, int]:
        rest = "\n".join([self.lines[line - 1][column:], *self.lines[line : line + 20]])
        found = _HEADER_END.match(rest)
        if found is None:
            return line, column
        passed = found.group().split("\n")
        return line + len(passed) - 1, len(passed[-1]) + (column if len(passed) == 1 else 0)


def _header_parts(node: ast.stmt) -> list[ast.AST]:
    blocks = ("body", "orelse", "finalbody", "handlers", "cases", "decorator_list")
    parts: list[ast.AST] = []
    for name, value in ast.iter_fields(node):
        if name not in blocks:
            values = value if isinstance(value, list) else [value]
            for part in values:
                if isinstance(part, ast.AST):
                    parts.extend(_located(part))
    return parts


def _located(node: ast.AST) -> list[ast.AST]:
    if hasattr(node, "end_col_offset"):
        return [node]
    return [found for child in ast.iter_child_nodes(node) for found in _located(child)]
