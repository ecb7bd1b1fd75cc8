"""`pytest lessons/` collects each step of each lesson as a test, in a process of its own here."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

GOOD = Path(__file__).parent / "good" / "descent.yaml"
PACK = """\
format: 1
id: evening
version: 1.0.0
title: An evening
lessons: [descent]
"""
COUNTING = """\
from gradtui.check.runner import Checker

check = Checker.check

def counted(self, paths, *more):
    with open("checked.txt", "a") as file:
        file.write(f"{paths[0].name}\\n")
    return check(self, paths, *more)

Checker.check = counted
"""
LOADED = (
    [] if entry_points(group="pytest11", name="gradtui") else ["-p", "gradtui.check.pytest_plugin"]
)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "pack.yaml").write_text(PACK)
    (tmp_path / "descent.yaml").write_text(GOOD.read_text())
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """One run of pytest in a folder, apart from this project's own settings."""
    own = ["-c", "/dev/null", "--rootdir", str(folder), "-p", "no:cacheprovider", *LOADED]
    own += ["-p", "no:asyncio", "-p", "no:hypothesispytest"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *own, *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "descent.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_steps_are_collected(pack: Path) -> None:
    status, told = run(pack, "--collect-only", "-q")
    assert status == 0
    steps = ["weights", "loss", "walk", "again", "step"]
    assert told.splitlines()[:5] == [f"descent.yaml::{step}" for step in steps]


def test_a_good_pack_passes_against_torch(pack: Path) -> None:
    status, told = run(pack)
    assert (status, "5 passed" in told) == (0, True), told


def test_a_failure_reads_like_a_finding_and_a_lesson_runs_once(pack: Path) -> None:
    (pack / "conftest.py").write_text(COUNTING)
    edit(pack, "tensor([ -5.5000, -33.0000])", "tensor([ -5.5000, -34.0000])")
    status, told = run(pack, "--lessons-no-torch")
    assert (status, "1 failed, 4 passed" in told) == (1, True), told
    assert "descent.yaml:95:7: prints in step walk: prints tensor([ -5.5000, -33.0000])" in told
    assert "but tensor([ -5.5000, -34.0000]) is expected" in told
    assert "FAILED descent.yaml::walk" in told
    assert "Traceback" not in told
    assert (pack / "checked.txt").read_text() == "descent.yaml\n"


def test_steps_are_chosen_by_name(pack: Path) -> None:
    edit(pack, "tensor([ -5.5000, -33.0000])", "tensor([ -5.5000, -34.0000])")
    status, told = run(pack, "--lessons-no-torch", "-k", "loss or again")
    assert (status, "2 passed, 3 deselected" in told) == (0, True), told


def test_workers_share_the_steps(pack: Path) -> None:
    status, told = run(pack, "--lessons-no-torch", "-n", "2")
    assert (status, "5 passed" in told) == (0, True), told


def test_a_broken_file_is_one_failing_test(pack: Path) -> None:
    edit(pack, "minutes: 10", "minutes: ten")
    status, told = run(pack)
    assert (status, "1 failed" in told) == (1, True), told
    assert "descent.yaml:5:10: schema: `minutes` must be a whole number" in told


def test_a_broken_pack_is_one_failing_test(pack: Path) -> None:
    (pack / "pack.yaml").write_text(PACK.replace("[descent]", "[descent, more]"))
    status, told = run(pack, "--lessons-no-torch")
    assert (status, "1 failed, 5 passed" in told) == (1, True), told
    assert "pack.yaml:5:20: no file more.yaml beside the pack" in told


def test_other_yaml_is_left_alone(pack: Path) -> None:
    (pack / "pack.yaml").unlink()
    (pack / "other.yaml").write_text("a: 1\n")
    assert run(pack)[0] == 5  # nothing collected
    assert "1 passed" in run(pack, "--lessons-no-torch", "descent.yaml::walk")[1]


def test_nothing_heavy_is_imported_where_there_is_no_lesson() -> None:
    code = "import sys, gradtui.check.pytest_plugin; print({'numpy', 'msgspec', 'yaml'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "set()\n"
