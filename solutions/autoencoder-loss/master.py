# ruff: noqa: E501 - the rows of Markdown tables cannot be broken

# %% [markdown]
# # Auto-encoders and what they are trained to do
#
# An **encoder** squeezes an image into a few numbers, the **code**; a **decoder** makes an image of them again. Nobody says what the numbers should mean. They are trained by one wish alone: what comes out
# should be what went in. Change the wish a little and the same network learns to remove noise, or to describe an image with few words. In this notebook you write the wishes, which are the *losses*, the network, the training,
# and the rival that any such network must beat: principal component analysis.
#
# | question | points | takes about |
# |---|---|---|
# | `mse` – squared error | 3 | 10 min |
# | `pca` – the linear rival | 4 | 30 min |
# | `network` – an auto-encoder | 3 | 20 min |
# | `noise` – adding noise | 3 | 15 min |
# | `sparsity` – two penalties | 4 | 25 min |
# | `train` – training | 8 | 60 min |
# | `compare`, `table` – two short written answers | 3 + 3 | 35 min |
#
# In the boxes a **tensor** is a PyTorch tensor of floats, in `float32` or `float64`. It may lie on the CPU or on a graphics card, unless a box says where: what you make beside it has to lie on the same device. Where a box asks for numbers, they must agree to $10^{-6}$ (relative) for `float64` and to $10^{-4}$ for `float32`.
#
# Every box says all that is tested. Part of the points comes from tests that you can see (`check(...)`), the rest from hidden ones with fresh inputs. No question depends on your answer to
# another: where you call an earlier function of yours, the tests put a correct one in its place.

# %% locked=true
import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

digits = np.load("data/digits.npz")
IMAGES = torch.tensor(digits["images"] / 16, dtype=torch.float32)  # (1797, 64), each pixel from 0 to 1
LABELS = digits["labels"]  # 0 to 9: for the pictures only, no loss ever sees them
TRAIN, HELD_OUT = IMAGES[digits["train"]], IMAGES[digits["held_out"]]
TRAIN_LABELS, HELD_OUT_LABELS = LABELS[digits["train"]], LABELS[digits["held_out"]]
print(f"{len(TRAIN)} images to train on, {len(HELD_OUT)} held out, {TRAIN.shape[1]} pixels each")

# %% [markdown]
# **The data.** 1,797 handwritten digits of 8 × 8 pixels, which come with scikit-learn. E. Alpaydin and C. Kaynak gave them to the UCI Machine Learning Repository in 1998 (*Optical Recognition of Handwritten Digits*, licence CC BY 4.0);
# we only divide the pixels by 16. 360 of them, drawn at random, are **held out**: no training sees them, and every comparison below is made on them.
#
# If you predict before you run, you learn more. Four times below you are asked for a guess; write it into the cell, run on, and see. Nobody grades guesses.

# %% locked=true
GUESSES = {}


def guess(name, text):
    """Keeps your guess until the result is there."""
    GUESSES[name] = text


def compare_guess(name, result):
    """Shows the result beside your guess."""
    print(f"your guess: {GUESSES.get(name, '(none)')}\nthe result: {result}")


def show_images(rows, titles, count=10):
    """Draws the first `count` images of every tensor of `rows`, one row each."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(len(rows), 1, figsize=(0.85 * count, 1.0 * len(rows)), squeeze=False)
    for panel, images, title in zip(panels[:, 0], rows, titles, strict=True):
        strip = np.zeros((8, 10 * count - 2))  # side by side, two blank columns between: ten times as fast as ten axes
        for place, image in enumerate(np.asarray(images)[:count]):
            strip[:, 10 * place : 10 * place + 8] = image.reshape(8, 8)
        panel.imshow(strip, cmap="gray_r", vmin=0, vmax=1)
        panel.set(xticks=[], yticks=[], frame_on=False)
        panel.set_ylabel(title, rotation=0, ha="right", va="center")
    figure.tight_layout()
    plt.show()
    plt.close(figure)


show_images([HELD_OUT], ["held out"], count=12)


# %% locked=true
def gradient_of(name, x, *arguments):
    """The tests' way to see gradients: that of a function of this notebook, by name, for its argument x."""
    x = x.detach().clone().requires_grad_()
    globals()[name](*(x if argument == "x" else argument for argument in arguments)).backward()
    return x.grad


# %% locked=true
def run(net, x, part="whole"):
    """What the "encoder", the "decoder" or the "whole" of a network gives for x; no gradients, on the CPU."""
    with torch.no_grad():
        there = x.to(next(net.parameters()).device)
        return (net(there) if part == "whole" else getattr(net, part)(there)).cpu()


def stored_shapes(net, part):
    """The tests' way to see the layers: the shapes of all different tensors that a part stores, as lists."""
    stored = getattr(net, part).state_dict().values()
    return list({tensor.data_ptr(): list(tensor.shape) for tensor in stored}.values())


def overwrite(net, part, value):
    """The tests' way to change a part: sets all tensors that it stores to one value."""
    with torch.no_grad():
        for tensor in getattr(net, part).state_dict().values():
            tensor.fill_(value)


# %% [markdown]
# ## 1. Squared error
#
# Let $x$ be a batch of $n$ images with $d$ pixels, and $\hat x$ what came out. The **mean squared error** is the mean over *all* $n \cdot d$ elements:
#
# $$\operatorname{mse}(x, \hat x) = \frac{1}{nd} \sum_{i=1}^{n} \sum_{j=1}^{d} (x_{ij} - \hat x_{ij})^2 .$$
#
# Is it *the* loss of auto-encoders? In class one option had to be picked, and it was this one. It is the natural choice for real-valued inputs and an output that may be any number. For pixels between 0 and 1 and a sigmoid at the output, **binary
# cross-entropy** is just as usual; the paper behind the figure from class (Hinton and Salakhutdinov, 2006) uses it. Here we stay with squared error, since PCA minimises that one, too, and only then is the race fair.
#
# A trap: PyTorch *broadcasts*. The difference of a tensor of shape (5,) and one of shape (5, 1) has shape (5, 5), and its mean is a perfectly fine, perfectly wrong number. So insist on equal shapes.
#
# > ### Question `mse` (3 points, about 10 minutes)
# > `mse_loss(x, x_hat)` → a tensor of shape ()
# >
# > - `x`, `x_hat`: tensors of one dtype on one device, of any shape, not empty
# > - **returns**: the mean over all elements; gradients flow through it to `x_hat` (so no `.item()`, no numpy)
# > - **unequal shapes**: `ValueError`, also where broadcasting would make them fit


# %% question="mse"
def mse_loss(x, x_hat):
    """The mean squared difference over all elements."""
    ### BEGIN SOLUTION
    if x.shape != x_hat.shape:
        raise ValueError(f"the shapes differ: {tuple(x.shape)} and {tuple(x_hat.shape)}")
    return (x - x_hat).square().mean()
    ### END SOLUTION


# %% [markdown]
# ## 2. The linear rival
#
# **Principal component analysis** looks for the $k$ directions along which the training images differ most. With the mean $\mu$ of the training images and the $k$ directions as the orthonormal columns of $V_k$,
#
# $$\hat x = \mu + (x - \mu)\, V_k V_k^{\top} .$$
#
# The code of $x$ is $(x-\mu)V_k$, and the rest is its way back. $V_k$ holds the first $k$ right singular vectors of the centred training matrix, or, which is the same, the eigenvectors of its covariance matrix with the $k$ largest eigenvalues. Everything is *learned* from the
# training images, the mean too, and then *applied* to others.
#
# This is the best that any **linear** encoder and decoder with a code of $k$ numbers can do on the training images: an auto-encoder without non-linearities finds the same plane, only more slowly (Baldi and Hornik, 1989). So
# "both are linear models" is true of PCA alone. Nor is PCA "robust to outliers", as another option in class had it: it squares distances, so a single image far away can turn the first direction towards itself.
#
# > ### Question `pca` (4 points, about 30 minutes)
# > `pca_reconstruct(train, test, k)` → an array or tensor of the shape of `test`
# >
# > - `train`, `test`: two-dimensional, (n, d) and (m, d) with n ≥ 2 and m ≥ 1: lists of lists, numpy arrays or tensors (on the CPU), of integers or floats of any size, also far from 0
# > - `k`: an integer from 1 to d, and below n
# > - **returns**: $\hat x$ for every row of `test`, in `float64`, right to $10^{-6}$: a numpy array or a tensor
# > - **centre**: the mean of `train`, whatever `test` is
# > - **not done**: no clipping to [0, 1], no scaling of columns, no random approximation (the directions are exact)
# > - **afterwards**: `train` and `test` are unchanged


# %% question="pca"
def pca_reconstruct(train, test, k):
    """What is left of the rows of test behind the first k principal components of train."""
    ### BEGIN SOLUTION
    train, test = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    centre = train.mean(axis=0)
    directions = np.linalg.svd(train - centre, full_matrices=False)[2][:k]
    return centre + (test - centre) @ directions.T @ directions
    ### END SOLUTION


# %% [markdown]
# *Guess:* an image of the test set costs 0.0741 per pixel if you always answer with the mean image. How much is left with two principal components, with 16, with 64?

# %%
guess("pca", "with 2: ..., with 16: ..., with 64: ...")

# %%
PCA_ERRORS = {
    k: float(np.mean((np.asarray(pca_reconstruct(TRAIN, HELD_OUT, k)) - HELD_OUT.numpy()) ** 2))
    for k in (2, 4, 8, 16, 32, 64)
}
compare_guess("pca", ", ".join(f"with {k}: {error:.4f}" for k, error in PCA_ERRORS.items()))
show_images(
    [HELD_OUT, *(np.asarray(pca_reconstruct(TRAIN, HELD_OUT, k)) for k in (2, 8, 32))],
    ["held out", "k = 2", "k = 8", "k = 32"],
)


# %% [markdown]
# Remember the first number: **0.0534** with two components. That is what a network with a code of two numbers has to beat.
#
# ## 3. A network
#
# Now encoder and decoder may bend. Sizes $[64, 128, 64, 2]$ mean: 64 pixels, two hidden layers with 128 and 64 units, a code of two numbers, and the same way back. The rules are those of the notebook on counting parameters.
#
# > ### Question `network` (3 points, about 20 minutes)
# > `build_autoencoder(sizes)` → an `nn.Module` (a class of your own goes into the same cell)
# >
# > - `sizes`: a list of at least two integers, from the input to the code; with two sizes there is no hidden layer
# > - `.encoder`, `.decoder`: modules; the module itself gives `decoder(encoder(x))` for a `float32` tensor of shape (n, `sizes[0]`), n ≥ 1, and the code has shape (n, `sizes[-1]`)
# > - **layers**: `nn.Linear` with bias along `sizes`, and along the reversed sizes in the decoder, which has weights of its own
# > - **between two linear layers**: a non-linearity of your choice, with at most one parameter (so `nn.PReLU()` will do, one slope per unit will not)
# > - **on the code**: nothing: none after the encoder's last linear layer, none before the decoder's first. A code must be free to be any number
# > - **on the output**: nothing, or a sigmoid (inside the decoder or after it)
# > - **nothing else**: no normalisation, no dropout; torch's own random initialisation


# %% question="network"
### BEGIN SOLUTION:
class Autoencoder(nn.Module):
    """Linear layers with ReLU between them, to the code and back."""

    def __init__(self, sizes):
        super().__init__()
        self.encoder = self.stack(sizes)
        self.decoder = self.stack(sizes[::-1])

    @staticmethod
    def stack(sizes):
        layers = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    def forward(self, x):
        return self.decoder(self.encoder(x))


### END SOLUTION
def build_autoencoder(sizes):
    """A network with these sizes from the input to the code, and back."""
    ### BEGIN SOLUTION
    return Autoencoder(list(sizes))
    ### END SOLUTION


# %% locked=true
def make_generator(seed, device="cpu"):
    """A generator of random numbers that starts at a seed."""
    return torch.Generator(device=device).manual_seed(seed)


def noise_twice(x, sigma, generator):
    """The tests' way to see two draws from one generator."""
    return add_noise(x.clone(), sigma, generator).cpu(), add_noise(x.clone(), sigma, generator).cpu()


# %% [markdown]
# ## 4. Noise
#
# A **de-noising** auto-encoder gets a spoilt image and has to give back the clean one. To spoil an image we add to every pixel a normal number with mean 0 and *standard deviation* $\sigma$ (the variance is $\sigma^2$):
#
# $$\tilde x = x + \sigma\, \varepsilon, \qquad \varepsilon_{ij} \sim \mathcal N(0, 1) .$$
#
# Where do the numbers come from? From a `torch.Generator`, which carries its own state: who starts one with a seed gets the same numbers again, and takes none from anybody else's. `torch.randn(shape, generator=g, device=g.device)` draws from `g`, and
# has to do so on the device on which `g` lives.
#
# > ### Question `noise` (3 points, about 15 minutes)
# > `add_noise(x, sigma, generator)` → a tensor of the shape and dtype of `x`, on the device of `x`
# >
# > - `x`: a tensor of any shape; unchanged afterwards
# > - `sigma`: a number ≥ 0, the standard deviation
# > - `generator`: a `torch.Generator`, perhaps on another device than `x`; **all** noise comes from it, and it goes on from call to call
# > - **returns**: $\tilde x$, a new tensor, with a number of its own for each element; not clipped


# %% question="noise"
def add_noise(x, sigma, generator):
    """x with normal noise of standard deviation sigma."""
    ### BEGIN SOLUTION
    noise = torch.randn(x.shape, generator=generator, device=generator.device, dtype=x.dtype)
    return x + sigma * noise.to(x.device)
    ### END SOLUTION


# %%
NOISY = add_noise(HELD_OUT, 0.3, make_generator(7))
show_images([HELD_OUT, NOISY], ["clean", "noisy"])

# %% [markdown]
# ## 5. Sparsity
#
# A code may be as wide as the image, if it is dear to use it. A **sparse** auto-encoder pays for every active unit, so each image is described by a few of them. Two ways to set the price, both *added* to the reconstruction error:
#
# **L1.** The mean of the absolute values of all $n \cdot m$ numbers in the codes $c$ of a batch, times a weight $\lambda$:
#
# $$\frac{\lambda}{nm} \sum_{i,u} |c_{iu}| .$$
#
# **KL.** For codes between 0 and 1 (after a sigmoid): each unit should be active in a share $\rho$ of the images, say 5 %. Let $\hat\rho_u = \frac1n \sum_i c_{iu}$ be the mean of unit $u$ **over the batch**. The Kullback-Leibler divergence says how far the two are apart, and the penalty is its
# **sum** over units:
#
# $$\lambda \sum_{u} \Big[\, \rho \ln\frac{\rho}{\hat\rho_u} + (1-\rho) \ln\frac{1-\rho}{1-\hat\rho_u} \,\Big] .$$
#
# It is 0 where $\hat\rho_u = \rho$, and it is not symmetric: $\rho$ comes first. First the mean, then the divergence: a single image may well switch a unit fully on; what counts is how often. A unit that is never on would give $\ln\frac{\rho}{0}$, so
# $\hat\rho_u$ is clamped to $[10^{-6}, 1 - 10^{-6}]$.
#
# > ### Question `sparsity` (4 points, about 25 minutes)
# > `l1_sparsity(codes, weight)` &nbsp;·&nbsp; `kl_sparsity(codes, target=0.05, weight=1.0)` → a tensor of shape ()
# >
# > - `codes`: a tensor of shape (n, m), n ≥ 1, m ≥ 1; any numbers for `l1_sparsity`, numbers from 0 to 1, both included, for `kl_sparsity`
# > - `weight`: $\lambda$, a number ≥ 0
# > - `target`: $\rho$, a number between 0 and 1, both excluded
# > - `l1_sparsity`: $\lambda$ times the mean over all elements
# > - `kl_sparsity`: $\lambda$ times the sum over units, natural logarithm, the batch mean clamped to $[10^{-6}, 1-10^{-6}]$; finite for every input (near the ends it is tested in `float64` only)
# > - **gradients**: flow through both to `codes`


# %% question="sparsity"
def l1_sparsity(codes, weight):
    """The weighted mean of the absolute codes."""
    ### BEGIN SOLUTION
    return weight * codes.abs().mean()
    ### END SOLUTION


def kl_sparsity(codes, target=0.05, weight=1.0):
    """The weighted divergence of every unit's mean activity from the target, summed over units."""
    ### BEGIN SOLUTION
    active = codes.mean(dim=0).clamp(1e-6, 1 - 1e-6)
    divergence = target * torch.log(target / active) + (1 - target) * torch.log((1 - target) / (1 - active))
    return weight * divergence.sum()
    ### END SOLUTION


# %%
shares = torch.linspace(0.001, 0.6, 200, dtype=torch.float64)
prices = [float(kl_sparsity(share.reshape(1, 1))) for share in shares]


# %% locked=true
def plot_prices(shares, prices):
    """Draws what one unit pays for being active in a share of the batch."""
    import matplotlib.pyplot as plt

    figure, panel = plt.subplots(figsize=(5, 2.6))
    panel.plot(shares, prices)
    panel.axvline(0.05, color="gray", linestyle=":")
    panel.set(xlabel="mean of the unit over the batch", ylabel="price", title="KL sparsity, target 0.05")
    panel.grid(alpha=0.3)
    figure.tight_layout()
    plt.show()
    plt.close(figure)


plot_prices(shares, prices)

# %% [markdown]
# ## 6. Training
#
# One loss for all of it. With a batch $x$, noise of deviation $\sigma$ and the weight $\lambda$ of an L1 penalty,
#
# $$c = \operatorname{encoder}(x + \sigma\varepsilon), \qquad \mathcal L = \operatorname{mse}\big(x, \operatorname{decoder}(c)\big) + \operatorname{l1}(c, \lambda) .$$
#
# Look twice at what is compared: the *input* is noisy, the **target is the clean $x$**. If the target were the noisy image, the network would learn to copy noise. The noise is drawn afresh in every epoch, so no image is ever spoilt the same way twice.
# And the order: clear the gradients, compute the loss, `backward()`, one step of the optimiser. All that in batches of a few dozen images, in a new random order in each epoch. (A sigmoid that stands *after* your decoder belongs to $\operatorname{decoder}(c)$ here.)
#
# **Seeds, without bad manners.** The same `seed` shall give the same network. Initial weights come from torch's *global* generator. `torch.manual_seed(seed)` would do, but it also sets back the random numbers of everybody else in the same program. So lend yourself the generator, and put it back:
#
# ```python
# with torch.random.fork_rng(devices=[]):   # what happens inside is forgotten outside
#     torch.default_generator.manual_seed(seed)
#     net = build_autoencoder(sizes)
# ```
#
# For the order and the noise, take a `torch.Generator` of your own, or stay inside the block. (The default generator is the CPU's, where a new network gets its weights. Plain `torch.manual_seed` sets the graphics cards' generators, too, and `devices=[]` does not put those back.)
#
# > ### Question `train` (8 points, about 60 minutes)
# > `train_autoencoder(data, sizes, epochs, device, seed, noise=0.0, l1=0.0)` → a trained network
# >
# > - `data`: a `float32` tensor of shape (n, `sizes[0]`) on `device`, n ≥ 1, perhaps fewer rows than your batch; unchanged afterwards
# > - `epochs`: an integer ≥ 0: how many times all rows are used; with 0 nothing is trained
# > - `device`: a name such as `"cpu"` or `"cuda"`: where training happens, and where the network is afterwards
# > - `seed`: an integer. The same seed gives the same parameters, bit by bit; another seed gives others
# > - `noise`, `l1`: $\sigma$ and $\lambda$ of the loss above; numbers ≥ 0
# > - **fresh noise**: if `noise` > 0, every row gets new numbers from `add_noise` in every epoch (batch by batch, or for all rows at the start of the epoch)
# > - **returns**: the network that `build_autoencoder(sizes)` made, on `device`, in eval mode
# > - **parameters**: training moves every weight matrix and every bias, of the encoder and of the decoder
# > - **random numbers**: the global generators of torch, numpy and Python's `random` go on as if nobody had seeded them: a second call must not repeat what they gave after the first
# > - **optimiser**: free. Adam with a learning rate of 0.001 to 0.003 and batches of 32 to 128 rows are advised
# > - **your own functions**: call `build_autoencoder(sizes)`, `mse_loss(x, x_hat)`, `add_noise(x, sigma, generator)`, `l1_sparsity(codes, weight)` just so: the tests put correct ones in their place, the network with ReLU and a free output
# > - **good enough, on the held-out digits**: *plain:* sizes [64, 128, 64, 2], 60 epochs: squared error at most **0.048** (PCA has 0.0534)
# >   - *noise:* sizes [64, 128, 32], 40 epochs, `noise=0.3`: on inputs with noise of 0.3, squared error to the clean images at most **0.0255**
# >   - *sparse:* sizes [64, 128, 64], 25 epochs, `l1=0.1`: mean absolute code at most **0.15** and squared error at most **0.03**
# > - **time**: at most 20 seconds of CPU time for each of the three
# >
# > There is no public test for this question, but the cells below train these three networks: compare their numbers with the limits. If you append the mean loss of each epoch to the list `LOSSES`, you get a picture of it; no test looks there.

# %% locked=true
LOSSES = []


# %% question="train"
def train_autoencoder(data, sizes, epochs, device, seed, noise=0.0, l1=0.0):
    """An auto-encoder of these sizes, trained on the rows of data."""
    ### BEGIN SOLUTION
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        net = build_autoencoder(sizes).to(device)
    generator = torch.Generator().manual_seed(seed)
    data = data.to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.002, fused=True)  # fused: the same step, in one go
    net.train()
    for _ in range(epochs):
        losses = []
        for rows in torch.randperm(len(data), generator=generator).split(128):
            x = data[rows.to(device)]
            codes = net.encoder(add_noise(x, noise, generator) if noise else x)
            loss = mse_loss(x, net.decoder(codes)) + l1_sparsity(codes, l1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        LOSSES.append(float(torch.stack(losses).mean()))
    return net.eval()
    ### END SOLUTION


# %% locked=true
def draw(library):
    """The tests' way to see a global generator: its next number."""
    import random

    return {"torch": lambda: float(torch.rand(())), "numpy": np.random.random, "python": random.random}[library]()


def parameters_and_data(data, *arguments):
    """The tests' way to see a training: the parameters of the trained network, and the data afterwards."""
    net = train_autoencoder(data, *arguments)
    return [parameter.detach().cpu() for parameter in net.parameters()], data.cpu()


def replace_answers(source):
    """The tests' way to put correct functions in the place of yours."""
    exec(source, globals())


def error_of(net, x, target):
    """The mean squared error of what the network makes of x."""
    return float((run(net, x) - target).square().mean())


# %% [markdown]
# ### Two numbers for a digit
#
# *Guess:* does a network with a code of two numbers do better than PCA's 0.0534 on images that it has never seen? By how much?

# %%
guess("two units", "about ...")

# %%
LOSSES.clear()
two_units = train_autoencoder(TRAIN, [64, 128, 64, 2], 60, "cpu", 0)
two_losses = list(LOSSES)
compare_guess("two units", f"held-out error {error_of(two_units, HELD_OUT, HELD_OUT):.4f}, PCA has {PCA_ERRORS[2]:.4f}")


# %% locked=true
def plot_losses(losses, limit):
    """Draws the loss of every epoch, with a dotted line at PCA's error."""
    import matplotlib.pyplot as plt

    if not losses:
        print("LOSSES is empty: append the mean loss of each epoch to see a curve here.")
        return
    figure, panel = plt.subplots(figsize=(5.4, 2.8))
    panel.plot(losses, label="training loss")
    panel.axhline(limit, color="gray", linestyle=":", label="PCA, held out")
    panel.set(xlabel="epoch", ylabel="squared error", ylim=(0, None))
    panel.legend()
    panel.grid(alpha=0.3)
    figure.tight_layout()
    plt.show()
    plt.close(figure)


plot_losses(two_losses, PCA_ERRORS[2])

# %% [markdown]
# Where do the digits lie in this plane of two numbers? Each dot is a held-out image, coloured by its digit: the colours are only painted on afterwards, neither method has seen a label. The lecture showed the same comparison for MNIST. Below each picture stands how often the *nearest* training image in
# the plane shows the same digit; one in ten would be chance.


# %% locked=true
def plane_coordinates(images):
    """Coordinates of images in the plane in which their PCA reconstructions lie (up to a rotation)."""
    origin = np.asarray(pca_reconstruct(TRAIN, TRAIN, 2)).mean(axis=0)
    axes = np.linalg.qr((np.asarray(pca_reconstruct(TRAIN, TRAIN[:2], 2)) - origin).T)[0]
    return (np.asarray(pca_reconstruct(TRAIN, images, 2)) - origin) @ axes


def same_digit_nearby(codes, new_codes):
    """The share of new codes whose nearest training code belongs to the same digit."""
    distances = torch.cdist(torch.as_tensor(new_codes), torch.as_tensor(codes))
    return float((TRAIN_LABELS[distances.argmin(dim=1).numpy()] == HELD_OUT_LABELS).mean())


def plot_codes(net):
    """Draws the held-out digits by their two numbers: PCA on the left, the network on the right."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(10, 4.6))
    planes = {
        "PCA": (plane_coordinates(TRAIN), plane_coordinates(HELD_OUT)),
        "auto-encoder": (run(net, TRAIN, "encoder").numpy(), run(net, HELD_OUT, "encoder").numpy()),
    }
    for panel, (title, (known, new)) in zip(panels, planes.items(), strict=True):
        dots = panel.scatter(*new.T, c=HELD_OUT_LABELS, cmap="tab10", vmin=-0.5, vmax=9.5, s=16)
        panel.set(title=title, xlabel=f"same digit nearby: {same_digit_nearby(known, new):.0%}")
        panel.set(xticks=[], yticks=[])
    figure.colorbar(dots, ax=panels, ticks=range(10), label="digit")
    plt.show()
    plt.close(figure)


plot_codes(two_units)

# %% [markdown]
# ### Removing noise
#
# *Guess:* the noisy images are off by $0.3^2 = 0.09$ per pixel. A network with a code of 32 numbers that was trained **without** noise gets them to see. Are its outputs nearer to the clean images than the noisy ones are? And a network that was trained *with* noise?

# %%
guess("noise", "without noise: ..., with noise: ...")

# %%
without_noise = train_autoencoder(TRAIN, [64, 128, 32], 40, "cpu", 0)
with_noise = train_autoencoder(TRAIN, [64, 128, 32], 40, "cpu", 0, noise=0.3)
compare_guess(
    "noise",
    f"without noise: {error_of(without_noise, NOISY, HELD_OUT):.4f}, with noise: {error_of(with_noise, NOISY, HELD_OUT):.4f}",
)
show_images(
    [HELD_OUT, NOISY, run(without_noise, NOISY), run(with_noise, NOISY)],
    ["clean", "noisy", "trained\nwithout noise", "trained\nwith noise"],
)

# %% [markdown]
# Even the first network removes a part: noise points in all 64 directions, and the narrow code lets only some of them through. PCA with few components does the same. The second one has learned what digits look like.
#
# How far from here to **Stable Diffusion**? It was introduced in class as a de-noising auto-encoder that raises the resolution. What it shares is the training: add noise, ask for what was there before. But it removes noise in many small steps, starts from pure noise, does so in the latent space of *another* auto-encoder, and
# listens to the text through cross-attention. The large image comes out at the end, when that other decoder turns a latent of 64 × 64 × 4 numbers into 512 × 512 × 3: 48 times as many.
#
# ### Few words for an image
#
# For sparsity one often uses Hoyer's measure: 0 if all $m$ numbers of a code have the same size, 1 if a single one is not 0, with the norms of one code $c$:
#
# $$\operatorname{hoyer}(c) = \frac{\sqrt m - \lVert c\rVert_1 / \lVert c\rVert_2}{\sqrt m - 1} .$$
#
# *Guess:* a code as wide as the image, 64 numbers, once without a price and once with $\lambda = 0.1$. What does the price change more: the **size** of the codes or their **sparseness**?

# %%
guess("sparse", "...")


# %%
def sparseness(codes):
    """Hoyer's measure, the mean over all codes."""
    root = codes.shape[1] ** 0.5
    ratio = codes.abs().sum(dim=1) / codes.square().sum(dim=1).sqrt().clamp(min=1e-12)
    return float(((root - ratio) / (root - 1)).mean())


for price in (0.0, 0.1):
    net = train_autoencoder(TRAIN, [64, 128, 64], 25, "cpu", 0, l1=price)
    codes = run(net, HELD_OUT, "encoder")
    told = f"price {price}: mean absolute code {float(codes.abs().mean()):.3f}, sparseness {sparseness(codes):.2f}, error {error_of(net, HELD_OUT, HELD_OUT):.4f}"
    compare_guess("sparse", told) if price else print(told)

# %% [markdown]
# The codes become much *smaller* and only a little *sparser*. Nothing stops the decoder from multiplying by larger weights what the encoder has made smaller, so shrinking everything is the cheapest way to pay less. That is why a number called "L1 weight" says
# little by itself, and why sparse auto-encoders in earnest also limit the decoder's weights.
#
# ### For those who have MNIST
#
# If you have the four original files of MNIST (60,000 digits of 28 × 28 pixels), put them into a folder and try `load_mnist("that/folder")`: the lecture's network has the sizes [784, 1000, 500, 250, 2]. Nothing here needs them, and nothing is graded.


# %%
def load_mnist(folder, part="train"):
    """The images (n, 784) in [0, 1] and the labels (n,) of MNIST's original files, plain or .gz; part: "train" or "t10k"."""

    def read(name, header):
        path = next(path for path in sorted(Path(folder).iterdir()) if path.name.startswith(f"{part}-{name}"))
        raw = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
        return np.frombuffer(raw, dtype=np.uint8, offset=header)

    return torch.tensor(read("images", 16).reshape(-1, 784) / 255, dtype=torch.float32), read("labels", 8)


# %% [markdown]
# ## 7. In your own words
#
# > ### Question `compare` (3 points, written, about 20 minutes)
# > Somebody summarises: "PCA and auto-encoders both reduce dimension. Both are linear, one with weights and one with projections. PCA copes better with outliers. Auto-encoders always compress better." Take the four sentences one by one: right or wrong, and why? Use a number
# > from this notebook where one helps. Six to ten sentences.

# %% [markdown] question="compare"
# ### BEGIN SOLUTION
# The first sentence is right: both turn 64 pixels into k numbers and back.
#
# The second is wrong. PCA is linear; an auto-encoder is linear only if there is no non-linearity between its layers, and then it finds at best the plane that PCA finds. Its non-linearities let it use a bent surface instead of a plane: with two numbers we measured about 0.034 on held-out digits, PCA has 0.0534.
#
# The third is wrong as it stands. PCA minimises squared distances, and one image far away weighs as much as many ordinary ones, so it can turn the first direction towards itself. An auto-encoder trained with squared error has the same weakness; neither is robust. A loss with absolute values would be more so.
#
# The fourth goes too far: they *can* compress better, at the same size of the code, if there are enough data and training. With a linear network, too few epochs or too few images PCA wins, and it is exact, needs no seed and takes milliseconds. It is fair to compare on held-out images and to say that the network's decoder has to be stored, too.
# ### END SOLUTION

# %% [markdown]
# > ### Question `table` (3 points, written, about 15 minutes)
# > A slide shows "best MSE on MNIST: simple auto-encoder 0.0318, sparse auto-encoder (L1) 0.0301". What does the table say and what does it *not* say? What would you need to believe that the penalty helps, and how would you find out with the functions of this notebook? Five to eight sentences.

# %% [markdown] question="table"
# ### BEGIN SOLUTION
# It says that in one experiment the smaller of two errors belonged to the sparse network, by about 5 per cent. It does not say how many runs there were, with which seeds, how far apart two runs of the *same* network lie, whether the error was measured on training or on held-out images, or whether both networks had the same sizes, epochs and learning rate. "Best" makes it worse: the best of many tries is lower by luck alone, and lower still for whoever tried more often.
#
# I would train both with the same budget for, say, ten seeds, tune the weight of the penalty (and the learning rate of both) on a validation set that is not the test set, and report mean and standard deviation on held-out images, or the paired differences for equal seeds. Here: `train_autoencoder` with `l1=0` and `l1=0.03` for the seeds 0 to 9, and the mean squared error on HELD_OUT for each. If the mean difference is not clearly larger than its standard error, there is nothing to explain.
#
# Besides, a lower error is not what sparsity is for: the penalty is added to the error, so at best it works like a mild regulariser. To see whether it did its work one looks at the codes.
# ### END SOLUTION
