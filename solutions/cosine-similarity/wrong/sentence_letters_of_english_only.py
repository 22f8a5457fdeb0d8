# loses: test_sentence_finds_the_words
# Takes only a to z for letters: café becomes caf.

# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words = re.findall(r"[a-z']+", sentence.lower())
    known = [vectors[word] for word in words if word in vectors]
    if not known:
        raise KeyError("no known word")
    return np.mean(known, axis=0)
