"""A quiz → Moodle's XML of questions. Source: moodle/moodle, question/format/xml/format.php."""

from __future__ import annotations

import base64
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from urllib.parse import quote

from autograder.interop.carried import Exported
from autograder.interop.grades import shares_of, to_percent
from autograder.interop.leaving import Carrier, is_local, local_pictures, margin, picture_bytes
from autograder.interop.rubrics import rubric_text
from autograder.interop.textkeys import exact_texts
from autograder.interop.tohtml import Formulas, to_html, words
from autograder.interop.xmlio import Element, add, root, to_bytes
from autograder.quiz.questions import (
    MatchQuestion,
    MultipleQuestion,
    NumericQuestion,
    OpenQuestion,
    OrderQuestion,
    Question,
    Quiz,
    SingleQuestion,
    TextQuestion,
)  # fmt: skip

_TYPES = {
    "single": "multichoice",
    "multiple": "multichoice",
    "numeric": "numerical",
    "text": "shortanswer",
    "match": "matching",
    "order": "ordering",
    "open": "essay",
}
_ORDER_RULES = {"whole": "ALL_OR_NOTHING", "position": "ABSOLUTE_POSITION", "pairs": "RELATIVE_NEXT_EXCLUDE_LAST"}


def write(quiz: Quiz) -> Exported:
    """The quiz as Moodle XML, its pictures inside."""
    carrier = Carrier("Moodle", ("tags", "title", "points"), _Writer(quiz).question)
    made, warnings, refused = carrier.each(quiz)
    top = root("quiz")
    category = add(add(top, "question", type="category"), "category")
    add(category, "text", f"$course$/top/{quiz.title.replace('/', '//')}")
    top.extend([element for _, element in made])
    return Exported(to_bytes(top), tuple(warnings), tuple(refused), len(made))


class _Writer:
    def __init__(self, quiz: Quiz) -> None:
        self._quiz = quiz

    def question(self, question: Question, lost: list[str]) -> Element:
        """One <question>. Raises Refused."""
        element = root("question", type=_TYPES.get(question.kind, ""))
        add(add(element, "name"), "text", question.title or question.id)
        self._text(element, "questiontext", question.prompt)
        self._text(element, "generalfeedback", question.explanation or "")
        add(element, "defaultgrade", f"{question.points:f}")
        add(element, "penalty", "0")
        add(element, "hidden", "0")
        add(element, "idnumber", question.id)
        match question:
            case SingleQuestion() | MultipleQuestion():
                self._choices(element, question, lost)
            case NumericQuestion():
                value, tolerance = margin(question.answer, lost, "Moodle")
                answer = self._answer(element, f"{value:f}", Fraction(1))
                add(answer, "tolerance", f"{tolerance:f}")
            case TextQuestion():
                self._short(element, question, lost)
            case MatchQuestion():
                self._pairs(element, question, lost)
            case OrderQuestion():
                self._order(element, question, lost)
            case OpenQuestion():
                self._essay(element, question, lost)
        if question.tags:
            tags = add(element, "tags")
            for tag in question.tags:
                add(add(tags, "tag"), "text", tag)
        return element

    def _text(self, parent: Element, name: str, markdown: str, *, inline: bool = False) -> Element:
        made = add(parent, name, format="html")
        add(made, "text", to_html(markdown, Formulas.MATHJAX, self._address, inline=inline))
        self._files(made, markdown)
        return made

    def _files(self, parent: Element, markdown: str) -> None:
        for path in local_pictures(markdown):
            coded = base64.b64encode(picture_bytes(self._quiz, path)).decode("ascii")
            add(parent, "file", coded, name=PurePosixPath(path).name, path="/", encoding="base64")

    def _address(self, path: str) -> str:
        return f"@@PLUGINFILE@@/{quote(PurePosixPath(path).name)}" if is_local(path) else path

    def _answer(self, parent: Element, text: str, share: Fraction) -> Element:
        made = add(parent, "answer", fraction=to_percent(share), format="plain_text")
        add(made, "text", text)
        return made

    def _choices(self, element: Element, question: SingleQuestion | MultipleQuestion, lost: list[str]) -> None:
        add(element, "single", "true" if isinstance(question, SingleQuestion) else "false")
        add(element, "shuffleanswers", str(question.shuffle).lower())
        add(element, "answernumbering", "ABCD")
        for choice, share in zip(question.choices, shares_of(question, lost), strict=True):
            answer = add(element, "answer", fraction=to_percent(share), format="html")
            add(answer, "text", to_html(choice.text, Formulas.MATHJAX, self._address, inline=True))
            self._files(answer, choice.text)
            self._text(answer, "feedback", choice.feedback or "")

    def _short(self, element: Element, question: TextQuestion, lost: list[str]) -> None:
        texts, case = exact_texts(question.answer, lost, "Moodle")
        add(element, "usecase", "1" if case else "0")
        for text in texts:
            self._answer(element, text.replace("*", "\\*"), Fraction(1))

    def _pairs(self, element: Element, question: MatchQuestion, lost: list[str]) -> None:
        add(element, "shuffleanswers", str(question.shuffle).lower())
        rights = [("", text) for text in question.distractors]
        for left, right in [*((pair.left, pair.right) for pair in question.pairs), *rights]:
            made = self._text(element, "subquestion", left, inline=True)
            shown = words(right)
            if shown != right:
                lost.append("markup in a right side of a pair: Moodle shows plain text there")
            add(add(made, "answer"), "text", shown)

    def _order(self, element: Element, question: OrderQuestion, lost: list[str]) -> None:
        lost.append("to Moodle before 4.4, which has no such questions without the plugin “ordering”")
        add(element, "layouttype", "VERTICAL")
        add(element, "selecttype", "ALL")
        add(element, "selectcount", "0")
        add(element, "gradingtype", _ORDER_RULES[question.scoring.value])
        for place, item in enumerate(question.choices, 1):
            answer = add(element, "answer", fraction=f"{Decimal(place)}.0000000", format="html")
            add(answer, "text", to_html(item.text, Formulas.MATHJAX, self._address, inline=True))
            self._files(answer, item.text)

    def _essay(self, element: Element, question: OpenQuestion, lost: list[str]) -> None:
        add(element, "responseformat", "editor")
        add(element, "responserequired", "1")
        add(element, "responsefieldlines", "10")
        add(element, "attachments", "0")
        if question.credit == "participation":
            lost.append("points for taking part: a person gives them in Moodle")
        self._text(element, "graderinfo", rubric_text(question))
