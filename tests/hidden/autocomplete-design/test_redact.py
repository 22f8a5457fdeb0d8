"""Hidden tests of the question `redact`."""

import pytest

from autograder.checks import assert_equal


def digits(rng, *sizes):
    """Groups of random digits, the first of each not 0."""
    return ["".join(map(str, [rng.integers(1, 10), *rng.integers(0, 10, size=size - 1)])) for size in sizes]


def assert_redacted(student, pairs):
    """Every text becomes what it must become."""
    assert_equal([student.call("redact", text) for text, _ in pairs], [expected for _, expected in pairs])


@pytest.mark.question("redact", points=0.5, hint="What may stand before the @, and where does an address end?")
def test_redact_addresses(student):
    """Every sign that the box allows, and the full stop after an address."""
    assert_redacted(
        student,
        [
            ("Send it to kim_o.neal+news@mail.dept.example.edu.", "Send it to <email>."),
            ("A-1%x@a-b.example.org, or QX7@example.COM!", "<email>, or <email>!"),
            ("We meet @ noon in room 125@home", "We meet @ noon in room 125@home"),
        ],
    )


@pytest.mark.question("redact", points=0.5, hint="Which separators, which brackets and which prefix can a number have?")
def test_redact_phone_numbers(student, rng):
    """Every form of a phone number, with and without +1; nothing of it is left."""
    a, b, c = digits(rng, 3, 3, 4)
    forms = [f"({a}) {b}-{c}", f"{a} {b} {c}", f"{a}.{b}.{c}", f"{a}-{b}-{c}", f"+1 {a} {b} {c}", f"+1 ({a}) {b}-{c}"]
    assert_redacted(student, [(f"Call {form}, please.", "Call <phone>, please.") for form in forms])


@pytest.mark.question(
    "redact", points=0.5, hint="Which pattern comes first, and how may the digits of a card be grouped?"
)
def test_redact_card_numbers(student, rng):
    """13 to 16 digits, in a run or in groups; no part of them passes for a phone number."""
    groups = [(16,), (13,), (4, 4, 4, 4), (4, 6, 5), (4, 3, 3, 4), (4, 3, 3, 3)]
    cards = [sign.join(digits(rng, *sizes)) for sizes in groups for sign in " -"]
    assert_redacted(student, [(f"Pay with {card}.", "Pay with <card>.") for card in cards])


@pytest.mark.question("redact", points=1, hint="What else in an e-mail is made of digits, and has to stay?")
def test_redact_leaves_other_numbers(student, rng):
    """Dates, times, rooms, amounts, course numbers, and runs that are too short or too long."""
    (short, ten, long), (room,) = digits(rng, 12, 10, 17), digits(rng, 3)
    texts = [
        "",
        f"EEP 596 meets in room {room} on 2025-02-24 at 10:30.",
        "Open from 2025-02-24 2025-03-07, and on 03/07/2025 from 9:15 to 17:45",
        "It costs $1,250.00, not 1.250.000,00.",
        f"Order {short}, parcel {long}, ticket {ten}.",
    ]
    assert_redacted(student, [(text, text) for text in texts])


@pytest.mark.question("redact", points=0.5, hint="Is every one of them replaced, and the text between them kept?")
def test_redact_several_at_once(student, rng):
    """All kinds in one text, some twice; a second redaction changes nothing."""
    phone, other = ("-".join(digits(rng, 3, 3, 4)) for _ in range(2))
    card = " ".join(digits(rng, 4, 4, 4, 4))
    text = f"a@b.edu  or {phone} / {other}\n(card: {card}; EEP 596) a@b.edu"
    expected = "<email>  or <phone> / <phone>\n(card: <card>; EEP 596) <email>"
    assert_redacted(student, [(text, expected), (expected, expected)])
