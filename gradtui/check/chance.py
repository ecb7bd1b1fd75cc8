"""Lessons that do something else each time: where the engines differ because of chance.

`told(loaded, finding)` is the finding itself, or one of kind `unstable` that names what in the code
up to there gives another value in every run.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from gradtui.check.findings import Finding
from gradtui.course.loader import LoadedLesson

SOURCES = {
    "empty": "torch.empty holds whatever was in memory",
    "empty_like": "torch.empty_like holds whatever was in memory",
    "new_empty": "new_empty holds whatever was in memory",
    "seed": "seed() takes a new seed in each run",
    "id": "id() is a place in memory",
    "hash": "hash() of text is another in each process",
    "data_ptr": "data_ptr() is a place in memory",
    "set": "a set has its own order in each process",
}


def told(loaded: LoadedLesson, finding: Finding) -> Finding:
    """The finding, of kind `unstable` if chance is in the code it is about or before it."""
    if finding.kind != "differs":
        return finding
    sources = list(dict.fromkeys(_sources_before(loaded, finding)))
    if not sources:
        return finding
    message = f"{SOURCES[sources[-1]]}: {finding.message}"
    return replace(finding, kind="unstable", message=message)


def _sources_before(loaded: LoadedLesson, finding: Finding) -> Iterator[str]:
    owner, _, variant = finding.step.partition("/")
    for step in loaded.lesson.steps:
        if step.id == owner and variant:
            yield from _sources("".join(one.code for one in step.what_if if one.id == variant))
        else:
            yield from _sources(step.code or "")
        if step.id == owner:
            return


def _sources(code: str) -> Iterator[str]:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Set | ast.SetComp):
            yield "set"
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in SOURCES:
                yield name
