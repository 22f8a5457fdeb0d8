# loses: test_sentence_finds_the_words
# Leaves punctuation on the words.

# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words = sentence.lower().split()
    known = [vectors[word] for word in words if word in vectors]
    if not known:
        raise KeyError("no known word")
    return np.mean(known, axis=0)
