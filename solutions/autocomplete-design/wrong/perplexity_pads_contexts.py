# loses: test_perplexity_over_all_tokens, test_perplexity_of_whole_contexts
# Hands over contexts that begin with <s>.

# %% question="use"
def perplexity(model, sentences):
    logs = []
    for sentence in sentences:
        tokens = [*tokenize(sentence), "</s>"]
        logs += [math.log(model.prob(["<s>", *tokens[:place]], token)) for place, token in enumerate(tokens)]
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
        if best == "</s>":
            break
        tokens = [*tokens, best]
    return " ".join(tokens)
