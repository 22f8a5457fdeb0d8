"""`autograder quiz stats`: LSAT6 as a quiz through the real command, its JSON, its page, and what is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.cli.main import main

LSAT6 = Path(__file__).resolve().parents[3] / "shared" / "data" / "lsat6.csv"
CONTRACT = {"students", "mean", "sd", "alpha", "sem", "items"}
ITEM = {"id", "difficulty", "discrimination_d27", "item_rest", "item_total", "alpha_if_deleted", "choices", "flags"}
SMALL = """quiz: small
title: A small one
attempts: {keep: last}
questions:
  - {id: sky, kind: single, prompt: What colour?, choices: [{text: Red, correct: true}, {text: Blue}]}
  - {id: primes, kind: multiple, prompt: Which?, choices: [{text: Two, correct: true}, {text: Four}]}
  - {id: count, kind: numeric, prompt: How many?, answer: {value: 7}}
  - {id: gone, kind: numeric, policy: void, prompt: Never mind, answer: {value: 7}}
  - {id: why, kind: open, prompt: Why?, credit: rubric, rubric: [{id: reason, points: 1, text: A reason}]}
"""
ROWS = """student,question,response,attempt
ada,sky,A,1
ada,primes,A,1
ada,count,8,1
ada,count,7,2
ada,why,Because.,1
grace,sky,B,1
grace,primes,,1
grace,count,7,1
alan,sky,A,1
alan,primes,A;B,1
"""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Call the command in an empty folder: what it printed. `status` is the exit code that is expected."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, status: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["quiz", "stats", *arguments])
        told = capsys.readouterr()
        assert int(ended.value.code or 0) == status, told
        return told.out + told.err

    return run


@pytest.fixture
def small(tmp_path: Path) -> None:
    """A quiz of every case beside its responses."""
    (tmp_path / "small.yml").write_text(SMALL)
    (tmp_path / "responses.csv").write_text(ROWS)


@pytest.fixture
def lsat6(tmp_path: Path) -> None:
    """LSAT6 as a quiz of five questions and a response file of 5,000 rows."""
    if not LSAT6.exists():
        pytest.skip(f"{LSAT6} is not here")
    question = (
        "  - {id: item-%d, kind: single, prompt: Item %d, choices: [{text: Right, correct: true}, {text: Wrong}]}\n"
    )
    questions = "".join(question % (place, place) for place in range(1, 6))
    (tmp_path / "lsat6.yml").write_text(f"quiz: lsat6\ntitle: LSAT section 6\nquestions:\n{questions}")
    with LSAT6.open(encoding="utf-8") as file, (tmp_path / "responses.csv").open("w", newline="") as made:
        writer = csv.writer(made)
        writer.writerow(["student", "question", "response"])
        student = 0
        for row in csv.DictReader(file):
            for _ in range(int(row["count"])):
                student += 1
                for place, sign in enumerate(row["pattern"], 1):
                    writer.writerow([f"s{student}", f"item-{place}", "A" if sign == "1" else "B"])


def test_lsat6_through_the_command(lsat6, call, tmp_path):
    """The contracted JSON with the published numbers, and the 2PL model, from a quiz file and a response file."""
    told = call("lsat6.yml", "responses.csv", "--json", "stats.json", "--irt", "2pl")
    found = json.loads((tmp_path / "stats.json").read_text())
    assert found["students"] == 1000
    assert [found[name] for name in ("mean", "sd", "alpha")] == pytest.approx([3.819, 1.0350, 0.294997], abs=5e-5)
    assert [item["difficulty"] for item in found["items"]] == [0.924, 0.709, 0.553, 0.763, 0.870]
    rest = [item["item_rest"] for item in found["items"]]
    assert rest == pytest.approx([0.1128, 0.1532, 0.1728, 0.1444, 0.1216], abs=5.001e-5)
    d27 = [item["discrimination_d27"] for item in found["items"]]
    assert d27 == pytest.approx([0.1966, 0.6315, 0.8109, 0.5370, 0.3203], abs=5.001e-5)
    assert [item["flags"] for item in found["items"]] == [["easy"], [], [], [], []]
    slopes = [item["slope"] for item in found["irt"]["items"]]
    assert slopes == pytest.approx([0.8257, 0.7227, 0.8909, 0.6884, 0.6569], abs=1e-4)
    assert "alpha 0.2950" in told
    assert "Log-likelihood -2466.6534" in told


def test_json_has_every_contracted_key(small, call, tmp_path):
    """The contract's keys at every level; `null` for what three students do not determine."""
    call("small.yml", "responses.csv", "--json", "stats.json")
    found = json.loads((tmp_path / "stats.json").read_text())
    assert found.keys() >= CONTRACT
    assert all(item.keys() >= ITEM for item in found["items"])
    assert all(choice.keys() >= {"id", "share", "item_rest"} for item in found["items"] for choice in item["choices"])
    assert "irt" not in found


def test_first_attempts_blanks_and_missing_rows(small, call, tmp_path):
    """A second attempt and a missing row do not count, a blank does; void and open questions are left out."""
    call("small.yml", "responses.csv", "--json", "stats.json")
    found = json.loads((tmp_path / "stats.json").read_text())
    items = {item["id"]: item for item in found["items"]}
    assert set(items) == {"sky", "primes", "count"}
    assert found["left_out"] == ["gone", "why"]
    assert (items["count"]["difficulty"], items["count"]["students"], items["count"]["missing"]) == (0.5, 2, 1)
    assert (items["primes"]["blank"], items["primes"]["students"]) == (1, 3)
    assert [choice["share"] for choice in items["primes"]["choices"]] == pytest.approx([2 / 3, 1 / 3])
    assert [choice["correct"] for choice in items["sky"]["choices"]] == [True, False]
    assert all(item["flags"] == [] for item in items.values())


def test_page_is_written_whole(small, call, tmp_path):
    """The page has the quiz's title and every question, and nothing is left beside it."""
    told = call("small.yml", "responses.csv", "--html", "pages/small.html")
    page = (tmp_path / "pages" / "small.html").read_text(encoding="utf-8")
    assert "A small one: how its questions work" in page
    assert all(f". {name}</h2>" in page for name in ("sky", "primes", "count"))
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["small.html"]
    assert "Nothing is flagged: that takes 30 students." in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--irt", "2pl"], "3 students are too few for a 2pl model"),
        (["--few"], "--few is for --irt"),
        (["--irt", "2pl", "--few"], "no maximum"),
        (["--irt", "3pl"], "3pl"),
    ],
)
def test_wrong_calls_say_what_to_do(small, call, arguments, message):
    """Exit code 2 and a sentence."""
    assert message in call("small.yml", "responses.csv", *arguments, status=2)


def test_wrong_response_file_is_refused_with_its_line(small, call, tmp_path):
    """A row that cannot be read is an error of the file, not a wrong answer."""
    (tmp_path / "responses.csv").write_text("student,question,response\nada,sky,A\nada,nonsense,A\n")
    assert "responses.csv:3" in call("small.yml", "responses.csv", status=2)


def test_file_with_a_header_alone_is_an_empty_class(small, call, tmp_path):
    """Nobody answered: every number is null, and the page says so."""
    (tmp_path / "responses.csv").write_text("student,question,response\n")
    told = call("small.yml", "responses.csv", "--json", "stats.json", "--html", "page.html")
    found = json.loads((tmp_path / "stats.json").read_text())
    assert (found["students"], found["mean"], found["items"]) == (0, None, [])
    assert "0 students" in told
    assert "Nobody answered" in (tmp_path / "page.html").read_text(encoding="utf-8")
