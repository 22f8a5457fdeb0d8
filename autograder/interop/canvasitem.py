"""One item of QTI 1.2: its texts, its metadata, and the conditions that give points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from autograder.interop.carried import Data, Refused
from autograder.interop.fromhtml import escaped, plain
from autograder.interop.typed import number
from autograder.interop.xmlio import Element, below, child, children, local, markup_of, text_of

Markdown = Callable[[str, list[str]], str]

_MOST_CHOICES = 100
GENERAL = {"correct_fb": "to right answers", "general_incorrect_fb": "to wrong answers"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of response processing that changes the score: its element, the change, and whether it adds."""

    element: Element
    score: Decimal
    adds: bool


class Item:
    """An <item>, with what every reader asks of it."""

    def __init__(self, element: Element, markdown: Markdown, points: str = "") -> None:
        self.element, self._markdown, self._points = element, markdown, points

    @property
    def label(self) -> str:
        """What the item is called in a note."""
        return plain(self.element.get("title") or "") or plain(self.element.get("ident") or "")

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The item's metadata; what stands there twice counts as it stood first."""
        found: dict[str, str] = {}
        for each in below(self.element, "qtimetadatafield"):
            found.setdefault(plain(text_of(each, "fieldlabel")), plain(text_of(each, "fieldentry")))
        return found

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions that set a score."""
        done = []
        for each in below(self.element, "respcondition"):
            change = child(each, "setvar")
            test = child(each, "conditionvar")
            if change is not None and test is not None:
                adds = (change.get("action") or "Set").lower() == "add"
                done.append(Condition(test, number(change.text or "0"), adds))
        return tuple(done)

    @cached_property
    def responses(self) -> tuple[Element, ...]:
        """The response elements: choices, texts, places."""
        return tuple(below(self.element, "response_lid", "response_str", "response_num", "response_xy", "response_grp"))

    @property
    def points(self) -> Decimal:
        """What the item is worth: what its group, its metadata or its conditions say, else 1."""
        if said := self._points or self.fields.get("points_possible"):
            return number(said)
        variable = next(below(self.element, "decvar"), None)
        if variable is None or (variable.get("varname") or "SCORE") == "SCORE":
            return Decimal(1)  # Canvas counts in percent
        earned = [each.score for each in self.conditions if each.score > 0]
        several = any((each.get("rcardinality") or "").lower() == "multiple" for each in self.responses)
        return sum(earned, Decimal(0)) if several and earned else max(earned, default=Decimal(1))

    def kind(self) -> str:
        """The declared question_type, or what the response elements look like."""
        declared = self.fields.get("question_type", "")
        if declared:
            return declared
        if not self.responses:
            return "text_only_question"
        first = self.responses[0]
        if local(first) == "response_lid":
            if (first.get("rcardinality") or "").lower() == "ordered":
                return "ordering_question"
            if len(self.responses) > 1:
                return "matching_question"
            several = (first.get("rcardinality") or "").lower() == "multiple"
            return "multiple_answers_question" if several else "multiple_choice_question"
        if local(first) in ("response_str", "response_num"):
            types = {(each.get("fibtype") or "").lower() for each in below(first, "render_fib")}
            if types & {"decimal", "integer"} or local(first) == "response_num":
                return "numerical_question"
            return "short_answer_question" if list(below(self.element, "varequal")) else "essay_question"
        return "hot_spot_question"

    def prompt(self, lost: list[str]) -> str:
        """The question's text: all material outside of the choices."""
        presentation = child(self.element, "presentation")
        if presentation is None:
            return ""
        return "\n\n".join(filter(None, (self.material(each, lost) for each in _materials(presentation))))

    def material(self, element: Element | None, lost: list[str]) -> str:
        """The text of a <material>."""
        if element is None:
            return ""
        parts = []
        for text in below(element, "mattext"):
            raw = markup_of(text)
            kind = (text.get("texttype") or "text/plain").lower()
            parts.append(escaped(raw) if kind == "text/plain" and not len(text) else self._markdown(raw, lost))
        if list(below(element, "matimage", "mataudio", "matvideo", "matapplet")):
            lost.append("a picture or recording beside the text")
        return "\n\n".join(filter(None, parts))

    def feedback(self, ident: str, lost: list[str]) -> str:
        """The feedback of this name."""
        found = (each for each in below(self.element, "itemfeedback") if each.get("ident") == ident)
        return self.material(next(found, None), lost)

    def feedback_of(self, choice: str, lost: list[str]) -> str:
        """The feedback that a condition shows for one choice."""
        for each in below(self.element, "respcondition"):
            shown = child(each, "displayfeedback")
            asked = list(below(each, "varequal"))
            if shown is None or len(asked) != 1 or plain(text_of(asked[0])) != choice:
                continue
            name = shown.get("linkrefid") or ""
            if name not in (*GENERAL, "general_fb"):
                return self.feedback(name, lost)
        return ""


def _materials(element: Element) -> Iterator[Element]:
    """The <material> of a presentation that belongs to no response, and the one before a response's choices."""
    for each in children(element):
        name = local(each)
        if name == "material":
            yield each
        elif name in ("flow", "flow_mat", "response_str", "response_num"):
            yield from _materials(each)
        elif name == "response_lid" and len(list(children(element, "response_lid"))) == 1:
            yield from children(each, "material")


def choices_of(item: Item, response: Element, lost: list[str]) -> dict[str, Data]:
    """Ident → choice, in the item's order. Raises Refused for two of one name."""
    found: dict[str, Data] = {}
    labels = list(below(response, "response_label"))
    if len(labels) > _MOST_CHOICES:
        raise Refused(f"it has more than {_MOST_CHOICES} choices")
    for label in labels:
        name = label.get("ident") or ""
        if name in found:
            raise Refused("two of its choices have the same name")
        found[name] = {"text": item.material(label, lost)}
        if feedback := item.feedback_of(name, lost):
            found[name]["feedback"] = feedback
    return found
