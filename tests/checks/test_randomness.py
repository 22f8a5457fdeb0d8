"""Seeds: the same again, another one, and nobody else's."""

import numpy as np
import pytest

from autograder.checks import assert_global_seed_untouched, assert_reproducible

TRAININGS = """
import random
import numpy as np

def own(seed):
    rng = np.random.default_rng(seed)
    return {"w": rng.normal(size=3), "loss": float(rng.random())}

def unseeded(seed):
    return np.random.default_rng().normal(size=3)

def half_seeded(seed):
    return np.random.default_rng(seed).normal(size=3) + random.random()

def ignores(seed):
    return np.random.default_rng(0).normal(size=3)

def everybodys(seed):
    np.random.seed(seed)
    return np.random.normal(size=3)

def consumes(seed):
    np.random.normal(size=3)
    return own(seed)

def handle(seed):
    return object()

def nothing(seed):
    return None

def draw():
    return np.random.random()
"""


@pytest.fixture
def student(notebook):
    """A notebook of trainings that seed well and badly."""
    return notebook(TRAININGS)


def test_seeded_runs_pass(student):
    """A generator of one's own, and a global one that is seeded, are reproducible."""
    for name in ("own", "everybodys", "consumes"):
        assert_reproducible(lambda seed, name=name: student.call(name, seed))
    assert_reproducible(lambda seed: student.call("ignores", seed), other=None)


@pytest.mark.parametrize(
    ("name", "clue"),
    [
        ("unseeded", "the same seed differ"),
        ("half_seeded", "the same seed differ"),
        ("ignores", "different seeds give the same"),
        ("handle", "can be compared"),
        ("nothing", "can be compared"),
    ],
)
def test_runs_that_a_seed_does_not_decide(student, name, clue):
    """No seed, one of two generators, a constant seed, and results that nobody can compare fail."""
    with pytest.raises(AssertionError, match=clue):
        assert_reproducible(lambda seed: student.call(name, seed))


def test_global_generator_is_left_alone(student):
    """Drawing from it is no fault, seeding it is."""
    for name in ("own", "consumes", "unseeded"):
        assert_global_seed_untouched(lambda name=name: student.call(name, 3), lambda: student.call("draw"))
    with pytest.raises(AssertionError, match="starts over with every run"):
        assert_global_seed_untouched(lambda: student.call("everybodys", 3), lambda: student.call("draw"))


def test_draw_that_is_no_number():
    """A notebook whose global generator gives nothing fails."""
    for drawn in (None, object()):
        with pytest.raises(AssertionError, match="can be compared"):
            assert_global_seed_untouched(lambda: None, lambda drawn=drawn: drawn)


def test_nan_is_the_same_nan():
    """A loss that is NaN twice is reproducible: another check finds the NaN."""
    assert_reproducible(lambda seed: np.full(2, np.nan), other=None)
