"""Controls: the same programs where nothing holds them, in which they must succeed. A dead attack proves nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

from .course import TORCH, WRONG_VAULT
from .ground import Ground, loot_in

if TYPE_CHECKING:
    from .harness import Attack

SECONDS = 120.0
_IMPORTS = "import math\nimport numpy as np\n"
_RUN = """
import sys
sys.path.insert(0, "")
for _source in {cells!r}:
    try:
        exec(compile(_source, "<cell>", "exec"), globals())
    except Exception as _error:
        print(type(_error).__name__, _error)
"""
_TRY_ALL = """
for _name, _test in list(globals().items()):
    if _name.startswith("test_"):
        try:
            _test()
            print("FOOLED", _name)
        except BaseException as _error:
            print("SEEN", _name, repr(_error)[:200])
"""


_NO_SYSTEM = 97
_THROWN_AWAY = """
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
base=$1 folder=$2 root=$1/root
shift 2
mounts=$(cat /proc/self/mountinfo)
build() {
    mount --make-rprivate / && mount -t tmpfs none "$base" && mkdir "$base/upper" "$base/work" "$root" &&
    mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$root" || return
    while read -r _ _ _ _ place _; do
        case $place in
            / | /proc/* | /sys/* | /dev/*) ;;
            /proc | /sys | /dev) mount --rbind "$place" "$root$place" || return ;;
            *) test ! -d "$place" || mount --bind "$place" "$root$place" || return ;;
        esac
    done <<LIST
$mounts
LIST
    mount -t tmpfs none "$root/dev/shm" && mount --bind "$folder" "$root$folder"
}
build || exit 97
cd / && exec chroot "$root" env --chdir="$folder" "$@"
"""
"""Root's programs run on an overlay over the machine's own file system, which ends with their mount namespace."""


class Dead(Exception):
    """A control in which the attack did not succeed; the text says what happened."""


class Untried(Exception):
    """Something that cannot be tried on this machine; the text says why."""


def openly(ground: Ground, attack: Attack) -> list[str]:
    """What the cells get as a plain program in a folder of its own, with the course in reach."""
    return [thing for cells in attack.variants.values() for thing in in_the_open(ground, cells)]


def in_the_open(
    ground: Ground, cells: Sequence[str], *, environment: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> list[str]:
    """The loot of one variant's cells, run as a plain program. Raises Dead."""
    with tempfile.TemporaryDirectory(prefix="redteam-open-") as folder:
        program = Path(folder, "program.py")
        program.write_text(
            _RUN.format(cells=[imports_of(*cells), WRONG_VAULT, *ground.prepared(cells, str(ground.root))])
        )
        done = run_program([sys.executable, "-P", "program.py"], folder, environment, seconds)
    found = ground.own(loot_in(done.stdout + done.stderr))
    if not found:
        raise Dead(f"the program got nothing (status {done.returncode}): {(done.stdout + done.stderr)[-300:]!r}")
    return found


def naively(tests: Mapping[str, str]) -> Callable[[Ground, Attack], list[str]]:
    """A control that compares in the student's own process, as a plain pytest would: every test must pass.

    `tests` are those of each variant; in them the names of the notebook are at hand.
    """

    def control(ground: Ground, attack: Attack) -> list[str]:
        programs = {variant: (attack.variants[variant], text) for variant, text in tests.items()}
        return [f"fooled {name}" for name in fooled_tests(ground, programs)]

    return control


def fooled_tests(ground: Ground, programs: Mapping[str, tuple[Sequence[str], str]]) -> list[str]:
    """The naive tests that pass, which must be all. `programs` has cells and tests of each variant. Raises Dead."""
    fooled = []
    for variant, (cells, tests) in programs.items():
        with tempfile.TemporaryDirectory(prefix="redteam-naive-") as folder:
            imports = imports_of(*cells, tests) + "import pytest\n"
            parts = [imports, WRONG_VAULT, *ground.prepared(cells), dedent(tests)]
            Path(folder, "program.py").write_text("\n\n".join([*parts, _TRY_ALL]))
            done = run_program([sys.executable, "-P", "program.py"], folder)
        told = [line.split(maxsplit=2) for line in done.stdout.splitlines() if line.startswith(("FOOLED", "SEEN"))]
        seen = [line[1:] for line in told if line[0] == "SEEN"]
        if seen or not told:
            raise Dead(f"{variant}: not fooled: {seen or (done.stdout + done.stderr)[-300:]}")
        fooled += [line[1] for line in told]
    return fooled


def imports_of(*sources: str) -> str:
    """What a notebook of the assignment imports; torch, which takes seconds, only where it is used."""
    return _IMPORTS + ("import torch\n" if TORCH and any("torch" in source for source in sources) else "")


def run_program(
    command: Sequence[str], folder: str, environment: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> subprocess.CompletedProcess[str]:
    """A program run in a folder with hardly any environment; what root's writes elsewhere is thrown away.

    Raises Dead where it does not end, Untried where a system to throw away cannot be had.
    """
    variables = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": folder, "TMPDIR": folder,
                 "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="redteam-system-") as base:
        if os.geteuid() == 0:
            command = ["unshare", "--mount", "sh", "-c", _THROWN_AWAY, "sh", base, folder, *command]
        try:
            done = subprocess.run(
                command, cwd=folder, env=variables, capture_output=True, text=True, errors="replace", check=False,
                timeout=seconds, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise Dead(
                f"the program did not end within {seconds:g} s: {json.dumps(str(error.stdout)[-300:])}"
            ) from error
    if done.returncode == _NO_SYSTEM:
        raise Untried(f"no system to throw away, and root's own is too dear: {done.stderr[-200:]}")
    return done
