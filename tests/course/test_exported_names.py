"""The public surface of the room."""

import autograder.course as room


def test_exported_names_exist() -> None:
    """Every name in `__all__` is there, once and in order."""
    assert list(room.__all__) == sorted(set(room.__all__))
    assert all(hasattr(room, name) for name in room.__all__)
