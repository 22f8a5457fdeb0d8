# loses: test_layer_worked_examples, test_layer_fresh_sizes

# %% question="encoder-layer"
def transformer_layer_parameter_count(d_model, d_ff):
    attention = 3 * (d_model * d_model + d_model)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    norms = 4 * d_model
    return attention + feed_forward + norms
