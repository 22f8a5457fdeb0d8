# loses: test_search_refuses_unknown_queries
# Returns an empty list if the query has no known word.

# %% question="search"
def semantic_search(query, documents, vectors, k=3):
    try:
        target = sentence_embedding(query, vectors)
    except KeyError:
        return []
    found = []
    for index, document in enumerate(documents):
        try:
            score = cosine_similarity(target, sentence_embedding(document, vectors))
        except KeyError:
            continue
        found.append((index, score))
    return sorted(found, key=lambda pair: (-round(pair[1], 6), pair[0]))[:k]
