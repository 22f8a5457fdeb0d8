# Classes, functools and heapq; numpy numbers and tuples come back.

# %% question="cosine"
import functools


class Arrow:
    """A vector with its length worked out once."""

    def __init__(self, values):
        self.values = np.asarray(values).astype(np.float64)

    @functools.cached_property
    def length(self):
        return np.sqrt(np.sum(np.square(self.values)))

    def __matmul__(self, other):
        return np.inner(self.values, other.values)


def cosine_similarity(u, v):
    u, v = Arrow(u), Arrow(v)
    if u.values.shape != v.values.shape:
        raise ValueError("shapes differ")
    if not (u.length > 0 and v.length > 0):
        raise ValueError("a zero vector has no direction")
    return np.clip((u @ v) / (u.length * v.length), -1, 1)


# %% question="matrix"
class UnitRows:
    """A matrix whose rows were scaled to length 1."""

    def __init__(self, rows):
        rows = rows if rows.is_floating_point() else rows.float()
        self.rows = torch.nn.functional.normalize(rows, dim=1)

    def __matmul__(self, other):
        return torch.mm(self.rows, other.rows.t())


def cosine_similarity_matrix(a, b):
    return UnitRows(a) @ UnitRows(b)


# %% question="recommend"
import functools
import heapq


@functools.total_ordering
class Candidate:
    """Ordered so that the best recommendation is the smallest."""

    def __init__(self, name, score):
        self.key = (-round(float(score), 6), name)
        self.name = name

    def __eq__(self, other):
        return self.key == other.key

    def __lt__(self, other):
        return self.key < other.key


def recommend(liked, catalogue, k=1):
    score = functools.partial(cosine_similarity, catalogue[liked])
    candidates = (Candidate(name, score(vector)) for name, vector in catalogue.items() if name != liked)
    return [candidate.name for candidate in heapq.nsmallest(k, candidates)]


# %% question="glove"
class GloveReader:
    """Reads one file, line by line, and knows where it is."""

    def __init__(self, path):
        self.path, self.number, self.dimension, self.vectors = path, 0, None, {}

    def fail(self, reason):
        raise ValueError(f"line {self.number}: {reason}")

    def add(self, line):
        word, *values = line.split(" ")
        try:
            vector = np.array([np.float32(value) for value in values])
        except ValueError:
            self.fail("not a number")
        self.dimension = self.dimension or len(vector)
        if len(vector) != self.dimension:
            self.fail(f"expected {self.dimension} values")
        if not all(map(math.isfinite, vector)):
            self.fail("not finite")
        self.vectors.setdefault(word, vector)

    def read(self):
        with open(self.path, encoding="utf-8", newline="\n") as file:
            text = file.read()
        for self.number, line in enumerate(text.rstrip("\n").split("\n"), start=1):
            self.add(line)
        return self.vectors


def load_glove(path):
    return GloveReader(path).read()


# %% question="sentence"
import functools
import operator


def tokens(sentence):
    return (match.group() for match in re.finditer(r"[^\W\d_]+(?:'[^\W\d_]*)*|'[^\W\d_']*", sentence.casefold()))


def sentence_embedding(sentence, vectors):
    known = [vectors[word] for word in tokens(sentence) if word in vectors]
    try:
        return functools.reduce(operator.add, known) / np.float32(len(known))
    except TypeError:
        raise KeyError(sentence) from None


# %% question="search"
import heapq


class Index:
    """The documents that could be embedded, by position."""

    def __init__(self, documents, vectors):
        self.vectors = vectors
        self.rows = {}
        for position, document in enumerate(documents):
            try:
                self.rows[position] = sentence_embedding(document, vectors)
            except KeyError:
                pass

    def search(self, query, k):
        target = sentence_embedding(query, self.vectors)
        scored = [(position, np.float64(cosine_similarity(row, target))) for position, row in self.rows.items()]
        return heapq.nsmallest(k, scored, key=lambda pair: (-pair[1].round(6), pair[0]))


def semantic_search(query, documents, vectors, k=3):
    return Index(documents, vectors).search(query, k)
