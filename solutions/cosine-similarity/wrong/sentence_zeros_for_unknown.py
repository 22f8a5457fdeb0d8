# loses: test_sentence_refuses_unknown_sentences
# Answers zeros if no word is known.

# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words = re.findall(r"(?:[^\W\d_]|')+", sentence.lower())
    known = [vectors[word] for word in words if word in vectors]
    if not known:
        return np.zeros_like(next(iter(vectors.values())))
    return np.mean(known, axis=0)
