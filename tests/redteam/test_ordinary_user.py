"""The same attacks where the operator is no root: another way to the namespaces, and no uids to give away."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograder

DEBIAN = "/usr/bin/python3"
NOBODY = 65534
PACKAGE = "eep596-autograder"
NUMBERS = (1, 2, 3, 4, 6, 8, 11, 13, 14)


@pytest.fixture(scope="module")
def environment() -> Iterator[Path]:
    """A virtual environment of Debian's Python whose folder is an ordinary user's, with all that the package needs but
    torch."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    if not Path(DEBIAN).exists() or subprocess.run([DEBIAN, "-c", version], check=False).returncode:
        pytest.skip(f"{DEBIAN} is no Python of this version")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="redteam-user-") as folder:
        home = Path(folder, "venv")
        subprocess.run([DEBIAN, "-m", "venv", "--without-pip", home], check=True)
        site = next(home.glob("lib/python*/site-packages"))
        for name in required(PACKAGE) - {PACKAGE}:
            for file in importlib.metadata.files(name) or ():
                source, target = Path(str(file.locate())), site / file
                if source.is_file() and not {"..", "tests", "__pycache__"} & set(file.parts):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    place(source, target)
        plain = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(autograder.__file__).parent, site / "autograder", ignore=plain)
        shutil.copytree(Path(__file__).parent, home / "tests" / "redteam", ignore=plain)
        Path(folder).chmod(0o755)
        os.chown(home, NOBODY, NOBODY)
        yield home


def required(name: str) -> set[str]:
    """A distribution with everything that it requires, extras apart."""
    found: set[str] = set()
    queue = [name]
    while queue:
        one = re.sub(r"[-_.]+", "-", queue.pop()).lower()
        if one not in found:
            try:
                requires = importlib.metadata.requires(one) or []
            except importlib.metadata.PackageNotFoundError:
                continue
            found.add(one)
            queue += [re.split(r"[^\w.-]", line)[0] for line in requires if "extra ==" not in line]
    return found


def place(source: Path, target: Path) -> None:
    """The file at another place, without a copy where that can be."""
    if source.stat().st_dev == target.parent.stat().st_dev:
        os.link(source, target)
    else:
        shutil.copyfile(source, target)


def test_attacks_fail_for_an_ordinary_user(environment: Path) -> None:
    """Each attack of a choice fails, is alive, and gets through where its rule is switched off."""
    done = subprocess.run(
        [environment / "bin" / "python", "-m", "tests.redteam", "--json", *map(str, NUMBERS)],
        cwd=environment, capture_output=True, text=True, check=False, user=NOBODY, group=NOBODY, extra_groups=[],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    if "unshare: Operation not permitted" in done.stderr:
        pytest.skip("ordinary users may not have namespaces here")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert {number for result in results for number in result["numbers"]} == set(NUMBERS), done.stderr[-2000:]
    bad = [f"{result['name']}: {result['happened']}" for result in results if not result["failed"]]
    assert not bad, "\n".join(bad)
    assert done.returncode == 0
