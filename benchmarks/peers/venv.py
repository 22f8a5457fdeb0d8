"""The peers' own virtual environment, and the environment variables that every measured command gets."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def ensure_peers(venv: Path, requirements: Path, constraints: Path) -> Path:
    """The `bin` folder of a virtual environment with exactly these requirements; made anew when they change."""
    stamp = venv / "made-from"
    wanted = hashlib.sha256(sys.version.encode() + requirements.read_bytes() + constraints.read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == wanted):
        shutil.rmtree(venv, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "-c", str(constraints), "-r", str(requirements)], check=True)
        stamp.write_text(wanted)
    return venv / "bin"


def environment(programs: Path, home: Path) -> dict[str, str]:
    """The same for all graders: one thread for each numeric library, a home folder of the benchmark's own."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": f"{programs}:{os.defpath}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        **ONE_THREAD,
    }
