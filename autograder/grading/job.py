"""What one pass asks of the grader: tests, the pairs of pipes they run over, and their limits. Pure values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autograder.sandbox.limits import Limits


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """A test to run: the notebook that it forks from and the prepared set-up it needs, by id."""

    id: str
    notebook: int
    prepared: str | None
    question: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One submission's tests. `numbers` maps tests and set-ups to pairs over all notebooks, `local` within their
    own."""

    tests: tuple[str, ...]
    numbers: dict[str, int]
    local: dict[str, int]
    shared: dict[str, tuple[str, ...]]  # set-up → its tests
    cpu: dict[str, float]  # CPU seconds of each test and set-up
    wall: dict[str, float]
    seed: int
    device: str
    limits: dict[str, float]
    trees: dict[str, int]  # pid 1 of the fence in which each test and set-up runs, as it is called outside

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Job:
        shared = {name: tuple(tests) for name, tests in data["shared"].items()}
        return cls(**{**data, "tests": tuple(data["tests"]), "shared": shared})


def pair_names(tests: Sequence[PlannedTest], notebooks: int) -> list[list[str]]:
    """What gets a pair of pipes in each notebook's process: its set-ups, then its tests."""
    names = []
    for number in range(notebooks):
        own = [test for test in tests if test.notebook == number]
        prepared = dict.fromkeys(test.prepared for test in own if test.prepared is not None)
        names.append([*prepared, *(test.id for test in own)])
    return names


def make_job(
    tests: Sequence[PlannedTest],
    names: Sequence[Sequence[str]],
    limits: Limits,
    wall: Callable[[float], float],
    seed: int,
    device: str,
    trees: Sequence[int],
) -> Job:
    """The job for `tests` over the pairs that `names` gives each notebook, whose pid 1 is in `trees`."""
    prepared = {test.prepared for test in tests if test.prepared is not None}
    everything = [name for own in names for name in own]
    cpu = {name: limits.prepare_seconds if name in prepared else limits.test_seconds for name in everything}
    return Job(
        tests=tuple(test.id for test in tests),
        numbers={name: k for k, name in enumerate(everything)},
        local={name: k for own in names for k, name in enumerate(own)},
        shared={name: tuple(test.id for test in tests if test.prepared == name) for name in sorted(prepared)},
        cpu=cpu,
        wall={name: wall(seconds) for name, seconds in cpu.items()},
        seed=seed,
        device=device,
        limits={
            "notebook_seconds": limits.notebook_seconds,
            "test_seconds": limits.test_seconds,
            "prepare_seconds": limits.prepare_seconds,
            "memory": limits.memory,
        },
        trees={name: pid for own, pid in zip(names, trees, strict=True) for name in own},
    )
