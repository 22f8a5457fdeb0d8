"""Parameters of modules that stay in the student's process: counted, tied, typed."""

import numpy as np
import pytest

from autograder.checks import (
    assert_dtypes,
    assert_parameter_count,
    assert_tied,
    gradients_of,
    parameters_of,
    values_of,
)
from autograder.errors import StudentError

torch = pytest.importorskip("torch")

NETS = """
import torch
from torch import nn

class Tied(nn.Module):
    def __init__(self, tie=True, vocabulary=11, width=4):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.norm = nn.BatchNorm1d(width)
        self.out = nn.Linear(width, vocabulary, bias=False)
        if tie:
            self.out.weight = self.embed.weight
        elif tie is None:
            self.out.weight = nn.Parameter(self.embed.weight.detach().clone())

    def forward(self, x):
        return self.out(self.embed(x))

def net(*sizes, bias=True):
    return nn.Sequential(*(nn.Linear(n, m, bias=bias) for n, m in zip(sizes, sizes[1:])))

def frozen():
    module = net(3, 5, 2)
    module[0].weight.requires_grad = False
    return module

def listed():
    module = nn.Module()
    module.layers = [nn.Linear(2, 2)]
    return module

def halves():
    return net(2, 2).to(torch.bfloat16)

class Endless(nn.Module):
    def named_parameters(self, remove_duplicate=True):
        while True:
            yield "w", torch.zeros(1)

def on_no_device():
    with torch.device("meta"):
        return Tied()

def parts():
    whole = torch.zeros(20)
    module = nn.Module()
    module.part = nn.Parameter(whole[:3])
    module.whole = nn.Parameter(whole)
    return module

class Odd(nn.Module):
    def named_parameters(self, remove_duplicate=True):
        yield from [("w", "no tensor")]

def nothing():
    return None
"""


@pytest.fixture
def student(notebook):
    """A notebook full of networks."""
    return notebook(NETS)


def test_facts_of_each_parameter(student):
    """Names, shapes, dtypes and devices arrive, a shared parameter under both of its names."""
    facts = parameters_of(student.new("Tied"))
    assert [(each.name, each.shape, each.size) for each in facts] == [
        ("embed.weight", (11, 4), 44),
        ("norm.weight", (4,), 4),
        ("norm.bias", (4,), 4),
        ("out.weight", (11, 4), 44),
    ]
    assert {(each.dtype, each.device, each.trainable) for each in facts} == {("float32", "cpu", True)}
    assert facts[0].storage == facts[3].storage != facts[1].storage


def test_count_takes_tied_weights_once_and_no_buffers(student):
    """What batch norm stores beside its parameters does not count, a matrix under two names once."""
    assert_parameter_count(student.new("Tied"), 52)
    assert_parameter_count(student.keep("net", 10, 7, 3), 101)
    assert_parameter_count(student.keep("frozen"), 32)
    assert_parameter_count(student.keep("frozen"), 17, trainable_only=True)


@pytest.mark.parametrize(
    ("made", "expected", "clue"),
    [
        (("Tied", False), 52, "too many by the size of .*embed.weight, out.weight"),
        (("Tied", None), 52, "should it be tied"),
        (("Tied",), 96, "embed.weight = out.weight is one parameter"),
        (("net", 10, 7, 3), 91, "in 4 tensors"),
        (("frozen",), 17, "too many by the size of 0.weight"),
        (("listed",), 6, "ModuleList"),
        (("nothing",), 6, "NoneType|expected|named_parameters"),
        (("Odd",), 6, "no attribute|else than names"),
    ],
)
def test_wrong_count_names_what_to_look_at(student, made, expected, clue):
    """Untied weights, tied ones that should not be, frozen ones, and what is no module fail with a reason."""
    with pytest.raises((AssertionError, StudentError), match=f"(?i){clue}"):
        assert_parameter_count(student.keep(*made), expected)


def test_missing_biases_are_recognised(student):
    """As many parameters missing as there are outputs are biases."""
    with pytest.raises(AssertionError, match="Where are the biases"):
        assert_parameter_count(student.keep("net", 10, 7, 3, bias=False), 101)


def test_endless_generator_ends(student, monkeypatch):
    """A module that never stops naming parameters fails."""
    monkeypatch.setattr("autograder.checks.parameters._MOST", 50)
    with pytest.raises(AssertionError, match="more than 50 parameters"):
        parameters_of(student.new("Endless"))


@pytest.mark.parametrize("module", [None, 5, "net", {"w": np.ones(2)}, [np.ones(2)], float("nan"), True])
def test_no_module_fails(module):
    """Data where a module is expected fails every check of modules."""
    for check in (parameters_of, values_of, gradients_of, lambda m: assert_dtypes(m, "float32")):
        with pytest.raises(AssertionError, match="expected a module"):
            check(module)


def test_count_of_plain_data():
    """Arrays in lists and dicts are counted; what holds no numbers fails, and a float is no count of the author's."""
    assert_parameter_count([(np.ones((3, 4)), np.ones(4)), (np.ones((4, 1)), np.ones(1))], 21)
    assert_parameter_count({"w": torch.ones(2, 3)}, 6)
    for wrong in (None, [], "w", {"w": None}, [np.ones(5), "b"], {1: np.ones(6)}, {"a": {}}):
        with pytest.raises(AssertionError):
            assert_parameter_count(wrong, 6)
    with pytest.raises(ValueError, match="whole number"):
        assert_parameter_count({"w": np.ones(6)}, 6.0)


def test_tied_means_the_same_memory(student):
    """Equal numbers in two places are not tied weights."""
    assert_tied(student.new("Tied"), "embed.weight", "out.weight")
    for tie in (False, None):
        with pytest.raises(AssertionError, match="separate parameters"):
            assert_tied(student.new("Tied", tie), "embed.weight", "out.weight")
    with pytest.raises(AssertionError, match="no parameter 'head"):
        assert_tied(student.new("Tied"), "embed.weight", "head.weight")
    with pytest.raises(ValueError, match="two names"):
        assert_tied(student.new("Tied"), "embed.weight")


def test_tied_without_memory(student):
    """On the device "meta" no tensor has an address, and one under two names is one all the same."""
    module = student.keep("on_no_device")
    assert_parameter_count(module, 52)
    assert_tied(module, "embed.weight", "out.weight")
    with pytest.raises(AssertionError, match="separate parameters"):
        assert_tied(module, "embed.weight", "norm.weight")


def test_part_of_a_parameter_counts_with_the_whole(student):
    """Two that begin at the same address are as many numbers as the larger has, whichever comes first."""
    assert_parameter_count(student.keep("parts"), 20)
    with pytest.raises(AssertionError, match="expected 3 parameters, got 20"):
        assert_parameter_count(student.keep("parts"), 3)


def test_dtypes_of_all_parameters(student):
    """One dtype for all; the first that has another is named."""
    assert_dtypes(student.keep("halves"), "bfloat16")
    with pytest.raises(AssertionError, match=r"0\.weight \(bfloat16\)"):
        assert_dtypes(student.keep("halves"), "float32")


def test_values_are_copies(student):
    """Values fetched before a change are those from before."""
    module = student.keep("net", 2, 1)
    before = values_of(module)
    module.keep("get_parameter", "0.weight").keep("detach").keep("add_", 1.0)
    after = values_of(module)
    assert not np.array_equal(before["0.weight"], after["0.weight"])
    assert np.array_equal(before["0.bias"], after["0.bias"])
