# loses: test_search_leaves_out_unknown_documents
# Numbers the documents that are left.

# %% question="search"
def semantic_search(query, documents, vectors, k=3):
    target = sentence_embedding(query, vectors)
    found = []
    for index, document in enumerate(documents):
        try:
            score = cosine_similarity(target, sentence_embedding(document, vectors))
        except KeyError:
            continue
        found.append((len(found), score))
    return sorted(found, key=lambda pair: (-round(pair[1], 6), pair[0]))[:k]
