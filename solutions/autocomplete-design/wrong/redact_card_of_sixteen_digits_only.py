# loses: test_redact_card_numbers
# Four groups of four, and no other card.

# %% question="redact"
def redact(text):
    text = re.sub(r"[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "<email>", text)
    text = re.sub(r"(?<!\d)\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}(?!\d)", "<card>", text)
    return re.sub(r"(?:\+1 )?(?:\(\d{3}\)|(?<!\d)\d{3})[ .-]\d{3}[ .-]\d{4}(?!\d)", "<phone>", text)
