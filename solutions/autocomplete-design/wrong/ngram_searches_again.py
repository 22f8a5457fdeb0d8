# loses: test_ngram_answers_quickly
# Searches all n-grams again for each probability.

# %% question="ngram"
class NgramModel(LanguageModel):
    def __init__(self, n, smoothing):
        self.n, self.smoothing = n, smoothing

    def fit(self, sentences):
        self.grams, words = [], {"<unk>", "</s>"}
        for sentence in sentences:
            tokens = ["<s>"] * (self.n - 1) + tokenize(sentence) + ["</s>"]
            words.update(tokens[self.n - 1 :])
            self.grams += [tokens[end - self.n : end] for end in range(self.n, len(tokens) + 1)]
        self.vocabulary = sorted(words)

    def prob(self, context, word):
        before = (["<s>"] * (self.n - 1) + list(context))[len(context) :]
        follows = [gram[-1] for gram in self.grams if gram[:-1] == before]
        return (follows.count(word) + self.smoothing) / (len(follows) + self.smoothing * len(self.vocabulary))
