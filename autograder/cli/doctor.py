"""`autograder doctor`: what this machine can do, found out by doing it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.cli.machine import Fact, machine_facts, software_facts
from autograder.cli.remedies import Cause, causes, read_settings, soft_remedy
from autograder.errors import InfrastructureError

if TYPE_CHECKING:
    from autograder.sandbox.canary import Finding, Trial

WORKS_ANYWHERE = ("init", "release", "check", "show", "export")
_NO_FENCE = 3
_REDUCED = "A reduced fence can be had: autograder grade --reduced-fence. docs/security.md says what it does not hold."
_SOFT = "without control groups memory is bounded for each process, not for all of a student's together"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The fence that was tried, or why there is none."""

    trial: Trial | None
    fault: str = ""
    causes: tuple[Cause, ...] = ()
    reduced: tuple[Finding, ...] | None = None  # what the fence without namespaces holds, where it was tried

    @property
    def reduced_ok(self) -> bool:
        return self.reduced is not None and all(finding.ok for finding in self.reduced)

    @property
    def ok(self) -> bool:
        return self.trial is not None and self.trial.ok


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def command(as_json: bool) -> int:
    """Build a fence, try to break out of it, and say what this machine can do and what to change."""
    diagnosis = diagnose()
    machine, software = machine_facts(), software_facts()
    if as_json:
        click.echo(json.dumps(to_json(diagnosis, machine, software), ensure_ascii=False))
    else:
        console = Console(highlight=False)
        show_fence(console, diagnosis)
        show_facts(console, "Machine", machine)
        show_facts(console, "Software", software)
    return 0 if diagnosis.ok else _NO_FENCE


def diagnose() -> Diagnosis:
    """Try the fence; where it cannot be had, look for the reason."""
    settings = read_settings()
    fault = ""
    if settings.system == "Linux":
        # only here: the modules of the fence cannot be imported on other systems
        from autograder.sandbox.canary import try_fence

        try:
            trial = try_fence()
        except (InfrastructureError, OSError) as error:
            fault = str(error)
        else:
            return Diagnosis(trial)
    reduced = _try_reduced() if settings.system == "Linux" else None
    return Diagnosis(None, fault, causes(settings, fault, sys.executable), reduced)


def _try_reduced() -> tuple[Finding, ...] | None:
    from autograder.sandbox.reduced_trial import try_reduced  # Linux only, too

    try:
        return try_reduced()
    except (InfrastructureError, OSError):
        return None


def show_fence(console: Console, diagnosis: Diagnosis) -> None:
    """Print what the fence holds, or why there is none and what works without one."""
    trial = diagnosis.trial
    if trial is None:
        console.print(Text("No fence: student code cannot be graded here.", style="bold red"))
        if diagnosis.fault:
            console.print(Padding(Text(diagnosis.fault), (0, 0, 0, 2)))
        for one in diagnosis.causes:
            console.print(_pairs([("cause", one.cause), ("remedy", one.remedy)], "  "))
        if diagnosis.reduced_ok:
            console.print(Text(_REDUCED, style="bold yellow"))
        console.print(Text(f"What works anyway: {', '.join(WORKS_ANYWHERE)}."))
        return
    who = "as an ordinary user" if trial.rootless else "as root"
    title = f"Fence: {trial.tier}, {who}" if trial.ok else "No safe fence: it was built, but does not hold"
    console.print(Text(title, style="bold green" if trial.ok else "bold red"))
    table = Table.grid(padding=(0, 2))
    for finding in trial.findings:
        mark = Text("ok", style="green") if finding.ok else Text("NOT", style="red")
        table.add_row(mark, Text(finding.name), Text(finding.seen))
    console.print(Padding(table, (0, 0, 0, 2)))
    if trial.soft_because:
        console.print(_pairs([("softer", _SOFT), ("cause", trial.soft_because), ("remedy", soft_remedy())], "  "))
    if not trial.ok:
        console.print(Text("Please report this with the output of `autograder doctor --json`."))


def show_facts(console: Console, title: str, facts: list[Fact]) -> None:
    """Print facts under a title."""
    console.print()
    console.print(Text(title, style="bold"))
    console.print(_pairs([(one.name, f"{one.value}{f': {one.remark}' if one.remark else ''}") for one in facts], "  "))


def _pairs(rows: list[tuple[str, str]], indent: str) -> Padding:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    return Padding(table, (0, 0, 0, len(indent)))


def to_json(diagnosis: Diagnosis, machine: list[Fact], software: list[Fact]) -> dict[str, Any]:
    """Everything as data."""
    trial = diagnosis.trial
    return {
        "fence": {
            "ok": diagnosis.ok,
            "tier": trial.tier if trial is not None and trial.ok else None,
            "rootless": trial.rootless if trial is not None else None,
            "soft_because": trial.soft_because or None if trial is not None else None,
            "findings": [asdict(finding) for finding in trial.findings] if trial is not None else [],
            "reduced": diagnosis.reduced_ok if diagnosis.reduced is not None else None,
            "fault": diagnosis.fault or None,
            "causes": [asdict(one) for one in diagnosis.causes],
        },
        "machine": {fact.name: fact.value for fact in machine},
        "software": {fact.name: fact.value for fact in software},
        "remarks": {fact.name: fact.remark for fact in (*machine, *software) if fact.remark},
    }
