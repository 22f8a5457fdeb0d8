# A GRU that reads packed sequences, so nothing is padded. Its model is not built on LanguageModel.

# %% question="neural"
class Reader(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.table = nn.Embedding(size, 24)
        self.cell = nn.GRU(24, 48)
        self.out = nn.Sequential(nn.Linear(48, size), nn.LogSoftmax(dim=-1))

    def forward(self, numbers):
        vectors = numbers._replace(data=self.table(numbers.data))
        return self.out(self.cell(vectors)[0].data)


class Typist:
    def __init__(self, texts, device):
        words = {"</s>": 0, "<unk>": 1}
        for text in texts:
            for token in text:
                words.setdefault(token, len(words))
        self.words, self.vocabulary = words, [*words]
        self.net, self.device = Reader(len(words)).to(device), device
        self.asked, self.answer = None, None

    def numbers(self, tokens):
        # a sentence begins where the one before has ended, so </s> stands for the beginning, too
        return torch.tensor([0] + [self.words.get(token, 1) for token in tokens], device=self.device)

    def prob(self, context, word):
        if self.asked != list(context):
            with torch.no_grad():
                self.answer = self.net(nn.utils.rnn.pack_sequence([self.numbers(context)]))[-1].exp()
            self.asked = list(context)
        return self.answer[self.words.get(word, 1)]

    def perplexity(self, sentences):
        return perplexity(self, sentences)

    def suggest(self, prefix, k):
        return suggest(self, prefix, k)

    def complete(self, prefix, max_words=12):
        return complete(self, prefix, max_words)


def train_language_model(sentences, device, seed, epochs):
    torch.random.manual_seed(seed)
    texts = [tokenize(redact(sentence)) for sentence in sentences]
    model = Typist(texts, device)
    optimizer = torch.optim.Adam(model.net.parameters(), lr=0.006)
    rows = [model.numbers([*text, "</s>"]) for text in texts]
    rows.sort(key=len, reverse=True)
    for _ in range(epochs):
        for batch in torch.randperm(len(rows)).split(16):
            chosen = [rows[place] for place in sorted(batch.tolist())]
            inputs, targets = (
                nn.utils.rnn.pack_sequence(part) for part in zip(*((r[:-1], r[1:]) for r in chosen), strict=True)
            )
            loss = nn.functional.nll_loss(model.net(inputs), targets.data)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model
