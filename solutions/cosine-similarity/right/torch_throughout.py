# torch wherever numpy stood, and tensors as results.

# %% question="cosine"
def cosine_similarity(u, v):
    u = torch.as_tensor(u).to(torch.float64)
    v = torch.as_tensor(v).to(torch.float64)
    if u.numel() != v.numel():
        raise ValueError("the vectors differ in length")
    if not u.any() or not v.any():
        raise ValueError("no direction")
    return torch.nn.functional.cosine_similarity(u, v, dim=0)


# %% question="matrix"
def cosine_similarity_matrix(a, b):
    if not torch.is_floating_point(a):
        a, b = a.float(), b.float()
    return torch.nn.functional.cosine_similarity(a[:, None, :], b[None, :, :], dim=-1)


# %% question="recommend"
def recommend(liked, catalogue, k=1):
    target = catalogue[liked]
    names = sorted(name for name in catalogue if name != liked)
    if not names:
        return []
    rows = torch.stack([torch.as_tensor(catalogue[name]).double() for name in names])
    scores = cosine_similarity_matrix(torch.as_tensor(target).double()[None], rows)[0]
    order = torch.argsort(scores.mul(1e6).round(), descending=True, stable=True)
    return [names[i] for i in order.tolist()][:k]


# %% question="glove"
def load_glove(path):
    with open(path, encoding="utf8") as file:
        lines = file.read().rstrip("\n").split("\n")
    dimension = lines[0].count(" ")
    table = {}
    for number, line in enumerate(lines, 1):
        word, _, rest = line.partition(" ")
        try:
            vector = torch.tensor([float(text) for text in rest.split(" ")])
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from error
        if vector.numel() != dimension or not torch.isfinite(vector).all():
            raise ValueError(f"{path}:{number}: malformed")
        table.setdefault(word, vector.numpy())
    return table


# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words = [word for word in re.split(r"(?:[^\w']|[\d_])+", sentence.lower()) if word in vectors]
    if not words:
        raise KeyError("no known word")
    return torch.stack([torch.as_tensor(vectors[word]) for word in words]).mean(dim=0)


# %% question="search"
def semantic_search(query, documents, vectors, k=3):
    target = torch.as_tensor(sentence_embedding(query, vectors))
    kept, rows = [], []
    for index, document in enumerate(documents):
        try:
            rows.append(torch.as_tensor(sentence_embedding(document, vectors)))
            kept.append(index)
        except KeyError:
            pass
    if not rows:
        return []
    scores = cosine_similarity_matrix(target[None], torch.stack(rows))[0].double()
    order = torch.argsort((scores * 1e6).round(), descending=True, stable=True)
    return [(kept[i], scores[i].item()) for i in order[:k]]
