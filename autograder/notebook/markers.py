'''The lines that part what students get from what they do not.

    def cosine(u, v):
        """The cosine of the angle between u and v."""
        ### BEGIN SOLUTION
        return u @ v / (norm(u) * norm(v))
        ### END SOLUTION

Students get the stub `raise NotImplementedError  # your code here` at the indentation of the BEGIN line. Another stub
of one line may follow a colon, `### BEGIN SOLUTION: prediction = None`, and nothing after the colon leaves nothing.
Lines outside the region reach students as they are, so a longer scaffold stands there. In a written question the stub
is *Your answer here.* A marker that is nearly right would hand out the solution: it is an error, never plain text.
'''

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CODE_STUB = "raise NotImplementedError  # your code here"
WRITTEN_STUB = "*Your answer here.*"

_MARKER = re.compile(r"^([ \t]*)### (BEGIN|END) SOLUTION(?:[ \t]*(:)[ \t]*(.*?))?[ \t]*$")
_SUSPECT = re.compile(r"^[ \t]*#+[ \t]*(?:BEGIN|END|BEGINNING)[ \t_-]*(?:OF[ \t]+)?(?:SOLUTION|HIDDEN)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Region:
    """One solution region: 0-based indices of its two marker lines, and what students get instead."""

    begin: int
    end: int
    indent: str
    stub: str | None  # None: the default of the cell's kind; "": nothing


@dataclass(frozen=True, slots=True)
class MarkerFault:
    """A marker that is wrong: its 0-based line in the cell and what to do."""

    line: int
    message: str
    remedy: str


def find_regions(source: str) -> tuple[tuple[Region, ...], tuple[MarkerFault, ...]]:
    """The solution regions of a cell, and everything that is wrong with its markers."""
    regions: list[Region] = []
    faults: list[MarkerFault] = []
    opened: tuple[int, str, str | None] | None = None
    for number, indent, word, stub in _markers(source):
        if word is None:
            faults.append(
                MarkerFault(
                    number,
                    "this looks like a solution marker but is none",
                    "write exactly '### BEGIN SOLUTION' or '### END SOLUTION'",
                )
            )
        elif word == "BEGIN":
            if opened is not None:
                remedy = "end the first region before this line"
                faults.append(MarkerFault(number, "a solution begins inside a solution", remedy))
            opened = (number, indent, stub)
        elif opened is None:
            faults.append(MarkerFault(number, "a solution ends that never began", "add '### BEGIN SOLUTION' above"))
        else:
            regions.append(Region(opened[0], number, opened[1], opened[2]))
            opened = None
    if opened is not None:
        remedy = "add '### END SOLUTION' in the same cell"
        faults.append(MarkerFault(opened[0], "a solution begins and never ends", remedy))
    return tuple(regions), tuple(faults)


def _markers(source: str) -> Iterator[tuple[int, str, str | None, str | None]]:
    """(line, indentation, "BEGIN", "END" or None for a near miss, stub) of each line that is or resembles a marker."""
    for number, line in enumerate(source.split("\n")):
        match = _MARKER.match(line)
        if match is not None and not (match.group(2) == "END" and match.group(3)):
            yield number, match.group(1), match.group(2), match.group(4) if match.group(3) else None
        elif _SUSPECT.match(line):
            yield number, "", None, None


def without_solution(source: str, default_stub: str) -> str:
    """The cell as students get it. The markers must be faultless."""
    regions, _ = find_regions(source)
    lines = source.split("\n")
    for region in reversed(regions):
        stub = default_stub if region.stub is None else region.stub
        lines[region.begin : region.end + 1] = [region.indent + stub] if stub else []
    return "\n".join(lines).strip("\n")


def without_markers(source: str) -> str:
    """The cell with its solution but without the marker lines: what a student who knows it all would hand in."""
    regions, _ = find_regions(source)
    marked = {number for region in regions for number in (region.begin, region.end)}
    return "\n".join(line for number, line in enumerate(source.split("\n")) if number not in marked).strip("\n")
