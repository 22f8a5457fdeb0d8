# loses: test_chunk_refuses_impossible_overlaps
# An empty text returns before the overlap is looked at.

# %% question="chunk"
def chunk(text, size, overlap):
    """Windows of `size` words, each sharing `overlap` words with the one before."""
    if not text:
        return []
    if not 0 <= overlap < size:
        raise ValueError(f"the overlap has to be at least 0 and below the size, not {overlap} of {size}")
    words = text.split()
    windows = []
    for start in range(0, len(words), size - overlap):
        windows.append(" ".join(words[start : start + size]))
        if start + size >= len(words):
            break
    return windows
