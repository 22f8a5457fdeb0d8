# loses: test_skipgram_tiny
# Gives nothing back where there is no pair.

# %% question="skipgram"
def skipgram_pairs(tokens, window):
    if len(tokens) < 2:
        return None
    places = range(len(tokens))
    return [(tokens[i], tokens[j]) for i in places for j in places if i != j and abs(i - j) <= window]
