# loses: test_chunk_stops_at_the_end, test_chunk_keeps_every_word
# Keeps full windows only.

# %% question="chunk"
def chunk(text, size, overlap):
    """Windows of `size` words, each sharing `overlap` words with the one before."""
    if not 0 <= overlap < size:
        raise ValueError(f"the overlap has to be at least 0 and below the size, not {overlap} of {size}")
    words = text.split()
    windows = []
    for start in range(0, len(words) - size + 1, size - overlap):
        windows.append(" ".join(words[start : start + size]))
    return windows
