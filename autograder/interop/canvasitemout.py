"""One question → the inside of an <item> of Canvas' QTI 1.2.

Order within response processing, as Canvas' own exports have it: feedback to everybody, feedback to each choice, then
the condition that gives all of the points; for free answers, which no condition scores, feedback to everybody last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from autograder.interop.leaving import choice_id_warning, lose_of_answer, margin, unit_of
from autograder.interop.rubrics import rubric_text
from autograder.interop.textkeys import exact_texts
from autograder.interop.tohtml import words
from autograder.interop.xmlio import Element, add
from autograder.quiz.answers import NumericAnswer
from autograder.quiz.questions import (
    Choice,
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

Html = Callable[..., str]
"""Markdown → HTML; `inline=True` without a paragraph around it."""

_TYPES = {
    "single": "multiple_choice_question",
    "multiple": "multiple_answers_question",
    "numeric": "numerical_question",
    "text": "short_answer_question",
    "match": "matching_question",
    "order": "ordering_question",
    "open": "essay_question",
}


def write_item(item: Element, question: Question, html: Html, lost: list[str]) -> None:
    """Fill an <item>. Raises Refused."""
    _Item(item, question, html, lost).write()


class _Item:
    def __init__(self, item: Element, question: Question, html: Html, lost: list[str]) -> None:
        self._item, self._question, self._html, self._lost = item, question, html, lost

    def write(self) -> None:
        """Metadata, presentation, response processing, feedback."""
        question = self._question
        self._metadata()
        presentation = add(self._item, "presentation")
        self._material(presentation, question.prompt)
        processing = add(self._item, "resprocessing")
        add(add(processing, "outcomes"), "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
        if question.explanation and question.kind != "open":
            self._show(processing, "general_fb", None)
        match question:
            case SingleQuestion() | MultipleQuestion():
                self._choices(presentation, processing, question)
            case NumericQuestion():
                self._blank(presentation, decimal=True)
                self._number(self._right(processing), question.answer)
            case TextQuestion():
                self._blank(presentation)
                self._texts(self._right(processing), question)
            case MatchQuestion():
                self._pairs(presentation, processing, question)
            case OrderQuestion():
                self._order(presentation, processing, question)
            case OpenQuestion():
                self._blank(presentation)
                add(add(add(processing, "respcondition", **{"continue": "No"}), "conditionvar"), "other")
                if question.explanation:
                    self._show(processing, "general_fb", None)
                self._open(question)
        if question.explanation:
            self._feedback("general_fb", question.explanation)
        for choice in getattr(question, "choices", ()):
            if getattr(choice, "feedback", None):
                self._feedback(f"{self._name(choice)}_fb", choice.feedback)

    def _metadata(self) -> None:
        question = self._question
        fields = add(add(self._item, "itemmetadata"), "qtimetadata")
        kind = _TYPES[question.kind]
        if question.kind == "single" and [choice.text for choice in question.choices] == ["True", "False"]:
            kind = "true_false_question"
        values = {"question_type": kind, "points_possible": f"{question.points:f}"}
        if isinstance(question, SingleQuestion | MultipleQuestion):
            values["original_answer_ids"] = ",".join(map(self._name, question.choices))
        if isinstance(question, OpenQuestion) and question.rubric:
            values["grading_notes"] = rubric_text(question)
        values["assessment_question_identifierref"] = f"{question.id}_question"
        for label, entry in values.items():
            field = add(fields, "qtimetadatafield")
            add(field, "fieldlabel", label)
            add(field, "fieldentry", entry)

    def _name(self, choice: object) -> str:
        return f"{self._question.id}_{getattr(choice, 'id', choice)}"

    def _material(self, parent: Element, markdown: str, *, inline: bool = False) -> None:
        add(add(parent, "material"), "mattext", self._html(markdown, inline=inline), texttype="text/html")

    def _plain(self, parent: Element, text: str) -> None:
        add(add(parent, "material"), "mattext", text, texttype="text/plain")

    def _blank(self, presentation: Element, *, decimal: bool = False) -> None:
        response = add(presentation, "response_str", ident="response1", rcardinality="Single")
        fib = add(response, "render_fib", **({"fibtype": "Decimal"} if decimal else {}))
        add(fib, "response_label", ident="answer1", **({} if decimal else {"rshuffle": "No"}))

    def _right(self, processing: Element) -> Element:
        """The condition that gives all of the points, still empty."""
        condition = add(processing, "respcondition", **{"continue": "No"})
        test = add(condition, "conditionvar")
        add(condition, "setvar", "100", action="Set", varname="SCORE")
        return test

    def _show(self, processing: Element, feedback: str, choice: str | None) -> None:
        condition = add(processing, "respcondition", **{"continue": "Yes"})
        test = add(condition, "conditionvar")
        if choice is None:
            add(test, "other")
        else:
            add(test, "varequal", choice, respident="response1")
        add(condition, "displayfeedback", feedbacktype="Response", linkrefid=feedback)

    def _feedback(self, ident: str, markdown: str) -> None:
        self._material(add(add(self._item, "itemfeedback", ident=ident), "flow_mat"), markdown)

    def _choices(self, presentation: Element, processing: Element, question: SingleQuestion | MultipleQuestion) -> None:
        single = isinstance(question, SingleQuestion)
        response = add(presentation, "response_lid", ident="response1", rcardinality="Single" if single else "Multiple")
        fixed = not question.shuffle and _TYPES[question.kind] != "true_false_question"
        render = add(response, "render_choice", **({"shuffle": "No"} if fixed else {}))
        for choice in question.choices:
            self._material(add(render, "response_label", ident=self._name(choice)), choice.text, inline=True)
            if choice.feedback:
                self._show(processing, f"{self._name(choice)}_fb", self._name(choice))
        self._lost += [*choice_id_warning(question.choices), *_lost_of(question)]
        test = self._right(processing)
        if isinstance(question, SingleQuestion):
            self._key(test, [choice for choice in question.choices if choice.correct])
        else:
            self._key(add(test, "and"), question.choices)

    def _key(self, test: Element, choices: Sequence[Choice]) -> None:
        for choice in choices:
            add(test if choice.correct else add(test, "not"), "varequal", self._name(choice), respident="response1")

    def _number(self, test: Element, answer: NumericAnswer) -> None:
        join = add(test, "or")
        attributes: dict[str, str] = {}
        lower = "vargte"
        if answer.value is not None and answer.relative is not None:
            lose_of_answer(answer, self._lost)
            value, width = answer.value, abs(answer.value) * answer.relative
            attributes = {"margintype": "percent", "margin": f"{(answer.relative * 100).normalize():f}"}
        elif answer.value is not None and (answer.decimals is not None or answer.sigfigs is not None):
            lose_of_answer(answer, self._lost)
            self._lost.append("that 0.51 units of the last digit count: half a unit does in Canvas")
            value, lower = answer.value, "vargt"
            kind = "decimals" if answer.sigfigs is None else "significantDigits"
            digits = answer.decimals if answer.sigfigs is None else answer.sigfigs
            attributes = {"precisiontype": kind, "precision": str(digits)}
            width = unit_of(answer, value) / 2
        else:
            value, width = margin(answer, self._lost, "Canvas")
        add(join, "varequal", f"{value:f}", respident="response1", **attributes)
        both = add(join, "and")
        add(both, lower, f"{value - width:f}", respident="response1")
        add(both, "varlte", f"{value + width:f}", respident="response1")

    def _texts(self, test: Element, question: TextQuestion) -> None:
        texts, case = exact_texts(question.answer, self._lost, "Canvas")
        if case:
            self._lost.append("the difference of capital and small letters")
        for text in texts:
            add(test, "varequal", text, respident="response1")

    def _pairs(self, presentation: Element, processing: Element, question: MatchQuestion) -> None:
        rights = dict.fromkeys([*(pair.right for pair in question.pairs), *question.distractors])
        names = {text: f"{question.id}_{number}" for number, text in enumerate(rights, 1)}
        if any(words(text) != text for text in rights):
            self._lost.append("markup in a right side of a pair: Canvas shows plain text there")
        share = Fraction(100, len(question.pairs))
        for number, pair in enumerate(question.pairs, 1):
            ident = f"response_{number}"
            response = add(presentation, "response_lid", ident=ident)
            self._material(response, pair.left, inline=True)
            render = add(response, "render_choice")
            for text, name in names.items():
                self._plain(add(render, "response_label", ident=name), words(text))
            condition = add(processing, "respcondition")
            add(add(condition, "conditionvar"), "varequal", names[pair.right], respident=ident)
            add(condition, "setvar", f"{float(share):.2f}", varname="SCORE", action="Add")

    def _order(self, presentation: Element, processing: Element, question: OrderQuestion) -> None:
        self._lost.append("to Classic Quizzes: only New Quizzes has questions of this kind")
        if question.scoring is not OrderRule.WHOLE:
            self._lost.append(f"the rule `{question.scoring.value}`: all or nothing in Canvas")
        response = add(presentation, "response_lid", ident="response1", rcardinality="Ordered")
        render = add(add(response, "render_extension"), "ims_render_object", shuffle="Yes")
        labels = add(render, "flow_label")
        test = self._right(processing)
        for choice in question.choices:
            self._material(add(labels, "response_label", ident=self._name(choice)), choice.text, inline=True)
            add(test, "varequal", self._name(choice), respident="response1")

    def _open(self, question: OpenQuestion) -> None:
        if question.credit == "participation":
            self._lost.append("points for taking part: a person gives them in Canvas")
        else:
            self._lost.append("its rubric as such: it stands in the notes for graders")


def _lost_of(question: SingleQuestion | MultipleQuestion) -> list[str]:
    if isinstance(question, MultipleQuestion):
        if question.scoring is Rule.NET_CORRECT:
            return []
        return [f"the rule `{question.scoring.value}`: Canvas takes off for a wrong pick what a right one gives"]
    lost = ["what a wrong choice costs"] if question.penalty else []
    return lost + (["part of the points for some choices"] if any(choice.weight for choice in question.choices) else [])
