"""Twenty tests from three."""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from pathlib import Path

from benchmarks.peers.copies import TWENTY, multiplied
from benchmarks.peers.task import load_task

COURSE = Path(__file__).resolve().parent.parent / "torch_three"
TESTS = (COURSE / "tests" / "hidden" / "torch-three" / "test_torch_three.py").read_text()
MARK = re.compile(r'question\("(\w+)", points=([\d.]+)')


def test_twenty_tests_share_the_points_of_three() -> None:
    """Every copy has a name and a mark of its own, and each question keeps its points."""
    source = multiplied(TESTS, TWENTY)
    names = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert len(names) == len(set(names)) == 20
    points: dict[str, Decimal] = {}
    for question, share in MARK.findall(source):
        points[question] = points.get(question, Decimal(0)) + Decimal(share)
    assert points == {question.id: question.points for question in load_task(COURSE).questions}


def test_nothing_is_changed_where_no_copy_is_asked_for() -> None:
    """The three-test course stays byte for byte what it is."""
    assert multiplied(TESTS, {}) == TESTS
