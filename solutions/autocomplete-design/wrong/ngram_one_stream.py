# loses: test_bigrams_of_two_sentences, test_ngram_probabilities, test_ngram_takes_the_last_words, test_ngram_models_are_apart
# Strings all sentences together, so n-grams reach across their ends.
# ruff: noqa: E501 - the first line names every test

# %% question="ngram"
class NgramModel(LanguageModel):
    def __init__(self, n, smoothing):
        self.n, self.smoothing = n, smoothing

    def fit(self, sentences):
        self.counts = defaultdict(Counter)
        words = {"<unk>", "</s>"}
        stream = [token for sentence in sentences for token in [*tokenize(sentence), "</s>"]]
        words.update(stream)
        for place, token in enumerate(stream):
            self.counts[self.last(stream[:place])][token] += 1
        self.totals = {context: counter.total() for context, counter in self.counts.items()}
        self.vocabulary = sorted(words)
        self.known = words
        return self

    def last(self, context):
        return tuple(["<s>"] * (self.n - 1) + list(context))[len(context) :]

    def prob(self, context, word):
        before = self.last(context)
        count = self.counts[before][word] if word in self.known and before in self.counts else 0
        return (count + self.smoothing) / (self.totals.get(before, 0) + self.smoothing * len(self.vocabulary))
