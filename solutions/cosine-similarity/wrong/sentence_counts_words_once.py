# loses: test_sentence_counts_repeated_words
# Collects the words in a set.

# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words = re.findall(r"(?:[^\W\d_]|')+", sentence.lower())
    known = [vectors[word] for word in set(words) if word in vectors]
    if not known:
        raise KeyError("no known word")
    return np.mean(known, axis=0)
