# loses: test_bigrams_of_two_sentences, test_ngram_probabilities, test_ngram_takes_the_last_words, test_ngram_unknown_words, test_ngram_models_are_apart
# Takes the first n-1 tokens of the context.
# ruff: noqa: E501 - the first line names every test

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
        self.vocabulary = sorted(words)
        self.known = words
        return self

    def last(self, context):
        return tuple([*context, *["<s>"] * self.n][: self.n - 1])

    def prob(self, context, word):
        before = self.last(context)
        count = self.counts[before][word] if word in self.known and before in self.counts else 0
        return (count + self.smoothing) / (self.totals.get(before, 0) + self.smoothing * len(self.vocabulary))
