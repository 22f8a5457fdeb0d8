# loses: test_skipgram_example, test_skipgram_ends, test_skipgram_repeated
# The end of a range is not in it.

# %% question="skipgram"
def skipgram_pairs(tokens, window):
    found = []
    for i in range(len(tokens)):
        for j in range(max(0, i - window), min(len(tokens), i + window)):
            if i != j:
                found.append((tokens[i], tokens[j]))
    return found
