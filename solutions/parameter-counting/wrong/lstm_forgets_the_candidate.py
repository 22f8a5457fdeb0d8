# loses: test_lstm_one_layer, test_lstm_stacked, test_lstm_both_directions, test_lstm_stacked_both_directions

# %% question="lstm"
def lstm_parameter_count(input_size, hidden_size, num_layers=1, bidirectional=False):
    directions = 2 if bidirectional else 1
    total, inputs = 0, input_size
    for _ in range(num_layers):
        total += directions * 3 * (hidden_size * inputs + hidden_size * hidden_size + 2 * hidden_size)
        inputs = directions * hidden_size
    return total
