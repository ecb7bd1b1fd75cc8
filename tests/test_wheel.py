"""The wheel a user installs holds the program and its lessons, and finds them there.

So does the wheel of a pack that an author began with `gradtui new pack`.
"""

import os
import subprocess
import sys
import venv
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


def test_a_new_packs_wheel_is_found_in_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    pack = tmp_path / "evenings"
    new = [sys.executable, "-m", "gradtui.cli", "new", "pack", str(pack), "--id", "evenings"]
    subprocess.run(new, check=True, capture_output=True)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(pack)]
    subprocess.run([*build, "--outdir", str(tmp_path)], check=True, capture_output=True)
    (made,) = tmp_path.glob("*.whl")
    assert made.name == "gradtui_pack_evenings-0.1.0-py3-none-any.whl"
    fresh = tmp_path / "fresh"
    venv.create(fresh, with_pip=False)
    (site,) = fresh.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(fresh / "bin/python"), "install", "-q",
         "--no-index", "--no-deps", "--no-warn-script-location", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    # What gradtui itself needs comes from here; nothing else of this environment does.
    (site / "needed.pth").write_text("\n".join(p for p in sys.path if p.endswith("site-packages")))
    code = "import gradtui.cli, sys; sys.exit(gradtui.cli.main(sys.argv[1:]))"

    def gradtui(*arguments: str) -> str:
        done = subprocess.run(
            [fresh / "bin/python", "-c", code, *arguments],
            cwd=tmp_path,
            env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert f"evenings 0.1.0{'pip':>26}" in gradtui("pack", "list")
    assert "first-steps" in gradtui("pack", "info", "evenings")
    assert "PowBackward0" in gradtui("show", "evenings/first-steps", "--plain", "--width", "80")
