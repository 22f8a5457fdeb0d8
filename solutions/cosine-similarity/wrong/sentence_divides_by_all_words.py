# loses: test_sentence_skips_unknown_words
# Counts unknown words in the mean.

# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words = re.findall(r"(?:[^\W\d_]|')+", sentence.lower())
    known = [vectors[word] for word in words if word in vectors]
    if not known:
        raise KeyError("no known word")
    return np.sum(known, axis=0) / len(words)
