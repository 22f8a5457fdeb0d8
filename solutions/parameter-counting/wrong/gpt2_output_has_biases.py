# loses: test_gpt2_small, test_gpt2_vocabulary_counts_once, test_gpt2_fresh_sizes

# %% question="gpt2"
def gpt2_parameter_count(vocab, context, d_model, layers):
    layer = transformer_layer_parameter_count(d_model, 4 * d_model)
    return vocab * d_model + vocab + context * d_model + layers * layer + 2 * d_model
