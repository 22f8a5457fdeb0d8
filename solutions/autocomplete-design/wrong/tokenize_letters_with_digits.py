# loses: test_tokenize_numbers
# Letters and digits may stand in one token.

# %% question="tokenize"
def tokenize(text):
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*|[.,!?]", text.lower())
