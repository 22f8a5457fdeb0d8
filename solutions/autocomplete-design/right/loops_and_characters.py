# Plain Python: characters are looked at one by one, probabilities multiplied up, n-grams kept as texts.

# %% question="redact"
PHONE = re.compile(
    r"""
    (?: \+1[ ] )?                       # the country
    (?: \( \d{3} \) | (?<!\d) \d{3} )   # the first group
    [ .-] \d{3} [ .-] \d{4} (?!\d)
    """,
    re.VERBOSE,
)


def is_card(text):
    groups = text.replace("-", " ").split(" ")
    total = sum(map(len, groups))
    return 13 <= total <= 16 and (len(groups) == 1 or all(3 <= len(group) <= 6 for group in groups))


def redact(text):
    text = re.sub(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "<email>", text)
    text = re.sub(r"\d+([ -]\d+)*", lambda match: "<card>" if is_card(match.group()) else match.group(), text)
    return PHONE.sub("<phone>", text)


# %% question="tokenize"
def tokenize(text):
    found, token = [], ""
    text = text.lower() + " "
    for place, sign in enumerate(text):
        inner = sign == "'" and token.isalpha() and text[place + 1].isalpha()
        inner = inner or (sign == "'" and "'" in token and text[place - 1].isalpha() and text[place + 1].isalpha())
        same = sign.isalpha() and (not token or not token[0].isdigit())
        same = same or (sign.isdigit() and (not token or token[0].isdigit()))
        if same or inner:
            token += sign
            continue
        if token:
            found.append(token)
        token = sign if sign.isalnum() else ""
        if sign in ".,!?":
            found.append(sign)
    return found


# %% question="use"
def perplexity(model, sentences):
    total, number = 0.0, 0
    for sentence in sentences:
        context = []
        for token in [*tokenize(sentence), "</s>"]:
            total += np.log2(model.prob(context, token))
            number += 1
            context = [*context, token]
    return 2 ** (-total / number)


def suggest(model, prefix, k):
    context = tokenize(prefix)
    left = [(-model.prob(context, word), word) for word in model.vocabulary if word not in {"<unk>", "</s>"}]
    best = []
    while left and len(best) < k:
        top = min(left)
        left.remove(top)
        best.append(top[1])
    return best


def complete(model, prefix, max_words=12):
    words = tokenize(prefix)
    while max_words > 0:
        best, chance = None, -1.0
        for word in sorted(model.vocabulary):
            here = model.prob(words, word)
            if word != "<unk>" and here > chance:
                best, chance = word, here
        if best == "</s>":
            break
        words.append(best)
        max_words -= 1
    return " ".join(words)


# %% question="ngram"
class NgramModel(LanguageModel):
    def __init__(self, n, smoothing):
        self.length, self.smoothing = n - 1, smoothing

    def key(self, context):
        # a context that is shorter than n-1 can only be the beginning of a sentence: no need to fill it up
        return " ".join(context[len(context) - self.length :] if len(context) > self.length else context)

    def fit(self, sentences):
        self.pairs, self.contexts = Counter(), Counter()
        self.vocabulary = ["<unk>", "</s>"]
        for sentence in sentences:
            tokens = [*tokenize(sentence), "</s>"]
            for place in range(len(tokens)):
                key = f"{place < self.length} {self.key(tokens[:place])}"
                self.pairs[key, tokens[place]] += 1
                self.contexts[key] += 1
            self.vocabulary += tokens
        self.vocabulary = list(dict.fromkeys(self.vocabulary))

    def prob(self, context, word):
        key = f"{len(context) < self.length} {self.key(context)}"
        return (self.pairs[key, word] + self.smoothing) / (self.contexts[key] + self.smoothing * len(self.vocabulary))
