# Another right way, which no test may refuse: two slices around each place, and lists for pairs.

# %% question="skipgram"
def skipgram_pairs(tokens, window):
    found = []
    for place, centre in enumerate(tokens):
        before = tokens[max(place - window, 0) : place]
        after = tokens[place + 1 : place + 1 + window]
        found.extend((centre, context) for context in before + after)
    return found
