# A plain recurrent network whose steps are written out, and counters as nested dicts.

# %% question="ngram"
class NgramModel(LanguageModel):
    def __init__(self, n, smoothing):
        self.n = n
        self.k = smoothing

    def fit(self, sentences):
        self.after = {}
        self.vocabulary = ["</s>", "<unk>"]
        for sentence in sentences:
            window = ("<s>",) * (self.n - 1)
            for token in [*tokenize(sentence), "</s>"]:
                if token not in self.vocabulary:
                    self.vocabulary.append(token)
                row = self.after.setdefault(window, {})
                row[token] = row.get(token, 0) + 1
                window = (*window, token)[1:]

    def prob(self, context, word):
        window = ["<s>" for _ in range(self.n - 1)]
        for token in context:
            window.append(token)
            window.pop(0)
        row = self.after.get(tuple(window), {})
        return np.float64(row.get(word, 0) + self.k) / (sum(row.values()) + len(self.vocabulary) * self.k)


# %% question="neural"
class SimpleRecurrent(nn.Module):
    def __init__(self, words, width):
        super().__init__()
        self.embed = nn.Embedding(words + 1, width)
        self.mix = nn.Linear(2 * width, width)
        self.read_out = nn.Linear(width, words)

    def forward(self, columns):
        state = torch.zeros(columns.shape[1], self.mix.out_features, device=columns.device)
        outputs = []
        for column in self.embed(columns):
            state = torch.tanh(self.mix(torch.cat([column, state], dim=1)))
            outputs.append(self.read_out(state))
        return torch.stack(outputs)


class Recurrent(LanguageModel):
    def prob(self, context, word):
        if getattr(self, "last", None) != context:
            with torch.no_grad():
                numbers = torch.tensor([self.start, *map(self.number, context)], device=self.device)
                self.row = torch.softmax(self.net(numbers[:, None])[-1, 0].double(), 0).tolist()
            self.last = list(context)
        return self.row[self.number(word)]

    def number(self, word):
        return self.numbers.get(word, self.numbers["<unk>"])


def train_language_model(sentences, device, seed, epochs):
    torch.manual_seed(seed)
    model = Recurrent()
    model.device = torch.device(device)
    texts = [tokenize(text) for text in map(redact, sentences)]
    model.vocabulary = sorted({"<unk>", "</s>"}.union(*texts))
    model.numbers = dict(zip(model.vocabulary, range(len(model.vocabulary)), strict=True))
    model.start = len(model.vocabulary)
    model.net = SimpleRecurrent(len(model.vocabulary), 64).to(device)
    optimizer = torch.optim.Adam(model.net.parameters(), lr=0.005)
    rows = [
        torch.tensor([model.start, *map(model.number, text), model.number("</s>")], device=device) for text in texts
    ]
    for _ in range(epochs):
        for batch in torch.randperm(len(rows)).split(16):
            padded = nn.utils.rnn.pad_sequence([rows[place] for place in batch.tolist()], padding_value=-1)
            logits = model.net(padded[:-1].clamp(min=0))
            counts = padded[1:] >= 0
            loss = nn.functional.cross_entropy(logits[counts], padded[1:][counts])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.net.parameters(), 1.0)
            optimizer.step()
    model.net.train(False)
    return model
