"""The table of attacks in docs/security.md."""

from __future__ import annotations

from pathlib import Path

from .catalogue import catalogue

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
CARD = 37
"""Attacks on a card need one."""


def test_every_attack_has_its_row() -> None:
    """Number, name, what is tried, why it fails and the rule stand in the table as in the program, and nothing else."""
    lines = PAGE.read_text().split("## Attacks and the tests")[1].splitlines()
    rows = {tuple(cell.strip() for cell in line.strip("|").split(" | ")[:5]) for line in lines if line.startswith("| ")}
    programs = {
        (
            ", ".join(map(str, attack.numbers)),
            attack.name,
            attack.tried,
            attack.outcome,
            f"`{attack.rule}`" if attack.rule else "—",
        )
        for attack in catalogue()
    }
    assert {row for row in rows if row[0]} == programs


def test_every_number_is_attacked() -> None:
    """No attack of the list is missing, but for those on a card."""
    assert {number for attack in catalogue() for number in attack.numbers} == set(range(1, CARD))
