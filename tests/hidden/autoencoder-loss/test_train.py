"""Hidden tests of the question `train`. Every test runs with correct functions for the questions before it.

The limits of the three trainings come from margins that stand beside them: five seeds each, eight of the right styles
in the repository and of the mistakes about noise. Right: Adam with learning rates of 0.001 to 0.003 and batches of 32
to 128 rows, SGD with momentum.
"""

from functools import partial

import pytest
import torch
from helpers import hand_in, tensor

from autograder.checks import (
    assert_count,
    assert_device,
    assert_equal,
    assert_every_parameter_changes,
    assert_global_seed_untouched,
    assert_reproducible,
    assert_shape,
    assert_type,
    assert_unchanged,
    assert_within,
    parameters_of,
)
from autograder.grading import prepared

SMALL = [6, 16, 3]


def output(student, net, x, part="whole", width=64):
    """What a part of the student's network gives for x."""
    y = student.call("run", net, x, part)
    assert_type(y, torch.Tensor)
    assert_shape(y, (len(x), width))
    return y


def error(student, net, x, target):
    """The mean squared error of the network's output."""
    return float((output(student, net, x) - target).square().mean())


@prepared
def two_units(student, reference, device):
    """A network with a code of two numbers."""
    hand_in(student)
    return student.keep("train_autoencoder", reference.TRAIN, [64, 128, 64, 2], 60, device, 4)


@prepared
def denoiser(student, reference, device):
    """A network that has learned to remove noise."""
    hand_in(student)
    return student.keep("train_autoencoder", reference.TRAIN, [64, 128, 32], 40, device, 5, noise=0.3)


@prepared
def sparse(student, reference, device):
    """A network with a price on its codes."""
    hand_in(student)
    return student.keep("train_autoencoder", reference.TRAIN, [64, 128, 64], 25, device, 6, l1=0.1)


@pytest.mark.question(
    "train", points=1.5, hint="Does the loss fall in every epoch, and for the images of the same rows?"
)
def test_train_beats_pca(two_units, student, reference):
    """With two units the held-out error is at most 0.9 of PCA's."""
    held_out = reference.HELD_OUT
    # right at most 0.0375 (a network of tanh 0.041); a linear network 0.0535, PCA 0.0534, mean image 0.0741
    assert_within(error(student, two_units, held_out, held_out), 0, 0.048)


@pytest.mark.question("train", points=1, hint="What does the network see, and with what is its output compared?")
def test_train_removes_noise(denoiser, student, reference, rng):
    """Noisy held-out images come back cleaner than any network makes them that did not learn to."""
    held_out = reference.HELD_OUT
    noisy = held_out + 0.3 * tensor(rng, *held_out.shape, dtype=torch.float32)
    # right at most 0.0230 (tanh 0.0235, even linear 0.0241); the nearest mistake, noise of another variance, 0.0277
    # noise that is not drawn afresh passes here (at most 0.024): test_train_draws_fresh_noise looks at it
    assert_within(error(student, denoiser, noisy, held_out), 0, 0.0255)


@pytest.mark.question("train", points=1, hint="What does the penalty look at: codes, weights or outputs? Is it added?")
def test_train_makes_codes_cheap(sparse, student, reference):
    """The codes are small, and the images still come back."""
    held_out = reference.HELD_OUT
    codes = output(student, sparse, held_out, "encoder")
    # right: codes 0.024 to 0.073 and error 0.002 to 0.0095; no price: codes 0.40 to 0.46; collapsed: error 0.074
    assert_within(float(codes.abs().mean()), 0, 0.15)
    assert_within(error(student, sparse, held_out, held_out), 0, 0.03)


def trained(student, data, epochs, device, seed, *more):
    """The parameters after a short training, and the data afterwards."""
    answer = student.call("parameters_and_data", data, SMALL, epochs, device, seed, *more)
    assert_type(answer, tuple)
    assert_count(len(answer), 2)
    return answer


@pytest.mark.question("train", points=1, hint="Does the optimiser know the decoder? Does the loss reach the encoder?")
def test_train_moves_every_parameter(student, device, rng):
    """Each epoch moves every matrix and every bias."""
    hand_in(student)
    data = tensor(rng, 300, 6, dtype=torch.float32)
    none, one, two = (trained(student, data, epochs, device, 1)[0] for epochs in (0, 1, 2))
    assert_every_parameter_changes(none, one)
    assert_every_parameter_changes(one, two)


NOISE_THAT_TELLS = """
def add_noise(x, sigma, generator, *_, **__):
    noise = torch.randn(x.shape, generator=generator, device=generator.device, dtype=x.dtype)
    tell_the_test(noise.flatten().tolist())
    return x + sigma * noise.to(x.device)
"""
"""A correct `add_noise` that shows the test the numbers that it draws."""


@pytest.mark.question("train", points=0.5, hint="When is the noise drawn, how often, and by which generator?")
def test_train_draws_fresh_noise(student, device, rng):
    """There are as many different numbers of noise as pixels in all rows of all epochs."""
    hand_in(student)
    drawn = set()
    student.set("tell_the_test", student.callback(drawn.update))
    student.call("replace_answers", NOISE_THAT_TELLS)
    data = tensor(rng, 128, 6, dtype=torch.float32)
    trained(student, data, 3, device, 2, 0.3)
    # two draws can give the same float32 by chance: of 2304 hardly one does
    assert_within(len(drawn) / (3 * data.numel()), 0.99, None)


@pytest.mark.question("train", points=0.5, hint="What happens to the rows that do not fill a batch?")
def test_train_uses_every_row(student, device, rng):
    """Even a single row, or three, are enough to learn from."""
    hand_in(student)
    for rows in (1, 3):
        data = tensor(rng, rows, 6, dtype=torch.float32)
        before, after = (trained(student, data, epochs, device, 1)[0] for epochs in (0, 3))
        assert_every_parameter_changes(before, after)


@pytest.mark.question(
    "train", points=1, hint="Initial weights, order, noise: where does each take its randomness from?"
)
def test_train_follows_its_seed(student, device, rng):
    """The seed decides everything, with noise and without."""
    hand_in(student)
    data = tensor(rng, 150, 6, dtype=torch.float32)
    for noise in (0.0, 0.2):
        assert_reproducible(
            lambda seed, noise=noise: trained(student, data, 1, device, seed, noise)[0], seed=3, other=8
        )


@pytest.mark.question("train", points=0.5, hint="Who else draws from the generator that you set?")
def test_train_leaves_generators_alone(student, device, rng):
    """The global generators of torch, numpy and Python do not start over."""
    hand_in(student)
    data = tensor(rng, 20, 6, dtype=torch.float32)
    for library in ("torch", "numpy", "python"):
        assert_global_seed_untouched(
            lambda: trained(student, data, 1, device, 3, 0.1), partial(student.call, "draw", library)
        )


@pytest.mark.question("train", points=0.5, hint="In which mode and where is the network when you return it?")
def test_train_returns_a_network_for_use(student, device, rng):
    """It is on the device, in eval mode, and has the sizes that were asked for."""
    hand_in(student)
    data = tensor(rng, 20, 6, dtype=torch.float32)
    net = student.keep("train_autoencoder", data, SMALL, 1, device, 0)
    output(student, net, data, "encoder", 3)
    assert_device(output(student, net, data, "whole", 6), "cpu")
    places = [parameter.device.partition(":")[0] for parameter in parameters_of(net)]
    assert_equal(places, [device.partition(":")[0]] * 8)  # four layers, each with weights and biases
    assert_equal(net.get("training"), False)


@pytest.mark.question("train", points=0.5, hint="Is the noise written into the images themselves?")
def test_train_leaves_the_data_alone(student, device, rng):
    """The images are the same to the last bit afterwards."""
    hand_in(student)
    data = tensor(rng, 40, 6, dtype=torch.float32)
    parameters, after = trained(student, data, 2, device, 0, 0.3)
    assert_count(len(parameters), 8)
    assert_unchanged(after, data, "the images")
