"""Writes the two files of assignments/autocomplete-design/data.

Run `python solutions/autocomplete-design/make_data.py` in the course folder. The sentences are drawn from the grammar
that stands beside the hidden tests; the grammar, the facts and the personal data below are our own invention. The
generator is seeded, so the same bytes come out each time. The hidden tests draw other sentences.
"""

import sys
from pathlib import Path

import numpy as np

COURSE = Path(__file__).resolve().parents[2]
DATA = COURSE / "assignments" / "autocomplete-design" / "data"
PLANTED = [
    "My card number is 4000 1234 5678 9017.",
    "Her phone is (206) 555-0142, but please don't call after noon.",
    "Please send the invoice to q.zorvath+travel@mail.example.edu.",
    "The caretaker can be reached at +1 206 555 0188.",
]


def main() -> None:
    sys.path.insert(0, str(COURSE / "tests" / "hidden" / "autocomplete-design"))
    from grammar import FACTS, sentences

    train = sentences(596, 600)
    held_out = sentences(597, 150, train)
    mixed = [*train, *FACTS * 2, *PLANTED * 3]
    np.random.default_rng(596).shuffle(mixed)
    DATA.mkdir(parents=True, exist_ok=True)
    for name, lines in [("train.txt", mixed), ("held-out.txt", held_out)]:
        (DATA / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
