"""What was imported → a quiz file and its pictures. What the loader refuses is left out, with the loader's words."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.problems import shortened
from autograder.errors import CourseError
from autograder.interop.carried import FOLDER, Data, Imported, Note, broken, notes
from autograder.interop.yamlout import quiz_text
from autograder.quiz.load import load_quiz

_KEY = re.compile(r"questions\[([^\]]+)\]")


@dataclass(frozen=True, slots=True)
class Placed:
    """A quiz file's text, the pictures for the folder beside it, and everything that is to be said."""

    text: str
    pictures: Mapping[str, bytes]
    questions: tuple[str, ...]
    warnings: tuple[Note, ...]
    refused: tuple[Note, ...]


def place(found: Imported, quiz_id: str, remarks: list[str]) -> Placed:
    """The quiz file named `quiz_id`, which `load_quiz` accepts; no text if no question is left."""
    drafts = [replace(each, data=_with_folder(each.data, quiz_id)) for each in found.drafts]
    refused = list(found.refused)
    while drafts:
        kept = {draft.data["id"] for draft in drafts}
        pools, sentences = _pools(found.pools, kept)
        head: Data = {"quiz": quiz_id, "title": found.title or quiz_id}
        head |= {"text": found.text} if found.text else {}
        head |= {"attempts": found.attempts} if found.attempts else {}
        head |= {"pools": pools} if pools else {}
        general = [note.message for note in found.warnings] + sentences
        said = [*remarks, *(f"Not carried over: {message}" for message in general)]
        text = quiz_text(head, drafts, said, refused)
        faults = _judged(text, quiz_id, [draft.data["id"] for draft in drafts])
        if not faults:
            warnings = [*notes("", general), *(note for each in drafts for note in notes(each.data["id"], each.lost))]
            pictures = {name: data for name, data in found.pictures.items() if f"{quiz_id}/{name}" in text}
            return Placed(text, pictures, tuple(each.data["id"] for each in drafts), tuple(warnings), tuple(refused))
        refused += [Note(name, message) for name, message in faults.items()]
        drafts = [draft for draft in drafts if draft.data["id"] not in faults]
    return Placed("", {}, (), tuple(found.warnings), tuple(refused))


def _with_folder(data: Data, quiz_id: str) -> Data:
    def changed(value: object) -> object:
        if isinstance(value, str):
            return value.replace(f"]({FOLDER}/", f"]({quiz_id}/")
        if isinstance(value, dict):
            return {key: changed(each) for key, each in value.items()}
        return [changed(each) for each in value] if isinstance(value, list | tuple) else value

    return {key: changed(value) for key, value in data.items()}


def _pools(pools: list[Data], kept: set[str]) -> tuple[list[Data], list[str]]:
    """The pools with the questions that are left; a pool that can no longer pick is gone, which is said."""
    left: list[Data] = []
    sentences: list[str] = []
    for pool in pools:
        names = [name for name in pool["questions"] if name in kept]
        if len(names) >= pool["pick"] and names:
            left.append({**pool, "questions": names})
        else:
            sentences.append(f"the pool `{pool['id']}`: it picks {pool['pick']} and {len(names)} questions are left")
    return left, sentences


def _judged(text: str, quiz_id: str, ids: list[str]) -> dict[str, str]:
    """What the loader has against each question. CourseError if the fault lies in no question."""
    faults: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="autograder-import-") as folder:
        path = Path(folder) / f"{quiz_id}.yml"
        path.write_text(text, encoding="utf-8")
        try:
            load_quiz(path)
        except CourseError as error:
            for problem in error.problems:
                at = _KEY.search(problem.key or "")
                # Problems name a question by its shortened id; one that cannot be found again ends the import.
                names = [name for name in ids if at is not None and at[1] == shortened(name)]
                if not names:
                    raise broken(path.name, f"the quiz cannot be made: {problem.message}", problem.remedy) from None
                for name in names:
                    faults.setdefault(name, f"{problem.message} ({problem.remedy})")
    return faults
