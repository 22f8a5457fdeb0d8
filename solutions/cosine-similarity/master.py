# ruff: noqa: E501 - the rows of Markdown tables cannot be broken

# %% [markdown]
# # Cosine similarity, recommendation and semantic search
#
# Once a movie, a word or a sentence has become a vector, *"what is like this?"* turns into geometry: *which arrows point the same way?* In this notebook you
# write the measure, a movie recommender on top of it, a reader for word vectors, and a small search engine that finds sentences by meaning.
#
# | question | points | takes about |
# |---|---|---|
# | `cosine` – cosine of two vectors | 4 | 20 min |
# | `matrix` – all pairs at once | 3 | 20 min |
# | `recommend` – what to watch next | 3 | 20 min |
# | `glove` – reading word vectors | 3 | 30 min |
# | `sentence` – from words to a sentence | 3 | 15 min |
# | `search` – semantic search | 3 | 20 min |
# | `order`, `design` – two short written answers | 2 + 3 | 30 min |
#
# Three words are used throughout. An **array-like** is a list, a numpy array or a torch tensor, of integers or of floats. Vectors are non-empty and finite. Unless a
# box says otherwise, a result may be a Python, numpy or torch number; it must agree to $10^{-6}$ (relative) where the inputs are `float64`, integers or Python
# numbers, and to $10^{-4}$ where they are `float32`.
#
# Every box says all that is tested: types, shapes, edge cases. Part of the points comes from tests that you can see (`check(...)`), the rest from hidden ones
# with fresh inputs. No question depends on your answer to another: where a box says that you may call an earlier function of yours, the tests put a correct one in its place.

# %% locked=true
import csv
import math
import re
from pathlib import Path

import numpy as np
import torch

DATA = Path("data")

# %% [markdown]
# ## 1. The angle between two arrows
#
# Let $u, v \in \mathbb{R}^d$. Their dot product is $u \cdot v = \sum_i u_i v_i$, the length of $u$ is $\lVert u \rVert = \sqrt{u \cdot u}$, and the angle $\theta$ between them obeys
#
# $$\cos\theta \;=\; \frac{u \cdot v}{\lVert u \rVert\,\lVert v \rVert} \;\in\; [-1, 1].$$
#
# 1 means "same direction", 0 "perpendicular", −1 "opposite". Dividing by both lengths is the whole point: $\cos\theta$ stays the same when $u$ is replaced by $3u$.
#
# **The exercise from class.** In three dimensions
#
# | movie | embedding | length |
# |---|---|---|
# | Avatar | (1, 2, 2) | $\sqrt{1+4+4} = 3$ |
# | Ironman | (3, 7, 8) | $\sqrt{9+49+64} = \sqrt{122}$ |
# | Rainman | (1, −2, 6) | $\sqrt{1+4+36} = \sqrt{41}$ |
#
# If you took notes: the handwriting on the slide had two slips, $\sqrt{17}$ for the length of Avatar and (2, 7, 8) for Ironman. The winner is the same with them, the numbers are not. With the right ones
#
# $$\cos(\text{Avatar}, \text{Ironman}) = \frac{33}{3\sqrt{122}}, \qquad \cos(\text{Avatar}, \text{Rainman}) = \frac{9}{3\sqrt{41}}.$$
#
# **Predict, then run.** You like Avatar. Which of the two movies is nearer to it by plain (Euclidean) distance, and which by angle? Write your guess first; it is not graded.

# %%
prediction_by_distance = "?"  # "Ironman" or "Rainman"
prediction_by_angle = "?"  # "Ironman" or "Rainman"

# %% locked=true
MOVIES_3D = {"Avatar": [1, 2, 2], "Ironman": [3, 7, 8], "Rainman": [1, -2, 6]}
by_distance = {name: math.dist(MOVIES_3D["Avatar"], vector) for name, vector in MOVIES_3D.items() if name != "Avatar"}
print(f"distance from Avatar: Ironman {by_distance['Ironman']:.2f}, Rainman {by_distance['Rainman']:.2f}")
print(f"you said {prediction_by_distance!r}, it is {min(by_distance, key=by_distance.get)!r}")

# %% [markdown]
# The winner by angle comes out of your own function.
#
# > ### Question `cosine` (4 points, about 20 minutes)
# > `cosine_similarity(u, v)` → a number
# >
# > - `u`, `v`: array-likes with one axis; the two may be of different kinds (a list and a tensor)
# > - **number types**: any real one: Python numbers, `uint8` to `int64`, `float16`, `float32`, `float64`. **Convert before you multiply**: 200 · 200 does not fit into a `uint8`, nor 300 · 300 into a `float16`
# > - **returns**: the cosine as one number (Python, or 0-dimensional)
# > - **lengths**: arrows from $10^{-4}$ to $10^{4}$ long, each to the full precision
# > - **raises**: `ValueError` if `u` and `v` have different numbers of elements (one element included), or if one of them is the zero vector


# %% question="cosine"
def cosine_similarity(u, v):
    """The cosine of the angle between two vectors, a number from -1 to 1."""
    ### BEGIN SOLUTION
    u = np.asarray(u, dtype=np.float64)
    v = np.asarray(v, dtype=np.float64)
    if u.shape != v.shape:
        raise ValueError(f"the vectors have {u.size} and {v.size} elements")
    lengths = np.linalg.norm(u) * np.linalg.norm(v)
    if lengths == 0:
        raise ValueError("the zero vector has no direction")
    return float(u @ v / lengths)
    ### END SOLUTION


# %%
by_angle = {name: cosine_similarity(MOVIES_3D["Avatar"], MOVIES_3D[name]) for name in by_distance}
print(f"cosine with Avatar: Ironman {by_angle['Ironman']:.4f}, Rainman {by_angle['Rainman']:.4f}")
print(f"you said {prediction_by_angle!r}, it is {max(by_angle, key=by_angle.get)!r}")

# %% [markdown]
# Distance and angle disagree because distance also counts *length*. For arrows of length 1 they cannot disagree: $\lVert \hat u - \hat v \rVert^2 = 2 - 2\cos\theta$.
#
# ## 2. All pairs at once
#
# A search compares one query with thousands of vectors, and a heat map compares everything with everything. Put the vectors into the rows of two matrices $A$ ($n \times d$)
# and $B$ ($m \times d$) and scale every row to length 1; then all $n \cdot m$ cosines are *one* matrix product,
#
# $$S = \hat A\, \hat B^{\top}, \qquad S_{ij} = \cos(a_i, b_j).$$
#
# > ### Question `matrix` (3 points, about 20 minutes)
# > `cosine_similarity_matrix(a, b)` → tensor
# >
# > - `a`, `b`: torch tensors of one type and device, shapes $(n, d)$ and $(m, d)$; $n$, $m$ and $d$ may be 1
# > - **rows**: never zero, from $10^{-4}$ to $10^{4}$ long
# > - **returns**: a tensor of shape $(n, m)$ on the same device; its type is the floating type of the inputs (`float64` in, `float64` out), and `float32` for integers
# > - **speed**: 2,000 × 2,000 rows of 16 numbers within 3 seconds of CPU time and 3 GiB of memory. A loop over rows is fine; a Python loop over all 4 million pairs is not


# %% question="matrix"
def cosine_similarity_matrix(a, b):
    """All cosines between the rows of a (n, d) and the rows of b (m, d): a tensor of shape (n, m)."""
    ### BEGIN SOLUTION
    if not a.is_floating_point():
        a, b = a.to(torch.float32), b.to(torch.float32)
    a = a / torch.linalg.vector_norm(a, dim=1, keepdim=True)
    b = b / torch.linalg.vector_norm(b, dim=1, keepdim=True)
    return a @ b.T
    ### END SOLUTION


# %% [markdown]
# Now a picture. `data/movies.csv` holds sixteen films that do not exist. Each number says how strong a film is in one taste, from 0 to 10.


# %% locked=true
def load_movies(path=DATA / "movies.csv"):
    """The catalogue of invented films: title → vector of five tastes."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return {title: np.array(tastes, dtype=np.float64) for title, *tastes in rows[1:]}


def heat_map(similarity, names):
    """Draws a square matrix of cosines; red is 1, white 0, blue -1."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 6))
    image = axes.imshow(np.asarray(similarity), cmap="RdBu_r", vmin=-1, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    figure.colorbar(image, label="cosine")
    figure.tight_layout()
    plt.show()
    plt.close(figure)


movies = load_movies()

# %%
movie_rows = torch.tensor(np.stack(list(movies.values())))
heat_map(cosine_similarity_matrix(movie_rows, movie_rows), list(movies))

# %% [markdown]
# Red blocks are films of one kind. Look at *Cold Equation* and *Small Moon*: their numbers are tiny, and their rows are still red beside *Orbit of Glass*. Such quiet films are
# where the measures part:
#
# | liked: *Small Moon* (1, 1, 1, 3, 0) | first recommendation |
# |---|---|
# | largest cosine | *The Quiet Robot* |
# | smallest distance | *Cold Equation*, another film with small numbers |
# | largest dot product | *Orbit of Glass (extended)*, the film with the loudest numbers |
#
# ## 3. What to watch next
#
# A **content-based** recommender needs no other users: it ranks the catalogue by similarity to something you liked. That also softens the *cold start*, as a new film can be recommended on its first day.
#
# Ties need a rule, or the list changes from run to run. Floating-point noise makes two equal cosines differ in the 16th digit, so we first round to 6 decimals, then compare, and let
# the alphabet decide between equals.
#
# > ### Question `recommend` (3 points, about 20 minutes)
# > `recommend(liked, catalogue, k=1)` → list of names
# >
# > - `liked`: a name in `catalogue`; any other raises `KeyError`
# > - `catalogue`: dict, name → array-like; all vectors equally long, none zero
# > - `k`: an integer ≥ 0
# > - **returns**: always a **list**, for `k=1` too: the `k` names with the largest cosine to the liked one, best first. The liked one itself is never in it (another film with the very same vector may be)
# > - large and small `k`: more than there are: all the others; 0: `[]`
# > - **ties**: cosines are compared after rounding to 6 decimals; equal ones stand in ascending order of name (Python's order of strings)
# >
# > You may call your `cosine_similarity` or `cosine_similarity_matrix`.


# %% question="recommend"
def recommend(liked, catalogue, k=1):
    """The names of the k items whose vectors point most nearly where the liked one's does, best first."""
    ### BEGIN SOLUTION
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {
        name: round(cosine_similarity(catalogue[liked], vector), 6)
        for name, vector in catalogue.items()
        if name != liked
    }
    return sorted(scores, key=lambda name: (-scores[name], name))[:k]
    ### END SOLUTION


# %%
for title in ["Small Moon", "Thunder Lane", "Midnight Quartet"]:
    print(f"{title:18} → {recommend(title, movies, k=3)}")

# %% [markdown]
# ## 4. Words as vectors
#
# The tastes of a film were typed by hand. For words, vectors are *learned* from which words stand near which: GloVe fits them to counts of words seen together, word2vec trains a small network to
# predict neighbours (skip-gram) or from neighbours (CBOW). Nobody labels anything: the text itself supplies the answers, which is called **self-supervised** learning.
#
# GloVe is published as plain text, a line per word:
#
# ```text
# milk 0.4182 -0.0925 … 0.7713
# ```
#
# `data/tiny-glove.txt` has that format and 92 words in 12 dimensions. It is a toy: each vector is a weighted sum of random topic directions plus a little noise, so that words of a topic lie together. The real files have
# 400,000 lines and more, and in so many lines each oddity of the box below occurs. A reader that says *which line* is broken saves an afternoon.
#
# > ### Question `glove` (3 points, about 30 minutes)
# > `load_glove(path)` → dict, word → vector
# >
# > - `path`: a `str` or a `Path`
# > - **file**: UTF-8 text, lines end in `\n`. A line is the word, then the values, separated by **one space** (U+0020) each. A word may hold other kinds of space: `new york` with a no-break space (U+00A0) is one word. The file has at least one line, and every finite number in it fits into `float32`
# > - **returns**: dict in which each vector is a numpy array, `float32`, shape $(d,)$
# > - **dimension**: the first line fixes $d$
# > - **repeated word**: keeps its **first** vector
# > - **malformed line**: another number of values than the first line, or a value that is not a finite number (`abc`, `nan`, `inf`): raises `ValueError` with the number of that line in its message, counted from 1
# > - **blank line**: at the end of the file ignored; anywhere else malformed


# %% question="glove"
def load_glove(path):
    """Word vectors out of a text file in GloVe's format: word → float32 array of shape (d,)."""
    ### BEGIN SOLUTION
    vectors = {}
    dimension = None
    blank = None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            line = line.rstrip("\n")
            if line.strip() == "":
                blank = blank or number
                continue
            if blank is not None:
                raise ValueError(f"line {blank} is blank")
            word, *texts = line.split(" ")
            try:
                values = [float(text) for text in texts]
            except ValueError:
                raise ValueError(f"line {number} has a value that is not a number") from None
            if not all(math.isfinite(value) for value in values):
                raise ValueError(f"line {number} has a value that is not finite")
            if dimension is None:
                dimension = len(values)
            if len(values) != dimension:
                raise ValueError(f"line {number} has {len(values)} values instead of {dimension}")
            vectors.setdefault(word, np.array(values, dtype=np.float32))
    return vectors
    ### END SOLUTION


# %%
glove = load_glove(DATA / "tiny-glove.txt")
print(len(glove), "words in", len(glove["milk"]), "dimensions")
for word in ["chocolate", "milk", "love", "ticket"]:
    print(f"{word:10} → {recommend(word, glove, k=5)}")

# %% [markdown]
# A recommender for films is a thesaurus for words, without a changed line. It has a thesaurus's flaw, too: *sad* is close to *love*, as the two appear in the same kind of sentence. That is so in real GloVe as well;
# near means "used alike", not "means the same".
#
# Do the axes mean something by themselves, say axis 3 = "food"? **Predict, then run.** We turn the whole space by one random rotation $R$ (a matrix with $R^{\top} R = I$): every vector gets entirely new coordinates. How many of the 92 words will have a different
# nearest neighbour afterwards?

# %%
prediction_changed = None  # a number from 0 to 92

# %%
random_matrix = np.random.default_rng(0).normal(size=(12, 12))
rotation, _ = np.linalg.qr(random_matrix)
turned = {word: vector @ rotation for word, vector in glove.items()}
changed = sum(recommend(word, glove) != recommend(word, turned) for word in glove)
print("milk before:", np.round(glove["milk"][:4], 2), "… after:", np.round(turned["milk"][:4], 2), "…")
print(f"you said {prediction_changed}, it is {changed}")

# %% [markdown]
# None: $(Ru) \cdot (Rv) = u^{\top} R^{\top} R\, v = u \cdot v$, so no cosine moves. Meaning sits in directions and angles *between* vectors; single axes are arbitrary.
#
# ## 5. From words to a sentence
#
# The simplest vector of a sentence with words $w_1, \dots, w_n$ is the mean of their vectors,
#
# $$s = \frac{1}{n} \sum_{i=1}^{n} x_{w_i}.$$
#
# First the sentence must be cut into words. Here a word is an unbroken run of letters and apostrophes (`'`), in lower case: *"Don't panic, it's MILK-chocolate!"* has the words `don't`, `panic`, `it's`, `milk` and `chocolate`.
#
# > ### Question `sentence` (3 points, about 15 minutes)
# > `sentence_embedding(sentence, vectors)` → vector
# >
# > - `sentence`: a string. Words are runs of letters and apostrophes, lower-cased. Letters are those of any alphabet (`é` is one); digits, hyphens, underscores, punctuation and spaces end a word
# > - `vectors`: dict, lower-case word → `float32` array of shape $(d,)$, as `load_glove` returns it
# > - **returns**: the mean vector: a numpy array or a torch tensor of shape $(d,)$, of any floating type
# > - **repeated word**: counts each time
# > - **unknown word**: is skipped, and does not count in $n$
# > - **all unknown**: raises `KeyError`


# %% question="sentence"
def sentence_embedding(sentence, vectors):
    """The mean of the vectors of a sentence's known words, shape (d,)."""
    ### BEGIN SOLUTION
    words = re.findall(r"(?:[^\W\d_]|')+", sentence.lower())
    known = [vectors[word] for word in words if word in vectors]
    if not known:
        raise KeyError(f"no known word in {sentence!r}")
    return np.mean(known, axis=0)
    ### END SOLUTION


# %%
first = sentence_embedding("Chocolate milk!", glove)
second = sentence_embedding("milk chocolate", glove)
print("the same vector?", np.array_equal(first, second))

# %% [markdown]
# > ### Question `order` (2 points, written, about 10 minutes)
# > Why do *"chocolate milk"* and *"milk chocolate"* get the same vector here? And what does a sentence transformer do so that it can tell a drink from a bar? Three or four sentences.

# %% [markdown] question="order"
# ### BEGIN SOLUTION
# A mean is a sum divided by the number of words, and a sum does not care about the order of its terms. Both phrases hold the same two words, each with the one vector it has everywhere, so both means are equal: averaging sees a bag of words.
#
# A sentence transformer adds information on the position of each token, and its attention layers then mix every token's vector with those of its neighbours. So "milk" after "chocolate" leaves the network with another vector than "milk" before it,
# and the vectors that are pooled at the end (often again by a mean) already carry the order. Training on pairs of sentences sees to it that the difference in meaning shows up as an angle.
# ### END SOLUTION

# %% [markdown]
# ## 6. Semantic search
#
# All parts are there. Embed the query, embed each document, rank by cosine: the documents found need not share a single word with the query. This is the retrieval step behind a vector database.
#
# > ### Question `search` (3 points, about 20 minutes)
# > `semantic_search(query, documents, vectors, k=3)` → list of `(index, score)`
# >
# > - `query`, `documents`: a string and a list of strings, embedded as by `sentence_embedding`; no embedding is zero
# > - `vectors`: as in question `sentence`
# > - `k`: an integer ≥ 1
# > - **returns**: list of pairs: the document's position in `documents` (an integer, from 0) and its cosine with the query (a number), by falling score; the best `k`, or all if there are fewer
# > - **ties**: scores are compared after rounding to 6 decimals; equal ones stand by ascending index. The score returned may be rounded or not
# > - **no known word**: a document without a known word is left out, and the others keep their indices; such a query raises `KeyError`
# >
# > You may call your `sentence_embedding`, `cosine_similarity` or `cosine_similarity_matrix`.


# %% question="search"
def semantic_search(query, documents, vectors, k=3):
    """The k documents nearest to the query by cosine: pairs of index and score, best first."""
    ### BEGIN SOLUTION
    target = sentence_embedding(query, vectors)
    found = []
    for index, document in enumerate(documents):
        try:
            embedding = sentence_embedding(document, vectors)
        except KeyError:
            continue
        found.append((index, cosine_similarity(target, embedding)))
    found.sort(key=lambda pair: (-round(pair[1], 6), pair[0]))
    return found[:k]
    ### END SOLUTION


# %%
documents = [
    "My puppy is happy in the snow",
    "A sunny journey to the café",
    "The actor and the director of the film",
    "I cook soup and eat bread",
    "The band and my piano",
    "Don't code: enjoy the match, coach!",
    "Zzz?",
]
for query in ["dinner", "I like my dog", "a concert", "coffee and cake"]:
    print(query)
    for index, score in semantic_search(query, documents, glove, k=2):
        print(f"    {score:6.3f}  {documents[index]}")

# %% [markdown]
# *Dinner* finds soup and bread, *a concert* finds the band, and no word of theirs is shared. *Coffee and cake* prefers soup to the café: a mean is blurred by all the other words of a sentence. It is a small model, and it can be wrong.
#
# > ### Question `design` (3 points, written, about 20 minutes)
# > You like Avatar, (1, 2, 2). Would you recommend Ironman, (3, 7, 8), or Rainman, (1, −2, 6)? Give the cosine **and** the Euclidean distance for both, say which movie each measure prefers, and decide with a reason. Then name one case in which the cosine
# > would mislead you. Five to eight sentences.

# %% [markdown] question="design"
# ### BEGIN SOLUTION
# The cosines with Avatar are $33/(3\sqrt{122}) = 0.9959$ for Ironman and $9/(3\sqrt{41}) = 0.4685$ for Rainman; the distances are $\sqrt{4+25+36} = 8.06$ and $\sqrt{0+16+16} = 5.66$. So the cosine prefers Ironman and the distance prefers Rainman.
#
# I recommend Ironman. Its vector points almost where Avatar's does (5 degrees off, against 62 for Rainman): it has the same mix of properties, only more of each. Nearly all of its distance is length. If length says how strong or how well known a film is, it says little about taste.
#
# The cosine misleads where length does carry meaning. With ratings from 1 to 5, somebody who gives every film a 1 and somebody who gives every film a 5 have cosine 1, though they could not disagree more. Distance, or a cosine after subtracting the middle of the scale, tells them apart.
# ### END SOLUTION
