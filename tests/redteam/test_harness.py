"""The harness sees an attack that gets through, and one that proves nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.rules import Rule

from . import harness
from .controls import Dead
from .course import RIGHT_VAULT, VAULT
from .ground import MARK, Ground, Seen
from .harness import Attack, run

LOOTED = 'loot(["something"])'


def attack(*cells: str, **options: Any) -> Attack:
    """An attack with a control that is alive."""
    facts = {"control": lambda ground, attack: ["something"], "why": "" if "rule" in options else "a test", **options}
    return Attack(numbers=(0,), name="", tried="", outcome="", variants={"only": cells}, **facts)


def problems(ground: Ground, tried: Attack) -> str:
    """What the harness says of it."""
    return "\n".join(run(tried, ground).problems)


def test_harmless_program_is_no_problem(ground: Ground) -> None:
    """Where nothing is gained, got or left, and control and rule tell a difference, nothing is said."""
    assert problems(ground, attack("x = 1")) == ""
    told = run(attack(LOOTED, rule=Rule.IPC, hand_in=lambda ground, *_: ground.robbed(())), ground)
    assert (told.problems, told.rule_off) == ((), "something")


def test_gain_is_seen(ground: Ground) -> None:
    """A wrong answer that passes is named, and so is a right one that is lost."""
    told = problems(ground, attack(RIGHT_VAULT))
    assert all(f"only: {test} has passed" in told for test in VAULT)
    assert problems(ground, attack("def total(values): return -1")) == "only: test_total has failed"
    assert problems(ground, attack("def total(values): return -1", spoils=frozenset({"test_total"}))) == ""


def test_loot_is_seen(ground: Ground) -> None:
    """What a cell or a test says that it got is named, and so is a secret in what students see."""
    assert problems(ground, attack(LOOTED)) == "only: it got something"
    assert "only: it got x" in problems(ground, attack("def number(x): raise Loot('x')"))
    secret = f"raise ValueError({ground.canaries['the solution']!r})"
    assert "students can read the canary of the solution" in problems(ground, attack(secret))


def test_dead_attack_is_seen(ground: Ground) -> None:
    """A control without success, a rule that makes no difference, and a blunder in the attack are problems."""

    def dead(ground: Ground, attack: Attack) -> list[str]:
        raise Dead("because")

    assert problems(ground, attack("x = 1", control=dead)) == "the control is dead: because"
    assert "fails without the rule ipc, too" in problems(ground, attack("x = 1", rule=Rule.IPC))
    assert "the attack is dead: NameError" in problems(ground, attack("print(nothing)"))


@pytest.fixture
def left() -> Iterator[list[Any]]:
    """What an attack leaves on the host, taken away afterwards."""
    left: list[Any] = []
    yield left
    process, descriptor, *paths = left
    process.kill()
    process.wait()
    os.close(descriptor)
    for path in paths:
        path.unlink()


def test_traces_are_seen(ground: Ground, left: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A process, an open file, a file of the course and one in a shared folder are named."""
    monkeypatch.setattr(harness, "_SETTLE_SECONDS", 0.1)

    def leave(ground: Ground, attack: Attack, variant: str) -> Seen:
        shared, own = Path("/tmp", MARK), ground.root / "left"
        for path in (shared, own):
            path.touch()
        left.extend([subprocess.Popen(["sleep", "600"]), os.open(shared, os.O_RDONLY), shared, own])
        return ground.robbed(())

    told = problems(ground, attack(hand_in=leave))
    for kind in ("processes", "descriptors", "files", "strays"):
        assert f"left behind: {kind}: " in told, told


def test_restart_is_seen(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of ours that had to be started again is a problem, with its reason."""
    monkeypatch.setattr(harness, "_SETTLE_SECONDS", 0.1)

    def kill(ground: Ground, attack: Attack, variant: str) -> Seen:
        assert ground.workshop._crew is not None
        os.kill(ground.workshop._crew.examiner.pid, 9)
        return ground.robbed(())

    told = problems(ground, attack(hand_in=kill))
    assert "processes of ours had to be started again: [" in told
