"""One seed per assignment, and from it one per test: everyone meets the same inputs, and editing one test changes no
other."""

from __future__ import annotations

from hashlib import sha256


def derive(seed: int, name: str) -> int:
    """A 62-bit seed that depends on the assignment's seed and on `name`, and on nothing else."""
    digest = sha256(f"{seed}\0{name}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 2
