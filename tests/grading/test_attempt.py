"""The parts of a pass that need no processes: what is believed of a runner, and what is asked of a grader."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.grading.job import PlannedTest, make_job, pair_names
from autograder.grading.outputs import OutputReader
from autograder.sandbox.channel import ProtocolFault
from autograder.sandbox.limits import Limits

STREAM = {"output_type": "stream", "name": "stdout", "text": "hello"}
ERROR = {"output_type": "error", "ename": "E", "evalue": "m", "traceback": ["a", "b"]}
RESULT = {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}, "execution_count": 3}
DISPLAY = {"output_type": "display_data", "data": {"image/png": "aGk="}, "metadata": {}}


def test_outputs_are_built_anew() -> None:
    """Outputs of each kind arrive; what does not belong to them is left behind."""
    claimed = [{**STREAM, "more": 1}, ERROR, {**RESULT, "metadata": {"x": 1}}, DISPLAY]
    assert OutputReader().read(claimed) == [STREAM, ERROR, RESULT, DISPLAY]
    assert OutputReader().read([{**RESULT, "execution_count": "x"}])[0]["execution_count"] is None
    assert OutputReader().read([{**STREAM, "name": "x"}])[0]["name"] == "stdout"


@pytest.mark.parametrize(
    "claimed",
    [
        None,
        (),
        [1],
        [{}],
        [{"output_type": "widget"}],
        [{**STREAM, "text": b"x"}],
        [{**STREAM, "text": None}],
        [{**ERROR, "ename": 1}],
        [{**ERROR, "traceback": [1]}],
        [{**DISPLAY, "data": None}],
        [{**DISPLAY, "data": {"text/plain": 1}}],
        [{**DISPLAY, "data": {1: "x"}}],
    ],
)
def test_malformed_outputs(claimed: Any) -> None:
    """Anything that is no output is a broken protocol."""
    with pytest.raises(ProtocolFault):
        OutputReader().read(claimed)


def test_outputs_share_their_room() -> None:
    """All cells of a notebook share one room, and empty outputs use it up, too."""
    reader = OutputReader(room=500)
    reader.read([STREAM] * 3)
    with pytest.raises(ProtocolFault, match="too large"):
        reader.read([STREAM] * 5)
    with pytest.raises(ProtocolFault, match="too large"):
        OutputReader(room=500).read([{**DISPLAY, "data": {}}] * 10)


def test_job_of_two_notebooks() -> None:
    """Pairs are numbered over all notebooks, set-ups before tests; set-ups have the time of set-ups."""
    tests = [PlannedTest("a", 0, None), PlannedTest("b", 1, "s"), PlannedTest("c", 1, "s"), PlannedTest("d", 0, None)]
    names = pair_names(tests, 2)
    assert names == [["a", "d"], ["s", "b", "c"]]
    job = make_job(
        tests, names, Limits(test_seconds=1, prepare_seconds=9), lambda seconds: seconds + 1, 5, "cpu", [11, 12]
    )
    assert job.tests == ("a", "b", "c", "d")
    assert job.numbers == {"a": 0, "d": 1, "s": 2, "b": 3, "c": 4}
    assert (job.cpu["s"], job.cpu["b"], job.wall["s"]) == (9, 1, 10)
    assert job.shared == {"s": ("b", "c")}
    assert job.trees == {"a": 11, "d": 11, "s": 12, "b": 12, "c": 12}
    assert type(job).from_json(job.to_json()) == job
