# loses: test_redact_leaves_other_numbers
# Any 13 to 16 digits with signs between them: two dates are sixteen.

# %% question="redact"
def redact(text):
    text = re.sub(r"[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "<email>", text)
    text = re.sub(r"(?<!\d)\d(?:[ -]?\d){12,15}(?!\d)", "<card>", text)
    return re.sub(r"(?:\+1 )?(?:\(\d{3}\)|(?<!\d)\d{3})[ .-]\d{3}[ .-]\d{4}(?!\d)", "<phone>", text)
