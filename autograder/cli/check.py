"""`autograder check`: the public tests on the student's own machine, with a receipt."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from autograder.cli.common import course_option
from autograder.cli.receipt import Receipt
from autograder.grading.preflight import Preflight, read_preflight
from autograder.grading.rehearsal import Rehearsal, rehearse
from autograder.grading.selfcheck import printable


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), default=600.0, show_default=True, metavar="SECONDS",
    help="Stop the notebook after this time.",
)  # fmt: skip
@course_option
def command(notebook: Path, as_json: bool, timeout: float, course_folder: Path | None) -> int:
    """Run NOTEBOOK from top to bottom on this machine, then the public tests of every question.

    There is no fence: check your own notebooks only.
    """
    preflight = read_preflight(notebook, course_folder)
    receipt = Receipt(preflight, _rehearse(preflight, timeout), datetime.now().astimezone().isoformat("T", "seconds"))
    if as_json:
        click.echo(json.dumps(receipt.to_json()))
    else:
        for line in receipt.lines():
            click.echo(printable(line, getattr(sys.stdout, "encoding", None)))
    return 0 if receipt.ok else 1


def _rehearse(preflight: Preflight, seconds: float) -> Rehearsal:
    console = Console(stderr=True)
    with console.status("Starting Python …") as status:  # silent where there is no terminal
        return rehearse(preflight, seconds=seconds, on_step=lambda step: status.update(f"{step} …"))
