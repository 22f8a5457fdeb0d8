# loses: test_lstm_stacked, test_lstm_stacked_both_directions

# %% question="lstm"
def lstm_parameter_count(input_size, hidden_size, num_layers=1, bidirectional=False):
    gate = hidden_size * (input_size + hidden_size + 2)
    return (2 if bidirectional else 1) * 4 * gate
