# loses: test_search_breaks_ties_by_index, test_search_returns_at_most_k
# Ignores k.

# %% question="search"
def semantic_search(query, documents, vectors, k=3):
    target = sentence_embedding(query, vectors)
    found = []
    for index, document in enumerate(documents):
        try:
            score = cosine_similarity(target, sentence_embedding(document, vectors))
        except KeyError:
            continue
        found.append((index, score))
    return sorted(found, key=lambda pair: (-round(pair[1], 6), pair[0]))[:3]
