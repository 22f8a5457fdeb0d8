"""A runner that lies about how its snapshots ended: the lie picks a sentence for a lost test, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.results import Verdict

LIAR = """
import gc
runner = next(o for o in gc.get_objects() if type(o).__name__ == "Runner" and hasattr(o, "pairs"))
honest = type(runner).reap

def reap(self, k):
    for own in range(20):
        self.channel.send(("exit", own, STATUS, CPU))
    honest(self, k)

type(runner).reap = reap
def first(): os._exit(3)
"""


@pytest.mark.parametrize("status", [2**70, -1, -(2**63), 2**31, 65536, 127, 0, 9])
@pytest.mark.parametrize("cpu", ["float('nan')", "float('inf')", "-1e300"])
def test_forged_end_of_a_snapshot(workshop: Any, grade: Any, status: int, cpu: str) -> None:
    """Whatever status and time it claims, the test that crashed is lost and the others keep what they have."""
    run = grade(workshop, LIAR.replace("STATUS", str(status)).replace("CPU", cpu))
    lost = {test for test, verdict in run.verdicts.items() if verdict.verdict is not Verdict.PASSED}
    assert lost == {"test_first"}
    assert run.verdicts["test_first"].verdict is Verdict.FAILED
    assert run.verdicts["test_first"].told
