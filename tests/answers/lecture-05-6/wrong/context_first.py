# loses: test_skipgram_example, test_skipgram_ends, test_skipgram_repeated, test_skipgram_tiny
# The pairs of CBOW: the context comes first.

# %% question="skipgram"
def skipgram_pairs(tokens, window):
    found = []
    for i in range(len(tokens)):
        for j in range(max(0, i - window), min(len(tokens), i + window + 1)):
            if i != j:
                found.append((tokens[j], tokens[i]))
    return found
