# loses: test_bert_types_have_embeddings, test_bert_fresh_sizes

# %% question="bert"
def bert_parameter_count(vocab, positions, types, d_model, layers, d_ff, pooler=True):
    total = (vocab + positions + 2) * d_model + 2 * d_model
    total += layers * transformer_layer_parameter_count(d_model, d_ff)
    if pooler:
        total += d_model * d_model + d_model
    return total
