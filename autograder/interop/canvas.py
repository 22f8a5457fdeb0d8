"""QTI 1.2 as Canvas and others export it, a zip or a single file → data for a quiz file.

    zip ── imsmanifest.xml and every other XML file with <assessment>, <objectbank> or <item> in it ──▶ items, in order
    item ── its declared question_type, else its response elements ──▶ a reader below, or a reason

Sources: instructure/canvas-lms (importer and question types), instructure/qti (fixtures).
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from autograder.interop.canvasitem import Item
from autograder.interop.canvaskinds import read_item
from autograder.interop.carried import Imported, Note, broken, identifier
from autograder.interop.fromhtml import plain, to_markdown
from autograder.interop.package import Package
from autograder.interop.xmlio import Element, below, children, local, parse, text_of

_ROOTS = ("questestinterop",)
_FILE_BASES = ("$IMS-CC-FILEBASE$", "$IMS_CC_FILEBASE$", "$IMS_CC_FILE_BASE$")
_META = "assessment_meta.xml"
_KEEP = {"keep_highest": "best", "keep_latest": "last", "keep_average": "mean"}
_SETTINGS = {
    "time_limit": "the limit on time",
    "due_at": "when it is due",
    "unlock_at": "when it opens",
    "lock_at": "when it closes",
    "access_code": "the access code",
    "one_question_at_a_time": "one question at a time",
}


def read_package(data: bytes, name: str) -> Imported:
    """The questions in a zip. CourseError if the package is not to be trusted, or holds no quiz."""
    package = Package(data, name)
    roots: list[Element] = []
    title, description, settings = "", "", None
    for file in package.names:
        path = PurePosixPath(file)
        if path.suffix.lower() not in (".xml", ".qti") or path.name == "imsmanifest.xml":
            continue
        element = parse(package.read(file), f"{name}: {file}")
        if local(element) in _ROOTS:
            roots.append(element)
        elif path.name == _META and local(element) == "quiz":
            title, description, settings = plain(text_of(element, "title")), text_of(element, "description"), element
    if not roots:
        raise broken(name, "the package holds no quiz in QTI 1.2", "export it from Canvas as a QTI zip file")
    found = Imported(title=title)
    if len(roots) > 1:
        found.warnings.append(Note("", f"that these were {len(roots)} quizzes: they are one here"))
    reader = _Reader(found, package)
    found.text = reader.markdown(description, [])
    for element in roots:
        reader.document(element)
    if settings is not None:
        _apply(settings, found)
    return found


def _apply(settings: Element, found: Imported) -> None:
    """The settings of the whole quiz that we have too."""
    most = plain(text_of(settings, "allowed_attempts"))
    keep = _KEEP.get(plain(text_of(settings, "scoring_policy")), "best")
    found.attempts = {"keep": keep} | ({"most": int(most)} if re.fullmatch(r"[1-9][0-9]{0,2}", most) else {})
    if plain(text_of(settings, "shuffle_answers")) == "false":
        for draft in found.drafts:
            if draft.data["kind"] in ("single", "multiple"):
                draft.data["shuffle"] = False
    for name, words in _SETTINGS.items():
        if plain(text_of(settings, name)).lower() not in ("", "false"):
            found.warnings.append(Note("", words))


def read_file(data: bytes, name: str) -> Imported:
    """The questions in a single QTI 1.2 file. CourseError if it is none."""
    element = parse(data, name)
    if local(element) not in _ROOTS:
        wrong = f"the file begins with <{local(element)[:40]}>, not with <questestinterop>"
        raise broken(name, wrong, "export the quiz from Canvas as a QTI zip file")
    found = Imported()
    _Reader(found, None).document(element)
    return found


class _Reader:
    """Goes through a document, and finds the pictures of the package."""

    def __init__(self, found: Imported, package: Package | None) -> None:
        self._found, self._package = found, package
        self._files = {} if package is None else {_plain_name(file): file for file in package.names}

    def document(self, element: Element) -> None:
        """All items of a document, and its groups of questions as pools."""
        assessment = next(below(element, "assessment", "objectbank"), None)
        if assessment is not None:
            self._found.title = self._found.title or plain(assessment.get("title") or "")
        self._inside(element)

    def _inside(self, element: Element) -> None:
        for each in children(element):
            match local(each):
                case "item" | "bankentry_item":
                    self._item(each)
                case "section" if pick := text_of(each, "selection_ordering", "selection", "selection_number"):
                    self._pool(each, pick)
                case "section" | "assessment" | "objectbank":
                    self._inside(each)

    def _item(self, element: Element, points: str = "") -> str | None:
        item = Item(element, self.markdown, points)
        label = item.label or f"question {len(self._found.drafts) + 1}"
        data = self._found.take(label, lambda lost: read_item(item, lost))
        return None if data is None else str(data["id"])

    def _pool(self, element: Element, pick: str) -> None:
        worth = text_of(element, "selection_ordering", "selection", "selection_extension", "points_per_item").strip()
        ids = [self._item(each, worth) for each in children(element, "item")]
        kept = [each for each in ids if each is not None]
        if not kept or not re.fullmatch(r"[1-9][0-9]{0,3}", pick.strip()):
            wrong = "a group of questions that picks none, or whose questions lie elsewhere"
            self._found.warnings.append(Note("", wrong))
            return
        title = plain(element.get("title") or "")
        taken = {pool["id"] for pool in self._found.pools} | {draft.data["id"] for draft in self._found.drafts}
        wanted = identifier(element.get("ident"), title) or "pool"
        names = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
        name = next(each for each in names if each not in taken)
        self._found.pools.append({"id": name, "pick": min(int(pick), len(kept)), "questions": kept})

    def markdown(self, html: str, lost: list[str]) -> str:
        """Markup of the document as Markdown."""
        return to_markdown(html, lost, self._picture)

    def _picture(self, address: str) -> str | None:
        name = unquote(address)
        for base in _FILE_BASES:
            name = name.removeprefix(base)
        file = self._files.get(_plain_name(name.partition("?")[0]))
        if file is None or self._package is None:
            return None
        return self._found.picture(PurePosixPath(file).name, self._package.read(file))


def _plain_name(file: str) -> str:
    """A file's name as references mean it: Canvas puts what lies in web_resources/ at the top."""
    return unquote(file).strip("/").removeprefix("web_resources/")
