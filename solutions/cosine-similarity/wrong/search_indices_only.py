# loses: test_search_finds_the_nearest_documents, test_search_leaves_out_unknown_documents, test_search_breaks_ties_by_index, test_search_returns_at_most_k, test_search_refuses_unknown_queries
# Leaves out the scores.
# ruff: noqa: E501 - the first line names every test

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
    ranked = sorted(found, key=lambda pair: (-round(pair[1], 6), pair[0]))[:k]
    return [index for index, _ in ranked]
