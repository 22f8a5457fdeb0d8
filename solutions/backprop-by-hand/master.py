# ruff: noqa: E501 - the rows of Markdown tables cannot be broken

# %% [markdown]
# # Back-propagation by hand
#
# A network is a chain of simple functions, and the derivative of a chain is a product. That is all that back-propagation is: the chain rule, done in an order in which nothing is computed
# twice. In this notebook you build it from nothing but numpy: activations and their slopes, the forward pass, the loss, the backward pass, a way to prove your gradients right, and a network
# that learns XOR.
#
# | question | points | takes about |
# |---|---|---|
# | `activations` – activations and their slopes | 4 | 25 min |
# | `xor` – XOR from steps | 2 | 10 min |
# | `loss` – binary cross-entropy | 2 | 15 min |
# | `network` – forward and backward | 7 | 60 min |
# | `step` – one step downhill | 1 | 5 min |
# | `check` – checking gradients | 3 | 30 min |
# | `train` – a network that learns XOR | 3 | 20 min |
# | `explain` – a short written answer | 3 | 20 min |
#
# **numpy only, please.** An automatic differentiator would answer most questions in one line, and you would learn nothing; importing `torch` is reported, though it costs no points by itself.
# The tests compare your results with PyTorch's gradients in double precision: $10^{-6}$ relative, unless a box says otherwise.
#
# Every box says all that is tested. Part of the points comes from tests that you can see (`check(...)`), the rest from hidden ones with fresh inputs. No question depends on your answer to
# another: where you call an earlier function of yours, the tests put a correct one in its place.

# %% locked=true
from itertools import pairwise

import numpy as np

# %% [markdown]
# ## 1. Activations and their slopes
#
# Between its layers a network needs something that is not linear. Four that are in use, with $z$ the **pre-activation**, the number that goes in:
#
# $$\sigma(z) = \frac{1}{1+e^{-z}}, \qquad \operatorname{relu}(z) = \max(0, z), \qquad \operatorname{leaky}(z) = \begin{cases} z & z > 0\\ a z & z \le 0\end{cases}, \qquad \operatorname{softplus}(z) = \ln(1+e^{z}).$$
#
# Two remarks for those who took notes in class. *The slope of the sigmoid is $\sigma'(z) = \sigma(z)\,(1-\sigma(z))$ at the pre-activation $z$.* If $g = \sigma(z)$ is the output, that is $g(1-g)$, and not $\sigma'(g)$, as one slide has it.
# And the sigmoid **saturates where $|z|$ is large**, which large weights may cause but need not: its slope is at most $0.25$, at $z=0$.
#
# The formulas are easy, and written down naively they break: $e^{1000}$ is no longer a number. A stable form never raises $e$ to a large positive power. For example, $\ln(1+e^{z}) = \max(z, 0) + \ln(1+e^{-|z|})$, and numpy's
# `log1p` computes $\ln(1+x)$ without losing a small $x$.
#
# > ### Question `activations` (4 points, about 25 minutes)
# > `sigmoid(x)`, `relu(x)`, `leaky_relu(x, slope=0.01)`, `softplus(x)`, and `sigmoid_derivative(x)`, `relu_derivative(x)`, `leaky_relu_derivative(x, slope=0.01)`, `softplus_derivative(x)`
# >
# > - `x`: **the pre-activation**, in the derivatives too: a number or a numpy array of any shape, of integers or floats
# > - **returns**: floats of the same shape (for a number: one number)
# > - **at 0**: `relu_derivative` is 0 and `leaky_relu_derivative` is `slope`
# > - large `x`: finite and right to $10^{-12}$ at ±1000
# > - **small results**: `softplus(-40)` is $4.248 \cdot 10^{-18}$, to $10^{-6}$ of itself
# > - `x` afterwards: unchanged


# %% question="activations"
def sigmoid(x):
    """The logistic function of the pre-activation x, elementwise."""
    ### BEGIN SOLUTION
    x = np.asarray(x, dtype=np.float64)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)
    ### END SOLUTION


def sigmoid_derivative(x):
    """The slope of sigmoid at the pre-activation x."""
    ### BEGIN SOLUTION
    s = sigmoid(x)
    return s * (1 - s)
    ### END SOLUTION


def relu(x):
    """x where it is positive, else 0."""
    ### BEGIN SOLUTION
    return np.maximum(np.asarray(x, dtype=np.float64), 0)
    ### END SOLUTION


def relu_derivative(x):
    """The slope of relu at the pre-activation x; 0 at 0."""
    ### BEGIN SOLUTION
    return np.where(np.asarray(x) > 0, 1.0, 0.0)
    ### END SOLUTION


def leaky_relu(x, slope=0.01):
    """x where it is positive, else slope times x."""
    ### BEGIN SOLUTION
    x = np.asarray(x, dtype=np.float64)
    return np.where(x > 0, x, slope * x)
    ### END SOLUTION


def leaky_relu_derivative(x, slope=0.01):
    """The slope of leaky_relu at the pre-activation x; `slope` at 0."""
    ### BEGIN SOLUTION
    return np.where(np.asarray(x) > 0, 1.0, slope)
    ### END SOLUTION


def softplus(x):
    """ln(1 + e^x), a smooth relu."""
    ### BEGIN SOLUTION
    x = np.asarray(x, dtype=np.float64)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    ### END SOLUTION


def softplus_derivative(x):
    """The slope of softplus at the pre-activation x."""
    ### BEGIN SOLUTION
    return sigmoid(x)
    ### END SOLUTION


# %% locked=true
def plot_activations(limit=6):
    """Draws every activation (line) and its slope (dashed) between -limit and limit."""
    import matplotlib.pyplot as plt

    z = np.linspace(-limit, limit, 400)
    figure, panels = plt.subplots(1, 4, figsize=(12, 2.8), sharex=True)
    pairs = [
        (sigmoid, sigmoid_derivative),
        (relu, relu_derivative),
        (leaky_relu, leaky_relu_derivative),
        (softplus, softplus_derivative),
    ]
    for panel, (function, slope) in zip(panels, pairs, strict=True):
        panel.plot(z, function(z), label="value")
        panel.plot(z, slope(z), "--", label="slope")
        panel.set_title(function.__name__)
        panel.grid(alpha=0.3)
    panels[0].legend()
    figure.tight_layout()
    plt.show()
    plt.close(figure)


# %%
plot_activations()

# %% [markdown]
# Look at the sigmoid's dashed line: beyond ±5 hardly any slope is left. The ten slopes alone multiply a gradient that passes through ten such layers by at most $0.25^{10} \approx 10^{-6}$; unless large weights make up for it, it is gone. That is the *vanishing gradient*.
#
# ## 2. XOR from steps
#
# One perceptron cannot say "exactly one of the two". Two of them and a third can:
#
# $$v_1 = \operatorname{step}(x_1 - x_2 - 0.5), \qquad v_2 = \operatorname{step}(x_2 - x_1 - 0.5), \qquad y = \operatorname{step}(v_1 + v_2 - 0.5), \qquad \operatorname{step}(s) = 1 \text{ if } s > 0 \text{ else } 0.$$
#
# The $-0.5$ is a **bias**: it is added before the step, so a unit fires when its weighted inputs exceed $+0.5$. Read as a threshold of $-0.5$, the same numbers would answer 1 at $(0, 0)$.
#
# > ### Question `xor` (2 points, about 10 minutes)
# > `xor_network(x1, x2)` → `(v1, v2, y)`
# >
# > - `x1`, `x2`: any real numbers, not only 0 and 1
# > - **returns**: a tuple of three integers, each 0 or 1: both hidden units and the output


# %% question="xor"
def xor_network(x1, x2):
    """The lecture's step network: both hidden units and the output."""
    ### BEGIN SOLUTION
    v1 = int(x1 - x2 - 0.5 > 0)
    v2 = int(x2 - x1 - 0.5 > 0)
    return v1, v2, int(v1 + v2 - 0.5 > 0)
    ### END SOLUTION


# %%
for x1, x2 in [(0, 0), (0, 1), (1, 0), (1, 1), (0.2, 0.6)]:
    print((x1, x2), xor_network(x1, x2))

# %% [markdown]
# These weights were *designed*. The rest of the notebook is about finding weights by training, and a step is useless for that: its slope is 0 almost everywhere. So from here on every layer ends in a sigmoid.
#
# ## 3. The loss
#
# The output of such a network is the probability of class 1, so the loss is the **binary cross-entropy**, averaged over all $n \cdot m$ elements:
#
# $$\mathcal L = -\frac{1}{nm} \sum_{i,j} \Big[\, y_{ij} \ln \hat y_{ij} + (1 - y_{ij}) \ln (1 - \hat y_{ij}) \,\Big].$$
#
# Mind the minus in front and the sum: a slide in class lost both. Without the minus you would be asking for the worst network there is. For data that a line can separate there is no best network at all: the loss keeps
# falling towards 0 as the weights grow.
#
# A $\hat y$ of exactly 0 or 1 would give $\ln 0$, so clip it, but not wider than $10^{-7}$: a coarse clip would flatten the loss where it matters.
#
# > ### Question `loss` (2 points, about 15 minutes)
# > `binary_cross_entropy(y, y_hat)` → a number
# >
# > - `y`: array of 0s and 1s, or of probabilities in between
# > - `y_hat`: array of the same shape, values from 0 to 1, **both ends included**
# > - **returns**: the mean over all elements, with the natural logarithm, as one number; finite for every input
# > - **clipping**: of `y_hat` only, and no wider than $10^{-7}$ from the ends: at $\hat y = 10^{-6}$ the loss is still exact


# %% question="loss"
def binary_cross_entropy(y, y_hat):
    """The mean cross-entropy of the labels y under the predicted probabilities y_hat."""
    ### BEGIN SOLUTION
    y = np.asarray(y, dtype=np.float64)
    p = np.clip(np.asarray(y_hat, dtype=np.float64), 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))
    ### END SOLUTION


# %% [markdown]
# ## 4. A network, forward and backward
#
# **Parameters.** Layer $\ell$ holds a matrix $W_\ell$ of shape (inputs, outputs) and a vector $b_\ell$. The matrices start random: if all columns of a $W$ were equal, all units of its layer would compute the same and, step after
# step, would *learn* the same.
#
# **Forward.** A batch of $n$ examples stands in the **rows** of $X$, and
#
# $$A_0 = X, \qquad Z_\ell = A_{\ell-1} W_\ell + b_\ell, \qquad A_\ell = \sigma(Z_\ell), \qquad \hat Y = A_L.$$
#
# **Backward.** We want the slope of $\mathcal L$ for every weight. Let $\delta_\ell = \partial \mathcal L / \partial Z_\ell$, one row for each example. At the top the sigmoid's slope and the cross-entropy's denominator cancel, and what
# is left is as simple as it could be:
#
# $$\delta_L = \frac{\hat Y - Y}{nm}, \qquad \delta_{\ell-1} = \big(\delta_\ell W_\ell^{\top}\big) \odot A_{\ell-1} \odot (1 - A_{\ell-1}), \qquad
# \frac{\partial \mathcal L}{\partial W_\ell} = A_{\ell-1}^{\top} \delta_\ell, \qquad \frac{\partial \mathcal L}{\partial b_\ell} = \sum_{\text{rows}} \delta_\ell.$$
#
# The $1/(nm)$ stands there because the loss is a *mean*. And all gradients are taken at the **same** weights: an implementation that updates $W_\ell$ before it has computed $\delta_{\ell-1}$ from it, as a slide in class does, computes the
# gradient of nothing.
#
# > ### Question `network` (7 points, about 60 minutes)
# > `init_params(sizes, seed)` → list of `(W, b)` &nbsp;·&nbsp; `forward(params, x)` → `(y_hat, cache)` &nbsp;·&nbsp; `backward(params, cache, y)` → list of `(dW, db)`
# >
# > - `sizes`: list of at least two layer widths, inputs first, such as `[2, 4, 1]`
# > - `seed`: an integer ≥ 0: the same seed gives the same numbers every time, another seed others
# > - each `(W, b)`: a tuple of `float64` arrays of shapes (in, out) and (out,); no two columns of a `W` are equal, and no value is beyond ±10
# > - `params`: any such list, not only your own; any depth from one layer up, any widths
# > - `x`, `y`: arrays of shapes (n, inputs) and (n, outputs), n from 1 to 32; `y` holds 0s and 1s
# > - `y_hat`: array of shape (n, outputs): a sigmoid at **every** layer, the last one too
# > - `cache`: whatever your `backward` needs from your `forward`; nobody else looks at it
# > - `backward`: the gradient of exactly the mean loss of part 3, shaped like `params`: a list of tuples, first layer first
# > - **afterwards**: `params`, `x`, `cache` and `y` are unchanged: calling `backward` twice gives the same twice


# %% locked=true
def one_pass(params, x, y, times=1):
    """What the tests call: one forward pass, then `times` backward passes with its cache. Gives back its arguments, too."""
    y_hat, cache = forward(params, x)
    gradients = [backward(params, cache, y) for _ in range(times)]
    return y_hat, gradients, params, x, y


def call_with(source, name, *arguments):
    """What the tests call: a function of yours. While it runs, the functions in `source` stand in the place of yours."""
    yours = dict(globals())
    exec(source, globals())
    try:
        return globals()[name](*arguments)
    finally:
        globals().update(yours)


# %% question="network"
def init_params(sizes, seed):
    """Random weights, and biases that may be zeros, of a network with these layer widths."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(size=(inputs, outputs)) / np.sqrt(inputs), np.zeros(outputs)) for inputs, outputs in pairwise(sizes)
    ]
    ### END SOLUTION


def forward(params, x):
    """The network's output for every row of x, and what the backward pass needs."""
    ### BEGIN SOLUTION
    activations = [np.asarray(x, dtype=np.float64)]
    for weights, bias in params:
        activations.append(sigmoid(activations[-1] @ weights + bias))
    return activations[-1], activations
    ### END SOLUTION


def backward(params, cache, y):
    """The gradient of the mean binary cross-entropy for every weight and bias."""
    ### BEGIN SOLUTION
    activations = cache
    delta = (activations[-1] - np.asarray(y, dtype=np.float64)) / activations[-1].size
    gradients = []
    for layer in reversed(range(len(params))):
        below = activations[layer]
        gradients.append((below.T @ delta, delta.sum(axis=0)))
        delta = (delta @ params[layer][0].T) * below * (1 - below)
    return gradients[::-1]
    ### END SOLUTION


# %% [markdown]
# ## 5. One step downhill
#
# > ### Question `step` (1 point, about 5 minutes)
# > `sgd_step(params, grads, lr)` → new parameters
# >
# > - `params`, `grads`: lists of `(W, b)` and of `(dW, db)` of the same shapes
# > - `lr`: the learning rate, a number > 0
# > - **returns**: a **new** list of tuples, each array moved by `lr` against its gradient
# > - **afterwards**: `params` and `grads` are unchanged


# %% question="step"
def sgd_step(params, grads, lr):
    """The parameters after one step of gradient descent."""
    ### BEGIN SOLUTION
    return [
        (weights - lr * d_weights, bias - lr * d_bias)
        for (weights, bias), (d_weights, d_bias) in zip(params, grads, strict=True)
    ]
    ### END SOLUTION


# %% [markdown]
# ## 6. Checking gradients
#
# How do you know that a gradient is right? Move one parameter a little to both sides and look at the loss:
#
# $$\frac{\partial f}{\partial \theta} \approx \frac{f(\theta + \varepsilon) - f(\theta - \varepsilon)}{2\varepsilon}.$$
#
# The **central** difference is off by about $\varepsilon^2$, the one-sided one by about $\varepsilon$: with $\varepsilon = 10^{-3}$ that is a millionth against a thousandth. It takes two forward passes for each parameter, so it is far too slow to train with,
# and just right to find mistakes.
#
# > ### Question `check` (3 points, about 30 minutes)
# > `numerical_gradient(f, params, eps=1e-6)` → list of `(dW, db)` &nbsp;·&nbsp; `gradient_error(gradient, params, x, y)` → a number
# >
# > - `f`: a function of `params` that returns a number
# > - `params`: list of `(W, b)`; arrays of `float64`; afterwards they are what they were, up to rounding ($10^{-12}$)
# > - `numerical_gradient`: central differences with step `eps` in each element, shaped like `params`
# > - `gradient(params, x, y)`: **somebody's** gradient of the mean binary cross-entropy at these data, shaped like `params`; it may be wrong
# > - `gradient_error`: compares it with your numerical gradient of the same loss: the largest absolute difference of any element, divided by the largest absolute value of any element in either of the two. Anything that is not finite in `gradient`'s answer: `inf`. (Two gradients that are zero throughout do not come)
# > - **use**: a right gradient gets less than $10^{-6}$; each of the planted mistakes in the tests gets more than $10^{-3}$


# %% question="check"
def numerical_gradient(f, params, eps=1e-6):
    """The gradient of f at params by central differences."""
    ### BEGIN SOLUTION
    moved = [(np.array(weights, dtype=np.float64), np.array(bias, dtype=np.float64)) for weights, bias in params]
    gradients = []
    for pair in moved:
        slopes = []
        for array in pair:
            slope = np.zeros_like(array)
            for place in np.ndindex(array.shape):
                before = array[place]
                array[place] = before + eps
                above = f(moved)
                array[place] = before - eps
                below = f(moved)
                array[place] = before
                slope[place] = (above - below) / (2 * eps)
            slopes.append(slope)
        gradients.append(tuple(slopes))
    return gradients
    ### END SOLUTION


def gradient_error(gradient, params, x, y):
    """How far somebody's gradient of the loss is from the numerical one, relative to the largest element."""
    ### BEGIN SOLUTION
    numerical = numerical_gradient(lambda moved: binary_cross_entropy(y, forward(moved, x)[0]), params)
    mine = np.concatenate([part.ravel() for pair in numerical for part in pair])
    theirs = np.concatenate([np.ravel(part) for pair in gradient(params, x, y) for part in pair])
    if not np.isfinite(theirs).all():
        return float("inf")
    return float(np.abs(mine - theirs).max() / max(np.abs(mine).max(), np.abs(theirs).max()))
    ### END SOLUTION


# %%
def my_gradient(params, x, y):
    """Your own gradient, in the form that gradient_error asks for."""
    return backward(params, forward(params, x)[1], y)


demo_rng = np.random.default_rng(0)
demo_x, demo_y = demo_rng.normal(size=(5, 3)), demo_rng.integers(0, 2, size=(5, 2)).astype(float)
print("error of your gradient:", gradient_error(my_gradient, init_params([3, 4, 2], seed=0), demo_x, demo_y))

# %% [markdown]
# ## 7. A network that learns XOR
#
# Everything is there. Two hidden units are enough in principle, but from 3 of 20 random starts such a network gets stuck; four units and more hardly ever do.
#
# > ### Question `train` (3 points, about 20 minutes)
# > `train_xor(seed)` → `params`
# >
# > - `seed`: an integer ≥ 0; the same seed gives the same network, another seed gives another network
# > - **returns**: parameters that `forward` understands: two inputs, one output, any hidden layers (four units or more are advised)
# > - **quality**: for the seeds 0 to 4: the output is on the right side of 0.5 at all four corners, and the mean loss over them is below 0.05
# > - **starting again**: you may start again from other weights, if those too are drawn from `seed`
# > - **time**: at most 3 seconds of CPU time for each seed (10,000 steps take about 1). A test calls `train_xor` up to four times, and is stopped after 15 seconds of CPU time
# > - **your own functions**: the tests put correct ones in their place; if your training does not get there with those, they try it with your own

# %% locked=true
XOR_X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
XOR_Y = np.array([[0], [1], [1], [0]], dtype=np.float64)


# %% question="train"
def train_xor(seed):
    """Parameters of a network that computes XOR."""
    ### BEGIN SOLUTION
    params = init_params([2, 8, 1], seed)
    for _ in range(4000):
        y_hat, cache = forward(params, XOR_X)
        if binary_cross_entropy(XOR_Y, y_hat) < 0.01:
            break
        params = sgd_step(params, backward(params, cache, XOR_Y), lr=5.0)
    return params
    ### END SOLUTION


# %% locked=true
def plot_decision(params):
    """Draws the network's output over the plane, with the four corners."""
    import matplotlib.pyplot as plt

    axis = np.linspace(-0.5, 1.5, 80)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    output = forward(params, grid.reshape(-1, 2))[0].reshape(80, 80)
    figure, panel = plt.subplots(figsize=(4.2, 3.6))
    image = panel.pcolormesh(axis, axis, output, cmap="RdBu_r", vmin=0, vmax=1)
    panel.contour(axis, axis, output, levels=[0.5], colors="black")
    for (x1, x2), label in zip(XOR_X, XOR_Y.ravel(), strict=True):
        panel.text(x1, x2, f"{label:.0f}", ha="center", va="center", fontsize=14, weight="bold")
    figure.colorbar(image, label="output")
    panel.set(xlabel="x1", ylabel="x2", title="what the network says")
    plt.show()
    plt.close(figure)


# %%
plot_decision(train_xor(seed=0))

# %% [markdown]
# The black line is where the output is 0.5. One line could never put the two 1s on one side: the hidden layer has bent the plane.
#
# > ### Question `explain` (3 points, written, about 20 minutes)
# > A fellow student says: "Back-propagation is a way to do gradient descent. I save memory by updating each layer's weights as soon as its gradient is there, from the top down. And if the sigmoid saturates I make the
# > weights smaller." Take the three sentences one by one: what is right, what is wrong, and why? Five to eight sentences.

# %% [markdown] question="explain"
# ### BEGIN SOLUTION
# Back-propagation computes gradients and nothing else; gradient descent (or Adam, or a line search) uses them. Each could be exchanged without the other: one can descend along a numerical gradient, or back-propagate to find out which pixel matters.
#
# The gradient of a lower layer contains the weights above it, as they were when the loss was computed. Who changes $W_\ell$ first and then uses it in $\delta_{\ell-1} = (\delta_\ell W_\ell^\top)\odot\ldots$ mixes old activations with new weights, and what comes out is the gradient of no loss at all. All gradients first, then the step.
#
# The sigmoid saturates where the absolute pre-activation is large: its slope $\sigma(z)(1-\sigma(z))$ is 0.25 at $z=0$ and nearly 0 beyond ±5. Smaller weights help only as far as they make $z$ smaller; large inputs or a large bias saturate it just as well, so scaling the inputs may be the better remedy.
# ### END SOLUTION
