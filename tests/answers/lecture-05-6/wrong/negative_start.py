# loses: test_skipgram_ends, test_skipgram_repeated, test_skipgram_tiny
# A slice that starts at a negative index counts from the end of the list.

# %% question="skipgram"
def skipgram_pairs(tokens, window):
    found = []
    for i in range(len(tokens)):
        for context in tokens[i - window : i] + tokens[i + 1 : i + 1 + window]:
            found.append((tokens[i], context))
    return found
