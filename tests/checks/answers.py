"""Answers to the examples of docs/checks.md: a right one for each assignment, and mistakes that are known.

`RIGHT` is the notebook's source. Each of `WRONG` replaces a piece of it and names the tests that it loses.
"""

from __future__ import annotations

from typing import NamedTuple


class Mistake(NamedTuple):
    """A mistake in an assignment: `old` becomes `new`, and these tests are lost."""

    assignment: str
    name: str
    old: str
    new: str
    loses: tuple[str, ...]


RIGHT = {
    "parameter-counting": """
import torch
from torch import nn

def demo_module(kind, vocabulary, width):
    module = nn.Module()
    module.embed = nn.Embedding(vocabulary, width)
    module.out = nn.Linear(width, vocabulary, bias=False)
    module.out.weight = module.embed.weight
    return module

def stack(sizes):
    layers = []
    for n, m in zip(sizes, sizes[1:]):
        layers += [nn.Linear(n, m), nn.ReLU()]
    return nn.Sequential(*layers[:-1])

def build_autoencoder(sizes):
    module = nn.Module()
    module.encoder, module.decoder = stack(sizes), stack(sizes[::-1])
    return module

def count_parameters(module):
    return sum(p.numel() for p in module.parameters())
""",
    "cosine-similarity": """
import torch

def cosine_similarity_matrix(a, b):
    a = a / torch.linalg.vector_norm(a, dim=1, keepdim=True)
    b = b / torch.linalg.vector_norm(b, dim=1, keepdim=True)
    return a @ b.T
""",
    "backprop-by-hand": """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def init_params(sizes, seed):
    rng = np.random.default_rng(seed)
    return [(rng.normal(size=(n, m)), np.zeros(m)) for n, m in zip(sizes, sizes[1:])]

def forward(params, x):
    outputs = [x]
    for w, b in params:
        outputs.append(sigmoid(outputs[-1] @ w + b))
    return outputs[-1], {"params": params, "outputs": outputs}

def backward(params, cache, y):
    outputs = cache["outputs"]
    delta = (outputs[-1] - y) / y.size
    grads = []
    for (w, b), below in zip(params[::-1], outputs[-2::-1]):
        grads.append((below.T @ delta, delta.sum(axis=0)))
        delta = delta @ w.T * below * (1 - below)
    return grads[::-1]

def numerical_gradient(f, params, eps=1e-6):
    grads = []
    for pair in params:
        own = []
        for array in pair:
            slope = np.zeros_like(array)
            for index in np.ndindex(array.shape):
                here = array[index]
                array[index] = here + eps
                above = f(params)
                array[index] = here - eps
                below = f(params)
                array[index] = here
                slope[index] = (above - below) / (2 * eps)
            own.append(slope)
        grads.append(tuple(own))
    return grads
""",
    "autoencoder-loss": """
import numpy as np
import torch
from torch import nn

def data():
    angles = np.random.default_rng(0).uniform(0, 4.5, 400)
    curve = np.cos(angles[:, None] + np.arange(8) * 0.8)
    x = torch.tensor(curve, dtype=torch.float32)
    return x[:300], x[300:]

def draw():
    return float(torch.rand((), dtype=torch.float64))

def generator(seed):
    return torch.Generator().manual_seed(seed)

class Net(nn.Module):
    def __init__(self, n, hidden, code):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(n, hidden), nn.Tanh(), nn.Dropout(0.02), nn.Linear(hidden, code))
        self.decoder = nn.Sequential(nn.Linear(code, hidden), nn.Tanh(), nn.Linear(hidden, n))

    def forward(self, x):
        return self.decoder(self.encoder(x))

def train_autoencoder(data, sizes, epochs, device, seed, noise=0.0, l1=0.0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = Net(*sizes).to(device)
        adam = torch.optim.Adam(net.parameters(), lr=0.01)
        order = torch.Generator().manual_seed(seed)
        for _ in range(epochs):
            for rows in torch.randperm(len(data), generator=order).split(50):
                adam.zero_grad()
                loss = ((net(data[rows]) - data[rows]) ** 2).mean()
                loss.backward()
                adam.step()
    return net.eval()

def add_noise(x, sigma, generator):
    return x + sigma * torch.randn(x.shape, generator=generator).numpy()
""",
    "autocomplete-design": '''
import math
import random
import re
from collections import Counter

def corpus():
    rng = random.Random(0)
    def sentence():
        who, what = rng.choice([("send", "report"), ("read", "letter"), ("plan", "meeting"), ("book", "room")])
        return [who, "the", rng.choice(["new", "old"]), rng.choice(["big", "long"]), what, "today"]
    return [sentence() for _ in range(60)], [sentence() for _ in range(20)]

def words():
    train, _ = corpus()
    return sorted({word for sentence in train for word in sentence}) + ["<unk>", "</s>"]

class NgramModel:
    def __init__(self, n, smoothing):
        self.n, self.k = n, smoothing
        self.grams, self.contexts = Counter(), Counter()

    def fit(self, sentences):
        self.vocabulary = sorted({word for text in sentences for word in text.split()}) + ["<unk>", "</s>"]
        for text in sentences:
            padded = ["<s>"] * (self.n - 1) + text.split() + ["</s>"]
            for place in range(self.n - 1, len(padded)):
                context = tuple(padded[place - self.n + 1:place])
                self.grams[context, padded[place]] += 1
                self.contexts[context] += 1

    def prob(self, context, word):
        known = [each if each in self.vocabulary else "<unk>" for each in context]
        context = tuple((["<s>"] * (self.n - 1) + known)[len(known):])
        return (self.grams[context, word] + self.k) / (self.contexts[context] + self.k * len(self.vocabulary))

    def perplexity(self, sentences):
        total, count = 0.0, 0
        for text in sentences:
            tokens = text.split() + ["</s>"]
            for place, word in enumerate(tokens):
                total += math.log(self.prob(tokens[:place], word))
                count += 1
        return math.exp(-total / count)

    def suggest(self, prefix, k):
        ranked = sorted(self.vocabulary[:-2], key=lambda word: (-self.prob(prefix.split(), word), word))
        return ranked[:k]

def train_language_model(sentences, device, seed, epochs):
    """Stands for a network: it sees the whole sentence."""
    model = NgramModel(5, 0.01)
    model.fit(sentences)
    return model
''',
    "chatbot-mini-project": """
import numpy as np

REFUSAL = "I do not know that."

class Retriever:
    def __init__(self, documents, embed):
        self.documents, self.embed = documents, embed
        self.vectors = self.unit(embed(documents))

    def unit(self, rows):
        rows = np.array(rows, dtype=float)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def search(self, query, k):
        scores = self.vectors @ self.unit(self.embed([query]))[0]
        ranked = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
        return [(n, float(scores[n])) for n in ranked[:k]]

class Chatbot:
    def __init__(self, retriever, llm, memory_turns=3, min_score=0.7):
        self.retriever, self.llm = retriever, llm
        self.memory_turns, self.min_score = memory_turns, min_score
        self.turns = []

    def reply(self, text):
        found = [n for n, score in self.retriever.search(text, 2) if score >= self.min_score]
        if not found:
            return REFUSAL
        documents = "\\n".join(f"<doc {n}>{self.retriever.documents[n]}</doc>" for n in found)
        messages = [{"role": "system", "content": "Answer from the documents."}]
        messages.append({"role": "user", "content": documents})
        for said, answer in self.turns[-self.memory_turns:] if self.memory_turns else []:
            messages += [{"role": "user", "content": said}, {"role": "assistant", "content": answer}]
        messages.append({"role": "user", "content": text})
        answer = self.llm(messages)
        self.turns.append((text, answer))
        return answer
""",
}

WRONG = [
    Mistake(
        "parameter-counting",
        "decoder-without-biases",
        "module.encoder, module.decoder = stack(sizes), stack(sizes[::-1])",
        "module.encoder, module.decoder = stack(sizes), nn.Sequential(*(nn.Linear(n, m, bias=False) for n, m in "
        "zip(sizes[::-1], sizes[-2::-1])))",
        ("test_autoencoder_size",),
    ),
    Mistake(
        "parameter-counting",
        "tied-decoder",
        "    return module\n\ndef count",
        "    module.decoder[0].weight = nn.Parameter(module.encoder[6].weight.T)\n    return module\n\ndef count",
        ("test_autoencoder_size",),
    ),
    Mistake(
        "parameter-counting",
        "counts-tied-twice",
        "module.parameters()",
        "module.state_dict().values()",
        ("test_counts_tied_weights_once",),
    ),
    Mistake(
        "cosine-similarity",
        "loop-over-pairs",
        "return a @ b.T",
        "return torch.stack([torch.stack([(u * v).sum() for v in b]) for u in a])",
        ("test_all_pairs_at_once",),
    ),
    Mistake(
        "cosine-similarity",
        "norm-over-rows",
        "vector_norm(a, dim=1, keepdim=True)",
        "vector_norm(a, dim=0, keepdim=True)",
        ("test_all_pairs_at_once", "test_row_by_row"),
    ),
    Mistake(
        "cosine-similarity",
        "half-precision",
        "return a @ b.T",
        "return (a.half() @ b.half().T).to(a.dtype)",
        ("test_all_pairs_at_once",),
    ),
    Mistake("backprop-by-hand", "sum-for-mean", "/ y.size", "/ 1", ("test_backward_is_autograd",)),
    Mistake("backprop-by-hand", "mean-over-rows", "/ y.size", "/ len(y)", ("test_backward_is_autograd",)),
    Mistake("backprop-by-hand", "wrong-sign", "(outputs[-1] - y)", "(y - outputs[-1])", ("test_backward_is_autograd",)),
    Mistake("backprop-by-hand", "slope-forgotten", " * below * (1 - below)", "", ("test_backward_is_autograd",)),
    Mistake(
        "backprop-by-hand",
        "step-before-gradient",
        "grads.append((below.T @ delta, delta.sum(axis=0)))",
        "grads.append((below.T @ delta, delta.sum(axis=0))); w = w - 0.1 * grads[-1][0]",
        ("test_backward_is_autograd",),
    ),
    Mistake(
        "backprop-by-hand",
        "forward-difference",
        "below = f(params)\n                array[index] = here\n",
        "array[index] = here\n                below = f(params)\n",
        ("test_numerical_gradient_is_central",),
    ),
    Mistake(
        "backprop-by-hand",
        "global-generator",
        "rng = np.random.default_rng(seed)",
        "rng = np.random.default_rng()",
        ("test_init_follows_its_seed",),
    ),
    Mistake(
        "backprop-by-hand", "constant-seed", "default_rng(seed)", "default_rng(42)", ("test_init_follows_its_seed",)
    ),
    Mistake("autoencoder-loss", "linear", "nn.Tanh()", "nn.Identity()", ("test_beats_pca",)),
    Mistake(
        "autoencoder-loss",
        "optimizer-knows-half",
        "Adam(net.parameters()",
        "Adam(net.decoder.parameters()",
        ("test_beats_pca", "test_trains_every_parameter"),
    ),
    Mistake(
        "autoencoder-loss",
        "detached-code",
        "self.decoder(self.encoder(x))",
        "self.decoder(self.encoder(x).detach())",
        ("test_beats_pca", "test_trains_every_parameter"),
    ),
    Mistake(
        "autoencoder-loss",
        "seeds-everybody",
        "with torch.random.fork_rng():",
        "if True:",
        ("test_training_follows_its_seed",),
    ),
    Mistake(
        "autoencoder-loss",
        "unseeded-weights",
        "        torch.manual_seed(seed)\n",
        "        torch.seed()\n",
        ("test_training_follows_its_seed", "test_trains_every_parameter?"),
    ),
    Mistake(
        "autoencoder-loss",
        "left-in-training-mode",
        "net.eval()",
        "net.train()",
        ("test_is_ready_for_use", "test_beats_pca?"),
    ),
    Mistake(
        "autoencoder-loss", "sigma-squared", "sigma * torch.randn", "sigma**2 * torch.randn", ("test_noise_is_normal",)
    ),
    Mistake(
        "autoencoder-loss",
        "clipped",
        "return x + sigma * torch.randn(x.shape, generator=generator).numpy()",
        "return (x + sigma * torch.randn(x.shape, generator=generator).numpy()).clip(0, 1)",
        ("test_noise_is_normal",),
    ),
    Mistake(
        "autoencoder-loss",
        "uniform-noise",
        "torch.randn(x.shape",
        "12**0.5 * (-0.5) + 12**0.5 * torch.rand(x.shape",
        ("test_noise_is_normal",),
    ),
    Mistake(
        "autoencoder-loss",
        "one-draw-for-a-row",
        "torch.randn(x.shape",
        "torch.randn((len(x), 1)",
        ("test_noise_is_normal",),
    ),
    Mistake(
        "autocomplete-design",
        "unsmoothed-below",
        "+ self.k * len(self.vocabulary))",
        "+ self.k)",
        ("test_probabilities_sum_to_one", "test_beats_bigrams?"),
    ),
    Mistake(
        "autocomplete-design",
        "log2-and-exp",
        "math.log(self.prob",
        "math.log2(self.prob",
        ("test_perplexity_is_that_of_its_probabilities",),
    ),
    Mistake(
        "autocomplete-design",
        "no-end-marker",
        'tokens = text.split() + ["</s>"]\n            for place, word in enumerate(tokens):',
        "tokens = text.split()\n            for place, word in enumerate(tokens):",
        ("test_perplexity_is_that_of_its_probabilities",),
    ),
    Mistake(
        "autocomplete-design",
        "cross-entropy",
        "return math.exp(-total / count)",
        "return -total / count",
        ("test_perplexity_is_that_of_its_probabilities",),
    ),
    Mistake(
        "autocomplete-design", "only-a-bigram", "NgramModel(5, 0.01)", "NgramModel(2, 0.01)", ("test_beats_bigrams",)
    ),
    Mistake("autocomplete-design", "all-words", "return ranked[:k]", "return ranked", ("test_suggests_k_words",)),
    Mistake("chatbot-mini-project", "never-refuses", "if not found:", "if False:", ("test_is_grounded",)),
    Mistake(
        "chatbot-mini-project",
        "no-documents",
        '{"role": "user", "content": documents}',
        '{"role": "user", "content": ""}',
        ("test_is_grounded", "test_documents_do_not_command"),
    ),
    Mistake(
        "chatbot-mini-project",
        "remembers-all",
        "self.turns[-self.memory_turns:]",
        "self.turns",
        ("test_remembers_two_turns",),
    ),
    Mistake(
        "chatbot-mini-project",
        "one-turn-short",
        "self.turns[-self.memory_turns:]",
        "self.turns[-self.memory_turns:-1]",
        ("test_remembers_two_turns",),
    ),
    Mistake(
        "chatbot-mini-project",
        "newest-first",
        "self.turns[-self.memory_turns:]",
        "self.turns[-self.memory_turns:][::-1]",
        ("test_remembers_two_turns",),
    ),
    Mistake(
        "chatbot-mini-project",
        "documents-in-system",
        '"Answer from the documents."',
        '"Answer from: " + documents',
        ("test_documents_do_not_command",),
    ),
]
