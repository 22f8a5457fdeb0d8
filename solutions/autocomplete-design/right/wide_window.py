# A feed-forward network over the last 20 tokens, as Bengio's of 2003, trained on windows in numpy arrays.

# %% question="neural"
WIDTH = 20


class WindowModel(LanguageModel):
    def __init__(self, tokens, device):
        self.vocabulary = ["</s>", "<unk>", *sorted(tokens)]
        self.ids = {token: number for number, token in enumerate(self.vocabulary)}
        size = len(self.vocabulary)
        self.network = nn.Sequential(
            nn.Embedding(size + 1, 24), nn.Flatten(), nn.Linear(24 * WIDTH, 96), nn.Tanh(), nn.Linear(96, size)
        ).to(device)
        self.device, self.cache = device, {}

    def window(self, context):
        numbers = [self.ids.get(token, 1) for token in context][-WIDTH:]
        return [len(self.vocabulary)] * (WIDTH - len(numbers)) + numbers

    def prob(self, context, word):
        window = tuple(self.window(context))
        if window not in self.cache:
            with torch.no_grad():
                logits = self.network(torch.tensor([window], device=self.device))
            self.cache[window] = torch.softmax(logits[0].double(), dim=0).cpu().numpy()
        return self.cache[window][self.ids.get(word, 1)]


def train_language_model(sentences, device, seed, epochs):
    texts = [tokenize(redact(sentence)) for sentence in sentences]
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = WindowModel({token for text in texts for token in text}, device)
    pairs = [
        (model.window(text[:place]), model.ids[token]) for text in texts for place, token in enumerate([*text, "</s>"])
    ]
    x = torch.tensor([window for window, _ in pairs], device=device)
    y = torch.tensor([token for _, token in pairs], device=device)
    optimizer = torch.optim.Adam(model.network.parameters(), lr=0.003)
    for _ in range(epochs):
        for batch in torch.randperm(len(y), generator=generator).split(128):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model.network(x[batch]), y[batch]).backward()
            optimizer.step()
    return model
