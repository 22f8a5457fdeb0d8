"""Reports and evidence as the gradebook stores them: JSON that loses nothing.

The contracted JSON of a report has points as numbers, which a float cannot always hold; here they are text
("0.1"), which `Report.from_json` reads as well. Seconds are not rounded.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from autograder.results import Evidence, Report, TestResult

_LEVEL: Final = 1  # notebooks shrink to a fifth at 1 already, at a quarter of the time of 6


def to_text(value: Any) -> str:
    """`value` as compact JSON in ASCII, so that every database takes every character."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def pack(value: Any) -> bytes:
    """`value` as compressed JSON."""
    return zlib.compress(to_text(value).encode("ascii"), _LEVEL)


def unpack(data: bytes) -> Any:
    """The value that `pack` was given."""
    return json.loads(zlib.decompress(data))


def compress(data: bytes) -> bytes:
    """Submitted bytes as they are stored."""
    return zlib.compress(data, _LEVEL)


def decompress(data: bytes) -> bytes:
    """Submitted bytes as they came."""
    return zlib.decompress(data)


def amount(value: Decimal | None) -> str | None:
    """An amount of points as text, exactly."""
    return None if value is None else str(value)


def encode_report(report: Report) -> str:
    """`report` as JSON text with exact amounts."""
    data = report.to_json()
    data["points"] = amount(report.points)
    data["max_points"] = amount(report.max_points)
    data["manual_points_pending"] = amount(report.manual_points_pending)
    data["seconds"] = report.seconds
    for question, encoded in zip(report.questions, data["questions"], strict=True):
        encoded["points"], encoded["max_points"] = amount(question.points), amount(question.max_points)
        _make_exact(question.tests, encoded["tests"])
    return to_text(data)


def _make_exact(tests: Sequence[TestResult], encoded: list[dict[str, Any]]) -> None:
    for test, entry in zip(tests, encoded, strict=True):
        entry["points"], entry["max_points"] = amount(test.points), amount(test.max_points)


def decode_report(text: str) -> Report:
    """The report that `encode_report` was given."""
    return Report.from_json(json.loads(text))


def encode_evidence(evidence: Evidence) -> tuple[bytes, bytes | None]:
    """`evidence` as its small facts and, apart, the large executed notebooks (None if there are none)."""
    data = evidence.to_json()
    executed = data.pop("executed")
    return pack(data), pack(executed) if executed else None


def decode_evidence(facts: bytes, executed: bytes | None) -> Evidence:
    """The evidence that `encode_evidence` was given; without `executed` it has no notebooks."""
    return Evidence.from_json({**unpack(facts), "executed": {} if executed is None else unpack(executed)})
