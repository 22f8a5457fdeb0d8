# %% question="mlp"
def size_of(*modules):
    return sum(p.numel() for module in modules for p in module.parameters())


def mlp_parameter_count(sizes, bias=True):
    with torch.device("meta"):
        return size_of(*(nn.Linear(n, m, bias=bias) for n, m in pairwise(sizes)))


# %% question="conv2d"
def conv2d_parameter_count(in_channels, out_channels, kernel_size, bias=True, groups=1):
    if isinstance(kernel_size, list):
        kernel_size = tuple(kernel_size)
    with torch.device("meta"):
        layer = nn.Conv2d(in_channels, out_channels, kernel_size, bias=bias, groups=groups)
    return sum(p.numel() for p in layer.parameters())


# %% question="lstm"
def lstm_parameter_count(input_size, hidden_size, num_layers=1, bidirectional=False):
    layer = nn.LSTM(input_size, hidden_size, num_layers, bidirectional=bidirectional, device="meta")
    return sum(p.numel() for p in layer.parameters())


# %% question="encoder-layer"
def transformer_layer_parameter_count(d_model, d_ff):
    layer = nn.TransformerEncoderLayer(d_model, 1, d_ff, device="meta")
    return sum(p.numel() for p in layer.parameters())


# %% question="gpt2"
class GPT2(nn.Module):
    def __init__(self, vocab, context, d_model, layers):
        super().__init__()
        self.tokens = nn.Embedding(vocab, d_model)
        self.positions = nn.Embedding(context, d_model)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(d_model, 1, 4 * d_model, norm_first=True) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(d_model)
        self.output = nn.Linear(d_model, vocab, bias=False)
        self.output.weight = self.tokens.weight


def gpt2_parameter_count(vocab, context, d_model, layers):
    with torch.device("meta"):
        return sum(p.numel() for p in GPT2(vocab, context, d_model, layers).parameters())


# %% question="bert"
def bert_parameter_count(vocab, positions, types, d_model, layers, d_ff, pooler=True):
    with torch.device("meta"):
        parts = [nn.Embedding(rows, d_model) for rows in (vocab, positions, types)]
        parts.append(nn.LayerNorm(d_model))
        parts += [nn.TransformerEncoderLayer(d_model, 1, d_ff) for _ in range(layers)]
        if pooler:
            parts.append(nn.Linear(d_model, d_model))
    return sum(p.numel() for part in parts for p in part.parameters())
