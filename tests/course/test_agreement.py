"""Questions and tests that do not agree."""

import pytest

PUBLIC = "assignments/cosine-similarity/public/test_public.py"


def test_points_do_not_add_up(maker) -> None:
    """The sum of hidden and public points is held against the question, exactly."""
    maker.edit(maker.hidden, "points=1.5", "points=1.6")
    problem = maker.only()
    assert (problem.file, problem.line, problem.key) == (maker.yml, 11, "questions[cosine].points")
    assert "add up to 4.1 points, the question has 4" in problem.message
    assert "0.5 + 2 + 1.6" in problem.remedy


def test_points_add_up_in_decimal(maker) -> None:
    """Ten times 0.1 and more is no binary sum."""
    maker.edit(maker.hidden, "points=1.5", "points=1.2")
    maker.edit(maker.root / PUBLIC, "points=0.5", "points=0.8")
    assert maker.problems() == []


def test_question_without_test(maker) -> None:
    """A code question without a test is told where to write one."""
    maker.edit(maker.yml, "points: 4}", "points: 4}\n  - {id: extra, title: E, kind: code, points: 2}")
    problem = maker.only()
    assert (problem.line, problem.key) == (12, "questions[extra].id")
    assert "has no test" in problem.message
    assert 'tests/hidden/cosine-similarity/test_*.py, with @pytest.mark.question("extra", points=2)' in problem.remedy


@pytest.mark.parametrize(
    ("question", "message", "remedy"),
    [
        ("cosin", "not in assignment.yml", "did you mean `cosine`?"),
        ("design", "written question", "name a code question"),
    ],
)
def test_test_for_no_code_question(maker, line_of, question: str, message: str, remedy: str) -> None:
    """A test for an unknown or a written question is one problem at the test."""
    maker.edit(maker.hidden, '"cosine", points=1.5', f'"{question}", points=1.5')
    problem = next(problem for problem in maker.problems() if problem.file == maker.hidden)
    assert (problem.line, problem.key) == (line_of(maker.hidden, "def test_pairs"), "test_pairs")
    assert message in problem.message
    assert remedy in problem.remedy
    assert len(maker.problems()) == (1 if question == "cosin" else 2)


def test_test_for_a_far_question(maker) -> None:
    """Without a similar question the remedy lists those there are."""
    maker.write(
        PUBLIC.replace("public.py", "more.py"),
        'import pytest\n@pytest.mark.question("xyz", points=1)\ndef test_x(): ...\n',
    )
    assert "name one of `cosine`" in maker.only().remedy


def test_test_without_a_question(maker, line_of) -> None:
    """A hidden test without a question is one problem at the test."""
    with maker.hidden.open("a") as file:
        file.write("\ndef test_lost(student): ...\n")
    problem = maker.only()
    assert (problem.file, problem.line, problem.key) == (maker.hidden, line_of(maker.hidden, "test_lost"), "test_lost")


def test_test_names_are_unique(maker) -> None:
    """A name may not come twice over public and hidden tests."""
    maker.edit(maker.root / PUBLIC, "test_runs", "test_pairs")
    problem = maker.only()
    assert (problem.file, problem.key) == (maker.hidden, "test_pairs")
    assert "public/test_public.py, line 4" in problem.message


@pytest.mark.parametrize(
    ("old", "new"),
    [("points=1.5", "points=1/3"),
     ("def test_pairs", "class TestX:\n  @pytest.mark.question('cosine', points=1)\n  def test_pairs"),
     ("import pytest\n", "import pytest\ndef (\n"), ('"cosine", points=1.5', '"cosine"')],
)  # fmt: skip
def test_no_second_problem_for_the_same_fault(maker, old: str, new: str) -> None:
    """What could not be read is not judged: no sum is held against a question whose tests are in doubt."""
    maker.edit(maker.hidden, old, new)
    assert maker.only().file == maker.hidden
