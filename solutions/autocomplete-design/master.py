# ruff: noqa: E501 - the rows of Markdown tables cannot be broken

# %% [markdown]
# # Auto-complete for e-mails
#
# You type *"Could you ask the travel desk about"* and a grey *"the new flight?"* appears. Behind it stands a **language model**: something that says, for every word it knows, how probable it is that this word comes next.
# The rest follows from that one ability. In this notebook you build it twice, by counting and by training a network, measure which is better, and take care that it does not give away what was in other people's e-mails. At the end
# you answer the design question from class: which architecture, which data, which pitfalls?
#
# | question | points | takes about |
# |---|---|---|
# | `redact` – taking personal data out | 4 | 35 min |
# | `tokenize` – from text to tokens | 3 | 15 min |
# | `use` – perplexity, suggestions, whole sentences | 5 | 35 min |
# | `ngram` – counting n-grams | 5 | 40 min |
# | `neural` – a network that looks further back | 7 | 75 min |
# | `architecture`, `data`, `pitfalls` – three short written answers | 2 + 2 + 2 | 45 min |
#
# Every box says all that is tested. Part of the points comes from tests that you can see (`check(...)`), the rest from hidden ones with fresh inputs. No question depends on your answer to another: where you call an earlier function
# of yours, the tests put a correct one in its place.
#
# **The data.** `train.txt` has 622 sentences from office e-mails, one a line, `held-out.txt` 150 others. All are invented: a small grammar wrote them, and so are the names, numbers and addresses. No held-out sentence stands in the training file.

# %% locked=true
import math
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import torch
from torch import nn

DATA = Path("data")


def load_sentences(name):
    """The lines of data/<name>.txt: "train" or "held-out"."""
    return (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()


# %%
train, held_out = load_sentences("train"), load_sentences("held-out")
print(len(train), "training sentences,", len(held_out), "held out. Some of them:\n")
for line in train[:8]:
    print(" ", line)

# %% [markdown]
# Three terms of this notebook. A **token** is a word, a number or a punctuation mark. A **context** is the list of tokens that were there before. Two **markers** stand for what is no word: `</s>` is the end of a sentence (the model has to
# know when to stop), `<unk>` is any token that was not seen in training.
#
# ## 1. Before anything is learned: personal data out
#
# Look for the word *card* in the training file. A model that is trained on such a line can recite it to a stranger, and you will watch that happen below. What was never in the data cannot be recited, so the first step is to replace what
# can be found by its form: addresses, phone numbers, card numbers. What makes this hard is what must *stay*: dates, times, rooms, amounts and course numbers are digits, too, and a suggestion without them is useless.
#
# A regular expression is the right tool. Three hints: `(?<!\d)` and `(?!\d)` say "no digit just before" and "no digit just after"; `re.VERBOSE` lets you write a pattern over several lines; and it matters which of the three patterns you apply first.
#
# > ### Question `redact` (4 points, about 35 minutes)
# > `redact(text)` → text
# >
# > - `text`: any text, with none, one or several of the following in it
# > - `<email>`: replaces an address: letters (a to z, in either case), digits and `. _ % + -` before the `@`; after it at least two parts of letters, digits and hyphens with a dot between them. Example: `a+b@x.y.edu`. A full stop that ends the sentence after it stays
# > - `<phone>`: replaces ten digits in groups of 3, 3 and 4 with one space, dot or hyphen between the groups. The first group may stand in brackets, and `+1` and a space may stand before it. Examples: `(206) 555-0142`, `+1 206 555 0142`, `206.555.0142`. All that belongs to the number goes: the `+1` and both brackets
# > - `<card>`: replaces 13 to 16 digits, in one run or in groups of **three to six** with one space or one hyphen between them. Examples: `4000123456789`, `4000 1234 5678 9017`, `3400-123456-78901`. A part of it that looks like a phone number is still part of the card
# > - **stays**: everything else: dates (`2025-02-24`, `03/07/2025`), times (`10:30`), rooms, amounts (`$1,250.00`), course numbers (`EEP 596`), runs of 12 or fewer digits without separators, and runs of 17 or more digits
# > - **does not come**: a phone or card number with only one space, dot or hyphen between it and other digits (`EEP 596 206-555-0142`, or two card numbers in a row): where one ends and the next begins, nobody could tell. A hyphen or full stop with no digit beyond it is no obstacle: `id-4000123456789.` becomes `id-<card>.`
# > - **returns**: the text with these replaced and nothing else changed. Redacting twice is the same as redacting once


# %% question="redact"
def redact(text):
    """The text with <email>, <phone> and <card> for what identifies a person."""
    ### BEGIN SOLUTION
    text = re.sub(r"[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "<email>", text)
    groups = r"(?<!\d)(?:\d{13,16}|\d{3,6}(?:[ -]\d{3,6})+)(?!\d)"
    text = re.sub(groups, lambda found: "<card>" if 13 <= len(re.sub(r"\D", "", found[0])) <= 16 else found[0], text)
    return re.sub(r"(?:\+1 )?(?:\(\d{3}\)|(?<!\d)\d{3})[ .-]\d{3}[ .-]\d{4}(?!\d)", "<phone>", text)
    ### END SOLUTION


# %%
for line in [
    "Write to a+b@x.y.edu or call (206) 555-0142.",
    "My card number is 4000 1234 5678 9017.",
    "EEP 596 meets in room 125 on 2025-02-24 at 10:30; the fee is $1,250.00.",
]:
    print(redact(line))

# %% [markdown]
# ## 2. From text to tokens
#
# The model counts tokens, so the text has to be cut into them first. Capitals are dropped: with 622 sentences one cannot afford to learn *Could* and *could* separately. (Large models keep them, and cut rare words into pieces instead.)
#
# > ### Question `tokenize` (3 points, about 15 minutes)
# > `tokenize(text)` → list of strings, in the order of the text
# >
# > - **words**: runs of letters (of any alphabet: `é` is one), lower-cased. An apostrophe `'` **between** two letters belongs to the word: `don't`, `o'clock`. One at the edge of a word does not: `'yes'` gives `yes`
# > - **numbers**: runs of digits: `3.50` gives `3`, `.`, `50`. A letter and a digit are never in one token: `EEP596` gives `eep`, `596`
# > - `.` `,` `!` `?`: each is a token of its own, also several in a row
# > - **everything else**: separates tokens and is left out: spaces, hyphens, underscores, brackets, quotes, `<` and `>`. So `<card>` becomes the plain word `card`
# > - **no token at all**: `[]`


# %% question="tokenize"
def tokenize(text):
    """The tokens of a text: words in lower case, numbers, and . , ! ? one by one."""
    ### BEGIN SOLUTION
    letter = r"[^\W\d_]"
    return re.findall(rf"{letter}+(?:'{letter}+)*|\d+|[.,!?]", text.lower())
    ### END SOLUTION


# %%
print(tokenize("Don't forget: the talk on 03/07/2025 isn't in room 003!"))

# %% [markdown]
# ## 3. What one probability is good for
#
# Suppose somebody hands you `prob(context, word)`, the probability that `word` comes right after `context`. Three things follow, whatever is inside.
#
# **Quality.** A good model is not surprised by new text. Let $w_1, \dots, w_N$ be all tokens of the held-out sentences, each sentence followed by one `</s>`, and $c_i$ the tokens that stand before $w_i$ in its sentence:
#
# $$\text{perplexity} = \exp\Big(-\frac1N \sum_{i=1}^{N} \ln p(w_i \mid c_i)\Big).$$
#
# It is the number of equally probable words among which the model is, on average, torn. Who knows nothing about $V$ words has $V$; who is always certain and right has 1. The mean is over *all tokens together*, so a long sentence weighs more than a
# short one. And mind the sentence's end: a model that never expects it would never stop.
#
# **Suggestions.** The $k$ most probable next words.
#
# **Whole sentences.** Take the most probable token, append it to the context, ask again. That is *greedy* decoding. It is simple, and it can walk in circles, which is why there is a limit.
#
# Every model in this notebook is a class with `vocabulary`, a list of tokens, and `prob`. The class below gives it the three methods, each of which calls *your* function.


# %% locked=true
class LanguageModel:
    """What every model here can do. A class that is built on it brings `vocabulary` and `prob(context, word)`."""

    def perplexity(self, sentences):
        return perplexity(self, sentences)

    def suggest(self, prefix, k):
        return suggest(self, prefix, k)

    def complete(self, prefix, max_words=12):
        return complete(self, prefix, max_words)


class TableModel(LanguageModel):
    """A model to try things with: a dict from a context (tokens joined by spaces) to {token: probability}.

    The row "*" is for all contexts that have none of their own.
    """

    def __init__(self, rows):
        self.rows = rows
        self.vocabulary = list(dict.fromkeys([*(token for row in rows.values() for token in row), "<unk>", "</s>"]))

    def prob(self, context, word):
        row = self.rows.get(" ".join(context), self.rows["*"])
        return row.get(word if word in self.vocabulary else "<unk>", 0.0)


def distribution(model, context):
    """The probability of every token of the model's vocabulary after this context: a dict."""
    return {word: float(model.prob(list(context), word)) for word in model.vocabulary}


def probabilities(model, pairs):
    """The probability of `word` after `context` for each pair (context, word): a list."""
    return [float(model.prob(list(context), word)) for context, word in pairs]


def at_spaces(text):
    """Cuts at spaces. The tests use it in place of `tokenize`, with sentences in which every token stands alone."""
    return text.split()


def as_it_is(text):
    """Changes nothing. The tests use it in place of `redact`, with sentences that hold nothing personal."""
    return text


# %% [markdown]
# > ### Question `use` (5 points, about 35 minutes)
# > `perplexity(model, sentences)` → number &nbsp;·&nbsp; `suggest(model, prefix, k)` → list of strings &nbsp;·&nbsp; `complete(model, prefix, max_words=12)` → text
# >
# > - `model`: has `model.vocabulary`, a list of tokens with `<unk>` and `</s>` among them, and `model.prob(context, word)`, where `context` is a list of tokens. Nothing else of it is used
# > - **contexts**: are passed on **whole**: all tokens of the sentence so far, without `<s>` or other padding, known to the model or not
# > - `sentences`: a list of at least one text. A text without tokens counts as an end alone
# > - `perplexity`: the formula above, over all sentences together; natural logarithm; no probability will be 0
# > - `prefix`: a text of whole words, `tokenize` it; may be empty (then the context is `[]`)
# > - `suggest`: the `k` tokens of the vocabulary with the largest probabilities, **without** `<unk>` and `</s>` (punctuation may be suggested); the most probable first, equal ones in alphabetical order (Python's order of strings). All of them if there are fewer than `k`; `k` may be 0
# > - `complete`: appends the most probable token other than `<unk>` (equal ones: the first in Python's order) again and again. It stops when that token is `</s>`, which is not appended, or when `max_words` tokens have been appended; `max_words` may be 0. Returns all tokens, the prefix's first, joined by single spaces


# %% question="use"
def perplexity(model, sentences):
    """How surprised the model is by these sentences: exp of minus the mean log probability of a token."""
    ### BEGIN SOLUTION
    logs = []
    for sentence in sentences:
        tokens = [*tokenize(sentence), "</s>"]
        logs += [math.log(model.prob(tokens[:place], token)) for place, token in enumerate(tokens)]
    return math.exp(-sum(logs) / len(logs))
    ### END SOLUTION


def suggest(model, prefix, k):
    """The k most probable next words."""
    ### BEGIN SOLUTION
    context = tokenize(prefix)
    words = [word for word in model.vocabulary if word not in ("<unk>", "</s>")]
    chance = {word: model.prob(context, word) for word in words}
    return sorted(words, key=lambda word: (-chance[word], word))[:k]
    ### END SOLUTION


def complete(model, prefix, max_words=12):
    """The prefix and what the model would write after it."""
    ### BEGIN SOLUTION
    tokens = tokenize(prefix)
    for _ in range(max_words):
        chance = {word: model.prob(tokens, word) for word in model.vocabulary if word != "<unk>"}
        best = min(chance, key=lambda word: (-chance[word], word))
        if best == "</s>":
            break
        tokens = [*tokens, best]
    return " ".join(tokens)
    ### END SOLUTION


# %%
toy = TableModel(
    {
        "": {"see": 0.6, "call": 0.3, "</s>": 0.05, "<unk>": 0.05},
        "see": {"you": 0.9, "</s>": 0.05, "<unk>": 0.05},
        "see you": {"soon": 0.4, "tomorrow": 0.4, "</s>": 0.1, "<unk>": 0.1},
        "*": {"</s>": 0.8, "you": 0.1, "<unk>": 0.1},
    }
)
print(toy.suggest("See you", 2), "·", toy.complete(""), "·", toy.perplexity(["See you soon"]))

# %% [markdown]
# For *See you soon* the model gives the probabilities 0.6, 0.9, 0.4 and, for the end, 0.8. Their product is 0.1728, and $0.1728^{-1/4} = 1.551$.
#
# ## 4. Counting n-grams
#
# Which word comes next? Look up what came next the other times. An **n-gram model** looks at the last $n-1$ tokens only: $n=2$ (a *bigram* model) at one, $n=3$ at two. Let $\#(c)$ be how often the context $c$ was followed by anything in training,
# and $\#(c, w)$ how often by $w$. The share $\#(c, w) / \#(c)$ has two faults: it is $0/0$ for a context that was never seen, and 0 for a pair that was never seen, which makes the perplexity infinite. *Add-k smoothing* mends both:
#
# $$p(w \mid c) = \frac{\#(c, w) + k}{\#(c) + k\,|V|}, \qquad V = \{\text{training tokens}\} \cup \{\texttt{<unk>}, \texttt{</s>}\}.$$
#
# The $k\,|V|$ below is what makes the sum over all of $V$ equal to 1: each of the $|V|$ tokens gets $k$ more above. At the beginning of a sentence there are no $n-1$ tokens, so the context is filled up from the left with `<s>`. It only ever stands in
# contexts; nobody has to *predict* the beginning, so `<s>` is not in $V$.
#
# > ### Question `ngram` (5 points, about 40 minutes)
# > a class `NgramModel(n, smoothing)` with `.fit(sentences)`, `.vocabulary` and `.prob(context, word)`
# >
# > - `n`, `smoothing`: an integer from 1 upwards (1: the context plays no part) and a number $k > 0$
# > - `fit`: `sentences` is a list of texts: `tokenize` each. No n-gram reaches from one sentence into the next. What `fit` returns does not matter. Fitting again forgets what was there before, and two models know nothing of each other
# > - `vocabulary`: a list: every training token once, `<unk>` and `</s>`, in any order; not `<s>`
# > - `context`: a list of tokens, of any length: the last $n-1$ count, and `<s>` stands for those that are missing
# > - `word`: any string. Whatever is not in the vocabulary has the probability of `<unk>`, whose count is 0
# > - `prob`: a number (anything that `float` takes) as in the formula. After every context, seen or not, the probabilities of the vocabulary sum to 1
# > - **time**: `distribution(model, context)` takes at most 10 ms of CPU time after 600 sentences (on a slow computer more is allowed, as under `neural`): count in `fit`, look up in `prob`


# %% question="ngram"
class NgramModel(LanguageModel):
    """The next token by counting what came after the last n-1, with add-k smoothing."""

    def __init__(self, n, smoothing):
        ### BEGIN SOLUTION
        self.n, self.smoothing = n, smoothing
        ### END SOLUTION

    def fit(self, sentences):
        """Count all n-grams of these sentences."""
        ### BEGIN SOLUTION
        self.counts = defaultdict(Counter)
        words = {"<unk>", "</s>"}
        for sentence in sentences:
            tokens = tokenize(sentence)
            words.update(tokens)
            for place, token in enumerate([*tokens, "</s>"]):
                self.counts[self.last(tokens[:place])][token] += 1
        self.totals = {context: counter.total() for context, counter in self.counts.items()}
        self.vocabulary = sorted(words)
        self.known = words
        return self
        ### END SOLUTION

    ### BEGIN SOLUTION:
    def last(self, context):
        """The n-1 tokens that count, filled up from the left."""
        return tuple(["<s>"] * (self.n - 1) + list(context))[len(context) :]

    ### END SOLUTION
    def prob(self, context, word):
        """The probability of `word` after `context`."""
        ### BEGIN SOLUTION
        before = self.last(context)
        count = self.counts[before][word] if word in self.known and before in self.counts else 0
        return (count + self.smoothing) / (self.totals.get(before, 0) + self.smoothing * len(self.vocabulary))
        ### END SOLUTION


# %% [markdown]
# **Predict, then run.** The larger $n$, the more the model knows about the context, and the rarer it has seen that context before. On the held-out sentences, with $k = 0.002$: which $n$ from 2 to 6 has the lowest perplexity? And on the training sentences? ($n = 1$, single words without any context, has 52.0 on the held-out sentences and 55.5 on the training sentences that are measured here.)

# %%
best_n_held_out = None  # your guess, a number from 2 to 6; it is not graded
best_n_training = None


# %% locked=true
def plot_orders(orders, training, unseen):
    """Draws the perplexity of n-gram models on the sentences they were fitted to, and on new ones."""
    import matplotlib.pyplot as plt

    figure, panel = plt.subplots(figsize=(5.2, 3.2))
    panel.plot(orders, training, "o--", label="training sentences")
    panel.plot(orders, unseen, "o-", label="held-out sentences")
    panel.set(xlabel="n", ylabel="perplexity", xticks=orders, title="How far back is good?")
    panel.legend()
    panel.grid(alpha=0.3)
    plt.show()
    plt.close(figure)


# %%
clean = [redact(line) for line in train]
orders = [2, 3, 4, 5, 6]
ngrams = {n: NgramModel(n, 0.002) for n in orders}
for model in ngrams.values():
    model.fit(clean)
on_training = [ngrams[n].perplexity(clean[:200]) for n in orders]  # enough for a picture
on_held_out = [ngrams[n].perplexity(held_out) for n in orders]
plot_orders(orders, on_training, on_held_out)
print("held out: you said", best_n_held_out, "and it is", orders[int(np.argmin(on_held_out))])
print("training: you said", best_n_training, "and it is", orders[int(np.argmin(on_training))])

# %% [markdown]
# The two curves part: beyond some $n$ the model knows its training sentences ever better and new ones worse. That is over-fitting, by counting alone. With more data the best $n$ moves to the right, but the number of possible contexts grows like
# $|V|^{n-1}$, and no mailbox is large enough for that.
#
# **Predict, then run.** Now the promised demonstration: a 4-gram model of the *raw* training file, and one of the redacted. What does each write after "My card number is"?

# %%
raw_model, clean_model = NgramModel(4, 0.01), NgramModel(4, 0.01)
raw_model.fit(train)
clean_model.fit(clean)
for prefix in ["My card number is", "Her phone is", "Please send the invoice to"]:
    print("raw:     ", raw_model.complete(prefix))
    print("redacted:", clean_model.complete(prefix), "\n")

# %% [markdown]
# Three repetitions in 622 lines were enough. Networks do the same; they only need more persuasion to show it.
#
# ## 5. A network that looks further back
#
# Compare these two:
#
# - **Could** you ask the **travel desk** about the new **flight ?**
# - **Please** ask the **lab manager** about the new **laser .**
#
# The opening decides the mark at the end, ten tokens later. The office decides which thing it is about, with "about the new" in between. A trigram model sees "the new" and has to guess among everything that any office deals with. What is needed is a model that reads
# the *whole* context: a recurrent network (RNN, GRU, LSTM), a transformer with a causal mask, or a network over a wide window.
#
# **The recipe.** Give each token of $V$ a number, and `<s>` one more. A sentence $w_1 \dots w_T$ becomes the inputs `<s>`$, w_1, \dots, w_T$ and the targets $w_1, \dots, w_T,$ `</s>`: at every place, the target is the next token. The labels come from the
# text itself, nobody had to write them: that is called *self-supervised* learning. The network gives $|V|$ numbers $z$ (logits) for each place, a **softmax** turns them into probabilities that sum to 1,
#
# $$p(w \mid c) = \frac{e^{z_w}}{\sum_{v \in V} e^{z_v}}, \qquad \mathcal L = -\frac1N \sum_i \ln p(w_i \mid c_i),$$
#
# and the loss is the logarithm of the perplexity. Sentences of a batch are padded to the same length; padded places must not count in the loss (`ignore_index`).
#
# Two remarks for those who took notes in class. What turns the scores of *many* classes into probabilities is a softmax; a sigmoid for each word would not sum to 1. And Adam is an *optimiser* with a step of its own for each parameter, and you still give
# it a global learning rate. It is not a learning-rate schedule.
#
# **Advice.** Embeddings of 32, one LSTM or GRU layer of 64, Adam with batches of 16 to 32 sentences and a learning rate of 0.01, or of 64 and 0.02: fewer steps, so each of them has to be longer. That trains in one to three seconds. Put the network into `eval()` mode and use `torch.no_grad()` when you ask it. And think of the
# person who types: a suggestion needs the probabilities of *all* words after *one* context, so compute them once and remember them for the next call of `prob`.
#
# > ### Question `neural` (7 points, about 75 minutes)
# > `train_language_model(sentences, device, seed, epochs)` → a model
# >
# > - `sentences`: a list of texts as in `train.txt`, **raw**: `redact` each, then `tokenize` it. Unchanged afterwards
# > - `device`: the name of a torch device such as `"cpu"`: the network and all tensors live there
# > - `seed`: an integer: the same seed gives the same model at every call, another seed another one
# > - `epochs`: how often the training goes over all sentences, at least 1
# > - **returns**: an object with `.vocabulary` and `.prob(context, word)`, and with `.suggest(prefix, k)`, `.perplexity(sentences)`, `.complete(prefix, max_words=12)`, which a class built on `LanguageModel` has already. Inside works any `nn.Module`
# > - `.vocabulary`: a list: every token of the redacted training sentences once, `<unk>` and `</s>`, in any order; not `<s>`. So nothing that `redact` took out is in it
# > - `.prob`: as for `NgramModel`: any context (empty, long, with unknown tokens), any word (unknown ones have the probability of `<unk>`). A number above 0; the same question has the same answer; over the vocabulary they sum to 1 (to $10^{-5}$)
# > - **far back**: after 600 sentences like these and `epochs=15`: where an office was named (*Please ask the lab manager about the new* …), the four things that this office deals with get, together, at least **0.35** of the probability that the things of all four offices get, on average over many such beginnings (by chance it is 0.25)
# > - **quality**: trained in the same way, its perplexity on 40 new sentences of this kind, computed by the tests from `.prob`, is at most **0.75** times that of a bigram model (bigrams and single words mixed: about 3.0)
# > - **time**: that training takes at most 15 seconds of CPU time; `distribution(model, context)` at most 5 ms for a context that was not asked before, or 25 times as long as a small LSTM takes on the same computer, where that is more


# %% question="neural"
### BEGIN SOLUTION:
class NextToken(nn.Module):
    """Logits of the next token at every place: embedding, LSTM, linear."""

    def __init__(self, size):
        super().__init__()
        self.embedding = nn.Embedding(size + 1, 32)  # one more for <s>
        self.lstm = nn.LSTM(32, 64, batch_first=True)
        self.output = nn.Linear(64, size)

    def forward(self, tokens):
        return self.output(self.lstm(self.embedding(tokens))[0])


class NeuralModel(LanguageModel):
    """A trained network, asked like any other model."""

    def __init__(self, vocabulary, device):
        self.vocabulary, self.device = vocabulary, device
        self.number = {token: place for place, token in enumerate(vocabulary)}
        self.network = NextToken(len(vocabulary)).to(device)
        self.losses, self.remembered = [], {}

    def encode(self, tokens):
        """The numbers of <s> and of these tokens."""
        return [len(self.vocabulary), *(self.number.get(token, self.number["<unk>"]) for token in tokens)]

    def prob(self, context, word):
        key = tuple(context)
        if key not in self.remembered:
            with torch.no_grad():
                logits = self.network(torch.tensor([self.encode(context)], device=self.device))[0, -1]
            self.remembered = {key: torch.softmax(logits.double(), dim=0).tolist()}
        return self.remembered[key][self.number.get(word, self.number["<unk>"])]


### END SOLUTION
def train_language_model(sentences, device, seed, epochs):
    """A model of these sentences that sees the whole context."""
    ### BEGIN SOLUTION
    texts = [tokenize(redact(sentence)) for sentence in sentences]
    torch.manual_seed(seed)
    model = NeuralModel(sorted({"<unk>", "</s>", *(token for text in texts for token in text)}), device)
    inputs = [torch.tensor(model.encode(text)) for text in texts]
    targets = [torch.tensor([*model.encode(text)[1:], model.number["</s>"]]) for text in texts]
    inputs = nn.utils.rnn.pad_sequence(inputs, batch_first=True).to(device)
    targets = nn.utils.rnn.pad_sequence(targets, batch_first=True, padding_value=-100).to(device)
    optimizer = torch.optim.Adam(model.network.parameters(), lr=0.02, fused=True)
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(texts)).split(64):
            logits = model.network(inputs[batch])
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets[batch].flatten(), ignore_index=-100)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        model.losses.append(total / len(texts))
    model.network.eval()
    return model
    ### END SOLUTION


# %%
neural = train_language_model(train, "cpu", seed=0, epochs=8)  # the tests train for 15
for prefix in ["Could you ask the travel desk about the new", "Please", "It seems that the plans"]:
    print(neural.suggest(prefix, 4), "·", neural.complete(prefix))


# %% locked=true
def plot_training(model, rivals):
    """Draws the loss of each epoch, if the model has kept it in `.losses`, and the perplexities on held-out sentences."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
    losses = getattr(model, "losses", [])
    left.plot(range(1, len(losses) + 1), losses, "o-")
    left.set(xlabel="epoch", ylabel="mean loss (nats per token)", title="training")
    left.grid(alpha=0.3)
    bars = right.barh(list(rivals), list(rivals.values()), color=["C7"] * (len(rivals) - 1) + ["C0"])
    right.bar_label(bars, fmt="%.2f", padding=3)
    right.margins(x=0.15)
    right.set(xlabel="perplexity on held-out sentences (lower is better)", title="who is less surprised?")
    right.invert_yaxis()
    figure.tight_layout()
    plt.show()
    plt.close(figure)


def plot_surprise(models, sentence):
    """Draws how surprised each model (name → model) is by each token of a sentence, in bits."""
    import matplotlib.pyplot as plt

    tokens = [*tokenize(sentence), "</s>"]
    figure, panel = plt.subplots(figsize=(10, 3))
    width = 0.8 / len(models)
    for shift, (name, model) in enumerate(models.items()):
        bits = [-math.log2(model.prob(tokens[:place], token)) for place, token in enumerate(tokens)]
        panel.bar(np.arange(len(tokens)) + shift * width, bits, width, label=name)
    panel.set_xticks(np.arange(len(tokens)) + 0.4 - width / 2, tokens, rotation=40, ha="right")
    panel.set(ylabel="surprise (bits)", title="Where does it help to look further back?")
    panel.legend()
    plt.show()
    plt.close(figure)


# %% [markdown]
# A picture of it. If your model keeps the mean loss of each epoch in a list `.losses`, it is drawn, too (that is not tested). **Predict, then run:** at which words of the sentence below will the trigram model be more surprised than the network?

# %%
my_guess = []  # words of the sentence below; not graded
some = held_out[:30]  # enough for a picture
rivals = {f"{n}-gram": ngrams[n].perplexity(some) for n in (2, 3, 4)}
plot_training(neural, {**rivals, "network": neural.perplexity(some)})
plot_surprise({"trigram": ngrams[3], "network": neural}, "Would you call the lab manager about the old laser?")
print("your guess:", my_guess)

# %% [markdown]
# A surprise of 1 bit is a coin toss, 2 bits are one of four. The network pays what nobody can know (whom you call, which of the four things the office is asked about); the trigram model pays again wherever the reason lies further back than two words.
#
# Two warnings before you believe such a bar chart. One run with one seed says little about a difference of a few per cent: train with three seeds, and see how far they lie apart. And held-out sentences of the same grammar are the easiest case; real users
# write what no grammar foresaw.
#
# ## 6. Design it
#
# The exercise from class: *you are to build auto-completion for e-mails, which turns the beginning of a sentence into a full one.* You now know enough to answer with reasons. Four to six sentences for each part.
#
# > ### Question `architecture` (2 points, written, about 15 minutes)
# > Which architecture would you use, and what can it see that an n-gram model cannot? Give an example sentence. What does its output layer give? How does the fact that people do not wait while they type limit your choice?

# %% [markdown] question="architecture"
# ### BEGIN SOLUTION
# I would use a small causal transformer or an LSTM. It reads the whole beginning: in "Could you ask the travel desk about the new …" the office stands four words before the gap, and the question mark at the end hangs on the very first word. An n-gram model would need $n = 5$ for the first and $n = 11$ for the second, and hardly any such context is ever seen twice.
#
# The output layer is a softmax over the vocabulary (whole words, or pieces of words so that rare ones can be written), from which the best few are suggested, or a sentence is decoded greedily or by beam search.
#
# A suggestion that comes after the next key was hit is worthless: some 100 ms are left in all. So the model has to be small (or quantised), run on the device if possible, and keep the state of the context so that a new word costs one step only. If it is not sure, it should stay silent.
# ### END SOLUTION

# %% [markdown]
# > ### Question `data` (2 points, written, about 15 minutes)
# > Where does your data come from, and who has to agree? Where do the labels come from? How do you split into training and held-out data, and what goes wrong with a random split by sentence? In which way will your users' e-mails differ from your data?

# %% [markdown] question="data"
# ### BEGIN SOLUTION
# E-mails of users who agreed to it, with a way to withdraw, or a public corpus with a licence that allows it as a start; personal data are redacted before anything is stored. The labels are in the text: the next word is the target, so training is self-supervised and needs no annotators.
#
# I split by sender or by thread and by time: all e-mails of one person are on one side, and held-out ones are newer. In a random split by sentence, quoted replies, signatures and stock phrases stand on both sides, and the perplexity looks better than it will be.
#
# A public corpus of office e-mails from twenty years ago has other topics, names and habits than students' e-mails today, and mostly one language. So I would measure on a small sample of the real use, with consent, and watch the share of `<unk>`.
# ### END SOLUTION

# %% [markdown]
# > ### Question `pitfalls` (2 points, written, about 15 minutes)
# > What personal data gets past your `redact`, and what else would you do against a model that recites its training text? Name one further pitfall of such an application, and how you would measure or reduce it.

# %% [markdown] question="pitfalls"
# ### BEGIN SOLUTION
# Patterns find what has a form. Names, addresses in words, diagnoses, passwords, "the meeting about the lay-offs" have none. So: drop what fewer than, say, 50 different people have written, remove repeated lines (what stands there often is memorised), train with differential privacy, and plant made-up secrets to test whether the model can be made to recite them.
#
# A second pitfall is bias: "the doctor said that … he". I would compare the probabilities of "he" and "she" after pairs of sentences that differ in the job only, and not suggest pronouns where it matters. (Others: suggestions in the wrong tone, a wrong amount or date that is accepted unread, users who all begin to write alike and then become the training data.)
# ### END SOLUTION
