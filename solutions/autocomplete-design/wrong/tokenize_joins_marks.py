# loses: test_tokenize_marks
# Several marks in a row are one token.

# %% question="tokenize"
def tokenize(text):
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[.,!?]+", text.lower())
