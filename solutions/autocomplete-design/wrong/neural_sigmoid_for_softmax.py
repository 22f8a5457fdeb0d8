# loses: test_train_on_three_sentences, test_neural_beats_bigrams, test_neural_looks_far_back, test_neural_is_a_distribution, test_neural_follows_its_seed, test_neural_answers_quickly
# A sigmoid for each word: they do not sum to 1.
# ruff: noqa: E501 - the first line names every test

# %% question="neural"
class NextToken(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.embedding = nn.Embedding(size + 1, 32)  # one more for <s>
        self.lstm = nn.LSTM(32, 64, batch_first=True)
        self.output = nn.Linear(64, size)

    def forward(self, tokens):
        return self.output(self.lstm(self.embedding(tokens))[0])


class NeuralModel(LanguageModel):
    def __init__(self, vocabulary, device):
        self.vocabulary, self.device = vocabulary, device
        self.number = {token: place for place, token in enumerate(vocabulary)}
        self.network = NextToken(len(vocabulary)).to(device)
        self.losses, self.remembered = [], {}

    def encode(self, tokens):
        return [len(self.vocabulary), *(self.number.get(token, self.number["<unk>"]) for token in tokens)]

    def prob(self, context, word):
        key = tuple(context)
        if key not in self.remembered:
            with torch.no_grad():
                logits = self.network(torch.tensor([self.encode(context)], device=self.device))[0, -1]
            self.remembered = {key: torch.sigmoid(logits.double()).tolist()}
        return self.remembered[key][self.number.get(word, self.number["<unk>"])]


def train_language_model(sentences, device, seed, epochs):
    texts = [tokenize(redact(sentence)) for sentence in sentences]
    torch.manual_seed(seed)
    model = NeuralModel(sorted({"<unk>", "</s>", *(token for text in texts for token in text)}), device)
    inputs = [torch.tensor(model.encode(text)) for text in texts]
    targets = [torch.tensor([*model.encode(text)[1:], model.number["</s>"]]) for text in texts]
    inputs = nn.utils.rnn.pad_sequence(inputs, batch_first=True).to(device)
    targets = nn.utils.rnn.pad_sequence(targets, batch_first=True, padding_value=-100).to(device)
    optimizer = torch.optim.Adam(model.network.parameters(), lr=0.01)
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(texts)).split(32):
            logits = model.network(inputs[batch])
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets[batch].flatten(), ignore_index=-100)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        model.losses.append(total / len(texts))
    model.network.eval()
    return model
