"""The commands, run as a user runs them: in a process of their own, with real torch behind them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """\
import torch
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
for epoch in range(3):
    loss = (x**2).sum()
    loss.backward()
    print(epoch, x.grad, f"{loss.item():.3f}")
"""


def gradtui(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "gradtui.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


def script(folder: Path, code: str) -> str:
    path = folder / "script.py"
    path.write_text(code)
    return str(path)


def as_python(path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=120)


def test_run_prints_what_python_prints(tmp_path: Path) -> None:
    path = script(tmp_path, SCRIPT)
    ours, theirs = gradtui("run", path), as_python(path)
    assert (ours.returncode, ours.stdout) == (0, theirs.stdout)
    assert ours.stderr == ""


@pytest.mark.parametrize("flag", [(), ("--torch",)])
def test_an_error_ends_a_run_as_it_ends_python(tmp_path: Path, flag: tuple[str, ...]) -> None:
    path = script(tmp_path, SCRIPT + "x.backward()\nprint('never')\n")
    ours, theirs = gradtui("run", *flag, path), as_python(path)
    assert ours.returncode == theirs.returncode == 1
    assert ours.stdout == theirs.stdout
    assert ours.stderr.splitlines()[-1] == theirs.stderr.splitlines()[-1]


def test_compare_tells_both_runs_are_the_same(tmp_path: Path) -> None:
    done = gradtui("run", "--compare", script(tmp_path, SCRIPT))
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "3 lines the same, 0 differ"


@pytest.mark.parametrize("flag", [(), ("--torch",)])
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = 1\nwhile True:\n    x *= x + 1\n", ":3: over the limit of"),
        ("import torch\ntorch.zeros(10**12)\n", "over the limit"),
        ("2**10**9\n", "over the limit"),
        ("import os\n", "os"),
        ("import torch\ntorch.save(1, 'f')\n", "files cannot be reached; save into io.BytesIO()"),
        ("x = (1\n", "never closed"),
    ],
)
def test_what_may_not_run_is_one_line(
    tmp_path: Path, flag: tuple[str, ...], code: str, said: str
) -> None:
    done = gradtui("run", *flag, script(tmp_path, code))
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["run", "show"])
def test_a_missing_file_is_one_line(tmp_path: Path, command: str) -> None:
    done = gradtui(command, str(tmp_path / "absent.py"))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "absent.py" in done.stderr


def test_check_is_green_and_compares_every_event() -> None:
    done = gradtui("check", "--format", "json")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert report["ok"]
    (lesson,) = report["lessons"]
    assert set(lesson) == {"path", "id", "ok", "seconds", "compared", "findings"}
    compared = lesson["compared"]
    assert compared["same"] > 300
    assert compared["differs"] == compared["not_compared"] == 0


def test_check_finds_a_broken_lesson_and_says_where(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("format: 1\nid: broken\ntitel: Broken\nsteps: []\n")
    done = gradtui("check", str(path))
    assert done.returncode == 1
    assert f"{path}:3:1:" in done.stdout
    assert "title" in done.stdout


def test_check_of_nothing_could_not_run_and_says_so_beside_what_it_found(tmp_path: Path) -> None:
    gradtui("new", "lesson", str(tmp_path / "here.yaml"))
    for absent in (tmp_path / "absent", tmp_path / "absent.yaml", tmp_path / "absent.zip"):
        done = gradtui("check", "--no-torch", str(absent), str(tmp_path / "here.yaml"))
        assert done.returncode == 2
        assert f"{absent}:1:1: absent: there is no such file or folder" in done.stdout
        assert "Traceback" not in done.stderr
        told = gradtui("check", "--no-torch", "--format", "json", str(absent), str(tmp_path))
        assert told.returncode == 2
        assert [one["ok"] for one in json.loads(told.stdout)["lessons"]] == [False, True]


def test_show_tells_the_whole_lesson() -> None:
    done = gradtui("show", "gradients-with-autograd", "--plain", "--width", "80")
    assert done.returncode == 0
    for told in ("PowBackward0", "tensor([-0.6132,  4.8666, 14.6377])", "released what they saved"):
        assert told in done.stdout


def test_without_a_terminal_the_player_says_what_to_do() -> None:
    done = gradtui()
    assert done.returncode == 1
    assert "--plain" in done.stderr


@pytest.mark.parametrize("kind", ["lesson", "pack"])
def test_schema_is_json_with_descriptions(kind: str) -> None:
    schema = json.loads(gradtui("schema", kind).stdout)
    assert all("description" in field for field in schema["properties"].values())


@pytest.mark.parametrize("command", ["list", "paths", "doctor"])
def test_facts(command: str) -> None:
    done = gradtui(command)
    assert done.returncode == 0
    assert done.stdout


def test_an_unknown_command_is_refused_with_the_usage() -> None:
    done = gradtui("lern")
    assert done.returncode == 2
    assert "usage:" in done.stderr


@pytest.mark.parametrize("flag", [(), ("--torch",)])
def test_half_a_character_cannot_be_printed_as_in_python(
    tmp_path: Path, flag: tuple[str, ...]
) -> None:
    path = script(tmp_path, "print([chr(0xd800)])\nprint(chr(0xd800))\n")
    ours, theirs = gradtui("run", *flag, path), as_python(path)
    assert (ours.returncode, ours.stdout) == (theirs.returncode, theirs.stdout)
    assert ours.stderr.splitlines()[-1] == theirs.stderr.splitlines()[-1]


@pytest.mark.parametrize("command", [("run",), ("run", "--torch"), ("show",)])
def test_an_endless_script_is_not_read_to_its_end(tmp_path: Path, command: tuple[str, ...]) -> None:
    path = tmp_path / "endless.py"
    path.symlink_to("/dev/zero")
    done = gradtui(*command, str(path))
    assert done.returncode == 1
    assert "larger than 1,000,000 bytes" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_packs_are_built_added_listed_told_of_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "evenings"
    assert "next: gradtui check" in gradtui("new", "pack", str(folder)).stdout
    assert "nothing was written" in gradtui("new", "pack", str(folder)).stderr
    for _ in range(2):
        built = gradtui("pack", "build", str(folder), "-o", str(tmp_path))
        assert built.stdout == f"{tmp_path / 'evenings-0.1.0.zip'}\n", built.stderr
    added = gradtui("pack", "add", str(tmp_path / "evenings-0.1.0.zip"))
    assert added.stdout.startswith("evenings 0.1.0 is installed: ")
    assert "evenings 0.1.0" in gradtui("pack", "list").stdout
    assert "first-steps" in gradtui("pack", "info", "evenings").stdout
    shown = gradtui("show", "evenings/first-steps", "--plain", "--width", "80")
    assert "tensor([2., 4., 6.])" in shown.stdout
    (folder / "pack.yaml").write_text(
        (folder / "pack.yaml").read_text().replace("version: 0.1.0", "version: 0.0.9")
    )
    older = gradtui("pack", "add", str(folder))
    assert older.returncode == 1
    assert "--force" in older.stderr
    assert gradtui("pack", "remove", "evenings").returncode == 0
    gone = gradtui("pack", "remove", "evenings")
    assert gone.returncode == 1
    assert len(gone.stderr.splitlines()) == 1


def test_a_broken_lesson_is_not_built(tmp_path: Path) -> None:
    folder = tmp_path / "evenings"
    gradtui("new", "pack", str(folder))
    lesson = folder / "first-steps.yaml"
    lesson.write_text(lesson.read_text().replace("tensor([2., 4., 6.])", "tensor([2., 4., 7.])"))
    done = gradtui("pack", "build", str(folder), "-o", str(tmp_path), "--no-torch")
    assert done.returncode == 1
    assert "first-steps.yaml:" in done.stderr
    assert not list(tmp_path.glob("*.zip"))


def test_a_pack_that_cannot_be_compared_says_why_it_is_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gradtui("new", "pack", str(tmp_path / "evenings"))
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ModuleNotFoundError(name='torch')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = gradtui("pack", "build", str(tmp_path / "evenings"), "-o", str(tmp_path))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("gradtui: the pack is not built: not compared: PyTorch is not installed")
    assert not list(tmp_path.glob("*.zip"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "gradtui.cli", "list"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        2,
        "gradtui: cannot write: No space left on device\n",
    )
