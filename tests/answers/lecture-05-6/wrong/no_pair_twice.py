# loses: test_skipgram_repeated
# Drops pairs that are there already.

# %% question="skipgram"
def skipgram_pairs(tokens, window):
    places = range(len(tokens))
    found = [(tokens[i], tokens[j]) for i in places for j in places if i != j and abs(i - j) <= window]
    return list(dict.fromkeys(found))
