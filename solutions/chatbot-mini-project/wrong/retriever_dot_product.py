# loses: test_retriever_finds_the_nearest, test_retriever_scores_are_cosines, test_retriever_embeds_documents_once, test_retriever_breaks_ties_by_index, test_retriever_of_any_k
# Does not divide by the lengths: long vectors win.
# ruff: noqa: E501 - the first line names every test

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
        return np.asarray(self.embed(texts), dtype=np.float64)
