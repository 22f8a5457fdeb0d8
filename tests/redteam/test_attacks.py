"""Every attack of the list fails, and is alive."""

from __future__ import annotations

import pytest

from .catalogue import catalogue
from .ground import Ground
from .harness import Attack, run


@pytest.mark.parametrize("attack", catalogue(), ids=lambda attack: f"{attack.numbers[0]}-{attack.name}")
def test_attack_fails(ground: Ground, attack: Attack) -> None:
    """The attack gains and leaves nothing, harms nobody, and gets through where nothing holds it."""
    result = run(attack, ground)
    assert not result.problems, "\n".join(result.problems)
