r"""GIFT, Moodle's format for quick entry → data for a quiz file.

    // comment  [id:xor] [tag:networks]        a line before the question
    ::title::[html]prompt { answers }          questions end at an empty line outside of braces

    =right  ~wrong  ~%50%half right  #feedback  ->  left to right  ####explanation  {}  {T}  {#3.14:0.01}  {#1..2}

A backslash takes the meaning from ~ = # { } : and itself; \n is a line break. The text is scanned once into pieces in
which escaped signs are private characters, so that nothing escaped is ever taken for syntax.
Source: moodle/moodle, question/format/gift/format.php and its examples.txt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial

from autograder.interop.carried import Data, Imported, Refused, broken, identifier
from autograder.interop.fromhtml import escaped, plain, to_markdown
from autograder.interop.grades import from_percent, multiple_from, single_from
from autograder.interop.rubrics import rubric_from
from autograder.interop.typed import Number, between, number, numeric_from, text_from

MOST_BYTES = 5 * 2**20
_SIGNS = "~=#{}:\\n"
_ESCAPED = {sign: chr(0xF8F0 + place) for place, sign in enumerate(_SIGNS)}
_MEANT = str.maketrans({private: "\n" if sign == "n" else sign for sign, private in _ESCAPED.items()})
_ESCAPE = re.compile(r"\\([~=#{}:\\n])")
_NAME = re.compile(r"\s*::(.*?)::", re.DOTALL)
_FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]")
_COMMENT = re.compile(r"\[(id|tag):([^\]]*)\]")
_ANSWER = re.compile(r"([=~])((?:[^=~])*)")
_WEIGHT = re.compile(r"\s*%(-?[0-9.]+)%")
_TRUTH = re.compile(r"\s*(T|TRUE|F|FALSE)\s*(?:#(.*))?", re.DOTALL | re.IGNORECASE)
_BLANK = "\\_\\_\\_\\_\\_"


@dataclass(frozen=True, slots=True)
class _Block:
    """One question's text, with escapes as private characters, and what the comments before it say."""

    line: int
    text: str
    id: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer: its sign, what it earns (None where the sign alone says it), text and feedback."""

    sign: str
    share: Fraction | None
    text: str
    feedback: str


def read(data: bytes, name: str) -> Imported:
    """The questions in a GIFT file. CourseError if it is no text."""
    if len(data) > MOST_BYTES:
        raise broken(name, f"the file has more than {MOST_BYTES >> 20} MiB", "split it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise broken(name, "the text is not UTF-8", "save the file as UTF-8") from None
    found = Imported()
    for block in _blocks(text):
        if block.text.strip().startswith("$CATEGORY:"):
            found.title = found.title or _meant(block.text.strip().removeprefix("$CATEGORY:")).rpartition("/")[2]
            continue
        title = _NAME.match(block.text)
        label = _meant(title[1]) if title else f"the question on line {block.line}"
        found.take(label, partial(_question, block))
    return found


def _blocks(text: str) -> list[_Block]:
    """The questions: runs of lines, ended by an empty line, which inside braces ends nothing."""
    blocks: list[_Block] = []
    lines: list[str] = []
    notes: list[str] = []
    start, depth = 1, 0

    def finish() -> None:
        if any(line.strip() for line in lines):
            pairs = [pair for note in notes for pair in _COMMENT.findall(note)]
            ids = [value.strip() for kind, value in pairs if kind == "id"]
            tags = tuple(value.strip() for kind, value in pairs if kind == "tag")
            blocks.append(_Block(start, "\n".join(lines), ids[0] if ids else "", tags))
            notes.clear()
        lines.clear()

    for place, row in enumerate([*text.splitlines(), ""], 1):
        if row.lstrip().startswith("//"):
            notes.append(row)
            continue
        if not row.strip() and depth == 0:
            finish()
            start = place + 1
            continue
        line = _ESCAPE.sub(lambda found: _ESCAPED[found[1]], row)
        depth = max(0, depth + line.count("{") - line.count("}"))
        lines.append(line)
    finish()
    return blocks


def _question(block: _Block, lost: list[str]) -> Data:
    text = block.text
    title = _NAME.match(text)
    text = text[title.end() :] if title else text
    before, brace, rest = text.partition("{")
    inside, closed, after = rest.partition("}")
    if not brace:
        raise Refused("it is a text that asks nothing: it has no {answers}")
    if not closed or "{" in inside:
        raise Refused("its braces do not close")
    if "{" in after:
        raise Refused("it has several blanks in one text: make each a question of its own")
    form = _FORMAT.match(before)
    kind = form[1] if form else "moodle"
    before = before[form.end() :] if form else before
    gap = f"{before} {_BLANK_MARK} {after}" if after.strip(" .\n") else before + after.strip()
    prompt = _shown(gap, kind, lost).replace(_BLANK_MARK, _BLANK)
    if not prompt:
        raise Refused("it asks nothing: its text is empty")
    name = " ".join(_meant(title[1]).split()) if title else ""
    made: Data = {"id": identifier(block.id, name), "prompt": prompt}
    made |= {"title": name} if name and name != made["id"] else {}
    tags = [tag for each in block.tags if (tag := identifier(each))]
    made |= {"tags": list(dict.fromkeys(tags))} if tags else {}
    answers, found, explanation = inside.partition("####")
    if found and explanation.strip():
        made["explanation"] = _shown(explanation, kind, lost)
    return made | _answers(answers, kind, lost)


_BLANK_MARK = "\uf8ff"


def _answers(inside: str, kind: str, lost: list[str]) -> Data:
    if not inside.strip():
        return {"kind": "open"} | rubric_from("", Decimal(1))
    if truth := _TRUTH.fullmatch(inside):
        return _truth(truth, kind, lost)
    if inside.strip().startswith("#"):
        return {"kind": "numeric"} | numeric_from(_numbers(inside.strip()[1:], lost), lost)
    answers = [_answer(*found) for found in _ANSWER.findall(inside)]
    if not answers or inside[: inside.index(answers[0].sign)].strip():
        raise Refused("its answers begin with neither = nor ~")
    if all(answer.sign == "=" and "->" in answer.text for answer in answers):
        return _pairs(answers, kind, lost)
    if all(answer.sign == "=" for answer in answers):
        return _text(answers, lost)
    return _choices(answers, kind, lost)


def _answer(sign: str, body: str) -> _Answer:
    weight = _WEIGHT.match(body)
    share = from_percent(weight[1]) if weight else None
    text, _, feedback = (body[weight.end() :] if weight else body).partition("#")
    return _Answer(sign, share, text.strip(), feedback.strip())


def _truth(found: re.Match[str], kind: str, lost: list[str]) -> Data:
    truth = found[1].upper().startswith("T")
    choices: list[Data] = [{"text": "True"}, {"text": "False"}]
    choices[0 if truth else 1]["correct"] = True
    wrong, _, right = (found[2] or "").partition("#")
    for choice, words in ((choices[1 if truth else 0], wrong), (choices[0 if truth else 1], right)):
        if words.strip():
            choice["feedback"] = _shown(words, kind, lost)
    return {"kind": "single", "choices": choices, "shuffle": False}


def _numbers(inside: str, lost: list[str]) -> list[Number]:
    answers = [_answer(*found) for found in _ANSWER.findall(inside)] or [_answer("=", inside)]
    if any(answer.feedback for answer in answers):
        lost.append("the feedback to certain numbers")
    numbers: list[Number] = []
    for answer in answers:
        share = Fraction(1) if answer.share is None else answer.share
        if answer.sign == "~":
            lost.append("what is said to any other number")
            continue
        low, range_, high = _meant(answer.text).partition("..")
        if range_:
            one = between(number(low), number(high))
        else:
            value, _, tolerance = answer.text.partition(":")
            one = Number(number(_meant(value)), number(_meant(tolerance) or "0"))
        numbers.append(Number(one.value, one.tolerance, share))
    return numbers


def _pairs(answers: list[_Answer], kind: str, lost: list[str]) -> Data:
    pairs: list[Data] = []
    distractors: list[str] = []
    for answer in answers:
        left, _, right = answer.text.partition("->")
        shown = escaped(_meant(right))
        if left.strip():
            pairs.append({"left": _shown(left, kind, lost), "right": shown})
        else:
            distractors.append(shown)
    return {"kind": "match", "pairs": pairs} | ({"distractors": distractors} if distractors else {})


def _text(answers: list[_Answer], lost: list[str]) -> Data:
    if any(answer.feedback for answer in answers):
        lost.append("the feedback to certain texts")
    texts = [(_meant(each.text), Fraction(1) if each.share is None else each.share) for each in answers]
    return {"kind": "text"} | text_from(texts, lost, case=False)


def _choices(answers: list[_Answer], kind: str, lost: list[str]) -> Data:
    choices: list[Data] = []
    for answer in answers:
        choice: Data = {"text": _shown(answer.text, kind, lost)}
        if answer.feedback:
            choice["feedback"] = _shown(answer.feedback, kind, lost)
        choices.append(choice)
    usual = {"=": Fraction(1), "~": Fraction(0)}
    shares = [usual[each.sign] if each.share is None else each.share for each in answers]
    if any(each.sign == "=" for each in answers):
        return {"kind": "single"} | single_from(choices, shares)
    return {"kind": "multiple"} | multiple_from(choices, shares)


def _meant(text: str) -> str:
    """The text with escaped signs as themselves."""
    return plain(text.translate(_MEANT))


def _shown(text: str, kind: str, lost: list[str]) -> str:
    """A text of GIFT as Markdown; `kind` is the question's format, unless the text names its own."""
    own = _FORMAT.match(text)
    if own:
        kind, text = own[1], text[own.end() :]
    meant = _meant(text)
    if kind == "markdown":
        return meant
    if kind == "plain":
        return escaped(meant)
    if kind == "moodle":
        meant = meant.replace("\n", "<br>") if "\n" in text.translate(_MEANT) and _ESCAPED["n"] in text else meant
    return to_markdown(meant, lost)
