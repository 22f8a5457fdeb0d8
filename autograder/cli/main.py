"""The command line. One command, one file; a command is imported only when it is called.

Exit codes: 0 done; 1 it ran and the answer is no; 2 the call or a course file is wrong; 3 something stayed undecided,
or no fence could be had.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from autograder import __version__
from autograder.errors import AutograderError, CourseError, InfrastructureError

COMMANDS = {
    "init": "Make a new course that verifies and grades at once.",
    "verify": "Prove an assignment's grader against known answers.",
    "release": "Generate the student notebook and its files.",
    "check": "Run the public tests on a notebook, without a fence.",
    "grade": "Grade a class.",
    "show": "Show grades and reports.",
    "export": "Write the gradebook for other programs.",
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


def main(arguments: list[str] | None = None) -> Any:
    """Run a command and leave with its exit code; every error becomes one here."""
    try:
        status = cli.main(arguments, standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except CourseError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        click.echo(f"{len(error.problems)} problem{'s' * (len(error.problems) != 1)} found.", err=True)
        sys.exit(2)
    except InfrastructureError as error:
        click.echo(f"The machine failed, not a student: {error}", err=True)
        click.echo("Run `autograder doctor` to see what is missing.", err=True)
        sys.exit(3)
    except AutograderError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
