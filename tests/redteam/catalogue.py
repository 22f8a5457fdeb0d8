"""All attacks: every module `attacks_*` beside this one has a tuple of them."""

from __future__ import annotations

import importlib
from pathlib import Path

from .harness import Attack


def catalogue() -> list[Attack]:
    """The attacks in the order of their numbers."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("attacks_*.py"))
    found: list[Attack] = []
    for name in modules:
        found += importlib.import_module(f".{name}", __package__).ATTACKS
    names = [attack.name for attack in found]
    assert len(set(names)) == len(names), f"two attacks have one name: {sorted(names)}"
    return sorted(found, key=lambda attack: attack.numbers)
