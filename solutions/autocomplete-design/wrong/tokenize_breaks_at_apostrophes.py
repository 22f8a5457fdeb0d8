# loses: test_tokenize_a_sentence, test_tokenize_apostrophes
# Takes an apostrophe for a space.

# %% question="tokenize"
def tokenize(text):
    return re.findall(r"[^\W\d_]+|\d+|[.,!?]", text.lower())
