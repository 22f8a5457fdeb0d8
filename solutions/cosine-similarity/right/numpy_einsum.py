# Vectorised numpy with einsum; every question stands on its own feet and calls no other.

# %% question="cosine"
def cosine_similarity(u, v):
    u, v = (np.array(x, dtype=float).ravel() for x in (u, v))
    if len(u) != len(v):
        raise ValueError("unequal lengths")
    squares = np.einsum("i,i", u, u), np.einsum("i,i", v, v)
    if 0 in squares:
        raise ValueError("zero vector")
    return np.einsum("i,i", u, v) / np.sqrt(squares[0]) / np.sqrt(squares[1])


# %% question="matrix"
def cosine_similarity_matrix(a, b):
    if not a.dtype.is_floating_point:
        a, b = a.type(torch.float32), b.type(torch.float32)
    inverse_a = torch.einsum("nd,nd->n", a, a).rsqrt()
    inverse_b = torch.einsum("md,md->m", b, b).rsqrt()
    return torch.einsum("nd,md,n,m->nm", a, b, inverse_a, inverse_b)


# %% question="recommend"
def recommend(liked, catalogue, k=1):
    names = np.array(sorted(set(catalogue) - {liked}))
    target = np.asarray(catalogue[liked], dtype=float)
    if len(names) == 0:
        return []
    rows = np.array([np.asarray(catalogue[name], dtype=float) for name in names])
    cosines = rows @ target / np.linalg.norm(rows, axis=1) / np.linalg.norm(target)
    return names[np.argsort(-cosines.round(6), kind="stable")][:k].tolist()


# %% question="glove"
def load_glove(path):
    with open(path, "rb") as file:
        lines = file.read().decode().rstrip("\n").split("\n")
    first = len(lines[0].split(" "))
    table = {}
    for number, line in enumerate(lines, start=1):
        fields = line.split(" ")
        try:
            vector = np.array(fields[1:], dtype=np.float64).astype(np.float32)
        except ValueError:
            raise ValueError(f"line {number}: not a number") from None
        if len(fields) != first or not np.all(np.isfinite(vector)):
            raise ValueError(f"line {number}: {line!r}")
        table[fields[0]] = table.get(fields[0], vector)
    return table


# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words = re.findall(r"(?:(?![\d_])\w|')+", sentence.lower())
    rows = np.array([vectors[word] for word in words if word in vectors], dtype=np.float64)
    if rows.size == 0:
        raise KeyError(sentence)
    return np.einsum("nd->d", rows) / len(rows)


# %% question="search"
def semantic_search(query, documents, vectors, k=3):
    def bag(text):
        words = re.findall(r"(?:(?![\d_])\w|')+", text.lower())
        return np.sum([vectors[word].astype(float) for word in words if word in vectors], axis=0)

    target = bag(query)
    if np.ndim(target) == 0:
        raise KeyError(query)
    bags = {index: bag(document) for index, document in enumerate(documents)}
    cosines = {
        index: np.round(row @ target / np.linalg.norm(row) / np.linalg.norm(target), 6)
        for index, row in bags.items()
        if np.ndim(row) == 1
    }
    return sorted(cosines.items(), key=lambda pair: -pair[1])[:k]
