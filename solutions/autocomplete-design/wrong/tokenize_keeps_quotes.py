# loses: test_tokenize_apostrophes
# An apostrophe is a letter, wherever it stands.

# %% question="tokenize"
def tokenize(text):
    return re.findall(r"(?:[^\W\d_]|')+|\d+|[.,!?]", text.lower())
