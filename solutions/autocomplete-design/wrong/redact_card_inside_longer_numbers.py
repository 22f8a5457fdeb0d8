# loses: test_redact_leaves_other_numbers
# Does not look at what stands before and after the digits.

# %% question="redact"
def redact(text):
    text = re.sub(r"[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "<email>", text)
    text = re.sub(r"\d{13,16}|\d{3,6}(?:[ -]\d{3,6}){2,3}[ -]\d{3,6}|\d{4}[ -]\d{6}[ -]\d{5}", "<card>", text)
    return re.sub(r"(?:\+1 )?(?:\(\d{3}\)|(?<!\d)\d{3})[ .-]\d{3}[ .-]\d{4}(?!\d)", "<phone>", text)
