# loses: test_redact_examples, test_redact_addresses, test_redact_phone_numbers, test_redact_card_numbers, test_redact_leaves_other_numbers, test_redact_several_at_once
# Lower-cases the text on the way.
# ruff: noqa: E501 - the first line names every test

# %% question="redact"
def redact(text):
    text = re.sub(r"[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "<email>", text.lower())
    groups = r"(?<!\d)(?:\d{13,16}|\d{3,6}(?:[ -]\d{3,6})+)(?!\d)"
    text = re.sub(groups, lambda found: "<card>" if 13 <= len(re.sub(r"\D", "", found[0])) <= 16 else found[0], text)
    return re.sub(r"(?:\+1 )?(?:\(\d{3}\)|(?<!\d)\d{3})[ .-]\d{3}[ .-]\d{4}(?!\d)", "<phone>", text)
