"""`python -m tests.redteam`: try every attack, and say of each what happened.

Exit status 0 when all of them failed and are alive, 1 when anything got through or a control is dead.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from .catalogue import catalogue
from .ground import Ground
from .harness import Result, run


def main() -> int:
    """Run the attacks that the command line names, by number, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.redteam", description="Attacks that must fail.")
    parser.add_argument("numbers", nargs="*", type=int, help="numbers of attacks (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    options = parser.parse_args()
    chosen = [attack for attack in catalogue() if not options.numbers or set(options.numbers) & set(attack.numbers)]
    if not chosen:
        parser.error("there is no attack of that number")
    started = time.monotonic()
    bad = 0
    with Ground() as ground:
        tier = ground.workshop.tier
        for attack in chosen:
            result = run(attack, ground)
            bad += bool(result.problems)
            print(json.dumps(result.to_json()) if options.json else told(result), flush=True)
    if not options.json:
        seconds = time.monotonic() - started
        print(f"\n{len(chosen)} attacks in {seconds:.0f} s, tier {tier}: "
              f"{len(chosen) - bad} failed as they must, {bad} did not")  # fmt: skip
    return 1 if bad else 0


def told(result: Result) -> str:
    """What happened, for a reader."""
    attack = result.attack
    numbers = ", ".join(map(str, attack.numbers))
    lines = [f"{'FAILED' if not result.problems else 'NOT OK'}  {numbers:>6}  {attack.name}: {attack.tried}"]
    lines += [f"    happened   {problem}" for problem in result.problems or (attack.outcome,)]
    lines += [f"    control    {result.control}"]
    lines += [f"    rule off   {f'{attack.rule}: ' if attack.rule else ''}{result.rule_off}"]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
