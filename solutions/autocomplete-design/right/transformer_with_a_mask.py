# A causal transformer, and suggestions by sorting whole arrays.

# %% question="neural"
class CausalTransformer(nn.Module):
    def __init__(self, size, width=48, layers=2, longest=256):
        super().__init__()
        self.tokens = nn.Embedding(size + 1, width)
        self.places = nn.Embedding(longest, width)
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, dropout=0.0, batch_first=True)
        self.blocks = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Linear(width, size)

    def forward(self, tokens):
        length = tokens.shape[1]
        places = torch.arange(length, device=tokens.device)
        mask = torch.triu(torch.ones(length, length, dtype=torch.bool, device=tokens.device), diagonal=1)
        return self.head(self.blocks(self.tokens(tokens) + self.places(places), mask=mask))


class TransformerModel(LanguageModel):
    def __init__(self, words, device):
        self.vocabulary = list(words)
        self.place = {word: place for place, word in enumerate(self.vocabulary)}
        self.device = device
        self.net = CausalTransformer(len(self.vocabulary)).to(device)
        self.memory = {}

    def encode(self, tokens):
        return [len(self.vocabulary)] + [self.place.get(token, self.place["<unk>"]) for token in tokens]

    @torch.no_grad()
    def row(self, context):
        if context not in self.memory:
            logits = self.net(torch.tensor([self.encode(context)], device=self.device))[0, -1]
            self.memory[context] = torch.softmax(logits, -1).cpu().numpy()
        return self.memory[context]

    def prob(self, context, word):
        return float(self.row(tuple(context))[self.place.get(word, self.place["<unk>"])])

    def suggest(self, prefix, k):
        row = self.row(tuple(tokenize(prefix)))
        best = [self.vocabulary[place] for place in np.argsort(-row, kind="stable")]
        return [word for word in best if word not in ("<unk>", "</s>")][:k]


def train_language_model(sentences, device, seed, epochs):
    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    rows = [tokenize(redact(text)) for text in sentences]
    model = TransformerModel(sorted({word for row in rows for word in row} | {"<unk>", "</s>"}), device)
    adam = torch.optim.AdamW(model.net.parameters(), lr=4e-3)
    for _ in range(epochs):
        shuffled = order.permutation(len(rows))
        for start in range(0, len(rows), 24):
            batch = [rows[place] for place in shuffled[start : start + 24]]
            longest = max(map(len, batch)) + 1
            x = torch.zeros(len(batch), longest, dtype=torch.long)
            y = torch.full((len(batch), longest), -1)
            for line, row in enumerate(batch):
                x[line, : len(row) + 1] = torch.tensor(model.encode(row))
                y[line, : len(row) + 1] = torch.tensor(model.encode([*row, "</s>"])[1:])
            loss = nn.functional.cross_entropy(model.net(x.to(device)).mT, y.to(device), ignore_index=-1)
            adam.zero_grad()
            loss.backward()
            adam.step()
    model.net.eval()
    return model
