"""A process in which tests run and that does not notice: what pytest or a test touches is put back.

That is the environment, the standard streams, `sys.last_*`, the modules of the tests, the random generators, the
warning filters, torch's threads and the working folder. A running event loop is never touched.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np


@contextlib.contextmanager
def undisturbed(folder: Path) -> Iterator[None]:
    """Put everything back afterwards; modules are forgotten that lie in `folder`. Nothing is printed meanwhile."""
    with contextlib.ExitStack() as stack:
        for kept in (_environment(), _random_states(), _last_error(), _working_folder(), warnings.catch_warnings()):
            stack.enter_context(kept)
        warnings.simplefilter("default")  # a notebook that makes warnings errors would break pytest
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        try:
            yield
        finally:
            for name, module in list(sys.modules.items()):
                if str(getattr(module, "__file__", None) or "").startswith(str(folder)):
                    del sys.modules[name]


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """No variable that steers pytest, and no plugin that happens to be installed."""
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("PYTEST_")]:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name in [name for name in os.environ if name not in before]:
            del os.environ[name]
        os.environ.update(before)


@contextlib.contextmanager
def _random_states() -> Iterator[None]:
    own, numpys = random.getstate(), np.random.get_state()
    torch = sys.modules.get("torch")
    torchs = (torch.get_rng_state(), torch.get_num_threads()) if torch is not None else None
    try:
        yield
    finally:
        random.setstate(own)
        np.random.set_state(numpys)
        if torch is not None and torchs is not None:
            torch.set_rng_state(torchs[0])
            torch.set_num_threads(torchs[1])


@contextlib.contextmanager
def _last_error() -> Iterator[None]:
    """`sys.last_traceback` and its kin: `%debug` is to find the student's own last error."""
    names = ("last_exc", "last_type", "last_value", "last_traceback")
    before = {name: getattr(sys, name) for name in names if hasattr(sys, name)}
    try:
        yield
    finally:
        for name in names:
            if name in before:
                setattr(sys, name, before[name])
            elif hasattr(sys, name):
                delattr(sys, name)


@contextlib.contextmanager
def _working_folder() -> Iterator[None]:
    before = None
    with contextlib.suppress(OSError):  # the folder was removed while the notebook was open
        before = Path.cwd()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if before is not None:
                os.chdir(before)
