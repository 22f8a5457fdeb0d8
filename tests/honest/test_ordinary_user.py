"""The honest set under a fence that an ordinary user builds, with an environment outside root's home."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import autograder

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

DEBIAN = "/usr/bin/python3"
NOBODY = 65534
_SKIPPED = ("__editable__*", "*autograder*", "include", "tests", "testing_data")


@pytest.fixture(scope="module")
def environment() -> Iterator[Path]:
    """A virtual environment of Debian's Python with the libraries from here, this package and the honest set."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can become an ordinary user")
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    if not Path(DEBIAN).exists() or subprocess.run([DEBIAN, "-c", version], check=False).returncode:
        pytest.skip(f"{DEBIAN} is no Python of this version")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="autograder-honest-") as folder:
        home = Path(folder, "venv")
        subprocess.run([DEBIAN, "-m", "venv", "--without-pip", home], check=True)
        site = next(home.glob("lib/python*/site-packages"))
        here = Path(sysconfig.get_paths()["purelib"])
        linked = here.stat().st_dev == site.stat().st_dev
        copy = os.link if linked else shutil.copyfile
        ignored = shutil.ignore_patterns(*_SKIPPED)
        shutil.copytree(here, site, copy_function=copy, ignore=ignored, symlinks=True, dirs_exist_ok=True)
        compiled = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(autograder.__file__).parent, site / "autograder", ignore=compiled)
        shutil.copytree(Path(__file__).parent, site / "honest", ignore=compiled)
        subprocess.run(["find", folder, "-type", "d", "-exec", "chmod", "a+rx", "{}", "+"], check=True)
        subprocess.run(["chmod", "-R", "a+rX", site / "autograder", site / "honest"], check=True)
        yield home


@pytest.fixture(scope="module")
def seen(environment: Path) -> dict[str, Any]:
    """What the set's own program says as an ordinary user."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="autograder-honest-"))
    try:
        os.chown(folder, NOBODY, NOBODY)
        done = subprocess.run(
            [environment / "bin" / "python", "-m", "honest", folder],
            capture_output=True, text=True, check=False, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/",
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TMPDIR": str(folder)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        said["left"] = sorted(path.name for path in folder.iterdir() if path.suffix != ".ipynb")
    finally:
        shutil.rmtree(folder)
    if "Operation not permitted" in said.get("fault", ""):
        pytest.skip("ordinary users may not have namespaces here")
    assert "fault" not in said, said
    return said


def test_honest_set_gets_full_marks_from_ordinary_user(seen: dict[str, Any]) -> None:
    """Nothing that honest work needs takes root's rights."""
    assert len(seen["complaints"]) >= 30
    assert {name: found for name, found in seen["complaints"].items() if found} == {}
    assert seen["tier"] != "none"


def test_ordinary_user_keeps_nothing(seen: dict[str, Any]) -> None:
    """Beside the course and the submissions nothing is left in the user's temporary folder."""
    assert seen["left"] == ["course"]
