# loses: test_tokenize_leaves_the_rest_out
# Takes an underscore for a letter.

# %% question="tokenize"
def tokenize(text):
    return re.findall(r"[^\W\d]+(?:'[^\W\d]+)*|\d+|[.,!?]", text.lower())
