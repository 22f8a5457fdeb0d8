# loses: test_skipgram_ends, test_skipgram_repeated
# The window is not looked at: only direct neighbours are paired.

# %% question="skipgram"
def skipgram_pairs(tokens, window):
    return [(tokens[i], tokens[j]) for i in range(len(tokens)) for j in (i - 1, i + 1) if 0 <= j < len(tokens)]
