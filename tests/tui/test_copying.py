"""What `y` copies is Python, and it can be found: through the terminal, the desktop, and in a file."""

import base64
import os
import re
import stat
from pathlib import Path

import numpy as np
import pytest
import torch

from gradtui.course.progress import progress_file
from gradtui.session import Session
from gradtui.session.copying import copies
from gradtui.tape import values
from gradtui.tape.events import Value
from gradtui.tui.clipboard import handed, to_desktop
from gradtui.tui.opening import Opening, open_target, record
from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal


def session() -> Session:
    opened = open_target(LESSON)
    assert isinstance(opened, Opening)
    opened.session.recorded(record(opened.program, lambda: None))
    return opened.session


def test_all_that_can_be_copied_is_python_at_every_stop() -> None:
    here = session()
    seen = set()
    for at in range(len(here.scenes)):
        here.go_to_step(at)
        while here.at == at:
            for copy in copies(here):
                seen.add(copy.key)
                if copy.key != "o":  # what is printed is what is printed
                    compile(copy.text, copy.name, "exec")
            before = here.position
            here.forward()
            if here.position == before:
                break
    assert seen == set("ytfevgos")


ARRAYS = [
    np.array([1.1, -2.5e-7, 3e20], np.float32),
    np.array([[1.1, np.nan], [np.inf, -np.inf]], np.float64),
    np.array(3.25, np.float16),
    np.array([1, -2], np.int64),
    np.array([True, False]),
    np.zeros((0, 3), np.float32),
    np.array([1 + 2j, complex(0, np.inf)], np.complex64),
    np.random.default_rng(0).normal(size=(40, 50)).astype(np.float32),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_a_tensor_comes_back_to_the_last_bit(array: np.ndarray) -> None:
    value = Value(0, array.shape, str(array.dtype), False, True, 0, array.tobytes())
    made = eval(values.code(value), {"torch": torch})
    assert made.numpy().tobytes() == array.tobytes()
    assert tuple(made.shape) == array.shape


def test_a_leaf_asks_for_its_gradient_again_and_what_is_too_large_is_a_comment() -> None:
    leaf = Value(0, (1,), "float32", True, True, 0, np.ones(1, np.float32).tobytes())
    assert eval(values.code(leaf), {"torch": torch}).requires_grad
    large = Value(0, (200, 200), "float32", False, True, 0)
    assert values.code(large).startswith("# a tensor of shape [200, 200]")


def program(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_the_desktops_own_program_takes_it(tmp_path: Path) -> None:
    program(tmp_path, "wl-copy", "exit 1")
    program(tmp_path, "xclip", f'/bin/cat > "{tmp_path}/taken"')
    env = {"PATH": str(tmp_path), "DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}
    assert to_desktop("x = 1", env) == "xclip"
    assert (tmp_path / "taken").read_text() == "x = 1"
    assert to_desktop("x = 1", {"PATH": str(tmp_path)}) == ""
    assert to_desktop("x = 1", {**env, "PATH": ""}) == ""


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("")
    told = handed("x", tmp_path / "folder")
    assert told.startswith("Copied, but not into ")
    assert "\n" not in told


@pytest.mark.skipif("DISPLAY" in os.environ, reason="it would take the desktop's clipboard")
def test_it_goes_through_the_terminal_and_into_a_file_that_is_named() -> None:
    with Terminal(LESSON, (200, 40)) as terminal:
        terminal.wait_for("nothing of it has run")
        terminal.send("n\x1b[Cy")
        terminal.wait_for("the tensor x")
        terminal.send("f")
        terminal.wait_for("Copied x to the last bit, also in ")
        sent = re.findall(rb"\x1b\]52;c;([^\x07\x1b]*)", bytes(terminal.raw))
        text = base64.b64decode(sent[-1]).decode()
        assert text.startswith("torch.tensor([-0.41343")
        kept = progress_file().parent / "copied.py"
        assert kept.read_text() == text + "\n"
        terminal.wait_for("copied.py")
