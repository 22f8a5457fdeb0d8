"""Progress of long work on the terminal: a bar with rate and time left, on standard error."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class RateColumn(ProgressColumn):
    """Items per second so far."""

    def render(self, task: Task) -> Text:
        return Text("–/s" if task.speed is None else f"{task.speed:.1f}/s", style="progress.data.speed")


class Meter:
    """Shows how far long work is. On a pipe it prints one line at the start."""

    def __init__(self, total: int, what: str, start: str, *, again: str = "") -> None:
        """`start` says what there is to do, `again` what happens to it after a Ctrl-C."""
        self.total = total
        self.what = what
        self.start = start
        self.again = again
        self.done = 0
        self.console = Console(stderr=True)
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(compact=True),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self.task = self.progress.add_task("warming up", total=total or None, start=False, visible=bool(total))

    def __enter__(self) -> Meter:
        self.console.print(f"{self.what}: {self.total} {self.start}", highlight=False)
        self.progress.start()
        return self

    def ready(self) -> None:
        """The processes are warm: the clock starts."""
        self.progress.start_task(self.task)
        self.progress.update(self.task, description=self.what)

    def advance(self) -> None:
        """One more is done."""
        self.done += 1
        self.progress.advance(self.task)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.progress.stop()
        if kind is KeyboardInterrupt:
            self.console.print(f"{self.done} of {self.total} are done. {self.again}".rstrip(), highlight=False)
