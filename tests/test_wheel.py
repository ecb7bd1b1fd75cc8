"""The wheel a user installs holds the program and its lessons, and finds them there."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return path


def test_it_holds_the_lessons(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for lesson in (ROOT / "lessons").glob("*.yaml"):
        assert f"gradtui/lessons/{lesson.name}" in names
    assert "gradtui/py.typed" in names


def test_what_is_installed_from_it_checks_its_lesson(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "import gradtui, gradtui.cli\n"
        f"assert gradtui.__file__.startswith({str(site)!r}), gradtui.__file__\n"
        "sys.exit(gradtui.cli.main(['check', '--no-torch']))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gradients-with-autograd: ok" in done.stdout
