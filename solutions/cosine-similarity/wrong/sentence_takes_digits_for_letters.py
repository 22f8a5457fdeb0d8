# loses: test_sentence_finds_the_words
# \\w also stands for digits and the underscore.

# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words = re.findall(r"[\w']+", sentence.lower())
    known = [vectors[word] for word in words if word in vectors]
    if not known:
        raise KeyError("no known word")
    return np.mean(known, axis=0)
