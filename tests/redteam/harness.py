"""Attacks that must fail, and what it takes to believe that they do.

Each attack is handed in like any submission, between two honest ones, and it is asserted that

    nothing is gained        every test of `fails` has failed, every other one has passed, none is undecided (of
                             `spoils` it may lose some: a process that harms itself is harmed)
    nothing is got           no `LOOT` line, no canary in anything that a student may see
    nothing is left          process, mount, control group, file, descriptor (`traces`); no process of ours restarted
    nobody else is harmed    the honest submission that follows gets full marks
    the attack is alive      its control, the same program without the fence or against a naive grader, succeeds
    its rule is what held    under a fence without that rule alone it succeeds, too, or it says why that is not tried

How to add one: write `attacks_<room>.py` with a tuple `ATTACKS`; `catalogue` finds it, and both `python -m
tests.redteam` and pytest run it. The notebook is that of a student whose answers to the question `vault` are wrong and
those to `till` right (`ground` has both, and the hidden tests); the attack's cells stand at its end. A cell can use

    START             "/" in the fence; in a control the folder in which there is something to find
    CANARY            the pattern of the secrets that are planted everywhere
    MARK              a name for files that the attack leaves; `traces` looks for it on the host
    loot(things)      says what the attack got hold of: in a cell by printing, in a test by `raise Loot(things)`

An attack that is no notebook hands itself in: `hand_in` gets the ground, the attack and the name of a variant, and
returns a `Seen`. What an attack needs beside that it says in `check`, which asserts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.rules import Rule

from .controls import Dead, Untried, openly
from .ground import VAULT, Ground, Seen
from .traces import Traces, strays

Variants = Mapping[str, tuple[str, ...]]
_SETTLE_SECONDS = 20.0
_BLUNDER = re.compile(r"\b(NameError|SyntaxError|IndentationError|ImportError)\b")
_INSIDE = (Rule.COVERS, Rule.READ_ONLY)


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attack, with all its variants: name → cells. `numbers` are those of the list that the project keeps."""

    numbers: tuple[int, ...]
    name: str
    tried: str
    variants: Variants
    outcome: str  # what happens instead, in words
    rule: Rule | None = None  # the rule of the fence whose absence lets it through
    why: str = ""  # no rule: what holds it instead, and why that cannot be switched off
    fails: frozenset[str] = VAULT
    spoils: frozenset[str] = frozenset()  # right answers that it may lose by its own doing
    limits: Mapping[str, float | int] = field(default_factory=dict)  # replace fields of the ground's `Limits`
    wall: float | None = None  # the far wall clock in seconds, where it is an attack on time
    check: Callable[[Ground, Attack, Seen], None] = lambda ground, attack, seen: None
    control: Callable[[Ground, Attack], list[str]] = openly  # what it got; raises Dead
    off: Callable[[Ground, Attack, Rule], list[str]] | None = None  # the same without `rule`; by default its loot
    hand_in: Callable[[Ground, Attack, str], Seen] | None = None

    def __post_init__(self) -> None:
        assert (self.rule is None) == bool(self.why), f"{self.name}: a rule, or why there is none"


@dataclass(frozen=True)
class Result:
    """What became of an attack. `problems` is empty where it failed as it must."""

    attack: Attack
    problems: tuple[str, ...]
    control: str
    rule_off: str

    def to_json(self) -> dict[str, Any]:
        """One line of `--json`."""
        attack = self.attack
        return {
            "numbers": list(attack.numbers),
            "name": attack.name,
            "tried": attack.tried,
            "variants": list(attack.variants),
            "failed": not self.problems,
            "happened": attack.outcome if not self.problems else "; ".join(self.problems),
            "control": self.control,
            "rule": attack.rule,
            "rule_off": self.rule_off,
        }


def run(attack: Attack, ground: Ground) -> Result:
    """Try one attack with all its variants, its control, and the same under a fence without its rule."""
    problems = []
    if not ground.clean:
        problems += [f"before: {wrong}" for wrong in honest(ground)]
    before = Traces.still(ground)
    for variant in attack.variants:
        try:
            problems += [f"{variant}: {wrong}" for wrong in one(attack, ground, variant)]
        except AssertionError as error:
            problems.append(f"{variant}: {error}")
    problems += Traces.settle(ground, before, _SETTLE_SECONDS)
    problems += [f"after: {wrong}" for wrong in honest(ground)]
    control, dead = _told(lambda: attack.control(ground, attack))
    off, blunt = f"not tried: {attack.why}", False
    if attack.rule is not None:
        rule = attack.rule
        off, blunt = _told(lambda: (attack.off or without_rule)(ground, attack, rule))
    problems += [f"its control left {path}" for path in strays() - before.strays]
    problems += [f"the control is dead: {control}"] if dead else []
    problems += [f"it fails without the rule {attack.rule}, too: {off}"] if blunt else []
    ground.clean = not problems
    return Result(attack, tuple(problems), control, off)


def one(attack: Attack, ground: Ground, variant: str) -> list[str]:
    """What went wrong with one variant."""
    ground.clean = False
    if attack.hand_in is not None:
        seen = attack.hand_in(ground, attack, variant)
    else:
        seen = ground.robbed(attack.variants[variant], limits=attack.limits, wall=attack.wall)
    problems = []
    if seen.verdicts is not None:
        problems += _wrong_verdicts(attack, ground.tests, seen.verdicts)
    problems += [f"it got {thing}" for thing in seen.loot]
    problems += [f"students can read the canary of {place}" for place in ground.planted_in(seen.shown)]
    problems += [f"the attack is dead: {blunder}" for blunder in _blunders(seen)]
    attack.check(ground, attack, seen)
    return problems


def _blunders(seen: Seen) -> list[str]:
    """Errors that say that the attack did not do what it was to do; a name that a lost cell defined is none."""
    if seen.graded is None:
        return []
    told = [f"{error.name}: {error.message}" for error in seen.graded.grading.evidence.errors]
    lines = "\n".join([*told, *seen.details.values()]).splitlines()
    return [line for line in lines if _BLUNDER.search(line) and "the notebook defines no" not in line]


def _wrong_verdicts(attack: Attack, tests: Sequence[str], verdicts: Mapping[str, str]) -> list[str]:
    if verdicts.keys() != set(tests):
        return [f"verdicts are of {sorted(verdicts)}"]
    allowed = {test: {"failed" if test in attack.fails else "passed"} for test in tests}
    for test in attack.spoils:
        allowed[test].add("failed")
    return [f"{test} has {verdict}" for test, verdict in verdicts.items() if verdict not in allowed[test]]


def honest(ground: Ground) -> list[str]:
    """What is wrong with the grading of an honest submission."""
    seen = ground.honest()
    lost = [test for test, verdict in (seen.verdicts or {}).items() if verdict != "passed"]
    return [f"an honest submission lost {', '.join(lost) or 'everything'}"] if lost or not seen.verdicts else []


def without_rule(ground: Ground, attack: Attack, rule: Rule) -> list[str]:
    """What its cells get under a fence without `rule` alone. Raises Untried."""
    if rule in _INSIDE and not ground.inside:
        raise Untried("the interpreter's folder cannot be written, so there is nothing of ours in the image")
    got = []
    for cells in attack.variants.values():
        got += ground.unruled(rule, cells, limits=attack.limits)
    return got


def _told(action: Callable[[], list[str]]) -> tuple[str, bool]:
    """What it got in a few words, and whether that is nothing."""
    try:
        got = action()
    except Untried as untried:
        return f"not tried here: {untried}", False
    except Dead as dead:
        return str(dead), True
    if not got:
        return "it got nothing", True
    shown = ", ".join(thing if len(thing) <= 60 else thing[:60] + "…" for thing in got[:3])
    return shown + (f" and {len(got) - 3} more" if len(got) > 3 else ""), False
