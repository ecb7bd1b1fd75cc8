"""The house as it was drawn: layers, what a fresh start loads, sizes of files and functions."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "gradtui").rglob("*.py"))

HEAVY = {"numpy", "textual", "torch", "msgspec", "yaml"}


def loaded_by(code: str) -> set[str]:
    """The top-level modules a fresh interpreter holds after `code`."""
    told = f"{code}\nimport sys\nprint(*sorted({{m.partition('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.splitlines()[-1].split())


def test_layers_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import contextlib, gradtui.cli\n"
        "with contextlib.suppress(SystemExit): gradtui.cli.main(['--help'])"
    )
    assert not HEAVY & loaded_by(code)


def test_check_loads_no_textual() -> None:
    code = "import gradtui.cli\ngradtui.cli.main(['check', '--no-torch'])"
    assert not {"textual", "torch"} & loaded_by(code)


def test_the_engine_loads_numpy_alone() -> None:
    assert not (HEAVY - {"numpy"}) & loaded_by("import gradtui.engine")


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_short(path: Path) -> None:
    assert path.read_text().count("\n") <= 500


def lengths() -> list[int]:
    """Lines of every function, shortest first."""
    trees = [ast.parse(path.read_text()) for path in SOURCES]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return sorted((n.end_lineno or n.lineno) - n.lineno + 1 for n in functions)


def test_functions_are_short() -> None:
    found = lengths()
    assert found[len(found) // 2] <= 8
    assert found[int(0.95 * len(found))] <= 35


def test_no_lesson_code_reaches_python() -> None:
    """Nothing in the program executes, evaluates or unpickles anything."""
    forbidden = {"eval", "exec", "compile"}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in forbidden, f"{path}:{node.lineno}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
                assert not {"pickle", "marshal", "shelve"} & names, f"{path}:{node.lineno}"
