# %% question="mlp"
def mlp_parameter_count(sizes, bias=True):
    return sum((n + bias) * m for n, m in zip(sizes, sizes[1:]))  # noqa: RUF007


# %% question="conv2d"
def conv2d_parameter_count(in_channels, out_channels, kernel_size, bias=True, groups=1):
    kernel = tuple(kernel_size) if hasattr(kernel_size, "__len__") else (kernel_size,) * 2
    return out_channels * (in_channels * kernel[0] * kernel[1] // groups + bias)


# %% question="lstm"
def lstm_parameter_count(input_size, hidden_size, num_layers=1, bidirectional=False):
    d = bidirectional + 1
    first = hidden_size * (input_size + hidden_size + 2)
    others = (num_layers - 1) * hidden_size * (d * hidden_size + hidden_size + 2)
    return 4 * d * (first + others)


# %% question="encoder-layer"
def transformer_layer_parameter_count(d_model, d_ff):
    return mlp_parameter_count([d_model, d_ff, d_model]) + 4 * mlp_parameter_count([d_model, d_model]) + 4 * d_model


# %% question="gpt2"
def gpt2_parameter_count(vocab, context, d_model, layers):
    return d_model * (vocab + context + 2 + layers * (12 * d_model + 13))


# %% question="bert"
def bert_parameter_count(vocab, positions, types, d_model, layers, d_ff, pooler=True):
    layer = 4 * d_model * (d_model + 1) + 2 * d_model * d_ff + d_ff + d_model + 4 * d_model
    return d_model * (vocab + positions + types + 2) + layers * layer + pooler * d_model * (d_model + 1)
