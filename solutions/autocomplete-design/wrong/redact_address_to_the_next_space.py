# loses: test_redact_addresses
# Takes everything up to the next space, the full stop too.

# %% question="redact"
def redact(text):
    text = re.sub(r"[^\s@]+@[^\s@]+\.[^\s@]+", "<email>", text)
    groups = r"(?<!\d)(?:\d{13,16}|\d{3,6}(?:[ -]\d{3,6})+)(?!\d)"
    text = re.sub(groups, lambda found: "<card>" if 13 <= len(re.sub(r"\D", "", found[0])) <= 16 else found[0], text)
    return re.sub(r"(?:\+1 )?(?:\(\d{3}\)|(?<!\d)\d{3})[ .-]\d{3}[ .-]\d{4}(?!\d)", "<phone>", text)
