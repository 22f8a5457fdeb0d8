# loses: test_skipgram_example, test_skipgram_ends, test_skipgram_repeated, test_skipgram_tiny
# Leaves out the centres whose window reaches beyond an end.

# %% question="skipgram"
def skipgram_pairs(tokens, window):
    found = []
    for i in range(window, len(tokens) - window):
        for j in range(i - window, i + window + 1):
            if i != j:
                found.append((tokens[i], tokens[j]))
    return found
