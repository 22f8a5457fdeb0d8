"""Where students run: what is asked for and what there is decide, and every refusal says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.course import Device
from autograder.dispatch.device import NoCard, choose_device, wants_card
from autograder.sandbox.cards import CONTEXT, Card

GIB = 2**30
SMALL = Card("small", 8 * GIB, 4 * GIB, index=0)
LARGE = Card("large", 80 * GIB, 60 * GIB, index=1)
NONE = Device()
PREFERS = Device(prefer="cuda", memory=2 * GIB)
REQUIRES = Device(prefer="cuda", require=True, memory=2 * GIB)


@pytest.mark.parametrize(
    ("wish", "option", "cards", "expected"),
    [
        (NONE, "auto", [LARGE], None),
        (NONE, "cpu", [LARGE], None),
        (NONE, "cuda", [SMALL, LARGE], LARGE),
        (Device(require=True), "auto", [LARGE], None),
        (PREFERS, "auto", [LARGE, SMALL], LARGE),
        (PREFERS, "cpu", [LARGE], None),
        (PREFERS, "cuda", [SMALL], SMALL),
        (REQUIRES, "auto", [SMALL], SMALL),
        (REQUIRES, "cuda", [SMALL], SMALL),
    ],
)
def test_device_that_can_be_had(wish: Device, option: str, cards: list[Card], expected: Card | None) -> None:
    """What is wanted is taken where it is; of several cards the one with the most free memory."""
    choice = choose_device(wish, option, cards)
    assert (choice.card, choice.reason) == (expected, "")
    assert choice.device == ("cpu" if expected is None else "cuda")


@pytest.mark.parametrize(
    ("cards", "words"),
    [([], "no card was found"), ([SMALL], "a student and CUDA need 31 GiB on it, where 4 GiB are free")],
)
def test_the_cpu_is_a_stated_fall_back(cards: list[Card], words: str) -> None:
    """A card that is only preferred and cannot be had: the CPU, and one sentence that says why."""
    choice = choose_device(Device(prefer="cuda", memory=30 * GIB), "auto", cards)
    assert (choice.card, choice.device) == (None, "cpu")
    assert words in choice.reason
    assert choice.reason.endswith("graded on the CPU.")


@pytest.mark.parametrize(
    ("wish", "option", "cards", "words"),
    [
        (NONE, "cuda", [], "Grade on the CPU with --device cpu"),
        (PREFERS, "cuda", [], "--device cuda: odd reason"),
        (REQUIRES, "auto", [], "the assignment requires a card"),
        (REQUIRES, "cuda", [], "Nothing was graded"),
        (REQUIRES, "cpu", [LARGE], "leave --device away"),
        (Device(prefer="cuda", require=True, memory=60 * GIB), "auto", [LARGE], "60 GiB are free"),
    ],
)
def test_card_that_is_insisted_on(wish: Device, option: str, cards: list[Card], words: str) -> None:
    """A card that is insisted on and cannot be had is refused, with what to do."""
    with pytest.raises(NoCard) as refused:
        choose_device(wish, option, cards, "odd reason")
    assert words in str(refused.value)


@pytest.mark.parametrize("free", [2 * GIB + CONTEXT - 1, 2 * GIB + CONTEXT])
def test_room_for_one_student_is_enough(free: int) -> None:
    """A card with room for one student and CUDA is used, one with a byte less is not."""
    choice = choose_device(PREFERS, "auto", [Card("card", 8 * GIB, free)])
    assert (choice.card is None) == (free < 2 * GIB + CONTEXT)


@pytest.mark.parametrize("option", ["auto", "cpu", "cuda"])
def test_cards_are_looked_for_only_where_one_is_wanted(option: str) -> None:
    """Nobody looks for cards where the answer is the CPU anyway."""
    wanted: dict[str, Any] = {"auto": [PREFERS, REQUIRES], "cpu": [REQUIRES], "cuda": [NONE, PREFERS, REQUIRES]}
    for wish in (NONE, PREFERS, REQUIRES):
        assert wants_card(wish, option) == (wish in wanted[option])
