# loses: test_chunk_keeps_every_word
# An empty text gives one empty window.

# %% question="chunk"
def chunk(text, size, overlap):
    """Windows of `size` words, each sharing `overlap` words with the one before."""
    if not 0 <= overlap < size:
        raise ValueError(f"the overlap has to be at least 0 and below the size, not {overlap} of {size}")
    words = text.split()
    windows = [] if words else [""]
    for start in range(0, len(words), size - overlap):
        windows.append(" ".join(words[start : start + size]))
        if start + size >= len(words):
            break
    return windows
