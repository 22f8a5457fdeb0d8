# loses: test_tokenize_a_sentence, test_tokenize_apostrophes, test_tokenize_numbers, test_tokenize_other_letters
# Does not lower-case.

# %% question="tokenize"
def tokenize(text):
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[.,!?]", text)
