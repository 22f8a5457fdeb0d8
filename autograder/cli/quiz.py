"""`autograder quiz …`: the commands for quizzes. One command, one file; a command is one line here."""

from __future__ import annotations

import importlib

import click

COMMANDS = {  # name → (module, its command, help)
    "check": ("quiz_check", "command", "Prove a quiz before students see it."),
    "preview": ("quiz_preview", "command", "Write a quiz as a student sees it."),
    "score": ("quiz_score", "command", "Score a file of responses."),
    "stats": ("quiz_stats", "command", "Say how well each question works."),
    "import": ("quiz_exchange", "import_command", "Make a quiz file out of another system's."),
    "export": ("quiz_exchange", "export_command", "Write a quiz for another system."),
    "regrade": ("quiz_regrade", "command", "Score the stored responses by a changed key."),
}


class LazyGroup(click.Group):
    """Finds a command in the module that the table names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"autograder.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Quizzes: a bank of questions in YAML, responses in CSV."""
