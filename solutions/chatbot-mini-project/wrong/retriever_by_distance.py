# loses: test_retriever_finds_the_nearest, test_retriever_scores_are_cosines, test_retriever_embeds_documents_once, test_retriever_breaks_ties_by_index, test_retriever_of_any_k, test_retrievers_share_nothing
# Ranks by Euclidean distance.
# ruff: noqa: E501 - the first line names every test

# %% question="retriever"
class Retriever:
    """Finds the documents whose vectors point most nearly where the query's does."""

    def __init__(self, documents, embed):
        self.documents = documents
        self.embed = embed
        self.raw = np.asarray(embed(documents), dtype=np.float64)

    def search(self, query, k):
        """The k nearest documents: pairs of index and cosine, best first."""
        target = np.asarray(self.embed([query]), dtype=np.float64)[0]
        scores = -np.linalg.norm(self.raw - target, axis=1)
        order = sorted(range(len(scores)), key=lambda index: (-round(float(scores[index]), 6), index))
        return [(index, float(scores[index])) for index in order[:k]]

    def _unit(self, texts):
        vectors = np.asarray(self.embed(texts), dtype=np.float64)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
