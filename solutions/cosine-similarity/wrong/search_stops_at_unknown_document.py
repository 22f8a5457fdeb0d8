# loses: test_search_leaves_out_unknown_documents
# Lets one document without a known word break the whole search.

# %% question="search"
def semantic_search(query, documents, vectors, k=3):
    target = sentence_embedding(query, vectors)
    found = []
    for index, document in enumerate(documents):
        score = cosine_similarity(target, sentence_embedding(document, vectors))
        found.append((index, score))
    return sorted(found, key=lambda pair: (-round(pair[1], 6), pair[0]))[:k]
