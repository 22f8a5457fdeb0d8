"""The command line. One command, one file; a command is imported only when it is called.

Exit codes: 0 done; 1 it ran and the answer is no; 2 the call or a course file is wrong; 3 something stayed undecided,
or no fence could be had.
"""

from __future__ import annotations

import errno
import importlib
import io
import itertools
import os
import signal
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click

from autograder import __version__
from autograder.cli.reduced import hint
from autograder.course.problems import relative_to
from autograder.errors import AutograderError, CourseError, FenceError, InfrastructureError

_SHORTAGES = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN)
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")

COMMANDS = {
    "init": "Make a new course that verifies and grades at once.",
    "verify": "Prove an assignment's grader against known answers.",
    "release": "Generate the student notebook and its files.",
    "check": "Run the public tests on a notebook, without a fence.",
    "grade": "Grade a class.",
    "show": "Show grades and reports.",
    "export": "Write the gradebook for other programs.",
    "quiz": "Check, score and analyse quizzes.",
    "doctor": "Say what this machine can do.",
    "demo": "Grade a whole made-up class.",
}


class LazyGroup(click.Group):
    """Finds a command in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"autograder.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="autograder")
def cli() -> None:
    """Auto-graded notebook assignments and in-class quizzes."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and leave with its exit code; every error becomes one here."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name need not be text in the terminal's encoding
            stream.reconfigure(errors="backslashreplace")
    with stopped_by("SIGTERM", "SIGHUP"):
        sys.exit(run(arguments))


def run(arguments: list[str] | None) -> int:
    """Run a command; its exit code."""
    try:
        refuse_file_names(sys.argv[1:] if arguments is None else arguments)
        status = cli.main(arguments, standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except click.ClickException as error:
        told = io.StringIO()
        error.show(told)
        click.echo(printable(told.getvalue()), err=True, nl=False)
        return 2
    except CourseError as error:
        for problem in relative_to(error.problems, Path.cwd()):
            click.echo(printable(str(replace(problem, file=printable(str(problem.file), "")))), err=True)
        click.echo(f"{len(error.problems)} problem{'s' * (len(error.problems) != 1)} found.", err=True)
        return 2
    except InfrastructureError as error:
        click.echo(f"The machine failed, not a student: {printable(str(error))}", err=True)
        if isinstance(error, FenceError):
            advice = ("Run `autograder doctor` to see what is missing.", hint(arguments or sys.argv[1:]))
            click.echo("\n".join(filter(None, advice)), err=True)
        return 3
    except AutograderError as error:
        click.echo(printable(str(error)), err=True)
        return 2
    except OSError as error:
        return os_fault(error)
    return status if isinstance(status, int) else 0


def refuse_file_names(arguments: list[str]) -> None:
    """UsageError for an option that is the name of a file here: a shell's `*` gives the names that strangers chose."""
    options = itertools.takewhile(lambda argument: argument != "--", arguments)
    for option in options:
        if len(option) > 1 and option.startswith("-") and os.path.lexists(option):
            raise click.UsageError(f"‘{option}’ is the name of a file here. Write ./{option}, or -- before all files.")


def os_fault(error: OSError) -> int:
    """Say what the operating system refused; 3 where the machine is short of something, 2 where the call is wrong."""
    place = f"{printable(os.fsdecode(error.filename), '')}: " if isinstance(error.filename, str | bytes) else ""
    click.echo(f"{place}{error.strerror or error}", err=True)
    return 3 if error.errno in _SHORTAGES else 2


def printable(text: str, kept: str = "\n") -> str:
    """Text for the terminal: file names are strangers' work, and may hold what rewrites a screen."""
    return "".join(char if char in kept or unicodedata.category(char) not in _INVISIBLE else "·" for char in text)


@contextmanager
def stopped_by(*names: str) -> Iterator[None]:
    """Have these signals, where nothing else was arranged for them, end the work as Ctrl-C does."""

    def stop(number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    known = [number for name in names if (number := getattr(signal, name, None)) is not None]
    changed = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        changed = []  # Python allows it nowhere else
    for number in changed:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


if __name__ == "__main__":
    main()
