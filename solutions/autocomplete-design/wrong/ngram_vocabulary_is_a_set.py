# loses: test_ngram_vocabulary, test_ngram_models_are_apart
# The vocabulary is a set and no list.

# %% question="ngram"
class NgramModel(LanguageModel):
    def __init__(self, n, smoothing):
        self.n, self.smoothing = n, smoothing

    def fit(self, sentences):
        self.counts = defaultdict(Counter)
        words = {"<unk>", "</s>"}
        for sentence in sentences:
            tokens = tokenize(sentence)
            words.update(tokens)
            for place, token in enumerate([*tokens, "</s>"]):
                self.counts[self.last(tokens[:place])][token] += 1
        self.totals = {context: counter.total() for context, counter in self.counts.items()}
        self.vocabulary = words
        self.known = words
        return self

    def last(self, context):
        return tuple(["<s>"] * (self.n - 1) + list(context))[len(context) :]

    def prob(self, context, word):
        before = self.last(context)
        count = self.counts[before][word] if word in self.known and before in self.counts else 0
        return (count + self.smoothing) / (self.totals.get(before, 0) + self.smoothing * len(self.vocabulary))
