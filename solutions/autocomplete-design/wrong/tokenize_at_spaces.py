# loses: test_tokenize_a_sentence, test_tokenize_apostrophes, test_tokenize_numbers, test_tokenize_marks, test_tokenize_leaves_the_rest_out
# Splits at spaces.
# ruff: noqa: E501 - the first line names every test

# %% question="tokenize"
def tokenize(text):
    return text.lower().split()
