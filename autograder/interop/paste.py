r"""Questions as one types them: plain text, one marker at the start of a line (docs/quizzes.md has examples).

    # Title of the quiz
    ## id: title                a question begins; instead, `## The question itself?`, with answers right below
    points: 2                   keys, if any, right below; then the prompt, in Markdown
    ( ) wrong  (x) right        one choice is right; [ ] and [x]: any number; (1/3), [-0.5]: what a choice earns
        > feedback              indented by four: more of the choice above, and what is said to it
    = 3.14 +- 0.01              a number; also `+- 5%`, `= 1..2`, `to 2 decimals`, `to 3 digits`, `geometric 0.5`
    = "transformer"             a text          = `s*(1-s)` in s      a formula
    1) first                    an order        ~ left -> right       a pair; ~ -> right: belongs to nothing
    ____                        a free answer; below it `- 2 points (id): text` for a rubric
    ! explanation               the rest of the question

A backslash before a marker makes it text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import partial

from autograder.interop.carried import Data, Imported, Refused, broken, identifier
from autograder.interop.fromhtml import plain
from autograder.interop.leaving import local_pictures
from autograder.interop.rubrics import rubric_from
from autograder.interop.typed import between, number

MOST_BYTES = 2**20
MARKER = re.compile(r"[(\[](?: ?|x|X|-?[0-9./]+)[)\]] |= |[0-9]{1,2}\) |~ |____|! |!$|##? ")
SHARE = r"-?(?:[0-9]{1,9}(?:\.[0-9]{1,12})?|[0-9]{1,9}/[1-9][0-9]{0,8})"
_CHOICE = re.compile(rf"([(\[])( ?|x|X|{SHARE})[)\]] (.*)")
KEYS = "points|tags|scoring|penalty|shuffle|ignore|distance|pattern|certainty|policy|also|previous"
_KEY = re.compile(rf"({KEYS}): +(.*)")
_HEAD = re.compile(r"([a-z0-9][a-z0-9-]*)(?:: +(.*))?")
_NUMBER = re.compile(
    r"(?P<value>[-+0-9.eE]+)(?:\s*(?:\+-|±)\s*(?P<margin>[0-9.eE-]+)(?P<percent>\s*%)?"
    r"|\s+to (?P<decimals>[0-9]{1,2}) decimals?|\s+to (?P<digits>[0-9]{1,2}) digits?|\s+geometric (?P<factor>[0-9.]+))?"
)
_INDENT = "    "


@dataclass(slots=True)
class _Entry:
    """A marked line and the indented ones below it."""

    line: int
    text: str
    below: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Block:
    """The lines of one question, without its heading, and where they begin."""

    line: int
    head: str
    lines: list[str] = field(default_factory=list)


def read(data: bytes, name: str) -> Imported:
    """The questions in a text. CourseError if it is no text, or has no heading."""
    if len(data) > MOST_BYTES:
        raise broken(name, "the text has more than 1 MiB", "split it")
    try:
        rows = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        raise broken(name, "the text is not UTF-8", "save the file as UTF-8") from None
    found = Imported()
    blocks: list[_Block] = []
    for line, row in enumerate(rows, 1):
        if row.startswith("## ") or row.strip() == "##":
            blocks.append(_Block(line, row[2:].strip()))
        elif blocks:
            blocks[-1].lines.append(row)
        elif row.startswith("# ") and not found.title:
            found.title = plain(row[2:])
        elif row.strip():
            wrong = "there is text before the first question"
            raise broken(name, wrong, "begin each question with a line such as `## xor`", line)
    for block in blocks:
        label = block.head or f"the question on line {block.line}"
        found.take(label, partial(_question, block))
    return found


def _question(block: _Block, lost: list[str]) -> Data:
    made = _headed(block.head)
    rest = _keys(block.lines, made)
    start = next((place for place, row in enumerate(rest) if MARKER.match(row)), len(rest))
    prompt = "\n".join(map(unmarked, rest[:start]))
    if not prompt.strip() and "title" in made and not _HEAD.fullmatch(block.head):
        prompt = str(made.pop("title"))
    if not prompt.strip():
        raise Refused(f"line {block.line}: it asks nothing: there is no text below its heading")
    made["prompt"] = prompt.strip()
    first = block.line + 1 + len(block.lines) - len(rest) + start
    entries = _entries(rest[start:], first, made)
    for path in local_pictures(made["prompt"], made.get("explanation")):
        lost.append(f"the picture {path[:80]}: put it beside the quiz, a text holds none")
    keys: Data = {key: made.pop(key) for key in ("ignore", "distance", "pattern") if key in made}
    made |= _answers(entries, keys, block.line)
    if rubric := made.get("rubric"):
        made["points"] = sum((row["points"] for row in rubric), Decimal(0))
    return made


def _headed(head: str) -> Data:
    found = _HEAD.fullmatch(head)
    if found is None:
        return {"id": identifier(head)} | ({"title": head} if head else {})
    return {"id": found[1]} | ({"title": found[2].strip()} if found[2] else {})


def _keys(lines: list[str], made: Data) -> list[str]:
    """Take the keys off the top; what follows them."""
    for place, row in enumerate(lines):
        found = _KEY.fullmatch(row.rstrip())
        if found is None:
            return lines[place:]
        made[found[1]] = _value(found[1], found[2].strip())
    return []


def _value(key: str, text: str) -> object:
    match key:
        case "points":
            return number(text)
        case "distance":
            return int(number(text))
        case "penalty":
            return text if text == "guessing" else _share(text)
        case "shuffle" | "certainty":
            if text not in ("yes", "no"):
                raise Refused(f"`{key}` is yes or no, not {text[:40]!r}")
            return text == "yes"
        case "tags" | "ignore":
            return [each.strip() for each in text.split(",")]
        case "also" | "previous":
            return [each.strip() for each in text.split(" | ")]
    return text


def _share(text: str) -> Fraction:
    if not re.fullmatch(SHARE, text):
        raise Refused(f"{text[:40]!r} is no part of the points: write 0.5 or 1/3")
    return Fraction(text)


def _entries(rows: list[str], first: int, made: Data) -> list[_Entry]:
    """The marked lines; an explanation goes into `made`."""
    entries: list[_Entry] = []
    for place, row in enumerate(rows):
        if row.startswith("!"):
            made["explanation"] = "\n".join([row[1:].strip(), *map(unmarked, rows[place + 1 :])]).strip()
            break
        if MARKER.match(row):
            entries.append(_Entry(first + place, row.rstrip()))
        elif row.startswith(_INDENT) or (row.startswith("- ") and entries[0].text.startswith("____")):
            entries[-1].below.append(row.removeprefix(_INDENT).rstrip())
        elif row.strip():
            remedy = "indent it by four, or begin it with `! `"
            raise Refused(f"line {first + place}: text stands below the answers; {remedy}")
        elif entries[-1].below:
            entries[-1].below.append("")
    return entries


def unmarked(row: str) -> str:
    """A line of text without the backslash that keeps its start from being a marker."""
    return row[1:] if re.match(rf"\\+(?:{MARKER.pattern}|>)", row) else row


def _answers(entries: list[_Entry], keys: Data, line: int) -> Data:
    if not entries:
        raise Refused(f"line {line}: it has no answers: a free answer is a line of ____")
    first = entries[0].text
    readers: list[tuple[bool, Callable[[list[_Entry], Data], Data]]] = [
        (first[0] in "([", _choices),
        (first.startswith('= "') or "pattern" in keys, _texts),
        (first.startswith("= `"), _formula),
        (first.startswith("= "), _numeric),
        (first.startswith("~ "), _pairs),
        (first.startswith("____"), _open),
        (True, _order),
    ]
    return next(reader for applies, reader in readers if applies)(entries, keys)


def _choices(entries: list[_Entry], keys: Data) -> Data:
    choices: list[Data] = []
    for entry in entries:
        found = _CHOICE.fullmatch(entry.text)
        if found is None or found[1] != entries[0].text[0]:
            raise Refused(f"line {entry.line}: the choices of a question all begin with ( ), or all with [ ]")
        feedback = [row.removeprefix(">").strip() for row in entry.below if row.startswith(">")]
        text = "\n".join([found[3], *(unmarked(row) for row in entry.below if not row.startswith(">"))]).strip()
        mark = found[2].strip().lower()
        share = _share(mark) if mark not in ("", "x") else None
        right = mark == "x" or (found[1] == "[" and share is not None and share > 0)
        choice: Data = {"text": text}
        choice |= {"correct": True} if right else {}
        choice |= {"weight": share} if share is not None else {}
        choice |= {"feedback": "\n".join(feedback)} if feedback else {}
        choices.append(choice)
    if entries[0].text[0] == "(":
        return {"kind": "single", "choices": choices}
    weighted = any("weight" in choice for choice in choices)
    return {"kind": "multiple", "choices": choices} | ({"scoring": "weights"} if weighted else {})


def _one(entries: list[_Entry]) -> str:
    if len(entries) != 1:
        raise Refused(f"line {entries[1].line}: there is a second answer; for a second key write `policy: accept_also`")
    return entries[0].text[2:].strip()


def _numeric(entries: list[_Entry], keys: Data) -> Data:
    text = _one(entries)
    low, range_, high = text.partition("..")
    if range_:
        middle = between(number(low), number(high))
        return {"kind": "numeric", "answer": {"value": middle.value, "absolute": middle.tolerance}}
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise Refused(f"line {entries[0].line}: {text[:40]!r} is no number; a text is written in quotes")
    answer: Data = {"value": number(found["value"])}
    if found["margin"]:
        amount = number(found["margin"])
        answer |= {"relative": amount / 100} if found["percent"] else {"absolute": amount}
    if found["decimals"] or found["digits"]:
        answer |= {"decimals": int(found["decimals"])} if found["decimals"] else {"sigfigs": int(found["digits"])}
    if found["factor"]:
        answer["geometric"] = number(found["factor"])
    return {"kind": "numeric", "answer": answer}


def _texts(entries: list[_Entry], keys: Data) -> Data:
    accepted = []
    for entry in entries:
        text = entry.text[2:].strip()
        if len(text) < 3 or text[0] != '"' or text[-1] != '"':
            raise Refused(f'line {entry.line}: write each text in quotes: = "transformer"')
        accepted.append(text[1:-1])
    return {"kind": "text", "answer": {"accept": accepted} | keys}


def _formula(entries: list[_Entry], keys: Data) -> Data:
    found = re.fullmatch(r"`([^`]+)`(?: in (.+))?", _one(entries))
    if found is None:
        raise Refused(f"line {entries[0].line}: write a formula as = `s*(1-s)` in s")
    names = [name.strip() for name in (found[2] or "").split(",") if name.strip()]
    return {"kind": "formula", "answer": {"equals": found[1]} | ({"variables": names} if names else {})}


def _pairs(entries: list[_Entry], keys: Data) -> Data:
    pairs: list[Data] = []
    distractors: list[str] = []
    for entry in entries:
        left, arrow, right = f" {entry.text[1:].strip()}".partition(" -> ")
        if not arrow or not right.strip():
            raise Refused(f"line {entry.line}: write a pair as ~ left -> right")
        if left.strip():
            pairs.append({"left": left.strip(), "right": right.strip()})
        else:
            distractors.append(right.strip())
    return {"kind": "match", "pairs": pairs} | ({"distractors": distractors} if distractors else {})


def _open(entries: list[_Entry], keys: Data) -> Data:
    _one(entries)
    rows = "\n".join(entries[0].below).strip()
    found = re.findall(r"(?m)^- ([0-9]{1,6}(?:\.[0-9]{1,6})?) points ", rows)
    points = sum(map(Decimal, found), Decimal(0))
    return {"kind": "open"} | (rubric_from(rows, points) if rows else {"credit": "participation"})


def _order(entries: list[_Entry], keys: Data) -> Data:
    items = []
    for place, entry in enumerate(entries, 1):
        sign, _, text = entry.text.partition(") ")
        if sign != str(place):
            raise Refused(f"line {entry.line}: the things in order are numbered 1), 2), 3) …")
        items.append({"text": "\n".join([text, *map(unmarked, entry.below)]).strip()})
    return {"kind": "order", "choices": items}
