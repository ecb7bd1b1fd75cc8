"""Times `gradtui check` beside nbval on the same content: lessons, and the notebooks of them.

    python tests/benchmarks/validation.py [ROUNDS]

Twenty copies of the bundled lesson are checked, each isolated and every event compared with torch;
`gradtui export` makes a notebook of each, with its stored outputs, which nbval runs and compares.
The what-ifs are run by gradtui alone. nbval and ipykernel are wanted for its part of the run.
"""

import importlib.util
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from gradtui.course.packs import bundled

LESSONS = 20
SOURCE = bundled().lesson("gradients-with-autograd")


def timed(command: list[str], allowed: tuple[int, ...] = (0,)) -> tuple[float, float]:
    """The seconds a command takes to its end, and those of its processes' work; it must succeed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    took, after = perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in allowed:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-800:]}")
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, work


def told(name: str, rounds: int, command: list[str]) -> float:
    """The median over some rounds, printed."""
    runs = [timed(command) for _ in range(rounds)]
    took, work = (median(column) for column in zip(*runs, strict=True))
    print(f"{name:<56} {took:8.2f} s   work {work:7.2f} s", flush=True)
    return took


def lessons(folder: Path) -> Path:
    """Copies of the bundled lesson under ids of their own."""
    folder.mkdir()
    text = SOURCE.read_text("utf-8")
    for number in range(LESSONS):
        copy = text.replace(f"id: {SOURCE.stem}", f"id: lesson-{number}", 1)
        (folder / f"lesson-{number}.yaml").write_text(copy, "utf-8")
    return folder


def notebooks(folder: Path) -> Path:
    """The notebook of the bundled lesson, as often."""
    folder.mkdir()
    command = [*gradtui("export"), SOURCE.stem, "--to", "ipynb"]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for number in range(LESSONS):
        (folder / f"lesson-{number}.ipynb").write_text(made, "utf-8")
    return folder


def gradtui(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "gradtui.cli", *arguments]


def nbval(*arguments: str) -> list[str]:
    plugins = ["-p", "no:cacheprovider", "-p", "no:gradtui"]
    return [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "-q",
        "-c",
        "/dev/null",
        *plugins,
        *arguments,
    ]


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        twenty = lessons(Path(name) / "lessons")
        one = told("gradtui check, 1 lesson", rounds, gradtui("check", str(SOURCE)))
        many = told(f"gradtui check, {LESSONS} lessons", rounds, gradtui("check", str(twenty)))
        if not (importlib.util.find_spec("nbval") and importlib.util.find_spec("ipykernel")):
            print("nbval is not installed (pip install nbval ipykernel): nothing to compare with")
            return
        peers = notebooks(Path(name) / "notebooks")
        first = str(peers / "lesson-0.ipynb")
        other = told("nbval, 1 notebook", rounds, nbval(first))
        print(f"{'  ratio':<56} {other / one:8.1f}")
        others = told(f"nbval, {LESSONS} notebooks, once", 1, nbval(str(peers)))
        print(f"{'  ratio':<56} {others / many:8.1f}")
        if importlib.util.find_spec("xdist"):
            two = told(
                f"nbval -n 2, {LESSONS} notebooks, once",
                1,
                nbval("-n", "2", "--dist", "loadfile", str(peers)),
            )
            print(f"{'  ratio':<56} {two / many:8.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
