"""Where attacks take place: the course, a workshop that grades it, and fences without one rule each.

The course lies inside the interpreter's own folder where that can be written. There it is in the student's image but
for what the fence covers; anywhere else it would not be there at all.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from autograder.cli.common import describe
from autograder.course import load_assignment, load_course
from autograder.grading.attempt import Patience
from autograder.grading.material import load_material
from autograder.grading.workshop import Graded, Submitted, Workshop
from autograder.notebook import submission_notebook, to_bytes
from autograder.reports import student_page
from autograder.sandbox import libc
from autograder.sandbox.channel import ChannelClosed, ChannelTimeout, ProtocolFault
from autograder.sandbox.host import Fence
from autograder.sandbox.limits import Limits
from autograder.sandbox.rules import Rule
from autograder.sandbox.slots import Slots

from .course import INPUT, PATTERN, RIGHT_TILL, RIGHT_VAULT, TORCH, VAULT, WRONG_VAULT, write_course

__all__ = ["LIMITS", "MARK", "PRELUDE", "TORCH", "VAULT", "Ground", "Seen", "loot_in"]

LIMITS = Limits(
    notebook_seconds=10,
    test_seconds=2,
    prepare_seconds=2,
    memory=512 * 2**20,
    scratch=64 * 2**20,
    files=2000,
    processes=64,
    descriptors=256,
    file_size=32 * 2**20,
)
MARK = f"redteam-mark-{secrets.token_hex(6)}"
"""In the name of every file that an attack leaves where it can."""
PRELUDE = """
import json
START, CANARY, MARK = {start!r}, {canary!r}, {mark!r}
class Loot(Exception):
    def __init__(self, things):
        super().__init__("LOOT: " + json.dumps(sorted(set(map(str, things)))))
def loot(things):
    if things:
        print(Loot(things), flush=True)
"""
BYSTANDER = "another process's command line"
OPERATOR = "the operator's files"
ENVIRONMENT = "the operator's environment"
_VARIABLE = "REDTEAM_SECRET"
_SECONDS = 60.0
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_NAME = "vault.ipynb"


@dataclass(frozen=True)
class Seen:
    """What became of one submission. `verdicts` is None where it was not graded; `shown` is all that students see.

    `loot` is what the attack says that it got; `facts` holds what else a check wants to know.
    """

    verdicts: Mapping[str, str] | None
    loot: tuple[str, ...]
    shown: str
    graded: Graded | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def messages(self) -> dict[str, str]:
        """What students are told of each test, where they are told something."""
        assert self.graded is not None
        tests = [test for question in self.graded.grading.report.questions for test in question.tests]
        return {test.id: test.message for test in tests if test.message}

    @property
    def details(self) -> Mapping[str, str]:
        """What staff are told of each test."""
        assert self.graded is not None
        return self.graded.grading.evidence.details

    @property
    def printed(self) -> str:
        """What the notebook's cells printed."""
        assert self.graded is not None
        return "\n".join(_texts(self.graded.grading.evidence.executed.values()))


class Ground:
    """Context manager over everything that attacks need. One is used for all of them."""

    def __init__(self) -> None:
        self.clean = False
        self._faults: list[str] = []
        self._fences: dict[Rule, tuple[Fence, Slots]] = {}

    def __enter__(self) -> Ground:
        inside = os.access(sys.prefix, os.W_OK)
        self._bystander: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="redteam-", dir=sys.prefix if inside else None))
        self.folder.chmod(0o755)
        try:
            self.root = self.folder / "course"
            self.canaries = write_course(self.root)
            self.open_folder = self.folder / "anybody"
            self.open_folder.mkdir()
            self.open_folder.chmod(0o777)
            for place in (BYSTANDER, ENVIRONMENT):
                self.canaries[place] = f"canary-{secrets.token_hex(12)}"
            os.environ[_VARIABLE] = self.canaries[ENVIRONMENT]
            command = ["sh", "-c", "sleep 3600; exit", self.canaries[BYSTANDER]]
            self._bystander = subprocess.Popen(command, process_group=0)
            self.course = load_course(self.root)
            self.assignment = load_assignment(self.course, "vault")
            self.info = describe(self.course, self.assignment)
            self.material = load_material(self.assignment)
            self.tests = tuple(test.id for test in self.assignment.tests)
            self.uploads = Path(tempfile.mkdtemp(prefix="redteam-uploads-"))
            self.canaries[OPERATOR] = f"canary-{secrets.token_hex(12)}"
            (self.uploads / "course-notes.yml").write_text(self.canaries[OPERATOR])
            self._notebook = submission_notebook(self.material.masters[0], self.material.releases[0])
            libc.prctl(_SUBREAPER, 1)  # whatever escapes a fence becomes our child, and is found
            self.workshop = Workshop(self.material, jobs=1, seed=5, limits=LIMITS)
            self._note_faults()
            self.workshop.start()
            self.workshop.wait_ready()
            for _ in range(3):  # every slot has been used once
                self.honest()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for fence, _slots in self._fences.values():
            fence.close()
        if hasattr(self, "workshop"):
            self.workshop.close()
        libc.prctl(_SUBREAPER, 0)
        os.environ.pop(_VARIABLE, None)
        if self._bystander is not None:
            os.killpg(self._bystander.pid, signal.SIGKILL)
            self._bystander.wait()
        for folder in (self.folder, getattr(self, "uploads", self.folder)):
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def inside(self) -> bool:
        """Whether the course lies in the interpreter's own folder."""
        return self.folder.is_relative_to(sys.prefix)

    def honest(self) -> Seen:
        """An honest submission, graded."""
        return self.graded("honest", self.notebook(RIGHT_VAULT))

    def robbed(
        self,
        cells: Sequence[str],
        *,
        limits: Mapping[str, float | int] | None = None,
        wall: float | None = None,
        student: str = "mallory",
    ) -> Seen:
        """The submission of an attack, graded, under other limits or another far wall clock where they are given."""
        notebook = self.notebook(WRONG_VAULT, self.prepared(cells))
        with self.under(limits or {}, wall):
            return self.graded(student, notebook)

    @contextlib.contextmanager
    def under(self, limits: Mapping[str, float | int], wall: float | None) -> Any:
        """Grade with other limits, or with another far wall clock and no second chance for sleepers."""
        crew = self.workshop._crew
        assert crew is not None
        before = crew.limits, crew.patience
        crew.limits = replace(crew.limits, **limits)  # type: ignore[arg-type]
        if wall is not None:
            seconds = wall
            crew.patience = Patience(wall=lambda cpu_seconds: seconds, second_chance=False)
        try:
            yield
        finally:
            crew.limits, crew.patience = before

    def notebook(self, vault: str, cells: Iterable[str] = ()) -> dict[str, Any]:
        """A notebook with these answers and, at its end, these cells."""
        notebook = copy.deepcopy(self._notebook)
        for cell in notebook["cells"]:
            if cell["id"] == "vault-answer-1":
                cell["source"] = vault
            elif cell["id"] == "till-answer-1":
                cell["source"] = RIGHT_TILL
        code: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        notebook["cells"] += [{**code, "id": f"own-{n}", "source": source} for n, source in enumerate(cells)]
        return notebook

    def prepared(self, cells: Sequence[str], start: str = "/") -> list[str]:
        """The cells with what the first of them needs."""
        return [PRELUDE.format(start=start, canary=PATTERN, mark=MARK).strip(), *map(_plain, cells)]

    def graded(self, student: str, notebook: Mapping[str, Any] | bytes) -> Seen:
        """A notebook handed in and graded."""
        path = self.uploads / student / _NAME
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(notebook if isinstance(notebook, bytes) else to_bytes(notebook))
        return self.graded_as(Submitted(student, {_NAME: path}))

    def graded_as(self, submitted: Submitted) -> Seen:
        """A submission graded, by processes of ours that live on."""
        generation = self.workshop._generation
        graded = self.workshop.grade(submitted, submitted.student)
        faults, self._faults = self._faults, []
        assert self.workshop._generation == generation, f"processes of ours had to be started again: {faults}"
        return self.seen(graded)

    def _note_faults(self) -> None:
        """Remember what the workshop takes for faults of the machine: it tries again and says nothing."""
        plain = self.workshop._grade

        def grade(*arguments: Any) -> Graded:
            try:
                return plain(*arguments)
            except Exception as error:
                self._faults.append(repr(error))
                raise

        vars(self.workshop)["_grade"] = grade

    def seen(self, graded: Graded) -> Seen:
        """What became of a submission, out of its grading."""
        report, evidence = graded.grading.report, graded.grading.evidence
        verdicts = {test.id: test.verdict.value for question in report.questions for test in question.tests}
        told = [*_texts(evidence.executed.values()), *evidence.details.values()]
        told += [f"{error.name}: {error.message}" for error in evidence.errors]
        shown = json.dumps(report.to_json()) + student_page(graded.grading, self.info)
        return Seen(verdicts or None, tuple(self.own(loot_in("\n".join(told)))), shown, graded)

    def own(self, found: Iterable[str]) -> list[str]:
        """Loot without canaries of other grounds, which share an interpreter with this one, and without the input."""
        ours = {canary for place, canary in self.canaries.items() if place != INPUT}
        return [thing for thing in found if not (names := re.findall(PATTERN, thing)) or ours & set(names)]

    def planted_in(self, text: str) -> list[str]:
        """The places whose canaries stand in a text."""
        return [place for place, canary in self.canaries.items() if canary in text]

    def unruled(
        self, rule: Rule, cells: Sequence[str], *, limits: Mapping[str, float | int] | None = None
    ) -> list[str]:
        """What the cells get in a fence that lacks `rule` alone: their loot."""
        fence, slots = self.without(rule)
        own = replace(LIMITS, **(limits or {}))  # type: ignore[arg-type]
        slot = slots.take()
        student = fence.spawn(slot, own, 5, 0)
        student._expected = None  # such a fence does not hold, and is not looked at
        outputs: list[Any] = []
        try:
            student.wait_ready()
            deadline = time.monotonic() + _SECONDS
            for number, source in enumerate(["import math\nimport numpy as np", WRONG_VAULT, *self.prepared(cells)]):
                student.runner.send(("run", number, source), deadline)
                while (message := student.runner.receive(deadline))[0] != "done":
                    pass
                outputs.append(message[2])
        except (ChannelClosed, ChannelTimeout, ProtocolFault) as error:
            outputs.append(f"(the process ended: {type(error).__name__})")
        finally:
            slots.give(slot, student.kill())
        return self.own(loot_in("\n".join(_texts(outputs))))

    def without(self, rule: Rule) -> tuple[Fence, Slots]:
        """A fence that lacks `rule` alone, kept for the next attack, and its slots."""
        if rule not in self._fences:
            material = self.material
            fence = Fence(material.files, ("numpy",), material.secrets, limits=LIMITS, without=frozenset({rule}))
            self._fences[rule] = fence, Slots(3)
        return self._fences[rule]


def loot_in(text: str) -> list[str]:
    """What the LOOT lines of a text name."""
    found: list[str] = []
    for line in re.findall(r"LOOT: (.*)", text):
        try:
            found += json.loads(line)
        except ValueError:
            found.append(line)
    return found


def _plain(cell: str) -> str:
    return dedent(cell).strip()


def _texts(value: Any) -> list[str]:
    """Every text in a JSON value; a list of lines is one text."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = [part for key, part in value.items() if key != "source"]
    return (
        [text for part in value for text in _texts(part)] if isinstance(value, list | tuple | type({}.values())) else []
    )
