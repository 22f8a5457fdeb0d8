# loses: test_tokenize_numbers
# A number keeps its decimal point.

# %% question="tokenize"
def tokenize(text):
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)*|[.,!?]", text.lower())
