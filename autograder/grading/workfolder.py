"""The working folder of a batch, and the removal of those that a kill -9 or a power cut left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from autograder.sandbox.locked import left_behind, make_locked

_PREFIX = "autograder-batch-"


class WorkFolder:
    """A folder of our own below the temporary one, until `close`."""

    def __init__(self) -> None:
        sweep(Path(tempfile.gettempdir()))
        self.path, self._lock = make_locked(lambda: Path(tempfile.mkdtemp(prefix=_PREFIX)))

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def sweep(temporary: Path) -> None:
    """Remove our working folders whose owner has ended. What cannot be removed is left alone."""
    for folder in left_behind(temporary.glob(f"{_PREFIX}*")):
        if folder.stat().st_uid == os.geteuid():
            shutil.rmtree(folder, ignore_errors=True)
