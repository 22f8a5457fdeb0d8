# loses: test_tokenize_other_letters
# Knows English letters only.

# %% question="tokenize"
def tokenize(text):
    return re.findall(r"[a-z]+(?:'[a-z]+)*|\d+|[.,!?]", text.lower())
