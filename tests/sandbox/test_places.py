"""The fence as root and as an ordinary user, with the interpreter in awkward places."""

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
from typing import Any

import pytest

import autograder

DEBIAN = "/usr/bin/python3"
NOBODY = 65534
SCRIPT = """
import json, os, sys
from pathlib import Path
from autograder.sandbox.limits import Limits
from autograder.sandbox.host import Fence
assert Path(sys.modules["autograder"].__file__).is_relative_to(sys.prefix)
os.umask(0o077)
fence = Fence({"data/a.txt": Path(sys.argv[1])}, ("numpy",), (Path(sys.argv[1]).parent / "secrets",))
student = fence.spawn(0, Limits(), 0, 0)
student.wait_ready()
student.runner.send(("run", 0, '''
import json, os, subprocess, sys, tempfile
import numpy
from pathlib import Path
package = [str(p) for p in Path("/").rglob("autograder/*") if not str(p).startswith("/proc")]
program = [sys.executable, "-c", "import numpy; print(numpy.ones(2).sum())"]
started = subprocess.run(program, capture_output=True, text=True)
with tempfile.NamedTemporaryFile("w") as file:
    name = file.name
found = [str(p) for p in Path("/tmp").rglob("secret.txt")]
below = Path(sys.prefix, "below", "file")
print(json.dumps({"below": below.exists() and [below.read_text(), os.access(below, os.W_OK)],
    "uid": os.getuid(), "package": package, "started": started.stdout, "errors": started.stderr,
    "found": found, "file": Path("data/a.txt").read_text(), "name": name, "numpy": numpy.__file__,
    "writable": os.access(sys.prefix, os.W_OK)}))
'''))
while (message := student.runner.receive())[0] != "done":
    pass
assert message[3] is None, message[3]["traceback"]
print(json.dumps({**json.loads(message[2][0]["text"]), "rootless": fence.rootless}))
fence.close()
"""


def needed(names: list[str]) -> set[str]:
    """Distributions with everything that they require."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name not in found:
            try:
                requires = importlib.metadata.requires(name) or []
            except importlib.metadata.PackageNotFoundError:
                continue
            found.add(name)
            names += [re.split(r"[^\w.-]", line)[0] for line in requires if "extra ==" not in line]
    return found


@pytest.fixture(scope="module")
def environment() -> Iterator[Path]:
    """A virtual environment of Debian's Python with this package and what the sandbox needs, copied from here."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can try both, root and an ordinary user")
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    if not Path(DEBIAN).exists() or subprocess.run([DEBIAN, "-c", version], check=False).returncode:
        pytest.skip(f"{DEBIAN} is no Python of this version")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="autograder-places-") as folder:
        home = Path(folder, "venv")
        subprocess.run([DEBIAN, "-m", "venv", "--without-pip", home], check=True)
        site = next(home.glob("lib/python*/site-packages"))
        for name in needed(["ipython", "numpy", "matplotlib-inline"]):
            for file in importlib.metadata.files(name) or ():
                source, target = Path(str(file.locate())), site / file
                if ".." not in file.parts and source.is_file() and "tests" not in file.parts:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    os.link(source, target) if same_device(source, site) else shutil.copyfile(source, target)
        shutil.copytree(
            Path(autograder.__file__).parent, site / "autograder", ignore=shutil.ignore_patterns("__pycache__")
        )
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        yield home


def same_device(left: Path, right: Path) -> bool:
    return left.stat().st_dev == right.stat().st_dev


@pytest.mark.parametrize("user", [0, NOBODY], ids=["root", "ordinary user"])
@pytest.mark.parametrize("place", ["/var/tmp", "/tmp", "closed home", "course inside"])
def test_fence_in_place(environment: Path, place: str, user: int) -> None:
    """The fence stands wherever the interpreter lies, with a strict umask, and hides our package and secrets there."""
    base = Path(tempfile.mkdtemp(dir=place if place.startswith("/") else "/tmp", prefix="a b%2F"))
    moved = base / "deep" / "venv"
    try:
        moved.parent.mkdir(mode=0o700 if place == "closed home" else 0o755)
        secrets = moved.parent / "secrets" if place != "course inside" else moved / "course" / "secrets"
        shutil.move(environment, moved)
        secrets.mkdir(parents=True)
        (secrets / "secret.txt").write_text("canary")
        (secrets.parent / "a.txt").write_text("data")
        for path in (base, secrets.parent / "a.txt", *([moved.parent] if place == "closed home" else [])):
            os.chown(path, user, user)
        seen = run_in(moved, secrets.parent / "a.txt", user)
        assert (seen["uid"], seen["file"], seen["rootless"]) == (1000, "data", user != 0)
        assert seen["numpy"].startswith(str(moved))
        assert (seen["started"], seen["errors"]) == ("2.0\n", "")
        assert (seen["package"], seen["found"], seen["writable"]) == ([], [], False)
        assert seen["name"].startswith("/tmp/")
    finally:
        if moved.exists():
            shutil.rmtree(moved / "course", ignore_errors=True)
            shutil.move(moved, environment)
        shutil.rmtree(base)


MOUNTED = """
mkdir -p "$1/below" && mount -t tmpfs none "$1/below" && echo there > "$1/below/file" && chmod 666 "$1/below/file"
shift; exec setpriv --reuid "$1" --regid "$1" --clear-groups "$2" -c "$3" "$4"
"""


@pytest.mark.parametrize("user", [0, NOBODY], ids=["root", "ordinary user"])
def test_fence_over_a_mount_inside_a_system_folder(environment: Path, user: int) -> None:
    """What is mounted below a folder that students see is seen, too, and is read-only like the rest."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        (Path(folder) / "secrets").mkdir()
        file = Path(folder, "a.txt")
        file.write_text("data")
        subprocess.run(["chown", "-R", str(user), folder], check=True)
        command = ["unshare", "--mount", "sh", "-c", MOUNTED, "sh", environment, str(user)]
        try:
            seen = run_in(environment, file, user, command)
        finally:
            (environment / "below").rmdir()
        assert seen["below"] == ["there\n", False]


def run_in(environment: Path, file: Path, user: int, prefix: list[Any] | None = None) -> dict[str, Any]:
    """What the script says; skips where an ordinary user may not have namespaces. With `prefix` root starts it."""
    by_prefix = {} if prefix else {"user": user, "group": user, "extra_groups": []}
    interpreter = environment / "bin" / "python"
    done = subprocess.run(
        [*prefix, interpreter, SCRIPT, file] if prefix else [interpreter, "-c", SCRIPT, file],
        capture_output=True, text=True, check=False, cwd="/", **by_prefix,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
    )  # fmt: skip
    if user and "unshare: Operation not permitted" in done.stderr:
        pytest.skip("ordinary users may not have namespaces here")
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen
