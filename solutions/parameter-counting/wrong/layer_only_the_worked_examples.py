# loses: test_layer_fresh_sizes

# %% question="encoder-layer"
def transformer_layer_parameter_count(d_model, d_ff):
    return {(4, 8): 172, (768, 3072): 7_087_872}.get((d_model, d_ff), 12 * d_model * d_model)
