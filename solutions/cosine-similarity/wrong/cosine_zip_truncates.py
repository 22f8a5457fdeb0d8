# loses: test_cosine_refuses_unequal_lengths
# zip stops at the shorter vector without a word.

# %% question="cosine"
def cosine_similarity(u, v):
    u = [float(x) for x in u]
    v = [float(x) for x in v]
    if not any(u) or not any(v):
        raise ValueError("zero vector")
    dot = sum(x * y for x, y in zip(u, v))
    return dot / math.sqrt(sum(x * x for x in u)) / math.sqrt(sum(y * y for y in v))
