# loses: test_search_leaves_out_unknown_documents
# Gives documents without a known word the score 0.

# %% question="search"
def semantic_search(query, documents, vectors, k=3):
    target = sentence_embedding(query, vectors)
    found = []
    for index, document in enumerate(documents):
        try:
            score = cosine_similarity(target, sentence_embedding(document, vectors))
        except KeyError:
            score = 0.0
        found.append((index, score))
    return sorted(found, key=lambda pair: (-round(pair[1], 6), pair[0]))[:k]
