"""Every number and every claim that can be computed in this repository's quizzes, once more and another way."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from autograder.quiz.load import load_quiz
from autograder.quiz.marking import numeric_key
from autograder.quiz.questions import NumericQuestion, Question, Quiz
from autograder.quiz.scoring import score
from autograder.quiz.variants import draw

ROOT = Path(__file__).resolve().parents[1]
QUIZZES = {path.stem: load_quiz(path) for path in sorted((ROOT / "quizzes").glob("*.yml"))}
NUMERIC = [
    pytest.param(quiz, each, id=f"{quiz.id}-{each.id}")
    for quiz in QUIZZES.values()
    for each in quiz.questions
    if each.kind == "numeric"
]

AVATAR, IRONMAN, RAINMAN = (torch.tensor(each, dtype=torch.float64) for each in ([1, 2, 2], [3, 7, 8], [1, -2, 6]))


def cosine(u: list[float] | torch.Tensor, v: list[float] | torch.Tensor) -> float:
    """By torch."""
    pair = [torch.as_tensor(each, dtype=torch.float64) for each in (u, v)]
    return float(functional.cosine_similarity(*pair, dim=0))


def parameters(*sizes: int, bias: bool = True) -> int:
    """Of a dense network, counted by torch."""
    layers = [nn.Linear(before, after, bias=bias, device="meta") for before, after in pairwise(sizes)]
    return sum(each.numel() for layer in layers for each in layer.parameters())


def slope(function: Callable[[torch.Tensor], torch.Tensor], at: float) -> float:
    """The derivative at a point, by autograd."""
    x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    return float(torch.autograd.grad(function(x), x)[0])


def sigmoid(x: float) -> float:
    """Of a number."""
    return 1 / (1 + math.exp(-x))


def cross_entropy_slope(p: float, y: float) -> float:
    """Of binary cross-entropy, with respect to the pre-activation that gives p."""
    label = torch.tensor(y, dtype=torch.float64)
    return slope(lambda z: functional.binary_cross_entropy_with_logits(z, label), math.log(p / (1 - p)))


def pairs(n: int, w: int) -> int:
    """Of different places that are at most w apart, both ways round."""
    return sum(0 < abs(i - j) <= w for i in range(n) for j in range(n))


def unfolded(side: int, p: int, channels: int = 1) -> torch.Size:
    """(1, numbers of a patch, patches), by torch's own cutting."""
    return functional.unfold(torch.zeros(1, channels, side, side), p, stride=p).shape


YCBCR = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]])
BERT_TOKENS = ["[CLS]", "my", "dog", "is", "cute", "[SEP]", "he", "likes", "play", "##ing", "[SEP]"]

NUMBERS: dict[tuple[str, str], Callable[..., float]] = {
    ("lecture-02", "sigmoid-sum"): lambda: float(torch.sigmoid(torch.tensor([2, 1, 0.1])).sum()),
    ("lecture-02", "sigmoid-slope"): lambda z: slope(torch.sigmoid, z),
    ("lecture-02", "slope-from-output"): lambda g: slope(torch.sigmoid, math.log(g / (1 - g))),
    ("lecture-02", "ice-2-colour"): lambda: parameters(3 * 100 * 100, 1000, 1000, 1000, 10),
    ("lecture-02", "ice-2-mended"): lambda inputs, hidden, classes: parameters(int(inputs), int(hidden), int(classes)),
    ("lecture-02", "output-error"): lambda p, y: cross_entropy_slope(p, y),
    ("lecture-02", "random-trials"): lambda: next(n for n in range(1, 1000) if 1 - 0.95**n >= 0.95),
    ("lecture-02", "random-chance"): lambda n, best: sum(
        math.comb(int(n), k) * (best / 100) ** k * (1 - best / 100) ** (int(n) - k) for k in range(1, int(n) + 1)
    ),
    ("lecture-05-6", "ice-1-ironman"): lambda: cosine(AVATAR, IRONMAN),
    ("lecture-05-6", "ice-1-rainman"): lambda: cosine(AVATAR, RAINMAN),
    ("lecture-05-6", "ice-1-distance"): lambda: float(torch.dist(AVATAR, IRONMAN)),
    ("lecture-05-6", "cosine-yours"): lambda a, b: cosine([1, 2], [a, -b]),
    ("lecture-05-6", "skipgram-count"): lambda n, w: pairs(int(n), int(w)),
    ("lecture-05-6", "mean-vector"): lambda a, b, c: float(torch.tensor([[a, 2], [b, 0], [c, 1]]).mean(dim=0)[0]),
    ("lecture-05-6", "bert-input"): lambda: BERT_TOKENS.index("[SEP]") + 1,
    ("lecture-05-6", "bert-replaced"): lambda n: n * 0.15 * 0.8,
    ("lecture-12", "patch-count"): lambda side, p, columns: unfolded(int(side), int(p))[2] + 1,
    ("lecture-12", "patch-size"): lambda p: unfolded(int(p), int(p), 3)[1],
    ("lecture-12", "compression"): lambda side, code: torch.zeros(int(side), int(side)).numel() / code,
    ("lecture-12", "parameters-digits"): lambda: parameters(784, 1000, 500, 250, 2, 250, 500, 1000, 784),
    ("lecture-12", "colour-channels"): lambda: int(np.linalg.matrix_rank(YCBCR)) - 1,
    ("lecture-13", "parameters-documents"): lambda: parameters(2000, 500, 250, 125, 2, 125, 250, 500, 2000),
    ("lecture-13", "binary-loss"): lambda: float(functional.binary_cross_entropy(torch.tensor(0.8), torch.tensor(1.0))),
    ("lecture-13", "latent-ratio"): lambda: torch.zeros(3, 512, 512).numel() / torch.zeros(4, 64, 64).numel(),
    ("lecture-13", "latent-count"): lambda width, height: nn.Conv2d(3, 4, 8, stride=8, device="meta")(
        torch.zeros(3, int(height), int(width), device="meta")
    ).numel(),
    ("lecture-13", "noisy-value"): lambda a, x, e: a**0.5 * x + (1 - a) ** 0.5 * e,
    ("lecture-13", "guidance"): lambda u, c, s: float(torch.lerp(*torch.tensor([u, c, s], dtype=torch.float64))),
}  # fmt: skip
"""Every numeric key, once more, from the parameters of its variant."""

SLIPS: dict[tuple[str, str], tuple[Callable[..., float], ...]] = {
    ("lecture-02", "sigmoid-sum"): (lambda: 1,),
    ("lecture-02", "sigmoid-slope"): (lambda z: sigmoid(z), lambda z: z * (1 - z)),
    ("lecture-02", "slope-from-output"): (lambda g: slope(torch.sigmoid, g),),
    ("lecture-02", "ice-2-colour"): (lambda: 12_013_010, lambda: parameters(30_000, 1000, 1000, 1000, 10, bias=False)),
    ("lecture-02", "ice-2-mended"): (
        lambda inputs, hidden, classes: parameters(int(inputs), int(hidden), int(classes), bias=False),
        lambda inputs, hidden, classes: parameters(int(inputs), int(hidden), int(classes)) + inputs,
    ),
    ("lecture-02", "output-error"): (lambda p, y: y - p, lambda p, y: (p - y) * p * (1 - p)),
    ("lecture-02", "random-trials"): (lambda: 58, lambda: 19),
    ("lecture-02", "random-chance"): (lambda n, best: n * best / 100, lambda n, best: (1 - best / 100) ** n),
    ("lecture-05-6", "ice-1-ironman"): (lambda: 33 / math.sqrt(17 * 122), lambda: cosine([1, 2, 2], [2, 7, 8])),
    ("lecture-05-6", "ice-1-rainman"): (lambda: 9 / math.sqrt(17 * 41), lambda: cosine([1, 2, 2], [1, 2, 6])),
    ("lecture-05-6", "ice-1-distance"): (lambda: float(torch.dist(AVATAR, RAINMAN)), lambda: 65),
    ("lecture-05-6", "cosine-yours"): (
        lambda a, b: cosine([1, 2], [a, b]),
        lambda a, b: (a - 2 * b) / (5 * (a * a + b * b)),
    ),
    ("lecture-05-6", "skipgram-count"): (lambda n, w: 2 * w * n, lambda n, w: pairs(int(n), int(w)) / 2),
    ("lecture-05-6", "mean-vector"): (lambda a, b, c: a + b + c,),
    ("lecture-05-6", "bert-input"): (lambda: 5,),
    ("lecture-05-6", "bert-replaced"): (lambda n: n * 0.15, lambda n: n * 0.8),
    ("lecture-12", "patch-count"): (lambda side, p, columns: columns**2, lambda side, p, columns: columns + 1),
    ("lecture-12", "patch-size"): (lambda p: p * p,),
    ("lecture-12", "compression"): (lambda side, code: side / code,),
    ("lecture-12", "parameters-digits"): (lambda: 2 * parameters(784, 1000, 500, 250, 2), lambda: 2_819_000),
    ("lecture-13", "parameters-documents"): (lambda: 2 * parameters(2000, 500, 250, 125, 2), lambda: 2_313_000),
    ("lecture-13", "binary-loss"): (lambda: -math.log10(0.8), lambda: -math.log2(0.8), lambda: 0.04),
    ("lecture-13", "latent-ratio"): (lambda: 64, lambda: 8),
    ("lecture-13", "latent-count"): (
        lambda width, height: width * height / 64,
        lambda width, height: width * height / 2,
    ),
    ("lecture-13", "noisy-value"): (
        lambda a, x, e: a * x + (1 - a) * e,
        lambda a, x, e: (1 - a) ** 0.5 * x + a**0.5 * e,
    ),
    ("lecture-13", "guidance"): (lambda u, c, s: s * (c - u), lambda u, c, s: s * c),
}
"""What the usual slips give: none of it may pass, in any variant."""

TYPED: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("lecture-02", "loss-formula"): (
        ("-y*log(p) - (1-y)*log(1-p)", "-(y ln(p) + (1 - y) ln(1 - p))"),
        ("y*log(p) + (1-y)*log(1-p)", "-y*log(p)", "(y-p)^2", "-(y*log(p) + (1-y)*log(1-p))/2"),
    ),
    ("lecture-02", "softmax-of-two"): (
        ("1/(1+exp(-z))", "exp(z)/(1+exp(z))", "e^z/(1 + e^z)"),
        ("exp(z)", "exp(z)/(exp(z) + z)", "1/(1+exp(z))"),
    ),
    ("lecture-02", "output-error-formula"): (("p-y", "-y + p"), ("y-p", "(p-y)*p*(1-p)", "(p-y)/(p*(1-p))")),
    ("lecture-02", "gated"): (("LSTM", "l s t m", "Long Short-Term Memory"), ("RNN", "GRU", "memory")),
    ("lecture-05-6", "cosine-formula"): (
        ("(a+b)/sqrt(2*(a^2+b^2))", "(a*1 + b*1)/(sqrt(a^2+b^2)*sqrt(2))"),
        ("(a+b)/sqrt(a^2+b^2)", "(a+b)/(2*(a^2+b^2))", "a+b"),
    ),
    ("lecture-05-6", "bert-name"): (("Bidirectional", "bi-directional", "bidirektional"), ("binary", "base", "BERT")),
    ("lecture-12", "patch-formula"): (("h*w/(p*p)", "(h/p)*(w/p)"), ("h*w/p", "3*h*w/p^2", "h*w/p^2 + 1")),
    ("lecture-12", "mse-formula"): (
        ("((u-x)^2 + (v-y)^2)/2", "0.5*(x-u)^2 + 0.5*(y-v)^2"),
        ("(x-u)^2 + (y-v)^2", "((x-u) + (y-v))^2/2", "sqrt((x-u)^2 + (y-v)^2)/2"),
    ),
    ("lecture-12", "middle-layer"): (("bottleneck", "Bottle-neck", "bottle neck"), ("decoder", "narrow", "hidden")),
    ("lecture-13", "linear-documents"): (("LSA", "l.s.a.", "Latent Semantic Analysis"), ("PCA", "LDA", "LSTM")),
    ("lecture-13", "clean-formula"): (
        ("(x - sqrt(1-a) n)/sqrt(a)", "x/sqrt(a) - n*sqrt((1-a)/a)"),
        ("x - sqrt(1-a)*n", "(x - (1-a)*n)/a", "(x + sqrt(1-a)*n)/sqrt(a)"),
    ),
}
"""Typed answers that have to pass, and such that must not."""

SAID: tuple[tuple[str, str, str, float], ...] = (
    ("lecture-02", "random-trials", "0.0510", 0.95**58),
    ("lecture-02", "random-trials", "0.0485", 0.95**59),
    ("lecture-02", "sigmoid-sum", "0.659", math.exp(2) / (math.exp(2) + math.exp(1) + math.exp(0.1))),
    ("lecture-02", "slope-from-output", "0.206", slope(torch.sigmoid, 0.9)),
    ("lecture-02", "sigmoid-slope", "0.018", slope(torch.sigmoid, 4)),
    ("lecture-02", "curves", "0.69", math.log(2)),
    ("lecture-02", "ice-2", "12,013,010", parameters(10_000, 1000, 1000, 1000, 10)),
    ("lecture-05-6", "ice-1-ironman", "0.7246", 33 / math.sqrt(17 * 122)),
    ("lecture-05-6", "ice-1-mended", "0.3409", 9 / math.sqrt(17 * 41)),
    ("lecture-05-6", "ice-1-rainman", "0.885", cosine([1, 2, 2], [1, 2, 6])),
    ("lecture-05-6", "ice-1-distance", "5.66", float(torch.dist(AVATAR, RAINMAN))),
    ("lecture-05-6", "angle-or-distance", "4.47", math.dist((6, 3), (2, 1))),
    ("lecture-05-6", "angle-or-distance", "1.41", math.dist((1, 2), (2, 1))),
    ("lecture-05-6", "angle-or-distance", "0.8", cosine([2, 1], [1, 2])),
    ("lecture-12", "compression", "392", 784 / 2),
    ("lecture-12", "parameters-digits", "1,411,252", parameters(784, 1000, 500, 250, 2)),
    ("lecture-13", "parameters-documents", "1,160,252", parameters(2000, 500, 250, 125, 2) + 125 + 250 + 500 + 2000),
    ("lecture-13", "ice-2-mended", "0.61", -0.3 * math.log(0.3) - 0.7 * math.log(0.7)),
    ("lecture-13", "binary-loss", "0.097", -math.log10(0.8)),
    ("lecture-13", "binary-loss", "0.322", -math.log2(0.8)),
)  # fmt: skip
"""Numbers that explanations tell."""


def texts(question: Question) -> str:
    """What a student reads after answering."""
    feedback = [choice.feedback or "" for choice in getattr(question, "choices", ()) if hasattr(choice, "feedback")]
    return " ".join([question.explanation or "", *feedback])


@pytest.mark.parametrize(("quiz", "question"), NUMERIC)
def test_numeric_key_is_computed_twice(quiz: Quiz, question: NumericQuestion) -> None:
    """In every variant an independent computation earns the point, and the usual slips do not."""
    for student in range(100):
        values = draw(question, b"quizzes of the course", quiz.id, f"student-{student}")
        numbers = {name: float(value) for name, value in values.items()}
        again = NUMBERS[quiz.id, question.id](**numbers)
        half = float(question.answer.absolute or 0) / 2  # a rounded key must not eat up its tolerance
        assert float(numeric_key(question, values)) == pytest.approx(again, abs=half + 1e-9)
        assert score(question, f"{again:.10g}", drawn=values).share == 1
        for slip in SLIPS.get((quiz.id, question.id), ()):
            assert score(question, f"{slip(**numbers):.10g}", drawn=values).share == 0, (numbers, slip(**numbers))


@pytest.mark.parametrize(("place", "answers"), TYPED.items())
def test_typed_answers(place: tuple[str, str], answers: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    """Equivalent formulas and spellings pass, the usual mistakes do not, and all of them can be read."""
    question = QUIZZES[place[0]].question(place[1])
    right, wrong = answers
    assert [score(question, each).share for each in right] == [1] * len(right)
    assert [score(question, each).share for each in wrong] == [0] * len(wrong)
    assert [score(question, each).message for each in (*right, *wrong)] == [None] * len(right + wrong)


def test_every_typed_question_was_tried() -> None:
    """The tables above leave no question out and name none that is gone."""
    every = {(quiz.id, each.id): each.kind for quiz in QUIZZES.values() for each in quiz.questions}
    assert set(NUMBERS) == {place for place, kind in every.items() if kind == "numeric"}
    assert set(TYPED) == {place for place, kind in every.items() if kind in ("text", "formula")}
    assert set(SLIPS) <= set(NUMBERS)


@pytest.mark.parametrize(("name", "question", "text", "value"), SAID)
def test_numbers_in_explanations(name: str, question: str, text: str, value: float) -> None:
    """A number that an explanation tells is there, and right to its last digit."""
    assert text in texts(QUIZZES[name].question(question))
    decimals = len(text.partition(".")[2])
    assert f"{value:,.{decimals}f}" == text


def step(total: float) -> int:
    """1 above 0."""
    return int(total > 0)


def test_perceptron_without_bias() -> None:
    """Over a grid of weights without a bias, AND never comes out and the other three functions do."""
    inputs = list(product((0, 1), repeat=2))
    found = {
        tuple(step(w1 * x1 + w2 * x2) for x1, x2 in inputs) for w1, w2 in product(np.linspace(-3, 3, 61), repeat=2)
    }
    computed = {"A": lambda a, b: a & b, "B": lambda a, b: a | b, "C": lambda a, b: a, "D": lambda a, b: a & (1 - b)}
    possible = {name for name, function in computed.items() if tuple(function(*each) for each in inputs) in found}
    question = QUIZZES["lecture-02"].question("bias-needed")
    assert possible == {"B", "C", "D"}
    assert [choice.id for choice in question.choices if choice.correct] == ["A"]


def test_weights_of_and() -> None:
    """Of the units shown, exactly those marked right compute AND."""
    for choice in QUIZZES["lecture-02"].question("and-weights").choices:
        b, w1, w2 = map(float, re.findall(r"= (-?[\d.]+)", choice.text))
        computes = all(step(b + w1 * x1 + w2 * x2) == (x1 & x2) for x1, x2 in product((0, 1), repeat=2))
        assert computes == choice.correct


def network(x1: int, x2: int, unit: Callable[[float], float]) -> float:
    """The lecture's XOR network with another unit."""
    v1, v2 = unit(-0.5 + x1 - x2), unit(-0.5 - x1 + x2)
    return unit(-0.5 + v1 + v2)


def test_xor_network_and_its_misreading() -> None:
    """A bias of −0.5 gives XOR; a threshold of −0.5, and sigmoids cut at 0.5, answer 1 four times."""
    inputs = list(product((0, 1), repeat=2))
    assert [network(*each, step) for each in inputs] == [0, 1, 1, 0]
    assert [network(*each, lambda total: step(total + 0.5 + 0.5)) for each in inputs] == [1, 1, 1, 1]
    assert all(network(*each, sigmoid) > 0.5 for each in inputs)


def test_models_that_learn_xor() -> None:
    """Trained on the four points, exactly the models marked right get all of them; a line gets three at best."""
    linear_model, naive_bayes, svm, tree = (
        pytest.importorskip(f"sklearn.{name}") for name in ("linear_model", "naive_bayes", "svm", "tree")
    )
    models = {
        "A": linear_model.LogisticRegression(),
        "B": naive_bayes.BernoulliNB(),
        "C": tree.DecisionTreeClassifier(max_depth=2, random_state=0),
        "D": svm.SVC(kernel="linear"),
        "E": svm.SVC(kernel="rbf", C=100),
    }
    points = np.array(list(product((0, 1), repeat=2)))
    labels = points[:, 0] ^ points[:, 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        right = {name for name, model in models.items() if (model.fit(points, labels).predict(points) == labels).all()}
    assert right == {choice.id for choice in QUIZZES["lecture-02"].question("ice-1").choices if choice.correct}
    lines = product(np.linspace(-3, 3, 13), repeat=3)
    assert max(int((((b + points @ (w1, w2)) > 0) == labels).sum()) for b, w1, w2 in lines) == 3


def test_what_a_rotation_keeps() -> None:
    """One rotation of all vectors keeps cosines, distances and lengths, but no coordinate."""
    rng = np.random.default_rng(0)
    words = rng.normal(size=(20, 8))
    turn, _ = np.linalg.qr(rng.normal(size=(8, 8)))
    turned = words @ turn
    assert turned @ turned.T == pytest.approx(words @ words.T)  # cosines, distances and lengths follow from these
    assert (np.abs(turned[:, 0] - words[:, 0]) > 1e-6).all()
    assert words[:, 6].argmax() != turned[:, 6].argmax()


def test_outliers_turn_the_first_component() -> None:
    """Two outliers among six points turn PCA's first component from (1, 0) to (0, 1)."""
    points = np.array([(-2, 0), (-1, 0), (1, 0), (2, 0), (0, 9), (0, -9)], dtype=float)
    first = np.linalg.svd(points - points.mean(axis=0))[2][0]
    assert np.abs(first) == pytest.approx([0, 1])
    before = np.linalg.svd(points[:4] - points[:4].mean(axis=0))[2][0]
    assert np.abs(before) == pytest.approx([1, 0])


def test_attention_without_positions_sees_no_order() -> None:
    """Without position embeddings, shuffled patches give the class token the same vector."""
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, batch_first=True, dtype=torch.float64)
    tokens = torch.randn(1, 10, 16, dtype=torch.float64)
    shuffled = torch.cat([tokens[:, :1], tokens[:, 1:].flip(1)], dim=1)
    assert torch.allclose(layer(tokens)[:, 0], layer(shuffled)[:, 0])


def test_linear_auto_encoder_reaches_the_error_of_pca() -> None:
    """A linear auto-encoder of two layers each way, trained to the end, has PCA's error."""
    torch.manual_seed(0)
    data = torch.randn(60, 6, dtype=torch.float64) * torch.tensor([4, 3, 1, 0.5, 0.5, 0.2], dtype=torch.float64)
    data -= data.mean(dim=0)
    model = nn.Sequential(*(nn.Linear(a, b, bias=False, dtype=torch.float64) for a, b in pairwise((6, 5, 2, 5, 6))))
    optimiser = torch.optim.LBFGS(
        model.parameters(), max_iter=800, line_search_fn="strong_wolfe", tolerance_change=1e-14
    )

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        error = functional.mse_loss(model(data), data)
        error.backward()
        return error

    optimiser.step(loss)
    best = float((torch.linalg.svdvals(data)[2:] ** 2).sum()) / data.numel()
    assert float(functional.mse_loss(model(data).detach(), data)) == pytest.approx(best, rel=1e-3)


def test_history_is_in_order() -> None:
    """The years that the explanation gives rise, one for each event."""
    question = QUIZZES["lecture-02"].question("history")
    years = [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", question.explanation or "")]
    assert years == sorted(set(years))
    assert len(years) == len(question.choices)
