# loses: test_suggest_from_a_table, test_suggest_no_markers, test_suggest_at_most_k, test_suggest_breaks_ties, test_suggest_after_the_whole_prefix
# Returns words with their probabilities.
# ruff: noqa: E501 - the first line names every test

# %% question="use"
def perplexity(model, sentences):
    logs = []
    for sentence in sentences:
        tokens = [*tokenize(sentence), "</s>"]
        logs += [math.log(model.prob(tokens[:place], token)) for place, token in enumerate(tokens)]
    return math.exp(-sum(logs) / len(logs))


def suggest(model, prefix, k):
    context = tokenize(prefix)
    words = [word for word in model.vocabulary if word not in ("<unk>", "</s>")]
    chance = {word: model.prob(context, word) for word in words}
    ranked = sorted(words, key=lambda word: (-chance[word], word))[:k]
    return [(word, chance[word]) for word in ranked]


def complete(model, prefix, max_words=12):
    tokens = tokenize(prefix)
    for _ in range(max_words):
        chance = {word: model.prob(tokens, word) for word in model.vocabulary if word != "<unk>"}
        best = min(chance, key=lambda word: (-chance[word], word))
        if best == "</s>":
            break
        tokens = [*tokens, best]
    return " ".join(tokens)
