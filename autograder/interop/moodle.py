"""Moodle's XML of questions → data for a quiz file. Source: moodle/moodle, question/format/xml/format.php."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from urllib.parse import unquote

from autograder.interop.carried import Data, Imported, Note, Refused, broken, identifier
from autograder.interop.fromhtml import escaped, plain, to_markdown
from autograder.interop.grades import from_percent, multiple_from, single_from
from autograder.interop.rubrics import rubric_from
from autograder.interop.typed import Number, number, numeric_from, text_from
from autograder.interop.xmlio import Element, below, child, children, local, parse, text_of

_USUAL_FEEDBACK = ("your answer is correct", "your answer is partially correct", "your answer is incorrect")
_ORDER_RULES = {
    **dict.fromkeys(("ALL_OR_NOTHING", "-1"), "whole"),
    **dict.fromkeys(("ABSOLUTE_POSITION", "0"), "position"),
    **dict.fromkeys(("RELATIVE_NEXT_EXCLUDE_LAST", "1"), "pairs"),
}


def read(data: bytes, name: str) -> Imported:
    """The questions in a file of Moodle's XML. CourseError if it is none."""
    root = parse(data, name)
    if local(root) != "quiz":
        wrong = f"the file begins with <{local(root)[:40]}>, not with <quiz>"
        raise broken(name, wrong, "export the questions from Moodle as Moodle XML")
    found = Imported()
    for place, element in enumerate(children(root, "question"), 1):
        if element.get("type") == "category":
            found.title = found.title or plain(text_of(element, "category", "text")).rpartition("/")[2]
            continue
        label = plain(text_of(element, "name", "text")) or f"question {place}"
        found.take(label, _Question(element, found).data)
    if any(text_of(each, "penalty").strip("0. \n") for each in children(root, "question")):
        found.warnings.append(Note("", "`penalty`, what each further try at a question costs in Moodle"))
    return found


class _Question:
    """One <question>: what all kinds have, and a reader for each kind."""

    def __init__(self, element: Element, found: Imported) -> None:
        self._element, self._found = element, found
        self._lost: list[str] = []

    def data(self, lost: list[str]) -> Data:
        """The question as data. Raises Refused."""
        self._lost = lost
        kind = self._element.get("type") or ""
        if kind not in self._READERS:
            raise Refused(_REASONS.get(kind, f"questions of Moodle's kind {kind[:40]!r} are not known here"))
        name = plain(text_of(self._element, "name", "text"))
        made: Data = {"id": identifier(plain(text_of(self._element, "idnumber")), name)}
        if name and name != made["id"]:
            made["title"] = " ".join(name.split())
        made["prompt"] = self._text(self._element, "questiontext")
        if not made["prompt"]:
            raise Refused("it asks nothing: its text is empty")
        made["points"] = number(text_of(self._element, "defaultgrade") or "1")
        made |= self._READERS[kind](self)
        if explanation := self._text(self._element, "generalfeedback"):
            made["explanation"] = explanation
        tags = [tag for each in below(self._element, "tag") if (tag := identifier(text_of(each, "text")))]
        made |= {"tags": list(dict.fromkeys(tags))} if tags else {}
        self._note_losses()
        return made

    def _note_losses(self) -> None:
        for key in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
            words = plain(re.sub(r"<[^>]*>", " ", text_of(self._element, key, "text"))).strip(". ").lower()
            if words and words not in _USUAL_FEEDBACK:
                self._lost.append(f"the feedback for all right or wrong answers: {words[:60]}")
        if child(self._element, "hint") is not None:
            self._lost.append("its hints")

    def _text(self, parent: Element, name: str) -> str:
        element = parent if name == "." else child(parent, name)
        if element is None:
            return ""
        raw = text_of(element, "text")
        if element.get("format") == "plain_text":
            return escaped(raw)
        if element.get("format") == "moodle_auto_format":
            raw = re.sub(r"\r?\n\s*\r?\n", "<p>", raw)
        if element.get("format") == "markdown":
            return plain(raw)
        files = {each.get("name") or "": each for each in children(element, "file")}
        return to_markdown(raw, self._lost, lambda address: self._picture(address, files))

    def _picture(self, address: str, files: Mapping[str, Element]) -> str | None:
        name = unquote(address).removeprefix("@@PLUGINFILE@@/")
        coded = text_of(files[name]) if name in files else ""
        if address.startswith("data:image/"):
            name, coded = "picture.x", address.partition(",")[2]
        try:
            return self._found.picture(name, base64.b64decode("".join(coded.split()), validate=True)) if coded else None
        except (binascii.Error, ValueError):
            return None

    def _answers(self) -> list[Element]:
        return list(children(self._element, "answer"))

    def _share(self, answer: Element) -> Fraction:
        return from_percent(answer.get("fraction") or "0")

    def _choice(self, answer: Element) -> Data:
        feedback = self._text(answer, "feedback")
        return {"text": self._text(answer, ".")} | ({"feedback": feedback} if feedback else {})

    def _flag(self, name: str, default: bool) -> bool:
        words = text_of(self._element, name).strip().lower()
        return words in ("true", "1") if words else default

    def _choices(self) -> Data:
        choices = [self._choice(each) for each in self._answers()]
        shares = [self._share(each) for each in self._answers()]
        single = self._flag("single", True)
        made = single_from(choices, shares) if single else multiple_from(choices, shares)
        shuffle = {} if self._flag("shuffleanswers", True) else {"shuffle": False}
        return {"kind": "single" if single else "multiple"} | made | shuffle

    def _true_false(self) -> Data:
        choices: list[Data] = []
        for answer in self._answers():
            choice = self._choice(answer)
            choice["text"] = {"true": "True", "false": "False"}.get(choice["text"].lower(), choice["text"])
            choices.append(choice | ({"correct": True} if self._share(answer) == 1 else {}))
        return {"kind": "single", "choices": choices, "shuffle": False}

    def _numerical(self) -> Data:
        numbers: list[Number] = []
        for answer in self._answers():
            if text_of(answer, "text").strip() == "*":
                self._lost.append("what is said to any other number")
                continue
            if self._text(answer, "feedback"):
                self._lost.append("the feedback to certain numbers")
            tolerance = number(text_of(answer, "tolerance") or "0")
            numbers.append(Number(number(text_of(answer, "text")), tolerance, self._share(answer)))
        if child(self._element, "units", "unit") is not None:
            self._lost.append("its units: the answer is the number alone")
        return {"kind": "numeric"} | numeric_from(numbers, self._lost)

    def _short(self) -> Data:
        if any(self._text(answer, "feedback") for answer in self._answers()):
            self._lost.append("the feedback to certain texts")
        texts = [(text_of(answer, "text"), self._share(answer)) for answer in self._answers()]
        return {"kind": "text"} | text_from(texts, self._lost, case=self._flag("usecase", False))

    def _matching(self) -> Data:
        pairs: list[Data] = []
        distractors: list[str] = []
        for each in children(self._element, "subquestion"):
            left, right = self._text(each, "."), escaped(text_of(each, "answer", "text"))
            if left:
                pairs.append({"left": left, "right": right})
            else:
                distractors.append(right)
        made: Data = {"kind": "match", "pairs": pairs} | ({"distractors": distractors} if distractors else {})
        return made | ({} if self._flag("shuffleanswers", True) else {"shuffle": False})

    def _essay(self) -> Data:
        points = number(text_of(self._element, "defaultgrade") or "1")
        words = self._text(self._element, "graderinfo")
        return {"kind": "open"} | rubric_from(words, points)

    def _ordering(self) -> Data:
        answers = sorted(self._answers(), key=lambda each: number(each.get("fraction") or "0"))
        rule = plain(text_of(self._element, "gradingtype")).upper()
        if rule not in _ORDER_RULES:
            self._lost.append(f"its way of scoring, {rule.lower()[:60] or 'not said'}: it is `pairs` here")
        texts = [{"text": self._text(each, ".")} for each in answers]
        return {"kind": "order", "choices": texts, "scoring": _ORDER_RULES.get(rule, "pairs")}

    _READERS: Mapping[str, Callable[[_Question], Data]] = {
        "multichoice": _choices,
        "truefalse": _true_false,
        "numerical": _numerical,
        "shortanswer": _short,
        "matching": _matching,
        "essay": _essay,
        "ordering": _ordering,
    }


_REASONS = {
    "description": "it is a text that asks nothing",
    "cloze": "it has several blanks in one text (cloze): make each a question of its own",
    "multianswer": "it has several blanks in one text (cloze): make each a question of its own",
    "calculated": "its numbers are drawn by Moodle's own formulas: write it with `parameters:`",
    "calculatedsimple": "its numbers are drawn by Moodle's own formulas: write it with `parameters:`",
    "calculatedmulti": "its numbers are drawn by Moodle's own formulas: write it with `parameters:`",
    "randomsamatch": "it is drawn from other questions",
    "random": "it is drawn from a category of Moodle's question bank",
}
