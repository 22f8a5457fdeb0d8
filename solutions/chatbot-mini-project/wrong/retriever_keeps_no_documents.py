# loses: test_retrievers_share_nothing
# Has no attribute `documents` that others can use.

# %% question="retriever"
class Retriever:
    """Finds the documents whose vectors point most nearly where the query's does."""

    def __init__(self, documents, embed):
        self.embed = embed
        self.vectors = self._unit(documents)

    def search(self, query, k):
        """The k nearest documents: pairs of index and cosine, best first."""
        scores = self.vectors @ self._unit([query])[0]
        order = sorted(range(len(scores)), key=lambda index: (-round(float(scores[index]), 6), index))
        return [(index, float(scores[index])) for index in order[:k]]

    def _unit(self, texts):
        vectors = np.asarray(self.embed(texts), dtype=np.float64)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
