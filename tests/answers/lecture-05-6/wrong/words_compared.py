# loses: test_skipgram_repeated
# Compares words where places are meant.

# %% question="skipgram"
def skipgram_pairs(tokens, window):
    found = []
    for i in range(len(tokens)):
        for j in range(max(0, i - window), min(len(tokens), i + window + 1)):
            if tokens[i] != tokens[j]:
                found.append((tokens[i], tokens[j]))
    return found
