# loses: test_retriever_embeds_documents_once
# Takes for granted that embed gives a numpy array.

# %% question="retriever"
class Retriever:
    """Finds the documents whose vectors point most nearly where the query's does."""

    def __init__(self, documents, embed):
        self.documents = documents
        self.embed = embed
        self.vectors = self._unit(documents)

    def search(self, query, k):
        """The k nearest documents: pairs of index and cosine, best first."""
        scores = self.vectors @ self._unit([query])[0]
        order = sorted(range(len(scores)), key=lambda index: (-round(float(scores[index]), 6), index))
        return [(index, float(scores[index])) for index in order[:k]]

    def _unit(self, texts):
        vectors = self.embed(texts).astype(np.float64)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
