# loses: test_layer_fresh_sizes, test_layer_worked_examples

# %% question="encoder-layer"
def transformer_layer_parameter_count(d_model, d_ff):
    return 12 * d_model**2 + 13 * d_model
