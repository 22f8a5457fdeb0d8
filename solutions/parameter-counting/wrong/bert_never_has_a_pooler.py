# loses: test_bert_base, test_bert_pooler, test_bert_fresh_sizes

# %% question="bert"
def bert_parameter_count(vocab, positions, types, d_model, layers, d_ff, pooler=True):
    total = (vocab + positions + types) * d_model + 2 * d_model
    total += layers * transformer_layer_parameter_count(d_model, d_ff)
    return total
