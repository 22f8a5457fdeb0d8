# loses: test_sentence_is_the_mean_of_its_words, test_sentence_counts_repeated_words, test_sentence_finds_the_words, test_sentence_skips_unknown_words, test_sentence_refuses_unknown_sentences
# Forgets the axis: one number comes back.
# ruff: noqa: E501 - the first line names every test

# %% question="sentence"
def sentence_embedding(sentence, vectors):
    words = re.findall(r"(?:[^\W\d_]|')+", sentence.lower())
    known = [vectors[word] for word in words if word in vectors]
    if not known:
        raise KeyError("no known word")
    return np.mean(known)
