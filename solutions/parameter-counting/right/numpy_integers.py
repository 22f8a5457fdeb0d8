# %% question="mlp"
import numpy as np


def mlp_parameter_count(sizes, bias=True):
    sizes = np.array(sizes)
    return np.dot(sizes[:-1], sizes[1:]) + int(bias) * np.sum(sizes[1:])


# %% question="modules"
def count_parameters(module, trainable_only=False):
    chosen = [p for p in module.parameters() if p.requires_grad or not trainable_only]
    return np.sum([np.prod(p.shape) for p in chosen])


def model_bytes(module):
    return torch.tensor([p.numel() * p.element_size() for p in module.parameters()]).sum()


# %% question="conv2d"
def conv2d_parameter_count(in_channels, out_channels, kernel_size, bias=True, groups=1):
    kernel = np.broadcast_to(kernel_size, 2)
    return np.prod([out_channels, in_channels // groups, *kernel]) + (out_channels if bias else 0)


# %% question="lstm"
def lstm_parameter_count(input_size, hidden_size, num_layers=1, bidirectional=False):
    directions = 1 + bool(bidirectional)
    inputs = np.full(num_layers, directions * hidden_size)
    inputs[0] = input_size
    return np.sum(4 * directions * hidden_size * (inputs + hidden_size + 2))


# %% question="encoder-layer"
def transformer_layer_parameter_count(d_model, d_ff):
    d_model = np.int64(d_model)
    return 4 * d_model**2 + 2 * d_model * d_ff + 9 * d_model + d_ff


# %% question="gpt2"
def gpt2_parameter_count(vocab, context, d_model, layers):
    layer = transformer_layer_parameter_count(np.int64(d_model), np.int64(4 * d_model))
    return np.dot([vocab, context, 2], [d_model] * 3) + layers * layer


# %% question="bert"
def bert_parameter_count(vocab, positions, types, d_model, layers, d_ff, pooler=True):
    rows = np.array([vocab, positions, types, 2])
    total = np.sum(rows * d_model) + layers * transformer_layer_parameter_count(d_model, d_ff)
    return total + np.int64(d_model * (d_model + 1)) * pooler
