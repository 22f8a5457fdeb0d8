# loses: test_complete_to_the_end
# Appends the end before it looks.

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
    return sorted(words, key=lambda word: (-chance[word], word))[:k]


def complete(model, prefix, max_words=12):
    tokens = tokenize(prefix)
    for _ in range(max_words):
        chance = {word: model.prob(tokens, word) for word in model.vocabulary if word != "<unk>"}
        best = min(chance, key=lambda word: (-chance[word], word))
        tokens = [*tokens, best]
        if best == "</s>":
            break
    return " ".join(tokens)
