"""Writes the two files of assignments/cosine-similarity/data.

Run `python solutions/cosine-similarity/make_data.py` in the course folder. Both files are our own invention. Every
word of tiny-glove.txt is a weighted sum of topics; a topic is a random direction in twelve dimensions, and a little
noise keeps two words of one topic apart. The generator is seeded, so the same bytes come out each time. movies.csv is
typed below: how strong a film is in each of five tastes, from 0 to 10.
"""

from pathlib import Path

import numpy as np

DIMENSION = 12
DATA = Path(__file__).resolve().parents[2] / "assignments" / "cosine-similarity" / "data"

TOPICS = "sweet drink food animal music film weather sport computing feeling travel small".split()

# the words of a group share their topics; the weights say how much of each
GROUPS: list[tuple[dict[str, float], str]] = [
    ({"small": 1}, "the a is and of to in i my it it's"),
    ({"small": 1, "feeling": 0.4}, "not don't isn't"),
    ({"sweet": 2, "food": 1}, "chocolate candy sugar honey"),
    ({"sweet": 1.5, "food": 2}, "cake cookie dessert"),
    ({"drink": 2, "food": 0.7, "sweet": 0.5}, "milk cocoa"),
    ({"drink": 2}, "coffee tea juice water drink"),
    ({"food": 2}, "bread soup rice pasta dinner cook eat"),
    ({"animal": 2}, "dog cat horse puppy kitten bird"),
    ({"animal": 2, "drink": 0.6}, "cow"),
    ({"music": 2}, "guitar piano song melody concert sing band"),
    ({"film": 2}, "movie film actor director cinema scene"),
    ({"film": 1.5, "music": 1.5}, "soundtrack musical"),
    ({"weather": 2}, "rain snow storm cloud sunny wind"),
    ({"sport": 2}, "football tennis goal team match coach"),
    ({"sport": 1.6, "weather": 0.8}, "swim ski"),
    ({"computing": 2}, "computer laptop software code program network"),
    ({"feeling": 2}, "love like happy joy enjoy"),
    ({"feeling": 1.4, "weather": 0.3}, "hate sad angry"),
    ({"travel": 2}, "train plane flight ticket hotel journey"),
    ({"drink": 1.4, "food": 0.8, "travel": 0.5}, "café"),
]

MOVIES = """\
title,action,romance,humour,science,music
Orbit of Glass,6,2,1,9,2
Orbit of Glass (extended),7,2,1,10,2
The Last Lighthouse,1,6,1,0,3
Two Tickets to Lisbon,1,9,5,0,4
Thunder Lane,9,1,2,1,1
Thunder Lane Again,10,1,3,1,1
Professor Pancake,1,2,9,3,1
The Quiet Robot,2,4,3,7,1
Midnight Quartet,0,5,1,0,9
Karaoke Heist,5,1,7,0,7
Dance Me Home,0,7,4,0,8
Cold Equation,3,0,0,4,0
Small Moon,1,1,1,3,0
Love in the Lab,0,7,6,6,1
Punchline,1,3,10,0,2
The Long Tunnel,4,1,0,2,0
"""


def main() -> None:
    rng = np.random.default_rng(596)
    directions = rng.normal(size=(len(TOPICS), DIMENSION))
    topics = dict(zip(TOPICS, directions / np.linalg.norm(directions, axis=1, keepdims=True), strict=True))
    lines = []
    for weights, words in GROUPS:
        centre = sum(weight * topics[topic] for topic, weight in weights.items())
        for word in words.split():
            vector = centre + rng.normal(scale=0.15, size=DIMENSION)
            lines.append(" ".join([word, *(f"{value:.4f}" for value in vector)]))
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / "tiny-glove.txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    (DATA / "movies.csv").write_text(MOVIES, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
