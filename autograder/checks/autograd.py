"""Torch's autograd as a reference: the gradient of a function that runs in the grader, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.checks.reading import arrays_of, rebuilt


def autograd_gradients(function: Callable[[Any], Any], parameters: Any) -> Any:
    """The gradient of a scalar torch function at `parameters`, shaped like them, as float64 arrays.

    `function` is the test's own: it gets float64 tensors in the structure of `parameters` and gives a 0-d tensor. A
    parameter that it does not use gets zeros.
    """
    import torch  # heavy and optional: asked for by the tests that use it

    leaves = {
        place: torch.tensor(values, dtype=torch.float64, requires_grad=True)
        for place, values in arrays_of(parameters, "parameters").items()
    }
    loss = function(rebuilt(parameters, lambda place, _: leaves[place]))
    found = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True, materialize_grads=True)
    by_place = dict(zip(leaves, found, strict=True))
    return rebuilt(parameters, lambda place, _: by_place[place].numpy())
