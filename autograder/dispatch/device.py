"""Where an assignment's students run: what it asks for, what the command asks for and what there is → a device.

assignment                 --device auto                       --device cuda     --device cpu
prefer: cpu                the CPU                             a card, or exit 2  the CPU
prefer: cuda               a card, or the CPU and a reason     a card, or exit 2  the CPU
prefer: cuda, require      a card, or exit 2                   a card, or exit 2  exit 2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course import Device
from autograder.errors import AutograderError
from autograder.sandbox.cards import CONTEXT, Card

_GIB = 2**30


class NoCard(AutograderError):
    """A card is insisted on and cannot be had; `str(error)` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The card that is used, None for the CPU; `reason` is a sentence where that is not what was preferred."""

    card: Card | None
    reason: str = ""

    @property
    def device(self) -> str:
        """As it stands in reports and in the `device` fixture."""
        return self.card.torch if self.card is not None else "cpu"


def wants_card(wish: Device, option: str) -> bool:
    """Whether it is worth while to look for cards."""
    return _required(wish) or option == "cuda" or (option == "auto" and wish.prefer == "cuda")


def choose_device(wish: Device, option: str, cards: Sequence[Card], none_because: str = "no card was found") -> Choice:
    """The device for `option`, one of auto, cpu and cuda. `none_because` says why there are no cards.

    The card with the most free memory is taken. Raises NoCard.
    """
    if not wants_card(wish, option):
        return Choice(None)
    if option == "cpu":
        raise NoCard("the assignment requires a card (device: require): leave --device away")
    fitting = [card for card in cards if card.free >= (wish.memory or 1) + CONTEXT]
    if fitting:
        return Choice(max(fitting, key=lambda card: card.free))
    why = none_because
    if cards:
        largest = max(card.free for card in cards)
        wanted = ((wish.memory or 0) + CONTEXT) / _GIB
        why = f"a student and CUDA need {wanted:.3g} GiB on it, where {largest / _GIB:.3g} GiB are free"
    if _required(wish):
        raise NoCard(f"the assignment requires a card (device: require), and {why}. Nothing was graded.")
    if option == "cuda":
        raise NoCard(f"--device cuda: {why}. Grade on the CPU with --device cpu.")
    return Choice(None, f"The assignment prefers a card, and {why}: graded on the CPU.")


def _required(wish: Device) -> bool:
    return wish.require and wish.prefer == "cuda"
