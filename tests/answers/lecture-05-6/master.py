# The quiz's code question as a notebook, so that its tests can be proven like those of an assignment.

# %% question="skipgram"
def skipgram_pairs(tokens: list[str], window: int) -> list[tuple[str, str]]:
    """The pairs (centre, context) on which skip-gram is trained."""
    ### BEGIN SOLUTION
    return [
        (tokens[i], tokens[j])
        for i in range(len(tokens))
        for j in range(max(0, i - window), min(len(tokens), i + window + 1))
        if i != j
    ]
    ### END SOLUTION
