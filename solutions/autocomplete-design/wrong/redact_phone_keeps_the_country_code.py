# loses: test_redact_phone_numbers
# Leaves the +1 in front.

# %% question="redact"
def redact(text):
    text = re.sub(r"[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "<email>", text)
    groups = r"(?<!\d)(?:\d{13,16}|\d{3,6}(?:[ -]\d{3,6})+)(?!\d)"
    text = re.sub(groups, lambda found: "<card>" if 13 <= len(re.sub(r"\D", "", found[0])) <= 16 else found[0], text)
    return re.sub(r"(?:\(\d{3}\)|(?<!\d)\d{3})[ .-]\d{3}[ .-]\d{4}(?!\d)", "<phone>", text)
