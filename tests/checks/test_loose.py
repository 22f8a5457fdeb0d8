"""The lint finds each loose form, names the strict one, and leaves strict tests alone; each form passes wrong work."""

import operator
import re
from pathlib import Path

import numpy as np
import pytest

from autograder import checks
from autograder.checks import find_loose_comparisons, forms, loose
from autograder.errors import StudentError
from autograder.sandbox.codec import encode
from autograder.sandbox.decoding import decode

PREAMBLE = "import contextlib, math, numpy as np, pytest, torch\nfrom numpy import allclose as near\n"


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
        ("assert np.any(a == b)", "all-of-comparison", "assert_close"),
        ("self.assertEqual(a, b)", "loose-call", "assert_equal"),
        ("assert np.nanmax(errors) < 1", "nan-dropped", "assert_finite"),
        ("assert max(errors) < 1", "max-of-nan", "assert_within"),
        ("all(map(same, a, b))", "zip", "strict=True"),
        ("assert student.call('f')", "truth", "assert_equal"),
        ("assert not student.call('f')", "truth", "assert_equal"),
        ("assert close(student.call('f'), 1)", "truth", "assert_equal"),
        ("out = student.call('f')\nassert all(x for x in out)", "truth", "assert_equal"),
        ("out = student.call('f')\ntotal = sum(out)\nassert total == 3", "bare-compare", "assert_equal"),
        ("out = student.call('f')\nassert_type(out, list)\nassert out == [1]", "bare-compare", "assert_equal"),
        ("out = student.call('f')\nassert out is not None", "bare-compare", "assert_equal"),
        ("assert student.call('f') in (0, 1)", "bare-compare", "assert_equal"),
        ("assert isinstance(student.call('f'), int)", "isinstance-int", "assert_type"),
        ("assert isinstance(x, (float, int))", "isinstance-int", "assert_type"),
        ("assert isinstance(x, float | int)", "isinstance-int", "assert_type"),
        ("out = student.call('f')\nfor x in out:\n    assert_within(x, 0, 1)", "loop", "assert_count"),
        ("out = student.call('f')\nif isinstance(out, list):\n    assert_equal(out, [])", "check-if", "assert_type"),
        ("assert_equal(set(student.call('f')), {1})", "set", "sorted"),
        ("assert_equal(sorted(student.call('f')), [1])", "sorted", "assert_type"),
        ("assert_raises(Exception, student.call, 'f')", "raises-anything", "name the exception"),
        ("assert_raises((ValueError, Exception), student.call, 'f')", "raises-anything", "name the exception"),
        ("try:\n    student.call('f')\nexcept Exception:\n    pass", "swallowed", "assert_raises"),
        ("try:\n    student.call('f')\nexcept:\n    pass", "swallowed", "assert_raises"),
        ("with contextlib.suppress(Exception):\n    student.call('f')", "swallowed", "assert_raises"),
        ("if err > 1:\n    assert False", "fail-if-greater", "assert_within"),
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
        "assert student.call('f') is True",
        "out = student.call('f')\nassert_type(out, int)\nassert out < 3",
        "out = student.call('f')\nassert isinstance(out, list)\nassert len(out) == 3",
        "out = student.call('f')\nassert_type(out, list)\nassert len(out) == 2\nfor x in out:\n    assert_count(x, 1)",
        "out = student.call('f')\nassert_type(out, list)\nassert_equal(sorted(out), [1])",
        "out = student.call('f')\nassert_shape(out, (3,))\nfor x in out:\n    assert_within(x, 0, 1)",
        "out = student.call('f')\nassert_finite(out)\nassert out.mean() < 3",
        "error = assert_raises(ValueError, student.call, 'f')\nassert 'line 3' in error.message",
        "try:\n    student.call('f')\nexcept Exception as error:\n    raise AssertionError from error",
        "if reference.x > 1:\n    reference.y()",
        "assert max(1, 2) > reference.x",
        "assert set(reference.words) == {'a'}",
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


def test_set_up_brings_a_students_value():
    """What a test gets of a `@prepared` set-up came from the student, by whatever name."""
    text = """
@prepared
def trained(student):
    return student.keep("train")

def test_loss(student, trained, reference):
    assert trained.call("loss") < 1
    assert reference.call("loss") < 1
"""
    (problem,) = find_loose_comparisons(text)
    assert (problem.line, problem.key) == (7, "bare-compare")


def test_exemption_needs_a_reason():
    """A comment that gives no reason exempts nothing."""
    assert len(_lint("zip(a, b)  # loose:")) == 1
    assert _lint("zip(a, b)  # loose: cut off on purpose") == []


class Wrong:
    """A student whose every function gives one value, or raises; it crosses as it would from the fence."""

    def __init__(self, value):
        self.value = value

    def call(self, name, *args):
        if isinstance(self.value, Exception):
            raise self.value
        return decode(encode(self.value))


NAN = float("nan")
CRASH = StudentError("Crashed", "the process ended")
ERROR = StudentError("ValueError", "negative", bases=("Exception",))
NAME = StudentError("NameError", "name 'x' is not defined", bases=("Exception",))
F = "student.call('f')"
OUT = f"out = {F}\n"
TYPED = f"{OUT}assert_type(out, list)\n"
VECTOR = "np.array([1.0, 2.0])"
PROOFS = {
    # rule and form → (right work, wrong work, loose form, strict form)
    "loose-call allclose of nothing": (np.array([1.0]), np.array([]), f"assert np.allclose({F}, [1.0])",
                                       f"assert_close({F}, np.array([1.0]))"),
    "loose-call allclose broadcasts": (np.ones(3), 1.0, f"assert np.allclose({F}, np.ones(3))",
                                       f"assert_close({F}, np.ones(3))"),
    "loose-call isclose": (1.0, True, f"assert math.isclose({F}, 1.0)", f"assert_close({F}, 1.0)"),
    "loose-call array_equal": ([1, 0], [True, False], f"assert np.array_equal({F}, [1, 0])",
                               f"assert_equal({F}, [1, 0])"),
    "loose-call numpy.testing": (np.ones(3), 1.0, f"np.testing.assert_allclose({F}, np.ones(3))",
                                 f"assert_close({F}, np.ones(3))"),
    "loose-call numpy.testing of nan": (1.0, NAN, f"np.testing.assert_equal({F} - {F}, {F} - {F})",
                                        f"assert_close({F}, 1.0)"),
    "loose-call approx": (1.0, True, f"assert {F} == pytest.approx(1.0)", f"assert_close({F}, 1.0)"),
    "loose-call raises": (ERROR, CRASH, f"with pytest.raises(Exception):\n    {F}",
                          "assert_raises(ValueError, student.call, 'f')"),
    "nan-dropped": (np.array([0.1, 0.2]), np.array([0.1, NAN]), f"assert np.nanmax({F}) < 1",
                    f"assert_within({F}, 0, 1)"),
    "bare-compare": (1, True, f"assert {F} == 1", f"assert_count({F}, 1)"),
    "bare-compare of a list": ([1, 0], [True, 0.0], f"{TYPED}assert out == [1, 0]", f"assert_equal({F}, [1, 0])"),
    "bare-compare in": (1, True, f"assert {F} in (0, 1)", f"{OUT}assert_type(out, int)\nassert out in (0, 1)"),
    "bare-compare is not": (1, "one", f"assert {F} is not None", f"assert_count({F}, 1)"),
    "bare-compare of one number": (3.0, np.array([[3.0]]), f"assert {F} == 3.0", f"assert_close({F}, 3.0)"),
    "max-of-nan": ([0.1, 0.2], [0.1, NAN], f"errors = [abs(x) for x in decoded({F})]\nassert max(errors) < 1",
                   f"assert_within(np.array({F}), 0, 1)"),
    "not-greater": (0.1, NAN, f"err = decoded({F})\nassert not err > 1", f"assert_within({F}, 0, 1)"),
    "fail-if-greater": (0.1, NAN, f"err = decoded({F})\nif err > 1:\n    pytest.fail('far')",
                        f"assert_within({F}, 0, 1)"),
    "all-of-comparison": (np.ones(3), np.ones(1), f"out = decoded({F})\nassert (out == np.ones(3)).all()",
                          f"assert_equal({F}, np.ones(3))"),
    "all-of-comparison of nothing": (np.ones(3), np.ones((0, 3)), f"assert np.all(decoded({F}) > 0)",
                                     f"assert_shape({F}, (3,))"),
    "zip": ([1, 2], [1], f"out = decoded({F})\nfor a, b in zip(out, [1, 2]):\n    assert a == b",
            f"assert_equal({F}, [1, 2])"),
    "zip by map": ([1, 2], [1], f"assert all(map(operator.eq, decoded({F}), [1, 2]))", f"assert_equal({F}, [1, 2])"),
    "truth": (True, "no", f"assert {F}", f"assert_equal({F}, True)"),
    "truth of nothing": (False, None, f"assert not {F}", f"assert_equal({F}, False)"),
    "truth of all": ([1, 1], [], f"{OUT}assert all(x > 0 for x in out)", f"assert_equal({F}, [1, 1])"),
    "isinstance-int": (1, True, f"assert isinstance({F}, int)", f"assert_type({F}, int)"),
    "loop": ([1], [], f"{TYPED}for x in out:\n    assert_count(x, 1)",
             f"{TYPED}assert_count(len(out), 1)\nfor x in out:\n    assert_count(x, 1)"),
    "check-if": ([1], "1", f"{OUT}if isinstance(out, list):\n    assert_equal(out, [1])", f"assert_equal({F}, [1])"),
    "set": ([1, 2], [1, 1, 2], f"assert_equal(sorted(set({F})), [1, 2])",
            f"{TYPED}assert_equal(sorted(out), [1, 2])"),
    "sorted": ([1, 2], {1: 0, 2: 0}, f"assert_equal(sorted({F}), [1, 2])",
               f"{TYPED}assert_equal(sorted(out), [1, 2])"),
    "raises-anything": (ERROR, NAME, "assert_raises(Exception, student.call, 'f')",
                        "assert_raises(ValueError, student.call, 'f')"),
    "swallowed": (ERROR, CRASH, f"try:\n    {F}\nexcept Exception:\n    pass",
                  "assert_raises(ValueError, student.call, 'f')"),
    "swallowed by suppress": (ERROR, CRASH, f"with contextlib.suppress(Exception):\n    {F}",
                              "assert_raises(ValueError, student.call, 'f')"),
}  # fmt: skip


def run(body, value):
    """Run a test with this body on a student whose work is this value."""
    lines = "\n".join("    " + line for line in body.splitlines())
    names = {**vars(checks), "decoded": lambda value: value, "operator": operator}
    exec(f"{PREAMBLE}def test_it(student):\n{lines}\n", names)
    names["test_it"](Wrong(value))


@pytest.mark.parametrize(("right", "wrong", "loose", "strict"), PROOFS.values(), ids=PROOFS)
def test_loose_form_passes_wrong_work(request, right, wrong, loose, strict):
    """The loose form takes right and wrong work, the strict one right work alone; the lint refuses the loose one."""
    run(loose, right)
    run(loose, wrong)
    run(strict, right)
    with pytest.raises((AssertionError, StudentError)):
        run(strict, wrong)
    rule = request.node.callspec.id.partition(" ")[0]
    assert rule in {problem.key for problem in _lint(loose)}
    assert _lint(strict) == []


def test_every_rule_is_proven():
    """No rule is without wrong work that it keeps out."""
    source = Path(loose.__file__).read_text() + Path(forms.__file__).read_text()
    rules = set(re.findall(r'_report\([\w.\[\]]+, "([a-z-]+)"', source)) | {rule for rule, *_ in forms.CALLS.values()}
    assert rules == {name.partition(" ")[0] for name in PROOFS}
