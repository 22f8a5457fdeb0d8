"""What several tests need: correct functions for the student's, and things that stay on the other side."""

import torch

ANSWERS = """
def build_autoencoder(sizes, *_, **__):
    def stack(widths):
        pairs = list(zip(widths[:-1], widths[1:], strict=True))
        layers = [layer for inputs, outputs in pairs for layer in (torch.nn.Linear(inputs, outputs), torch.nn.ReLU())]
        return torch.nn.Sequential(*layers[:-1])

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = stack(list(sizes)), stack(list(sizes)[::-1])

        def forward(self, x):
            return self.decoder(self.encoder(x))

    return Network()


def mse_loss(x, x_hat, *_, **__):
    return torch.nn.functional.mse_loss(x_hat, x)


def add_noise(x, sigma, generator, *_, **__):
    noise = torch.randn(x.shape, generator=generator, device=generator.device, dtype=x.dtype)
    return x + sigma * noise.to(x.device)


def l1_sparsity(codes, weight, *_, **__):
    return weight * codes.abs().mean()
"""
"""Correct answers to the questions before `train`, as source: gradients cannot flow through a callback."""


def hand_in(student):
    """Put correct functions in the place of those that `train_autoencoder` calls."""
    student.call("replace_answers", "import torch\n" + ANSWERS)


def lent(student, value):
    """An object in the student's process that a test can look at again later."""
    student.set("lent_by_the_test", student.callback(lambda: value))
    return student.keep("lent_by_the_test")


def tensor(rng, *shape, dtype=torch.float64):
    """Normal numbers as a tensor."""
    return torch.tensor(rng.normal(size=shape), dtype=dtype)
