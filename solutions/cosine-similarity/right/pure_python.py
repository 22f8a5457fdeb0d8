# Lists, loops and the math module; the matrix goes row by row.

# %% question="cosine"
def cosine_similarity(u, v):
    u = [float(x) for x in u]
    v = [float(x) for x in v]
    if len(u) != len(v):
        raise ValueError(f"{len(u)} elements against {len(v)}")
    dot = 0.0
    for x, y in zip(u, v):
        dot += x * y
    length_u, length_v = math.hypot(*u), math.hypot(*v)
    if length_u == 0 or length_v == 0:
        raise ValueError("zero vector")
    return dot / length_u / length_v


# %% question="matrix"
def cosine_similarity_matrix(a, b):
    kind = a.dtype if a.is_floating_point() else torch.float32
    a, b = a.to(kind), b.to(kind)
    lengths = (b * b).sum(dim=1).sqrt()
    rows = []
    for row in a:
        rows.append((b * row).sum(dim=1) / lengths / (row * row).sum().sqrt())
    return torch.stack(rows)


# %% question="recommend"
def recommend(liked, catalogue, k=1):
    target = catalogue[liked]
    pairs = []
    for name, vector in catalogue.items():
        if name != liked:
            pairs.append((-round(cosine_similarity(vector, target), 6), name))
    pairs.sort()
    names = []
    for _, name in pairs:
        if len(names) >= k:
            break
        names.append(name)
    return names


# %% question="glove"
def load_glove(path):
    lines = Path(path).read_bytes().decode("utf-8").split("\n")
    while lines[-1] == "":
        del lines[-1]
    result = {}
    for index in range(len(lines)):
        fields = lines[index].split(" ")
        if index == 0:
            count = len(fields)
        if len(fields) != count:
            raise ValueError(f"malformed line {index + 1}")
        numbers = []
        for field in fields[1:]:
            try:
                number = float(field)
            except ValueError:
                number = math.nan
            if math.isnan(number) or math.isinf(number):
                raise ValueError(f"malformed line {index + 1}")
            numbers.append(number)
        if fields[0] not in result:
            result[fields[0]] = np.array(numbers, dtype="float32")
    return result


# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words, word = [], ""
    for character in sentence.lower() + " ":
        if character.isalpha() or character == "'":
            word += character
        else:
            words.append(word)
            word = ""
    total, count = None, 0
    for word in words:
        if word in vectors:
            total = vectors[word] if total is None else total + vectors[word]
            count += 1
    if count == 0:
        raise KeyError(sentence)
    return total / count


# %% question="search"
def semantic_search(query, documents, vectors, k=3):
    target = sentence_embedding(query, vectors)
    ranked = []
    for i in range(len(documents)):
        try:
            embedding = sentence_embedding(documents[i], vectors)
        except KeyError:
            continue
        ranked.append((-round(cosine_similarity(target, embedding), 6), i))
    ranked.sort()
    return [(i, -score) for score, i in ranked[:k]]
