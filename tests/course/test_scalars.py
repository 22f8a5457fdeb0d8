"""What unquoted scalars mean."""

from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("No", "No"), ("yes", "yes"), ("on", "on"), ("true", True), ("FALSE", False), ("~", None), ("", None),
        ("null", None), ("none", "none"), ("010", 10), ("0o10", 8), ("0x1F", 31), ("-3", -3), ("12:30", "12:30"),
        ("0.10", Decimal("0.10")), ("1e3", Decimal("1e3")), (".5", Decimal("0.5")), ("1_000", "1_000"),
        ("2025-02-03", "2025-02-03"), ("=", "="), ("١", "١"),
    ],
)  # fmt: skip
def test_resolve_core_schema(text: str, value: object) -> None:
    """Scalars follow YAML 1.2's core schema, and decimals keep their digits."""
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.Inf", ".nan", "9" * 40, "1e400", "0x" + "f" * 5000, "1e-999999999"])
def test_resolve_number_that_nobody_means(text: str) -> None:
    """Infinite, enormous and bomb-like numbers are refused."""
    with pytest.raises(ValueError, match="number"):
        resolve(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=3))
def test_resolve_decimal_is_exact(value: Decimal) -> None:
    """The text of a decimal comes back as the same decimal."""
    assert resolve(str(value)) == value


@given(st.text(max_size=20))
def test_resolve_any_text(text: str) -> None:
    """Every text has a value or a stated refusal; text that PyYAML also takes for text stays itself."""
    try:
        value = resolve(text)
    except ValueError:
        return
    if isinstance(value, str):
        assert value == text
    assert not isinstance(value, float | yaml.Node)
