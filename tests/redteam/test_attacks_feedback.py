"""The attacks on readers get through where the one thing that holds them is switched off: their checks can fail.

Not tried: what a separate process of ours does (intake's caps and its sentences on archives; the refusal of file names
on the command line), and attack 35, since no code has a say there that could be taken away.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable

import pytest

from autograder.dispatch import collect, digest, finding
from autograder.gradebook import export
from autograder.grading import endings, handing
from autograder.grading.material import Material
from autograder.reports import rendering, sanitise
from autograder.reports.redact import for_staff

from .attacks_feedback import ATTACKS as FEEDBACK
from .attacks_files import ATTACKS as FILES
from .attacks_signs import ATTACKS as SIGNS
from .ground import Ground
from .harness import one

ATTACKS = {attack.name: attack for attack in (*FEEDBACK, *FILES, *SIGNS)}
NOTHING = re.compile(r"(?!)")
Patch = pytest.MonkeyPatch


def everybody_is_staff(patch: Patch) -> None:
    """Students get the view of staff."""
    page = importlib.import_module("autograder.reports.student_page")  # the package has a function of that name
    patch.setattr(page, "for_student", lambda grading, info: for_staff(grading, info).public)


def public_tests_last(patch: Patch) -> None:
    """Hidden tests run before public ones, in the same scratch."""
    planned = Material.planned.fget
    assert planned is not None
    patch.setattr(Material, "planned", property(lambda material: planned(material)[::-1]))


def statuses_are_told(patch: Patch) -> None:
    """Students are told with which status or signal their code ended."""
    patch.setattr(endings, "_CHOSEN", NOTHING)


def templates_escape_nothing(patch: Patch) -> None:
    """Pages hold what is put into them as it stands."""
    environment = rendering._environment()
    environment.autoescape = False
    patch.setattr(rendering, "_ENVIRONMENT", environment)


def nothing_is_made_visible(patch: Patch) -> None:
    """Control, zero-width and bidirectional signs pass."""
    for name in ("_TROUBLE", "_COLOUR", "_UNSEEN"):
        patch.setattr(sanitise, name, NOTHING)


def files_hide_signs(patch: Patch) -> None:
    """Only files that programs read: results and tables."""
    patch.setattr(sanitise, "_UNSEEN", NOTHING)


def tables_are_plain(patch: Patch) -> None:
    """Cells are written as they are."""
    patch.setattr(export, "guard", str)


def signs_are_not_spelled(patch: Patch) -> None:
    """Cells are guarded against formulas alone."""
    patch.setattr(export, "_is_hidden", lambda cell, place: False)


def separators_are_forgotten(patch: Patch) -> None:
    """Cells are guarded at their beginning alone."""
    patch.setattr(export, "_INNER", NOTHING)


def links_are_followed(patch: Patch) -> None:
    """Files are opened as most programs open them."""
    for module in (handing, digest):
        patch.setattr(module.os, "O_NOFOLLOW", 0)
    for module in (finding, collect):
        patch.setattr(module, "is_plain", os.path.isfile)


@pytest.mark.parametrize(
    ("name", "variant", "switch_off"),
    [
        ("hidden inputs, to staff", "raise", everybody_is_staff),
        ("hidden inputs, to staff", "a class of that name", everybody_is_staff),
        ("hidden inputs, by a detour", "for a public test, by a file", public_tests_last),
        ("hidden inputs, by a detour", "for a public test, by shared memory", public_tests_last),
        ("hidden inputs, a byte at a time", "statuses and signals", statuses_are_told),
        ("outputs that act", "script", templates_escape_nothing),
        ("outputs that act", "handlers", templates_escape_nothing),
        ("signs that hide or move", "set the clipboard", nothing_is_made_visible),
        ("signs that hide or move", "a carriage return", nothing_is_made_visible),
        ("signs that hide or move", "eight-bit sequences", files_hide_signs),
        ("signs that hide or move", "bidirectional text", signs_are_not_spelled),
        ("ids that act in a table", "a formula", tables_are_plain),
        ("ids that act in a table", "a line break", signs_are_not_spelled),
        ("ids that act in a table", "behind a separator", separators_are_forgotten),
        ("no plain file", "link", links_are_followed),
    ],
    ids=lambda value: value.__name__ if callable(value) else value,
)
def test_attack_gets_through_where_nothing_holds_it(
    ground: Ground, monkeypatch: Patch, name: str, variant: str, switch_off: Callable[[Patch], None]
) -> None:
    """The same submission, held against the same check, is found to have done harm."""
    attack = ATTACKS[name]
    assert variant in attack.variants
    switch_off(monkeypatch)
    try:
        problems = one(attack, ground, variant)
    except AssertionError as error:
        problems = [str(error)]
    assert problems
    monkeypatch.undo()
    assert one(attack, ground, variant) == []
