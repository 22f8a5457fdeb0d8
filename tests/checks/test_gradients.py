"""Gradients by differences and by autograd, and the usual ways of getting them wrong."""

from itertools import pairwise

import numpy as np
import pytest

from autograder.checks import assert_gradients_close, autograd_gradients, central_differences

torch = pytest.importorskip("torch")


class Problem:
    """A random network of sigmoid layers with data: loss, torch's loss, and the gradient by hand and its faults."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        sizes = [4, 5, 5, 3]
        self.params = [(rng.normal(size=(n, m)), rng.normal(size=m)) for n, m in pairwise(sizes)]
        self.x = rng.normal(size=(7, 4))
        self.y = (rng.random((7, 3)) < 0.5).astype(float)

    def loss(self, params):
        h = self.x
        for w, b in params:
            h = 1 / (1 + np.exp(-(h @ w + b)))
        return float(-np.mean(self.y * np.log(h) + (1 - self.y) * np.log(1 - h)))

    def torch_loss(self, params):
        h = torch.tensor(self.x)
        for w, b in params:
            h = torch.sigmoid(h @ w + b)
        return torch.nn.functional.binary_cross_entropy(h, torch.tensor(self.y))

    def backward(self, fault: str = ""):
        outputs = [self.x]
        for w, b in self.params:
            outputs.append(1 / (1 + np.exp(-(outputs[-1] @ w + b))))
        delta = (outputs[-1] - self.y) / (7 if fault == "mean over rows" else 1 if fault == "sum" else self.y.size)
        if fault == "sign":
            delta = -delta
        grads = []
        for (w, _), below in zip(self.params[::-1], outputs[-2::-1], strict=True):
            grads.append((below.T @ delta, delta.sum(axis=0)))
            slope = below if fault == "slope of the output" else below * (1 - below)
            delta = (delta @ w.T) * slope
        return grads[::-1]


@pytest.mark.parametrize("seed", range(3))
def test_three_ways_agree(seed):
    """Backward by hand, central differences and autograd give the same gradient."""
    problem = Problem(seed)
    exact = autograd_gradients(problem.torch_loss, problem.params)
    assert_gradients_close(problem.backward(), exact)
    assert_gradients_close(central_differences(problem.loss, problem.params), exact)
    assert_gradients_close([[w, b] for w, b in problem.backward()], exact)


@pytest.mark.parametrize(
    ("fault", "clue"),
    [
        ("sum", "21 times the right one throughout: is the loss a sum"),
        ("mean over rows", "3 times the right one throughout"),
        ("sign", "sign is wrong throughout"),
        ("slope of the output", r"4 of 6 gradients differ.*: \[0\]\[0\], \[0\]\[1\], \[1\]\[0\]"),
    ],
)
def test_usual_faults_are_named(fault, clue):
    """The gradient of the sum, of another mean, with the wrong sign, and a wrong chain rule fail with their names."""
    problem = Problem(0)
    exact = autograd_gradients(problem.torch_loss, problem.params)
    with pytest.raises(AssertionError, match=clue):
        assert_gradients_close(problem.backward(fault), exact)


def test_transposed_gradients_are_named():
    """Also where the matrix is square and shapes tell nothing."""
    problem = Problem(1)
    exact = problem.backward()
    with pytest.raises(AssertionError, match=r"\(4, 5\), and not \(5, 4\): it is transposed"):
        assert_gradients_close([(w.T, b) for w, b in exact], exact)
    turned = [exact[0], (exact[1][0].T, exact[1][1]), exact[2]]
    with pytest.raises(AssertionError, match=r"\[1\]\[0\]: it is transposed"):
        assert_gradients_close(turned, exact)


def test_small_gradient_is_no_zero():
    """An early layer with a gradient a thousand times smaller must be right by itself."""
    expected = {"first": np.full(3, 1e-4), "last": np.ones(3)}
    assert_gradients_close({"first": np.full(3, 1e-4), "last": np.ones(3)}, expected)
    with pytest.raises(AssertionError, match="first"):
        assert_gradients_close({"first": np.zeros(3), "last": np.ones(3)}, expected)


def test_float32_gradients_are_allowed_their_rounding():
    """A gradient in float32 is right to 1e-4, not to 1e-6."""
    expected = {"w": np.linspace(0.1, 1, 9)}
    assert_gradients_close({"w": torch.tensor(expected["w"] * (1 + 2e-5), dtype=torch.float32)}, expected)
    with pytest.raises(AssertionError):
        assert_gradients_close({"w": expected["w"] * (1 + 2e-5) + 1e-5}, expected)
    with pytest.raises(AssertionError):
        assert_gradients_close({"w": (expected["w"] * (1 + np.arange(9) * 1e-3)).astype(np.float16)}, expected)


def test_gradients_that_cancel_leave_rounding():
    """The gradient of a bias before batch norm is zero, and in float32 some 1e-7 of the others; 1e-4 is a mistake."""
    torch.manual_seed(0)
    x, y = torch.randn(64, 5), torch.randn(64, 3)

    def gradients(dtype):
        torch.manual_seed(1)
        net = torch.nn.Sequential(torch.nn.Linear(5, 3), torch.nn.BatchNorm1d(3), torch.nn.Tanh()).to(dtype)
        ((net(x.to(dtype)) - y.to(dtype)) ** 2).mean().backward()
        return {name: parameter.grad for name, parameter in net.named_parameters()}

    exact, single = gradients(torch.float64), gradients(torch.float32)
    assert 0 < single["0.bias"].abs().max() < 1e-6
    assert_gradients_close(single, exact)
    with pytest.raises(AssertionError, match=r"0\.bias"):
        assert_gradients_close({**single, "0.bias": single["0.bias"] + 1e-4}, exact)
    doubled = {name: values.double() for name, values in gradients(torch.float64).items()}
    with pytest.raises(AssertionError, match=r"0\.bias"):
        assert_gradients_close({**doubled, "0.bias": doubled["0.bias"] + 1e-7}, exact)


HOSTILE = [None, [], {}, "grads", 1.0, True, np.nan, [np.ones(2)], {"w": None}, {"w": "x"}, {"w": np.ones((1, 2))},
           {"w": np.full(2, np.nan)}, {"w": np.ones(2, dtype=bool)}, {"w": np.ones(2), "b": np.ones(1)},
           {0: np.ones(2)}, {"w": np.ones(())}]  # fmt: skip


@pytest.mark.parametrize("actual", HOSTILE)
def test_what_is_no_gradient_fails(actual):
    """Wrong types, places and shapes, broadcastable ones included, and NaN fail."""
    with pytest.raises(AssertionError):
        assert_gradients_close(actual, {"w": np.ones(2)})


def test_differences_leave_parameters_alone():
    """The function may change its copy; the parameters and the structure that it sees stay as they were."""
    params = {"w": np.array([1.0, 2.0]), "layers": [(np.array(3.0),)]}

    def function(given):
        assert list(given) == ["w", "layers"]
        value = given["w"] @ given["w"] + given["layers"][0][0] ** 2
        given["w"] *= 0
        return value

    slopes = central_differences(function, params)
    assert_gradients_close(slopes, {"w": np.array([2.0, 4.0]), "layers": [(np.array(6.0),)]})
    assert params["w"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("loss", [None, "1", np.ones(1), [1.0], np.nan, True, {}])
def test_loss_that_is_no_number_fails(loss):
    """A student's loss is a single finite number."""
    with pytest.raises(AssertionError, match="the loss"):
        central_differences(lambda _: loss, [np.ones(2)])
