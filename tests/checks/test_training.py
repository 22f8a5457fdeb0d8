"""Training: every parameter takes part, losses fall, a batch can be learned by heart."""

import math

import numpy as np
import pytest

from autograder.checks import (
    assert_every_parameter_changes,
    assert_every_parameter_reached,
    assert_loss_falls,
    assert_overfits,
    gradients_of,
    values_of,
)

NET = """
import torch
from torch import nn

torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self, fault=None, dropout=0.0):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(6, 4), nn.Linear(4, 6)
        self.spare = nn.Linear(2, 2) if fault == "unused" else None
        self.dropout = nn.Dropout(dropout)
        self.fault = fault

    def forward(self, x):
        codes = self.encoder(x).tanh()
        if self.fault == "detached":
            codes = codes.detach()
        if self.fault == "zeroed":
            codes = codes * 0
        return self.decoder(self.dropout(codes))

def batch():
    return torch.randn(3, 6, generator=torch.Generator().manual_seed(1))

def backward(net, target=None):
    x = batch()
    loss = ((net(x) - x) ** 2).mean()
    loss.backward()
    return loss

def optimizer(net, known="all"):
    parameters = net.decoder.parameters() if known == "decoder" else net.parameters()
    return torch.optim.Adam(parameters, lr=0.02)

def step(net, adam):
    adam.zero_grad()
    loss = backward(net)
    adam.step()
    return loss
"""


@pytest.fixture
def student(notebook):
    """A notebook with a small auto-encoder that can be made faulty."""
    pytest.importorskip("torch")
    return notebook(NET)


def test_every_parameter_of_a_right_network_is_reached(student):
    """After one backward pass all have gradients, after one step all have moved."""
    net = student.new("Net")
    before = values_of(net)
    student.call("step", net, student.keep("optimizer", net))
    assert_every_parameter_reached(gradients_of(net))
    assert_every_parameter_changes(before, values_of(net))


@pytest.mark.parametrize(
    ("fault", "clue"),
    [
        ("detached", "2 of 4 parameters got no gradient: encoder.weight, encoder.bias"),
        ("unused", "2 of 6 parameters got no gradient: spare"),
        ("zeroed", "gradient of encoder.weight, encoder.bias"),
    ],
)
def test_cut_gradients_are_named(student, fault, clue):
    """A detached code, an unused layer and a factor of zero fail, with the parameters that they cut off."""
    net = student.new("Net", fault)
    with pytest.raises(AssertionError, match="no parameter has a gradient"):
        assert_every_parameter_reached(gradients_of(net))
    student.call("backward", net)
    with pytest.raises(AssertionError, match=clue):
        assert_every_parameter_reached(gradients_of(net))


def test_parameters_that_the_optimizer_does_not_know(student):
    """Gradients alone move nothing: an optimizer with half of the parameters fails, unless the rest is frozen."""
    net = student.new("Net")
    before = values_of(net)
    student.call("step", net, student.keep("optimizer", net, "decoder"))
    after = values_of(net)
    with pytest.raises(AssertionError, match="2 of 4 parameters never changed: encoder"):
        assert_every_parameter_changes(before, after)
    assert_every_parameter_changes(before, after, frozen=("encoder.weight", "encoder.bias"))
    with pytest.raises(AssertionError, match=r"frozen parameters were changed: decoder\.bias"):
        assert_every_parameter_changes(before, after, frozen=("encoder.weight", "encoder.bias", "decoder.bias"))


PARAMS = [(np.ones((2, 3)), np.zeros(3)), (np.ones((3, 1)), np.zeros(1))]


def test_changes_in_plain_data():
    """Lists of matrices and biases are compared place by place."""
    assert_every_parameter_changes(PARAMS, [(w + 1, b + 1) for w, b in PARAMS])
    with pytest.raises(AssertionError, match="changed no parameter at all"):
        assert_every_parameter_changes(PARAMS, PARAMS)
    with pytest.raises(AssertionError, match=r"2 of 4 .* \[0\]\[1\], \[1\]\[1\]"):
        assert_every_parameter_changes(PARAMS, [(w + 1, b) for w, b in PARAMS])


@pytest.mark.parametrize(
    "after",
    [None, [], "w", 1.0, PARAMS[:1], [(w + np.nan, b) for w, b in PARAMS], [(w.T + 1, b + 1) for w, b in PARAMS],
     [(np.ones((1, 1, 1)), True)], {"w": None}, [(w + 1, None) for w, _ in PARAMS]],
)  # fmt: skip
def test_spoilt_parameters_fail(after):
    """Missing, NaN, transposed and foreign parameters after training fail."""
    with pytest.raises(AssertionError):
        assert_every_parameter_changes(PARAMS, after)


@pytest.mark.parametrize(
    "gradients", [None, [], {}, "w", 1.0, True, math.nan, [None], [np.ones(2), None], [np.zeros(2)], [np.ones(2), "b"],
                  {"w": np.full(2, math.nan)}, {"w": np.empty((0, 3))}, {3: np.ones(2)}, [np.ones(2, dtype=bool)]]
)  # fmt: skip
def test_spoilt_gradients_fail(gradients):
    """Nothing, zeros, NaN and what is no number fail."""
    with pytest.raises(AssertionError):
        assert_every_parameter_reached(gradients)


def test_falling_losses():
    """A curve that ends low enough passes, as a list, a tuple or an array, its noise averaged away."""
    curve = [2.0 * 0.9**k for k in range(40)]
    assert_loss_falls(curve, to=0.1)
    assert_loss_falls(np.array(curve), to=0.1)
    assert_loss_falls([np.float32(v).reshape(()) for v in curve], to=0.1)
    rng = np.random.default_rng(0)
    assert_loss_falls([v + 0.05 * rng.random() for v in curve], to=0.2)


@pytest.mark.parametrize(
    ("losses", "clue"),
    [
        ([1.0, 2.0, 3.0], "it rises"),
        ([1.0] * 20, "does not move"),
        ([0.0] * 20, "begins above zero"),
        ([-10.0, -9.0, -8.0, -6.0], "begins above zero"),
        ([2.0, 0.1, 0.1, 1.9], "rose again"),
        ([2.0 - 0.01 * k for k in range(20)], "learning rate too small"),
        ([2.0, 1.0, math.nan], "the loss of step 2"),
        (np.array([2.0, math.inf]), "not finite"),
        ([1.0], "two at least"),
        ([], "two at least"),
        (np.ones((4, 1)), "two at least"),
        (None, "expected"),
        ("falling", "expected"),
        ([True, False], "the loss of step 0"),
        ([[1.0], [0.1]], "the loss of step 0"),
    ],
)
def test_losses_that_do_not_fall(losses, clue):
    """Each way in which a curve is wrong has its own question."""
    with pytest.raises(AssertionError, match=clue):
        assert_loss_falls(losses, to=0.5)


def test_one_batch_is_learned_by_heart(student):
    """A right network does it, one with a cut gradient or with dropout does not."""
    for fault, dropout in ((None, 0.0), ("zeroed", 0.0), (None, 0.9)):
        net = student.new("Net", fault, dropout)
        adam = student.keep("optimizer", net)

        def step(net=net, adam=adam):
            return student.call("step", net, adam)

        if fault is None and not dropout:
            assert_overfits(step, below=0.01, steps=400)
        else:
            with pytest.raises(AssertionError, match="one batch cannot be learned by heart"):
                assert_overfits(step, below=0.01, steps=400)


@pytest.mark.parametrize("loss", [None, "0", [], [0.0], np.zeros(1), math.nan, True, {"loss": 0.0}])
def test_loss_of_a_step_is_a_number(loss):
    """Whatever a step gives that is no single finite number fails."""
    with pytest.raises(AssertionError, match="the loss of step 0"):
        assert_overfits(lambda: loss, below=1, steps=3)
