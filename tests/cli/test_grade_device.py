"""`grade --device`: the CPU as a stated fall-back, and a card that is insisted on where there is none."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.cli.main import main
from autograder.sandbox.cards import Card

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence needs Linux")
PREFERS = "device: {prefer: cuda, memory: 4 GiB}"
REQUIRES = "device: {prefer: cuda, require: true, memory: 4 GiB}"

CELL = {"id": "a", "cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"autograder": {"assignment": "small", "notebook": "small.ipynb"}},
    "cells": [{**CELL, "source": "def zero(): return 0\ndef first(): return 1\ndef second(): return 2"}],
}


@pytest.fixture(autouse=True)
def no_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a card: the program that tells of cards tells of none."""
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'No devices were found'\nexit 6\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def grade(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, device: str, *options: str) -> tuple[int, str]:
    """Grade two students with this line in assignment.yml; exit code and what went to stderr."""
    settings = course / "assignments" / "small" / "assignment.yml"
    settings.write_text(f"{settings.read_text()}{device}\n")
    (course / "submissions").mkdir()
    (course / "submissions" / "ada.ipynb").write_text(json.dumps(NOTEBOOK))
    (course / "submissions" / "bob.ipynb").write_text("no notebook")
    monkeypatch.chdir(course)
    with pytest.raises(SystemExit) as ended:
        main(["grade", "small", "submissions", "--results", "r.jsonl", *options])
    return int(ended.value.code or 0), capsys.readouterr().err


def test_cpu_where_no_card_is(own_course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """A card that is only preferred: everybody is graded on the CPU, and it is said once for all."""
    code, told = grade(own_course, monkeypatch, capsys, PREFERS)
    assert code == 0
    assert told.count("The assignment prefers a card, and no card was found: graded on the CPU.") == 1
    results = [json.loads(line) for line in (own_course / "r.jsonl").read_text().splitlines()]
    assert [(result["device"], result["flags"]) for result in results] == [("cpu", [])] * 2


@pytest.mark.parametrize(
    ("device", "options", "words"),
    [
        (REQUIRES, [], "the assignment requires a card (device: require), and no card was found. Nothing was graded."),
        (REQUIRES, ["--device", "cuda"], "Nothing was graded"),
        (REQUIRES, ["--device", "cpu"], "leave --device away"),
        (PREFERS, ["--device", "cuda"], "--device cuda: no card was found. Grade on the CPU with --device cpu."),
        (PREFERS, ["--device", "cuda", "--trust-this-code"], "a card is used with the full fence only"),
    ],
)
def test_card_that_is_insisted_on(
    own_course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, device: str, options: list[str], words: str
) -> None:
    """Exit 2 with what to do, before anything is graded or recorded."""
    code, told = grade(own_course, monkeypatch, capsys, device, *options)
    assert code == 2
    assert words in told
    assert not (own_course / ".autograder").exists()


def test_nothing_is_said_where_the_cpu_is_wanted(
    own_course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """`--device cpu` for an assignment that only prefers a card: not a word."""
    code, told = grade(own_course, monkeypatch, capsys, PREFERS, "--device", "cpu")
    assert (code, "card" in told) == (0, False)


def test_card_is_used(own_course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Where there is a card, the class is graded on it, it is said once, and the gradebook has the reports."""
    card = Card("a\x1bcard", 2**34, 2**34, torch="cpu", nodes=("/dev/full",), started="/dev/full")
    monkeypatch.setattr("autograder.cli.grade.find_cards", lambda: ([card], ""))
    code, told = grade(own_course, monkeypatch, capsys, PREFERS)
    assert code == 0
    assert told.count("Its device nodes are within students' reach.") == 1
    assert "\x1b" not in told
    ada, bob = (json.loads(line) for line in (own_course / "r.jsonl").read_text().splitlines())
    assert (ada["outcome"], bob["outcome"]) == ("graded", "rejected"), ada["reason"]
    verdicts = {test["id"]: test["verdict"] for question in ada["questions"] for test in question["tests"]}
    assert [test for test, verdict in verdicts.items() if verdict == "passed"] == ["test_zero", "test_first"]


def test_card_whose_nodes_are_missing(own_course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """A card that could not be shown to students is refused with the command that mends it."""
    card = Card("card", 2**34, 2**34, index=2, nodes=("/dev/nvidia-that-is-missing",))
    monkeypatch.setattr("autograder.cli.grade.find_cards", lambda: ([card], ""))
    code, told = grade(own_course, monkeypatch, capsys, PREFERS)
    assert code == 2
    assert "nvidia-modprobe -u -c=2`, or grade with --device cpu." in told
