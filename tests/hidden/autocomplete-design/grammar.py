"""A grammar of e-mail sentences: what the data files and the hidden tests are drawn from. All of it is our invention.

What comes late in a sentence hangs on what stood early, with words between that tell nothing: the office decides what
it is asked about, the opening decides the mark at the end, `either` waits for `or`, a plural for `are`, and `yesterday`
for a past tense. Who looks at the last two or three words only cannot know any of it.
"""

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

OFFICES = {
    "travel desk": ["flight", "hotel", "taxi", "conference"],
    "finance team": ["invoice", "budget", "refund", "laptop"],
    "lab manager": ["robot", "laser", "sensor", "battery"],
    "teaching office": ["exam", "lecture", "quiz", "homework"],
}
ASKING, TELLING = ["Could you", "Would you", "Can you"], ["I will", "Please", "We have to"]
VERBS = ["ask", "call", "remind"]
NEW = ["new", "old", "first", "last"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
HALVES = ["after lunch", "before noon"]
STATES = {"form": "ready", "plan": "too long", "list": "complete"}
PAST = {"asked": "ask", "called": "call", "reminded us": "remind us"}
FACTS = [
    "The course EEP 596 meets in room 125 at 10:30.",
    "Section A of EEP 596 meets in room 205 at 14:00.",
    "The robot costs $1,250.00 and the laptop $899.",
    "The deadline is 2025-02-24, and it won't move.",
    "Don't forget: the talk on 03/07/2025 is in room 003.",
]


class Grammar:
    """Draws sentences with a numpy generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def one(self, options: list[str]) -> str:
        return options[self.rng.integers(len(options))]

    def thing(self, office: str) -> str:
        """What only this office is concerned with; the words before it do not tell which."""
        return f"the {self.one(NEW)} {self.one(OFFICES[office])}"

    def errand(self) -> str:
        openings, mark = [(ASKING, "?"), (TELLING, ".")][self.rng.integers(2)]
        office = self.one([*OFFICES])
        return f"{self.one(openings)} {self.one(VERBS)} the {office} about {self.thing(office)}{mark}"

    def state(self) -> str:
        opening, mark = [("Do you know whether", "?"), ("It seems that", ".")][self.rng.integers(2)]
        number, be = [("", "is"), ("s", "are")][self.rng.integers(2)]
        paper, office = self.one([*STATES]), self.one([*OFFICES])
        return f"{opening} the {paper}{number} of the {office} for {self.one(DAYS)} {be} {STATES[paper]}{mark}"

    def meeting(self) -> str:
        opening, mark = [("Could we meet", "?"), ("We can meet", ".")][self.rng.integers(2)]
        pair, word = [("either", "or"), ("both", "and")][self.rng.integers(2)]
        one, other = self.rng.permutation(HALVES)
        return f"{opening} {pair} on {self.one(DAYS)} {one} {word} on {self.one(DAYS)} {other}{mark}"

    def news(self) -> str:
        past, office, half = self.one([*PAST]), self.one([*OFFICES]), self.one(HALVES)
        day, verb = [("Yesterday", past), ("Tomorrow", f"will {PAST[past]}")][self.rng.integers(2)]
        return f"{day} {half} the {office} {verb} about {self.thing(office)}."

    def sentence(self) -> str:
        kinds: list[Callable[[], str]] = [self.errand, self.errand, self.state, self.news, self.news, self.meeting]
        return kinds[self.rng.integers(len(kinds))]()


def sentences(seed: int, number: int, without: list[str] | None = None) -> list[str]:
    """So many different sentences, none of which stands in `without`."""
    grammar, seen = Grammar(np.random.default_rng(seed)), {*(without or [])}
    found: list[str] = []
    drawn: Iterator[str] = (grammar.sentence() for _ in count())
    while len(found) < number:
        sentence = next(drawn)
        if sentence not in seen:
            seen.add(sentence)
            found.append(sentence)
    return found
