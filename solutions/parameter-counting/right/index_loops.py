# %% question="mlp"
def mlp_parameter_count(sizes, bias=True):
    count = 0
    for i in range(len(sizes) - 1):
        for _ in range(sizes[i + 1]):
            count += sizes[i] + (1 if bias else 0)
    return count


# %% question="modules"
def count_parameters(module, trainable_only=False):
    seen, count = set(), 0
    for _, p in module.named_parameters():
        if id(p) in seen or (trainable_only and not p.requires_grad):
            continue
        seen.add(id(p))
        size = 1
        for length in p.shape:
            size *= length
        count += size
    return count


def model_bytes(module):
    count = 0
    for p in module.parameters():
        count += p.nbytes
    return count


# %% question="conv2d"
def conv2d_parameter_count(in_channels, out_channels, kernel_size, bias=True, groups=1):
    try:
        height, width = kernel_size
    except TypeError:
        height = width = kernel_size
    count = 0
    for _ in range(groups):
        count += (in_channels // groups) * (out_channels // groups) * height * width
    if bias:
        count += out_channels
    return count


# %% question="lstm"
def lstm_parameter_count(input_size, hidden_size, num_layers=1, bidirectional=False):
    count = 0
    for layer in range(num_layers):
        for _ in range(1 + bidirectional):
            inputs = input_size if layer == 0 else hidden_size * (1 + bidirectional)
            for _gate in ("input", "forget", "candidate", "output"):
                count += hidden_size * inputs + hidden_size * hidden_size + hidden_size + hidden_size
    return count


# %% question="gpt2"
def gpt2_parameter_count(vocab, context, d_model, layers):
    count = vocab * d_model
    count += context * d_model
    for _ in range(layers):
        count += transformer_layer_parameter_count(d_model=d_model, d_ff=4 * d_model)
    count += d_model
    count += d_model
    return count
