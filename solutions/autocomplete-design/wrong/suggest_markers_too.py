# loses: test_suggest_no_markers, test_suggest_at_most_k, test_suggest_breaks_ties
# Leaves the markers among the suggestions.

# %% question="use"
def perplexity(model, sentences):
    logs = []
    for sentence in sentences:
        tokens = [*tokenize(sentence), "</s>"]
        logs += [math.log(model.prob(tokens[:place], token)) for place, token in enumerate(tokens)]
    return math.exp(-sum(logs) / len(logs))


def suggest(model, prefix, k):
    context = tokenize(prefix)
    words = list(model.vocabulary)
    chance = {word: model.prob(context, word) for word in words}
    return sorted(words, key=lambda word: (-chance[word], word))[:k]


def complete(model, prefix, max_words=12):
    tokens = tokenize(prefix)
    for _ in range(max_words):
        chance = {word: model.prob(tokens, word) for word in model.vocabulary if word != "<unk>"}
        best = min(chance, key=lambda word: (-chance[word], word))
        if best == "</s>":
            break
        tokens = [*tokens, best]
    return " ".join(tokens)
