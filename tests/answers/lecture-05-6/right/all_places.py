# Another right way: every two places are looked at.

# %% question="skipgram"
import itertools


def skipgram_pairs(tokens, window):
    places = itertools.permutations(range(len(tokens)), 2)
    return [(tokens[i], tokens[j]) for i, j in sorted(places) if abs(i - j) <= window]
