# loses: test_sentence_finds_the_words
# Takes a to z and the accented letters of Western Europe only: żurek becomes urek.

# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words = re.findall(r"[a-zß-öø-ÿ']+", sentence.lower())
    known = [vectors[word] for word in words if word in vectors]
    if not known:
        raise KeyError("no known word")
    return np.mean(known, axis=0)
