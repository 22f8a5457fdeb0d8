"""What a command costs is counted, also what its daemons cost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.peers.measure import Command, CommandFailed, measure

BURN = "import time\nwhile time.process_time() < 0.3: pass"
DAEMON = f"import os\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0:\n  {BURN.replace(chr(10), chr(10) + '  ')}"
MEBIBYTES = 200


def _python(source: str, folder: Path, name: str = "log") -> Command:
    return Command((sys.executable, "-I", "-c", source), folder, dict(os.environ), folder / name)


@pytest.mark.parametrize("source", [BURN, DAEMON], ids=["itself", "daemon"])
def test_cpu_time_is_counted(source: str, tmp_path: Path) -> None:
    """CPU time counts, whether the command spends it or a daemon that it left behind."""
    assert measure([_python(source, tmp_path)]).cpu_seconds >= 0.25


def test_peak_memory_counts_shared_pages_once(tmp_path: Path) -> None:
    """Four forks of a large process are about as large as the process."""
    source = f"import os, time\nx = bytearray(os.urandom({MEBIBYTES} << 20))\nfor _ in range(4):\n if os.fork() == 0:\n"
    usage = measure([_python(source + "  time.sleep(0.3)\n  break\nelse:\n time.sleep(0.4)", tmp_path)], memory=True)
    assert usage.peak_bytes is not None
    assert MEBIBYTES << 20 < usage.peak_bytes < 2.9 * (MEBIBYTES << 20)


def test_failed_command_shows_its_output(tmp_path: Path) -> None:
    """The error quotes the end of what the command printed, and the next one is not started."""
    with pytest.raises(CommandFailed, match="no such luck"):
        measure([_python("raise SystemExit('no such luck')", tmp_path), _python(BURN, tmp_path, "second")])
    assert not (tmp_path / "second").exists()


def test_caller_keeps_its_other_children(tmp_path: Path) -> None:
    """What the caller runs beside is not waited for, not counted and not ended."""
    busy = _python("while True: pass", tmp_path, "busy")
    with subprocess.Popen(busy.argv) as other:
        try:
            usage = measure([_python("import time\ntime.sleep(1)", tmp_path)])
            assert other.poll() is None
            used = psutil.Process(other.pid).cpu_times()
        finally:
            other.kill()
    assert usage.cpu_seconds < used.user + used.system


def test_what_never_ends_is_ended(tmp_path: Path) -> None:
    """A daemon that a command left behind and that stays is killed, and nobody waits for ever."""
    stays = "import os, time\nif os.fork() == 0:\n os.setsid()\n print(os.getpid(), flush=True)\n time.sleep(600)"
    measure([_python(stays, tmp_path)])
    assert not psutil.pid_exists(int((tmp_path / "log").read_text()))


def test_commands_run_side_by_side(tmp_path: Path) -> None:
    """Two commands that wait for each other both end when two run at once."""
    meet = "import pathlib, time\npathlib.Path('{0}').touch()\nwhile not pathlib.Path('{1}').exists(): time.sleep(0.01)"
    commands = [_python(meet.format("a", "b"), tmp_path, "1"), _python(meet.format("b", "a"), tmp_path, "2")]
    measure(commands, at_once=2)
    assert (tmp_path / "a").exists()
