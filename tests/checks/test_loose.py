"""The lint finds each loose form, names the strict one, and leaves strict tests alone."""

import pytest

from autograder.checks import find_loose_comparisons

PREAMBLE = "import math\nimport numpy as np\nimport pytest\nimport torch\nfrom numpy import allclose as near\n"


def _lint(body):
    lines = "\n".join("    " + line for line in body.splitlines())
    return find_loose_comparisons(f"{PREAMBLE}def test_it(student, reference):\n{lines}\n")


@pytest.mark.parametrize(
    ("body", "rule", "remedy"),
    [
        ("assert np.allclose(student.call('f'), 1)", "loose-call", "assert_close"),
        ("ok = near(student.call('f'), 1)", "loose-call", "assert_close"),
        ("assert torch.allclose(a, b)", "loose-call", "assert_close"),
        ("assert a.allclose(b)", "loose-call", "assert_close"),
        ("assert math.isclose(a, b)", "loose-call", "assert_close"),
        ("assert np.isclose(a, b).all()", "loose-call", "assert_close"),
        ("assert np.array_equal(a, b)", "loose-call", "assert_equal"),
        ("assert a == pytest.approx(b)", "loose-call", "assert_close"),
        ("np.testing.assert_allclose(a, b)", "loose-call", "assert_close"),
        ("assert student.call('f') == 1", "bare-compare", "assert_equal"),
        ("assert student.new('C').get('x') == 1", "bare-compare", "assert_equal"),
        ("assert student.call('f') < 1", "bare-compare", "assert_within"),
        ("out = student.call('f')\nassert out[0] == 1", "bare-compare", "assert_equal"),
        ("a, b = student.call('f')\nassert len(b) == 1", "bare-compare", "assert_equal"),
        ("for a, b in zip(x, y):\n    pass", "zip", "strict=True"),
        ("for a, b in zip(x, y, strict=False):\n    pass", "zip", "strict=True"),
        ("assert not (err > 1)", "not-greater", "assert_within"),
        ("assert not any(e > 1 for e in errors)", "not-greater", "assert_within"),
        ("if err > 1:\n    pytest.fail('far')", "fail-if-greater", "assert_within"),
        ("if err > 1:\n    raise AssertionError('far')", "fail-if-greater", "assert_within"),
        ("assert (a == b).all()", "all-of-comparison", "assert_close"),
        ("assert np.all(a == b)", "all-of-comparison", "assert_close"),
        ("with pytest.raises(Exception):\n    student.call('f')", "loose-call", "assert_raises"),
    ],
)
def test_loose_form_is_refused(body, rule, remedy):
    """Each form is one problem with a line, a rule and the strict check to use."""
    (problem,) = _lint(body)
    assert problem.key == rule
    assert remedy in problem.remedy
    assert problem.line is not None
    assert problem.line > PREAMBLE.count("\n") + 1


@pytest.mark.parametrize(
    "body",
    [
        "assert_close(student.call('f'), reference.f())",
        "out = student.call('f')\nassert_type(out, list)\nassert len(out) == 3",
        "out = student.call('f')\nout = reference.f()\nassert out == 3",
        "for a, b in zip(x, y, strict=True):\n    pass",
        "assert err <= 1",
        "assert np.allclose(a, b)  # loose: both are the author's",
        "assert not student.flags",
    ],
)
def test_strict_form_is_left_alone(body):
    """Checked values, strict zips and lines that give a reason are no problem."""
    assert _lint(body) == []


def test_problems_name_the_file(tmp_path):
    """A path is read and named, and a file that is not Python is one problem."""
    path = tmp_path / "test_x.py"
    path.write_text("def f(:\n")
    (problem,) = find_loose_comparisons(path)
    assert (problem.file, problem.line, problem.key) == (path, 1, "syntax")
    assert "test_y.py" in str(find_loose_comparisons("zip(a, b)", "test_y.py")[0])
