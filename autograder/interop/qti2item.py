"""One question → an assessmentItem of QTI 2.2, its scoring as response processing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from autograder.interop.grades import shares_of
from autograder.interop.leaving import lose_of_answer, margin
from autograder.interop.textkeys import exact_texts
from autograder.interop.tohtml import words
from autograder.interop.xmlio import Element, add, add_markup, root
from autograder.quiz.answers import NumericAnswer
from autograder.quiz.questions import (
    MatchQuestion,
    MultipleQuestion,
    NumericQuestion,
    OpenQuestion,
    OrderQuestion,
    OrderRule,
    Question,
    Rule,
    SingleQuestion,
    TextQuestion,
)  # fmt: skip

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p2"
Html = Callable[..., str]
_UNKNOWN = re.compile(r' (?:start|style)="[^"]*"')
_DIGITS = 12
_HOW = {
    "numeric": ("single", "float"),
    "text": ("single", "string"),
    "order": ("ordered", "identifier"),
    "match": ("multiple", "directedPair"),
    "open": ("single", "string"),
    "single": ("single", "identifier"),
    "multiple": ("multiple", "identifier"),
}


def name_of(question: Question) -> str:
    """An identifier for the item: it must not begin with a digit."""
    return question.id if question.id[0].isalpha() else f"q-{question.id}"


def write_item(question: Question, html: Html, lost: list[str]) -> Element:
    """The <assessmentItem>. Raises Refused."""
    return _Item(question, html, lost).write()


class _Item:
    def __init__(self, question: Question, html: Html, lost: list[str]) -> None:
        self._question, self._html, self._lost = question, html, lost
        title = question.title or question.id
        self._top = root("assessmentItem", QTI, identifier=name_of(question), title=title)
        self._top.set("adaptive", "false")
        self._top.set("timeDependent", "false")
        how = _HOW[question.kind]
        self._response = add(
            self._top, "responseDeclaration", identifier="RESPONSE", cardinality=how[0], baseType=how[1]
        )
        self._outcome("SCORE", "float", "0")
        self._outcome("MAXSCORE", "float", f"{question.points:f}")
        if question.explanation:
            self._outcome("EXPLANATION", "identifier", None)
        if self._has_feedback():
            self._outcome("FEEDBACK", "identifier", None, how[0])
        self._body = add(self._top, "itemBody")
        self._add(self._body, question.prompt)

    def write(self) -> Element:
        """The item, finished."""
        question = self._question
        score: Element | None = None
        match question:
            case SingleQuestion() | MultipleQuestion():
                score = self._choices(question)
            case NumericQuestion():
                score = self._numeric(question.answer)
            case TextQuestion():
                score = self._text(question)
            case OrderQuestion():
                score = self._order(question)
            case MatchQuestion():
                score = self._match(question)
            case OpenQuestion():
                self._open(question)
        if score is not None or question.explanation:
            processing = add(self._top, "responseProcessing")
            if score is not None:
                processing.append(score)
            if question.explanation:
                shown = add(processing, "setOutcomeValue", identifier="EXPLANATION")
                add(shown, "baseValue", "shown", baseType="identifier")
            if self._has_feedback():
                add(add(processing, "setOutcomeValue", identifier="FEEDBACK"), "variable", identifier="RESPONSE")
        if question.explanation:
            shown = add(
                self._top, "modalFeedback", outcomeIdentifier="EXPLANATION", identifier="shown", showHide="show"
            )
            self._add(shown, question.explanation)
        return self._top

    def _has_feedback(self) -> bool:
        return any(getattr(choice, "feedback", None) for choice in getattr(self._question, "choices", ()))

    def _outcome(self, name: str, kind: str, value: str | None, cardinality: str = "single") -> None:
        made = add(self._top, "outcomeDeclaration", identifier=name, cardinality=cardinality, baseType=kind)
        if value is not None:
            add(add(made, "defaultValue"), "value", value)

    def _add(self, parent: Element, markdown: str, *, inline: bool = False) -> None:
        known = _UNKNOWN.sub("", self._html(markdown, inline=inline))
        add_markup(parent, known.replace("<s>", '<span class="struck">').replace("</s>", "</span>"))

    def _correct(self, values: Sequence[str]) -> None:
        correct = add(self._response, "correctResponse")
        for value in values:
            add(correct, "value", value)

    def _mapping(self, entries: Sequence[tuple[str, Fraction]], *, least: Decimal | None = None) -> Element:
        """Give each response its points; the expression that sets the score by them."""
        bounds = {"defaultValue": "0", "upperBound": f"{self._question.points:f}"}
        bounds |= {"lowerBound": f"{least:f}"} if least is not None else {}
        mapping = add(self._response, "mapping", **bounds)
        for key, share in entries:
            add(mapping, "mapEntry", mapKey=key, mappedValue=_amount(share * Fraction(self._question.points)))
        score = root("setOutcomeValue", QTI, identifier="SCORE")
        add(score, "mapResponse", identifier="RESPONSE")
        return score

    def _all_or_nothing(self, test: Element) -> Element:
        condition = root("responseCondition", QTI)
        chosen = add(condition, "responseIf")
        chosen.append(test)
        add(add(chosen, "setOutcomeValue", identifier="SCORE"), "variable", identifier="MAXSCORE")
        return condition

    def _is_correct(self) -> Element:
        test = root("match", QTI)
        add(test, "variable", identifier="RESPONSE")
        add(test, "correct", identifier="RESPONSE")
        return test

    def _choices(self, question: SingleQuestion | MultipleQuestion) -> Element:
        most = "1" if isinstance(question, SingleQuestion) else "0"
        asked = add(
            self._body,
            "choiceInteraction",
            responseIdentifier="RESPONSE",
            shuffle=str(question.shuffle).lower(),
            maxChoices=most,
        )
        for choice in question.choices:
            fixed = {"fixed": "true"} if choice.fixed else {}
            made = add(asked, "simpleChoice", identifier=f"choice_{choice.id}", **fixed)
            self._add(made, choice.text, inline=True)
            if choice.feedback:
                said = add(made, "feedbackInline", outcomeIdentifier="FEEDBACK", identifier=f"choice_{choice.id}")
                said.set("showHide", "show")
                said.text = words(choice.feedback)
        self._correct([f"choice_{choice.id}" for choice in question.choices if choice.correct])
        if isinstance(question, MultipleQuestion) and question.scoring is Rule.ALL_OR_NOTHING:
            return self._all_or_nothing(self._is_correct())
        shares = shares_of(question, self._lost, "QTI 2.2")
        entries = [(f"choice_{choice.id}", share) for choice, share in zip(question.choices, shares, strict=True)]
        single = isinstance(question, SingleQuestion)
        return self._mapping(entries, least=None if single else Decimal(0))

    def _blank(self) -> None:
        add(add(self._body, "p"), "textEntryInteraction", responseIdentifier="RESPONSE", expectedLength="20")

    def _numeric(self, answer: NumericAnswer) -> Element:
        self._blank()
        if answer.value is not None and answer.relative is not None:
            lose_of_answer(answer, self._lost)
            value, share = answer.value, answer.relative * 100
            how = {"toleranceMode": "relative", "tolerance": f"{share.normalize():f} {share.normalize():f}"}
        else:
            value, width = margin(answer, self._lost, "QTI 2.2")
            how = {"toleranceMode": "absolute", "tolerance": f"{width:f} {width:f}"}
            how = how if width else {"toleranceMode": "exact"}
        self._correct([f"{value:f}"])
        test = root("equal", QTI, **how)
        add(test, "variable", identifier="RESPONSE")
        add(test, "correct", identifier="RESPONSE")
        return self._all_or_nothing(test)

    def _text(self, question: TextQuestion) -> Element:
        self._blank()
        texts, case = exact_texts(question.answer, self._lost, "QTI 2.2")
        self._correct(texts[:1])
        score = self._mapping([(text, Fraction(1)) for text in texts])
        for entry in self._response[-1]:
            entry.set("caseSensitive", str(case).lower())
        return score

    def _order(self, question: OrderQuestion) -> Element:
        if question.scoring is not OrderRule.WHOLE:
            self._lost.append(f"the rule `{question.scoring.value}`: all or nothing there")
        asked = add(self._body, "orderInteraction", responseIdentifier="RESPONSE", shuffle="true")
        for choice in question.choices:
            self._add(add(asked, "simpleChoice", identifier=f"choice_{choice.id}"), choice.text, inline=True)
        self._correct([f"choice_{choice.id}" for choice in question.choices])
        return self._all_or_nothing(self._is_correct())

    def _match(self, question: MatchQuestion) -> Element:
        rights = list(dict.fromkeys([*(pair.right for pair in question.pairs), *question.distractors]))
        asked = add(
            self._body,
            "matchInteraction",
            responseIdentifier="RESPONSE",
            shuffle=str(question.shuffle).lower(),
            maxAssociations=str(len(question.pairs)),
        )
        lefts = add(asked, "simpleMatchSet")
        targets = add(asked, "simpleMatchSet")
        keys = []
        for number, pair in enumerate(question.pairs, 1):
            self._add(
                add(lefts, "simpleAssociableChoice", identifier=f"left_{number}", matchMax="1"), pair.left, inline=True
            )
            keys.append(f"left_{number} right_{rights.index(pair.right) + 1}")
        for number, text in enumerate(rights, 1):
            most = str(len(question.pairs))
            made = add(targets, "simpleAssociableChoice", identifier=f"right_{number}", matchMax=most)
            self._add(made, text, inline=True)
        self._correct(keys)
        return self._mapping([(key, Fraction(1, len(keys))) for key in keys])

    def _open(self, question: OpenQuestion) -> None:
        """No score: a person gives the points."""
        add(self._body, "extendedTextInteraction", responseIdentifier="RESPONSE", expectedLines="10")
        if question.credit == "participation":
            self._lost.append("points for taking part: a person gives them there")
            return
        block = add(add(self._body, "rubricBlock", view="scorer"), "ul")
        for item in question.rubric:
            add(block, "li", f"{item.points:f} points ({item.id}): {item.text}")


def _amount(value: Fraction) -> str:
    amount = round(Decimal(value.numerator) / Decimal(value.denominator), _DIGITS)
    return f"{amount.normalize():f}"
