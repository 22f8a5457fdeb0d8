# loses: test_chunk_refuses_impossible_overlaps
# Checks nothing: an overlap that is too large gives no windows at all.

# %% question="chunk"
def chunk(text, size, overlap):
    """Windows of `size` words, each sharing `overlap` words with the one before."""
    words = text.split()
    windows = []
    for start in range(0, len(words), (size - overlap) or 1):
        windows.append(" ".join(words[start : start + size]))
        if start + size >= len(words):
            break
    return windows
