# loses: test_redact_card_numbers
# Looks for phone numbers before cards, and finds one inside a card.

# %% question="redact"
def redact(text):
    text = re.sub(r"[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "<email>", text)
    text = re.sub(r"(?:\+1 )?(?:\(\d{3}\)|(?<!\d)\d{3})[ .-]\d{3}[ .-]\d{4}(?!\d)", "<phone>", text)
    groups = r"(?<!\d)(?:\d{13,16}|\d{3,6}(?:[ -]\d{3,6})+)(?!\d)"
    return re.sub(groups, lambda found: "<card>" if 13 <= len(re.sub(r"\D", "", found[0])) <= 16 else found[0], text)
