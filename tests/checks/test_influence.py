"""What an output may depend on: masks that leak, masks that hide too much, rows that touch each other."""

import numpy as np
import pytest

from autograder.checks import assert_causal, assert_rows_independent

torch = pytest.importorskip("torch")


class Decoder:
    """Self-attention over token embeddings; `diagonal` is where the mask begins, `layers` how often it is applied."""

    def __init__(self, diagonal: int | None = 1, layers: int = 1, lower: bool = False, after: bool = False) -> None:
        rng = np.random.default_rng(0)
        self.embed, self.q, self.k, self.v = (rng.normal(size=s) for s in ((13, 8), (8, 8), (8, 8), (8, 8)))
        self.diagonal, self.layers, self.lower, self.after = diagonal, layers, lower, after
        self.dropout = 0.0
        self.rng = rng

    def mask(self, length):
        ones = np.ones((length, length))
        if self.diagonal is None:
            return np.zeros_like(ones, dtype=bool)
        return (np.tril(ones, -self.diagonal) if self.lower else np.triu(ones, self.diagonal)).astype(bool)

    def __call__(self, tokens):
        x = self.embed[np.asarray(tokens)]
        for _ in range(self.layers):
            scores = (x @ self.q) @ (x @ self.k).swapaxes(1, 2) / 3
            hidden = self.mask(x.shape[1])
            if not self.after:
                scores = np.where(hidden, -1e9, scores)
            powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
            weights = powers / powers.sum(axis=-1, keepdims=True)
            if self.after:  # normalised over what is hidden: the future leaks through the denominator
                weights = np.where(hidden, 0, weights)
            x = x + weights @ (x @ self.v) / 8
        keep = self.rng.random(x.shape) >= self.dropout
        return x * keep


TOKENS = np.random.default_rng(1).integers(0, 13, size=(2, 6))


@pytest.mark.parametrize("layers", [1, 3])
def test_causal_attention_passes(layers):
    """A mask above the diagonal lets the position and its past through, tokens as array and as tensor."""
    assert_causal(Decoder(layers=layers), TOKENS, vocabulary=13)
    assert_causal(Decoder(layers=layers), torch.tensor(TOKENS), vocabulary=13)
    assert_causal(lambda x: torch.tensor(Decoder()(x), dtype=torch.float32), TOKENS, vocabulary=13)


@pytest.mark.parametrize(
    ("model", "clue"),
    [
        (Decoder(diagonal=2), "exactly one position too far"),
        (Decoder(diagonal=3), "Is there a mask"),
        (Decoder(diagonal=None), "Is there a mask"),
        (Decoder(lower=True), "is it the right way round"),
        (Decoder(after=True), "before the softmax"),
        (Decoder(diagonal=0), "position 0 changes"),  # all hidden from the first: its softmax is uniform
        (lambda x: np.eye(13)[x], "sees itself only"),
        (lambda x: np.ones((2, 6, 3)), "does not change with the input"),
    ],
)
def test_wrong_masks_fail(model, clue):
    """Off by one, missing, upside down, after the softmax, hiding the position itself, hiding all, blind."""
    with pytest.raises(AssertionError, match=clue):
        assert_causal(model, TOKENS, vocabulary=13)


def test_leak_through_the_last_position_only():
    """A single position that sees a single later one is found."""

    def model(x):
        out = np.cumsum(Decoder().embed[x], axis=1)
        out[:, 2] += 0.01 * x[:, 5:6]
        return out

    with pytest.raises(AssertionError, match="position 2 changes when the input at position 5 does"):
        assert_causal(model, TOKENS, vocabulary=13)


def test_models_that_shift_by_themselves():
    """With lag=1 an output that sees its own input leaks, and one that sees only what is before passes."""
    decoder = Decoder()

    def shifted(x):
        return np.concatenate([np.zeros((2, 1, 8)), decoder(x)[:, :-1]], axis=1)

    assert_causal(shifted, TOKENS, vocabulary=13, lag=1)
    with pytest.raises(AssertionError, match="exactly one position too far"):
        assert_causal(decoder, TOKENS, vocabulary=13, lag=1)
    with pytest.raises(AssertionError, match="does not change with the input"):
        assert_causal(shifted, TOKENS, vocabulary=13)


def test_floats_and_other_axes():
    """Sequences of numbers, time along the first axis; a mean over the whole sequence leaks."""
    x = np.random.default_rng(2).normal(size=(5, 3))
    assert_causal(lambda x: np.cumsum(x, axis=0), x, time_axis=0)
    assert_causal(lambda x: np.tanh(x), x, time_axis=0, sees_past=False)
    with pytest.raises(AssertionError, match="sees itself only"):
        assert_causal(lambda x: np.tanh(x), x, time_axis=0)
    with pytest.raises(AssertionError, match="the future leaks"):
        assert_causal(lambda x: np.cumsum(x, axis=0) - x.mean(axis=0), x, time_axis=0)


def test_dropout_is_called_dropout():
    """A model that is not in eval mode fails for that reason."""
    model = Decoder()
    model.dropout = 0.1
    with pytest.raises(AssertionError, match="dropout"):
        assert_causal(model, TOKENS, vocabulary=13)
    with pytest.raises(AssertionError, match="dropout"):
        assert_rows_independent(model, TOKENS)


HOSTILE = [None, [], "out", 1.0, True, np.nan, {}, np.empty((2, 0)), np.full((2, 6), np.nan), np.ones((2, 5)),
           np.ones(2), np.ones((1, 6)), np.ones((2, 6), dtype=bool), object()]  # fmt: skip


@pytest.mark.parametrize("result", HOSTILE)
def test_outputs_that_are_none(result):
    """Wrong types and shapes, nothing, NaN and constants fail both checks."""
    with pytest.raises(AssertionError):
        assert_causal(lambda x: result, TOKENS, vocabulary=13)
    with pytest.raises(AssertionError):
        assert_rows_independent(lambda x: result, TOKENS)


def test_authors_mistakes_are_value_errors():
    """Tokens without a vocabulary, floats with one, a token out of range, a missing axis, one row."""
    for inputs, options in (
        (TOKENS, {}),
        (TOKENS * 1.0, {"vocabulary": 13}),
        (TOKENS, {"vocabulary": 5}),
        (TOKENS, {"vocabulary": 13, "time_axis": 2}),
        ([[1, 2]], {"vocabulary": 13}),
    ):
        with pytest.raises(ValueError, match=r"time along|vocabulary"):
            assert_causal(Decoder(), inputs, **options)
    with pytest.raises(ValueError, match="two rows"):
        assert_rows_independent(Decoder(), TOKENS[:1])


def softmax(x, axis):
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def test_rows_of_a_batch():
    """A softmax over the classes passes in both widths; over the rows, or normalised by the batch, it does not."""
    x = np.random.default_rng(3).normal(size=(4, 4))
    assert_rows_independent(lambda x: softmax(x, 1), x)
    assert_rows_independent(
        lambda x: torch.softmax(x @ torch.ones(4, 300), dim=1), torch.tensor(x, dtype=torch.float32)
    )
    for wrong in (lambda x: softmax(x, 0), lambda x: x - x.mean(axis=0), lambda x: x / (np.abs(x).max() + 1e-9)):
        with pytest.raises(AssertionError, match="another result alone"):
            assert_rows_independent(wrong, x)
    with pytest.raises(AssertionError, match="one row alone gives shape"):
        assert_rows_independent(lambda x: softmax(x, 1).squeeze(), x)


def test_a_half_buys_no_tolerance():
    """A leak between rows, or from the future, does not hide in an output that is rounded; a half goes in as one."""
    x = torch.tensor(np.random.default_rng(3).normal(size=(4, 4)), dtype=torch.float32)
    assert_rows_independent(lambda x: torch.tanh(x.bfloat16()), x.bfloat16())
    with pytest.raises(AssertionError, match="another result alone"):
        assert_rows_independent(lambda x: (torch.tanh(x) + 0.04 * x.mean(0)).bfloat16(), x)
    with pytest.raises(AssertionError, match="the future leaks"):
        assert_causal(lambda x: (x.cumsum(1) + 0.01 * x.sum(1, keepdim=True)).half(), x)


def test_batch_norm_in_training_mode():
    """Batch norm passes in eval mode only."""
    torch.manual_seed(0)
    norm = torch.nn.BatchNorm1d(3)
    x = torch.randn(5, 3)
    norm(x)
    norm.eval()
    assert_rows_independent(norm, x)
    norm.train()
    norm.momentum = 0.0
    with pytest.raises((AssertionError, ValueError)):
        assert_rows_independent(lambda x: norm(torch.cat([x, x]))[: len(x)], x)
