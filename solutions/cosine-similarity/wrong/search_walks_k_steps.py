# loses: test_search_leaves_out_unknown_documents, test_search_returns_at_most_k
# Picks k times, also when nothing is left to pick.

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
    found.sort(key=lambda pair: (-round(pair[1], 6), pair[0]))
    return [found[rank] for rank in range(k)]
