# %% [markdown]
# # Counting the parameters of neural networks
#
# "GPT-2 small, 124 million." A model's number of parameters is the first thing that people say about it. It decides
# how much memory the model needs, and it tells you where the model keeps what it has learned. In this notebook you
# count the parameters of the architectures of this course by formula, let torch confirm the formulas, and at the
# end build a network of your own.
#
# A **parameter** is one number that training may change: an entry of a weight matrix or of a bias vector. Not
# counted are activations (they belong to an input), hyper-parameters (you choose them), the optimiser's own notes,
# and *buffers* (numbers that a layer stores but no gradient ever changes).
#
# | question | points | takes about |
# |---|---|---|
# | `mlp` – a multi-layer perceptron | 2 | 15 min |
# | `modules` – any torch module | 4 | 20 min |
# | `conv2d` – a convolution | 2 | 15 min |
# | `lstm` – an LSTM | 2 | 20 min |
# | `encoder-layer` – one transformer layer | 2 | 15 min |
# | `gpt2` – GPT-2 | 3 | 15 min |
# | `bert` – BERT | 3 | 15 min |
# | `autoencoder` – build an auto-encoder | 4 | 25 min |
# | `memory` – from parameters to memory (written) | 2 | 15 min |
#
# **Rules that hold everywhere.**
#
# - Sizes are positive Python `int`s, unless a box says otherwise.
# - A count is a whole number: an `int`, or a numpy or torch integer. A float fails, even `23.0`, so divide with `//`.
# - A box says all that is tested, and nothing else is. Nearly a third of the points is in tests that you can see and
#   run here (`check(...)`); the hidden ones ask the same with other sizes.
# - Each question is tested by itself. In `gpt2` and `bert`, where you may use a function that you wrote before, the
#   tests put a correct one in its place, so a mistake costs you once. Elsewhere write the formula out: what you call
#   there of your earlier functions is yours, mistakes and all.
# - No network, no GPU. Each test has 10 seconds; yours will need a fraction of one.

# %% locked=true
from itertools import pairwise

import torch
from torch import nn


def compare(prediction, result):
    """Print a prediction beside what came out."""
    print(f"you predicted {prediction if prediction is not None else '(nothing)'}, it is {result}")


# %% locked=true
import matplotlib.pyplot as plt


def show_bars(title, parts):
    """A bar for each entry of `parts`, a dict from a label to a number of parameters."""
    figure, axes = plt.subplots(figsize=(7, 0.45 * len(parts) + 1))
    bars = axes.barh(list(parts), [count / 1e6 for count in parts.values()], color="#4b2e83")
    axes.bar_label(bars, [f"{count:,}" for count in parts.values()], padding=4)
    axes.invert_yaxis()
    axes.margins(x=0.25)
    axes.set(title=title, xlabel="million parameters")
    figure.tight_layout()


# %% [markdown]
# ## 1. A multi-layer perceptron
#
# A fully connected layer from $n$ inputs to $m$ units computes $g(Wx + b)$. The matrix $W$ has a weight for every
# pair of input and unit, the vector $b$ has one bias for every unit; the activation $g$ has nothing to learn. With
# layer sizes $n_0, n_1, \dots, n_L$ (the input first) the network has
#
# $$P \;=\; \sum_{l=1}^{L} \left( n_{l-1}\, n_l + n_l \right)$$
#
# parameters.
#
# **The exercise from class.** An image of 100 × 100 pixels goes through three hidden layers of 1,000 units each to
# 10 outputs. The slide leaves two things open. We settle them here: the image is *grey*, one number a pixel, so there
# are 10,000 inputs; and there *are* biases. (If the image is in colour, each pixel has three numbers.)
#
# **Predict, then run.** Which share of all parameters sits in the first layer? Which, if the image is in colour?
# Replace `None` by your guesses, between 0 and 1, before you write any code. They are not graded.

# %%
prediction_grey = None
prediction_colour = None

# %% [markdown]
# > ### Question `mlp` (2 points, about 15 minutes)
# > `mlp_parameter_count(sizes, bias=True)` → a whole number
# >
# > - `sizes`: a list of at least two `int`s: inputs, hidden layers in order, outputs. Two sizes mean one layer.
# > - `bias`: with `False` no layer has a bias.
# > - Returns the number of parameters of all layers.
# > - Worked example: `[3, 4, 2]` has (3·4 + 4) + (4·2 + 2) = 26 parameters; without biases 20.


# %% question="mlp"
def mlp_parameter_count(sizes, bias=True):
    """The number of parameters of a fully connected network with these layer sizes."""
    ### BEGIN SOLUTION
    total = 0
    for inputs, units in pairwise(sizes):
        total += inputs * units
        if bias:
            total += units
    return total
    ### END SOLUTION


# %% [markdown]
# Now run what you predicted.

# %% locked=true
GREY, COLOUR = [100 * 100, 1000, 1000, 1000, 10], [3 * 100 * 100, 1000, 1000, 1000, 10]
for name, sizes, prediction in [("grey", GREY, prediction_grey), ("colour", COLOUR, prediction_colour)]:
    total = mlp_parameter_count(sizes)
    print(f"{name}: {total:,} parameters; share of the first layer: ", end="")
    compare(prediction, f"{mlp_parameter_count(sizes[:2]) / total:.3f}")

show_bars(
    "The network from class, layer by layer (grey image)",
    {f"layer {i}: {n:,} → {m:,}": mlp_parameter_count([n, m]) for i, (n, m) in enumerate(pairwise(GREY), 1)},
)

# %% [markdown]
# You should see 12,013,010 for grey and 32,013,010 for colour. So "12 million" is the right option in class, *for a
# grey image*; the biases, 3,010 of them, do not change the answer. In colour no option fits.
#
# Nearly everything sits in the first layer, because it connects every unit with every pixel. Section 3 shows
# how a convolution avoids that.

# %% [markdown]
# ## 2. Any torch module
#
# A formula can be wrong; a second, independent count tells you. In torch every layer and every network is an
# `nn.Module`, and `module.parameters()` walks through its parameters. Each is a tensor `p` of type `nn.Parameter`:
#
# | | |
# |---|---|
# | `p.numel()` | how many numbers it holds |
# | `p.element_size()` | bytes for each of them: 4 in `float32`, 2 in `float16` and `bfloat16`, 8 in `float64` |
# | `p.requires_grad` | `False` if it is *frozen*: still a parameter, but training leaves it alone |
#
# Two things make counting less simple than it looks. Networks *share* parameters: GPT-2 uses one and the same matrix
# to read tokens and to score the next one. And some layers keep *buffers*: batch normalisation stores a running mean
# and variance, which are saved with the model but learned by no gradient.
#
# The next cell builds small networks with just these features. The tests use it too, so have a look at it.


# %% locked=true
class TiedNetwork(nn.Module):
    """Reads tokens and scores tokens with one shared matrix, as GPT-2 does."""

    def __init__(self, vocab, d_model):
        super().__init__()
        self.embedding = nn.Embedding(vocab, d_model)
        self.output = nn.Linear(d_model, vocab)
        self.output.weight = self.embedding.weight  # one parameter under two names

    def forward(self, tokens):
        return self.output(self.embedding(tokens))


def demo_module(kind, *sizes):
    """A small network to count.

    "tied": sizes are (vocab, d_model), see above. For the others they are layer sizes, at least two:
    "frozen": the first of its Linear layers is frozen.
    "batchnorm": batch normalisation follows each Linear layer.
    "mixed-dtype": the Linear layers take turns in float32, float16, float64, bfloat16.
    """
    if kind == "tied":
        return TiedNetwork(*sizes)
    linears = [nn.Linear(n, m) for n, m in pairwise(sizes)]
    if kind == "frozen":
        linears[0].requires_grad_(False)
        return nn.Sequential(*linears)
    if kind == "batchnorm":
        return nn.Sequential(*(layer for linear in linears for layer in (linear, nn.BatchNorm1d(linear.out_features))))
    if kind == "mixed-dtype":
        dtypes = [torch.float32, torch.float16, torch.float64, torch.bfloat16]
        return nn.Sequential(*(linear.to(dtypes[i % 4]) for i, linear in enumerate(linears)))
    raise ValueError(f"unknown kind of module: {kind!r}")


demo_module("batchnorm", 4, 3, 2)

# %% [markdown]
# > ### Question `modules` (4 points, about 20 minutes)
# > `count_parameters(module, trainable_only=False)` → a whole number
# >
# > - `module`: an `nn.Module`. The tests use `demo_module("tied" | "frozen" | "batchnorm" | "mixed-dtype", ...)`.
# > - Returns how many numbers its parameters hold. Buffers do not count, frozen parameters do, and a parameter that
# >   the network uses in several places counts once.
# > - `trainable_only`: with `True` frozen parameters do not count either.
# >
# > `model_bytes(module)` → a whole number
# >
# > - Returns the memory of the same parameters (all of them, frozen or not) in bytes: for each parameter its number
# >   of elements times its own element size. Buffers do not count here either, a shared parameter counts once.
# > - Worked example: `demo_module("frozen", 4, 3, 2)` has (4·3 + 3) + (3·2 + 2) = 23 parameters in `float32`, so it
# >   takes 92 bytes.


# %% question="modules"
def count_parameters(module, trainable_only=False):
    """How many numbers the parameters of a torch module hold."""
    ### BEGIN SOLUTION
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable_only)
    ### END SOLUTION


def model_bytes(module):
    """How many bytes the parameters of a torch module take."""
    ### BEGIN SOLUTION
    return sum(p.numel() * p.element_size() for p in module.parameters())
    ### END SOLUTION


# %% [markdown]
# From here on you can check every formula of yours against torch. A large network takes no memory if you create it on
# the *meta* device, where tensors have shapes but no contents:

# %%
with torch.device("meta"):
    network = nn.Sequential(nn.Linear(10_000, 1000), nn.ReLU(), nn.Linear(1000, 10))
print(count_parameters(network), mlp_parameter_count([10_000, 1000, 10]))

# %% [markdown]
# ## 3. A convolution
#
# A convolution slides one small set of weights over the image. Each output channel looks at a patch of
# $k_h \times k_w$ pixels in *all* input channels and has one bias; how large the image is does not matter.
#
# With `groups` $= g$ the channels are split into $g$ blocks that do not see each other: an output channel looks at
# only $C_{\text{in}} / g$ input channels. With $g = C_{\text{in}}$ each channel is filtered by itself, which is called
# a *depthwise* convolution.
#
# $$P \;=\; C_{\text{out}} \cdot \frac{C_{\text{in}}}{g} \cdot k_h \cdot k_w \;+\; C_{\text{out}}$$
#
# > ### Question `conv2d` (2 points, about 15 minutes)
# > `conv2d_parameter_count(in_channels, out_channels, kernel_size, bias=True, groups=1)` → a whole number
# >
# > - `kernel_size`: an `int` for a square kernel, or a pair (tuple or list) of height and width.
# > - `bias`: with `False` there is none.
# > - `groups`: divides both `in_channels` and `out_channels`.
# > - Returns the parameters of one layer, as `nn.Conv2d` with the same arguments has them.
# > - Worked example: 3 channels to 64 with a kernel of 7 make 64·3·7·7 + 64 = 9,472 parameters.


# %% question="conv2d"
def conv2d_parameter_count(in_channels, out_channels, kernel_size, bias=True, groups=1):
    """The number of parameters of a two-dimensional convolution."""
    ### BEGIN SOLUTION
    height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    weights = out_channels * (in_channels // groups) * height * width
    return weights + (out_channels if bias else 0)
    ### END SOLUTION


# %% [markdown]
# **Predict, then run.** By which factor does a convolution from 64 to 64 channels with a 3 × 3 kernel shrink when it
# is replaced by a depthwise one and a 1 × 1 convolution after it? (Both have biases.)

# %%
prediction_separable = None

# %% locked=true
full = conv2d_parameter_count(64, 64, 3)
separable = conv2d_parameter_count(64, 64, 3, groups=64) + conv2d_parameter_count(64, 64, 1)
print(f"{full:,} against {separable:,} parameters")
compare(prediction_separable, f"a factor of {full / separable:.1f}")

# %% [markdown]
# ## 4. An LSTM
#
# An LSTM reads a sequence step by step. Three gates (input, forget, output) and the candidate for the new cell state
# make four small layers, and each of them sees the input $x_t$ *and* its own last output $h_{t-1}$:
#
# $$\text{gate} = \sigma\left(W x_t + b + U h_{t-1} + c\right), \qquad
# W: h \times n, \quad U: h \times h, \quad b, c: h$$
#
# (with $\tanh$ in place of $\sigma$ for the candidate). On paper one bias vector would do, since $b + c$ is just
# another vector. **torch keeps both**, and so do we. The weights are the same at every step, so the length of the
# sequence does not count.
#
# *Stacked* layers read the outputs of the layer below. *Bidirectional* means that each layer has a second, equal set
# of weights that reads the sequence backwards; the two outputs are joined end to end, and the layer above reads both.
#
# > ### Question `lstm` (2 points, about 20 minutes)
# > `lstm_parameter_count(input_size, hidden_size, num_layers=1, bidirectional=False)` → a whole number
# >
# > - `num_layers`: at least 1. `bidirectional`: a `bool`.
# > - Returns the parameters of all layers and directions, as `nn.LSTM` with the same arguments has them.
# > - Worked examples: 10 inputs, hidden size 20: 2,560. Two bidirectional layers, 128 inputs, hidden size 256:
# >   2,367,488.


# %% question="lstm"
def lstm_parameter_count(input_size, hidden_size, num_layers=1, bidirectional=False):
    """The number of parameters of torch's LSTM."""
    ### BEGIN SOLUTION
    directions = 2 if bidirectional else 1
    total = 0
    inputs = input_size
    for _ in range(num_layers):
        gate = hidden_size * inputs + hidden_size * hidden_size + 2 * hidden_size
        total += directions * 4 * gate
        inputs = directions * hidden_size  # what the next layer reads
    return total
    ### END SOLUTION


# %% [markdown]
# ## 5. One transformer layer
#
# An encoder layer has two blocks, each with a layer normalisation. Let $d$ be `d_model` and $f$ be `d_ff`.
#
# - **Self-attention.** Queries, keys, values and the output each have a linear map from $d$ to $d$ with a bias. The
#   *heads* only split the $d$ numbers among themselves: their number changes nothing.
# - **Feed-forward.** A linear map from $d$ to $f$, an activation, a linear map from $f$ back to $d$, with biases.
# - **Two layer normalisations.** Each has a scale and a shift for each of the $d$ numbers. Unlike batch normalisation
#   it stores nothing else.
#
# Attention scores, soft-max and dropout have no parameters, and the length of the text does not matter.
#
# > ### Question `encoder-layer` (2 points, about 15 minutes)
# > `transformer_layer_parameter_count(d_model, d_ff)` → a whole number
# >
# > - `d_ff` is often, but not always, 4 · `d_model`.
# > - Returns the parameters of one encoder layer with all biases and two norms, as
# >   `nn.TransformerEncoderLayer(d_model, heads, d_ff)` has them.
# > - Worked examples: `(4, 8)` gives 172; `(768, 3072)` gives 7,087,872.


# %% question="encoder-layer"
def transformer_layer_parameter_count(d_model, d_ff):
    """The number of parameters of one transformer encoder layer."""
    ### BEGIN SOLUTION
    attention = 4 * (d_model * d_model + d_model)
    feed_forward = (d_model * d_ff + d_ff) + (d_ff * d_model + d_model)
    norms = 2 * (2 * d_model)
    return attention + feed_forward + norms
    ### END SOLUTION


# %% [markdown]
# **Predict, then run.** Both blocks mix numbers, one across words and one within a word. What share of a layer's
# parameters is in the feed-forward block, if $f = 4d$?

# %%
prediction_feed_forward = None

# %% locked=true
# A layer grows by the same amount with each unit of d_ff: so the feed-forward block can be told from the rest.
one_unit = transformer_layer_parameter_count(768, 2) - transformer_layer_parameter_count(768, 1)
compare(prediction_feed_forward, f"{(3072 * one_unit + 768) / transformer_layer_parameter_count(768, 3072):.3f}")

# %% [markdown]
# ## 6. GPT-2
#
# GPT-2 stacks such layers. (It only looks backwards, and it normalises before each block and not after it; neither
# changes a count.) From bottom to top:
#
# 1. a table of token embeddings, one vector of length $d$ for each entry of the vocabulary;
# 2. a table of *learned* position embeddings, one vector for each place in the context;
# 3. the layers, each with $f = 4d$ and all biases;
# 4. one final layer normalisation, which a model that normalises *before* its blocks needs at the end;
# 5. the output, which scores every token of the vocabulary. Its matrix is *tied*: it **is** the table of token
#    embeddings (as in `TiedNetwork`), and it has no bias.
#
# > ### Question `gpt2` (3 points, about 15 minutes)
# > `gpt2_parameter_count(vocab, context, d_model, layers)` → a whole number
# >
# > - `vocab`: entries of the vocabulary. `context`: number of positions. `layers`: at least 1.
# > - Returns the number of different parameters of a GPT-2 as described above.
# > - You may call your `transformer_layer_parameter_count`: the tests put a correct one in its place.
# > - Worked example: GPT-2 small, `(50257, 1024, 768, 12)`, has 124,439,808 parameters.


# %% question="gpt2"
def gpt2_parameter_count(vocab, context, d_model, layers):
    """The number of parameters of a GPT-2, its output tied to the token embeddings."""
    ### BEGIN SOLUTION
    embeddings = vocab * d_model + context * d_model
    final_norm = 2 * d_model
    return embeddings + layers * transformer_layer_parameter_count(d_model, 4 * d_model) + final_norm
    ### END SOLUTION


# %% [markdown]
# **Predict, then run.** GPT-2 was published in four sizes. Where do the parameters of the smallest one live? Store
# your guess for the share of the token embeddings, between 0 and 1.

# %%
prediction_embeddings = None

# %% locked=true
GPT2_SMALL = {
    "token embeddings (and output)": 38_597_376,
    "position embeddings": 786_432,
    "attention, 12 layers": 28_348_416,
    "feed-forward, 12 layers": 56_669_184,
    "layer normalisations": 38_400,
}
show_bars("Where the parameters of GPT-2 small live", GPT2_SMALL)
compare(prediction_embeddings, f"{GPT2_SMALL['token embeddings (and output)'] / sum(GPT2_SMALL.values()):.3f}")

# %%
for name, d_model, layers in [("small", 768, 12), ("medium", 1024, 24), ("large", 1280, 36), ("XL", 1600, 48)]:
    total = gpt2_parameter_count(50_257, 1024, d_model, layers)
    print(f"GPT-2 {name:6} {total:13,} parameters, token embeddings {50_257 * d_model / total:.1%}")

# %% [markdown]
# Without tying, GPT-2 small would need another 38.6 million numbers. As models grow, the layers grow with
# $d^2$ and the vocabulary's table only with $d$, so the table's share falls.

# %% [markdown]
# ## 7. BERT
#
# BERT (*Bidirectional Encoder Representations from Transformers*) is made of the same layers and is dressed
# differently:
#
# 1. **three** tables of embeddings: tokens, learned positions, and *types*, which say whether a token belongs to the
#    first or the second text of a pair;
# 2. **one layer normalisation over the sum of the three**, before the first layer;
# 3. the layers, with their own `d_ff`. BERT normalises *after* each block, so there is no final norm;
# 4. an optional **pooler**: a linear map from $d$ to $d$ with a bias and a $\tanh$, applied to the first token.
#
# The heads that are used only while BERT is trained (for masked words and next sentences) are not counted.
#
# > ### Question `bert` (3 points, about 15 minutes)
# > `bert_parameter_count(vocab, positions, types, d_model, layers, d_ff, pooler=True)` → a whole number
# >
# > - `types`: number of token types, at least 1. `layers`: at least 1. `pooler`: a `bool`.
# > - Returns the number of parameters of a BERT as described above.
# > - You may call your `transformer_layer_parameter_count`: the tests put a correct one in its place.
# > - Worked examples, with the pooler: base, `(30522, 512, 2, 768, 12, 3072)`, has 109,482,240 parameters; large,
# >   `(30522, 512, 2, 1024, 24, 4096)`, has 335,141,888.


# %% question="bert"
def bert_parameter_count(vocab, positions, types, d_model, layers, d_ff, pooler=True):
    """The number of parameters of a BERT encoder, with or without its pooler."""
    ### BEGIN SOLUTION
    embeddings = (vocab + positions + types) * d_model + 2 * d_model
    total = embeddings + layers * transformer_layer_parameter_count(d_model, d_ff)
    if pooler:
        total += d_model * d_model + d_model
    return total
    ### END SOLUTION


# %% [markdown]
# Papers round, and they differ in what they count: BERT base is quoted as "110 million". Here is yours, with and
# without the pooler:

# %%
for pooler in (True, False):
    print(f"pooler={pooler}: {bert_parameter_count(30_522, 512, 2, 768, 12, 3072, pooler=pooler):,}")

# %% [markdown]
# ## 8. Build an auto-encoder
#
# An auto-encoder squeezes its input through a narrow *code* and tries to get it back. The *encoder* has layer sizes
# such as 784-1000-500-250-2; the *decoder* mirrors them, 2-250-500-1000-784.
#
# $$x \;\xrightarrow{\;\text{encoder}\;}\; z \;\xrightarrow{\;\text{decoder}\;}\; \hat x$$
#
# Where the non-linearities stand matters:
#
# - **Between layers: always.** Two linear maps in a row are one linear map. Without anything between them, all the
#   layers together could do no more than PCA.
# - **On the code: none.** The code is the map that we look at. ReLU would push everything into one quadrant, and tanh
#   would squash it into a square.
# - **On the output: it depends on the data.** Nothing for real-valued inputs; a sigmoid is possible if they are in
#   [0, 1]. ReLU could never give back a negative number.
#
# Mirrored *sizes* do not mean shared *weights*: the decoder learns weights of its own.
#
# > ### Question `autoencoder` (4 points, about 25 minutes)
# > `build_autoencoder(sizes)` → an `nn.Module` (put a class of your own into the same cell, if you want one)
# >
# > - `sizes`: a list of at least two `int`s, from the input to the code. Two sizes mean no hidden layer at all.
# > - The module has the attributes `encoder` and `decoder`, both modules, and gives `decoder(encoder(x))` (or
# >   the sigmoid of it, see below) for a `float32` tensor `x` of shape (n, `sizes[0]`), n ≥ 1; the result has the
# >   shape of `x`. The code has shape (n, `sizes[-1]`).
# > - `encoder` is `nn.Linear` layers with bias along `sizes`, `decoder` the same along the reversed sizes. Both begin
# >   and end with a linear layer.
# > - Between two linear layers: a non-linearity of your choice, with at most one parameter (`nn.PReLU()` has one).
# >   There is none after the last layer of the encoder and none before the first of the decoder. After the last layer
# >   of the decoder: nothing, or a sigmoid (inside the decoder or outside it).
# > - The decoder has weights of its own. Leave torch's random initialisation as it is, and add nothing else with
# >   weights or with randomness (no normalisation, no dropout).
# >
# > The tests look at what your module does, through the helpers in the next cell.


# %% locked=true
def probe(module, part, x):
    """What the "encoder", the "decoder" or the "whole" module gives for x."""
    with torch.no_grad():
        return module(x) if part == "whole" else getattr(module, part)(x)


def probe_shapes(module, part):
    """The shapes of all different tensors that the "encoder" or the "decoder" stores, as lists of ints."""
    stored = getattr(module, part).state_dict().values()
    return list({tensor.data_ptr(): list(tensor.shape) for tensor in stored}.values())


def probe_overwrite(module, part, value):
    """Set all tensors that the "encoder" or the "decoder" stores to one value."""
    with torch.no_grad():
        for tensor in getattr(module, part).state_dict().values():
            tensor.fill_(value)


def probe_scale(module, part, axis, size, factor):
    """Multiply by a factor all tensors of the "encoder" or the "decoder" that have this size along this axis."""
    stored = {tensor.data_ptr(): tensor for tensor in getattr(module, part).state_dict().values()}
    with torch.no_grad():
        for tensor in stored.values():
            if tensor.ndim > axis and tensor.shape[axis] == size:
                tensor.mul_(factor)


# %% question="autoencoder"
### BEGIN SOLUTION:
class Autoencoder(nn.Module):
    """An encoder to a free code and a decoder back, ReLU between the layers."""

    def __init__(self, sizes):
        super().__init__()
        self.encoder = self.stack(sizes)
        self.decoder = self.stack(sizes[::-1])

    @staticmethod
    def stack(sizes):
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        return nn.Sequential(*layers[:-1])  # nothing after the last Linear

    def forward(self, x):
        return self.decoder(self.encoder(x))


### END SOLUTION
def build_autoencoder(sizes):
    """An auto-encoder with these sizes from the input to the code, as an nn.Module with .encoder and .decoder."""
    ### BEGIN SOLUTION
    return Autoencoder(list(sizes))
    ### END SOLUTION


# %% [markdown]
# Two auto-encoders from the lecture, one for images of digits and one for documents. If yours has all its weights and
# biases, the counts are 2,823,286 and 2,316,752.

# %%
for sizes in ([784, 1000, 500, 250, 2], [2000, 500, 250, 125, 2]):
    network = build_autoencoder(sizes)
    print(sizes, f"{count_parameters(network):,} parameters, {model_bytes(network) / 2**20:.1f} MiB")

# %% [markdown]
# ## 9. From parameters to memory
#
# A friend has a graphics card with 4 GiB and wants to *train* GPT-2 small (124,439,808 parameters) on it, all numbers
# in `float32`, with the optimiser Adam. "The weights are not even half a gigabyte," they say. "That leaves plenty!"
#
# > ### Question `memory` (2 points, about 15 minutes, graded by a person)
# > Answer your friend in four to eight sentences, with numbers and their units:
# >
# > - How much memory do the weights take? (0.5 points)
# > - What else must be kept *for every parameter* while Adam trains, and what is the total of all that? (1 point)
# > - What needs memory on top and does *not* depend on the number of parameters alone? On what does it depend, and what
# >   is one way to make it smaller? (0.5 points)

# %% [markdown] question="memory"
# ### BEGIN SOLUTION
# The weights take 124,439,808 × 4 bytes = 497,759,232 bytes, about 498 MB or 475 MiB: your friend is right about that.
# But each training step also computes one gradient for each parameter, and Adam keeps two running averages for each,
# one of the gradient and one of its square. That makes four numbers a parameter, 16 bytes, in all 1.99 GB or 1.85 GiB:
# nearly half of the card is gone before the first sentence is read.
#
# On top come the activations of the forward pass, which are kept until the backward pass has used them. They grow with
# the batch size and with the length of the texts (attention scores even with its square), not only with the model. A
# smaller batch with accumulated gradients, shorter texts, or recomputing activations in the backward pass
# (checkpointing) makes them smaller. So it can fit, but only with small batches.
# ### END SOLUTION
