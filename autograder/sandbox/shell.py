"""A student's cells in IPython semantics, without a kernel: magics, `display`, top-level await, plots.

`warm_shell` makes the one shell of a zygote; every student gets a fork of it. What a cell prints or shows is kept as
nbformat outputs, capped in size, for the executed copy of the notebook.
"""

from __future__ import annotations

import io
import subprocess
import sys
import traceback
import types
from dataclasses import dataclass, field
from typing import Any

from IPython.core.async_helpers import get_asyncio_loop
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

MAX_CELL_OUTPUT = 2**20
"""Bytes of output kept of one cell; the rest is dropped with a marker."""
MAX_NOTEBOOK_OUTPUT = 8 * 2**20
MAX_PRINTED = 2**14
"""Bytes kept of what one request of a test has the notebook's code print."""
_OUTPUT_COST = 64
"""Bytes that every output costs beside its text: ten thousand empty ones are too many, too."""
_MARKER = "\n… output cut here: it was too long\n"
_CELL_NAME = "<cell {}>"
_TEXT_LIMIT = 4000


@dataclass(slots=True)
class CellRun:
    """What one cell did: nbformat outputs, and the error that stopped it, if any."""

    outputs: list[dict[str, Any]]
    error: dict[str, Any] | None


@dataclass(slots=True)
class Recorder:
    """Collects the outputs of the running cell under the caps. A stream's text is a list of pieces until `finish`."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    room: int = MAX_CELL_OUTPUT
    total: int = MAX_NOTEBOOK_OUTPUT
    count: int = 0
    cut: bool = False  # whether the running cell's outputs say that some are left out

    def begin(self, count: int) -> None:
        self.outputs = []
        self.cut = False
        self.room = min(MAX_CELL_OUTPUT, self.total)
        self.count = count

    def text(self, name: str, text: str) -> None:
        """Append to the stream `name`, merging with what it printed last."""
        if not text or self.is_full():
            return
        last = self.outputs[-1] if self.outputs else None
        if last is None or last["output_type"] != "stream" or last["name"] != name:
            self.spend(_OUTPUT_COST)
            last = {"output_type": "stream", "name": name, "text": []}
            self.outputs.append(last)
        piece = text[: max(0, self.room)].encode("utf-8", "replace")  # a lone surrogate could not be sent
        kept = piece.decode()
        self.spend(len(piece))
        if len(kept) < len(text) or self.room <= 0:
            self.room = 0
            self.cut = True
            kept += _MARKER
        last["text"].append(kept)  # joined once: adding to a text for every word printed would be quadratic

    def rich(self, kind: str, data: dict[str, Any], metadata: dict[str, Any] | None) -> None:
        """Append a displayed object; a representation without room is left out."""
        if self.is_full():
            return
        self.spend(_OUTPUT_COST)
        kept: dict[str, Any] = {}
        for mime, value in data.items():
            text = value if isinstance(value, str) else _encoded(value)
            size = len(text.encode("utf-8", "replace"))
            if isinstance(mime, str) and size <= self.room:
                self.spend(size)
                kept[mime] = text.encode("utf-8", "replace").decode()
        output: dict[str, Any] = {"output_type": kind, "data": kept, "metadata": {}}
        if kind == "execute_result":
            output["execution_count"] = self.count
        self.outputs.append(output)
        if len(kept) < len(data) or self.room <= 0:
            self.mark()

    def is_full(self) -> bool:
        """Whether nothing more is kept of this cell, which its outputs then say; earlier cells may have used it up."""
        if self.room > 0:
            return False
        if not self.cut:
            self.mark()
        return True

    def mark(self) -> None:
        self.cut = True
        self.outputs.append({"output_type": "stream", "name": "stderr", "text": [_MARKER]})

    def finish(self) -> list[dict[str, Any]]:
        """The cell's outputs. What its threads print from now on goes nowhere."""
        outputs, self.outputs = self.outputs, []
        for output in outputs:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        return outputs

    def spend(self, size: int) -> None:
        self.room -= size
        self.total -= size


def _encoded(value: Any) -> str:
    if isinstance(value, bytes):
        import base64  # plots only

        return base64.b64encode(value).decode("ascii")
    return repr(value)[:_TEXT_LIMIT]


class RecordedStream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a student."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, recorder: Recorder) -> None:
        self.name = name
        self.recorder = recorder

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.recorder.text(self.name, text)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return {"stdout": 1, "stderr": 2}[self.name]


class RecordedDisplay(DisplayPublisher):  # type: ignore[misc]  # IPython has no types
    """`display(…)`."""

    recorder: Recorder

    def publish(self, data: dict[str, Any], metadata: dict[str, Any] | None = None, **options: Any) -> None:
        self.recorder.rich("display_data", data, metadata)

    def clear_output(self, wait: bool = False) -> None:
        self.recorder.outputs.clear()


class RecordedResult(DisplayHook):  # type: ignore[misc]  # IPython has no types
    """The value of a cell's last expression."""

    recorder: Recorder

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        self.recorder.rich("execute_result", format_dict, md_dict)

    def finish_displayhook(self) -> None:
        pass


class CellCompiler(CachingCompiler):  # type: ignore[misc]  # IPython has no types
    """Names code after its cell, counted from 1, so that an error can say "cell 3, line 2"."""

    cell = 0

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return _CELL_NAME.format(self.cell + 1)


class StudentShell(InteractiveShell):  # type: ignore[misc]  # IPython has no types
    """IPython's shell with recorded outputs and plain errors."""

    compiler_class = CellCompiler
    recorder: Recorder
    failure: dict[str, Any] | None = None

    def showtraceback(self, exc_tuple: Any = None, *args: Any, **options: Any) -> None:
        _, value, tb = exc_tuple if exc_tuple is not None else sys.exc_info()
        if isinstance(value, BaseException):
            self.failure = describe_error(value, tb)
            traceback.clear_frames(tb)  # IPython keeps the error, and with it all that a failed call took of memory

    def showsyntaxerror(self, filename: str | None = None, running_compiled_code: bool = False) -> None:
        self.showtraceback()

    def showindentationerror(self) -> None:
        self.showtraceback()

    def system(self, cmd: str) -> None:
        """`!command`: without a terminal, its output kept like the rest."""
        command = self.var_expand(cmd, depth=1)
        done = subprocess.run(command, shell=True, capture_output=True, text=True, errors="replace", check=False)
        sys.stdout.write(done.stdout)
        sys.stderr.write(done.stderr)
        self.user_ns["_exit_code"] = done.returncode

    def enable_gui(self, gui: str | None = None) -> None:
        """`%matplotlib inline` asks for it; there is no window system to hook into."""

    def ask_exit(self) -> None:
        """`exit` and `quit` mean nothing in a notebook that is graded."""

    def run(self, index: int, source: str) -> CellRun:
        """Run one cell; an error of its own never leaves this function."""
        self.recorder.begin(self.execution_count)
        self.failure = None
        self.compile.cell = index
        sys.stdout = sys.stdout or RecordedStream("stdout", self.recorder)  # a cell may have set it to None
        sys.stderr = sys.stderr or RecordedStream("stderr", self.recorder)
        try:
            self.run_cell(source, store_history=True)
        except BaseException as error:  # IPython lets a few through (SystemExit from a hook, KeyboardInterrupt)
            self.failure = describe_error(error, error.__traceback__)
        outputs = self.recorder.finish()
        if self.failure is not None:
            outputs.append(
                {
                    "output_type": "error",
                    "ename": self.failure["name"],
                    "evalue": self.failure["message"],
                    "traceback": self.failure["traceback"].splitlines(),
                }
            )
        return CellRun(outputs, self.failure)

    def printed(self) -> str:
        """What was printed outside of cells since this was last asked."""
        outputs = self.recorder.finish()
        self.recorder.total = MAX_PRINTED
        self.recorder.begin(0)
        return "".join(output["text"] for output in outputs if output["output_type"] == "stream")


def warm_shell(plots: bool) -> StudentShell:
    """The zygote's shell, ready to be forked. `plots` imports matplotlib with its inline backend."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 100
    config.InteractiveShell.display_pub_class = RecordedDisplay
    config.InteractiveShell.displayhook_class = RecordedResult
    module = types.ModuleType("__main__")
    StudentShell.display_pub_class = RecordedDisplay
    StudentShell.displayhook_class = RecordedResult
    shell: StudentShell = StudentShell.instance(config=config, user_module=module)
    sys.modules["__main__"] = module
    recorder = Recorder()
    shell.recorder = recorder
    shell.display_pub.recorder = recorder
    shell.displayhook.recorder = recorder
    shell.run(0, "import asyncio as _\nawait _.sleep(0)\n'warm'")  # the first cell pays for imports and caches
    if plots:
        shell.run(0, "import matplotlib.pyplot as _\n_.figure(); _.plot([0, 1]); _.show()")
    # An event loop holds a socket pair: inherited, it would let one student hand another text and open files.
    get_asyncio_loop().close()  # IPython makes a new one where a cell awaits
    shell.reset(new_session=True)
    recorder.total = MAX_NOTEBOOK_OUTPUT
    return shell


def describe_error(error: BaseException, tb: types.TracebackType | None) -> dict[str, Any]:
    """An exception as plain text: class, bases, message, traceback of the student's own frames, and the line."""
    frames = [frame for frame in traceback.extract_tb(tb) if frame.filename.startswith("<cell ")]
    name = type(error).__name__
    message = _message(error)
    cell, line, source = None, None, None
    if isinstance(error, SyntaxError) and str(error.filename).startswith("<cell "):
        cell, line, source = str(error.filename), error.lineno, error.text
    elif frames:
        cell, line, source = frames[-1].filename, frames[-1].lineno, frames[-1].line
    listing = "".join(traceback.format_list(frames[-20:]))
    return {
        "name": name,
        "bases": [base.__name__ for base in type(error).__mro__[1:-1]],
        "message": message,
        "cell": int(cell.strip("<>").split()[1]) - 1 if cell else None,
        "line": line,
        "source": source.strip()[:200] if source else None,
        "traceback": (listing + f"{name}: {message}")[-8000:],
    }


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:  # a student's __str__ may do anything
        text = "(its message could not be read)"
    return text.encode("utf-8", "replace").decode()[:_TEXT_LIMIT]
