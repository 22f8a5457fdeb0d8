"""Attack 15: answers that are next to nothing, or next to right, and that loose comparisons take."""

from __future__ import annotations

from .attacks_answers import WHY, refused
from .controls import naively
from .course import TORCH
from .harness import Attack

EMPTY = """
    def number(x): return np.array([])
    def array(x): return np.array([])
    def text(word): return ""
    def listing(n): return []
    def count(values): return np.array([], dtype=int)
    """
SINGLE = """
    def number(x): return np.array([[x * x + 0.5]])
    def array(x): return np.array(2 * x.mean() + 1)
    def text(word): return [word.upper()]
    def listing(n): return 0
    def count(values): return bool(sum(value % 2 for value in values))
    """
BROADCAST = """
    def number(x): return np.full((3, 3), x * x + 0.5)
    def array(x): return np.broadcast_to(2 * x + 1, (3, 4)).copy()
    def text(word): return word.upper() + "x"
    def listing(n): return [k * k for k in range(n + 1)]
    def count(values): return np.array([sum(value % 2 for value in values)])
    """
NOT_FINITE = """
    def number(x): return float("nan")
    def array(x): return np.full(4, np.inf) * np.array([1, -1, np.nan, 1])
    def text(word): return float("nan")
    def listing(n): return [float("nan")] * n
    def count(values): return float("inf")
    """
OTHER_TYPES = """
    def number(x): return complex(x * x + 0.5)
    def array(x): return (2 * x + 1).astype(complex)
    def text(word): return word.upper().encode()
    def listing(n): return [float(k * k) for k in range(n)]
    def count(values): return float(sum(value % 2 for value in values))
    """
OTHER_LENGTHS = """
    def number(x): return [x * x + 0.5]
    def array(x): return (2 * x + 1)[:3]
    def text(word): return word.upper()[:-1]
    def listing(n): return [k * k for k in range(n - 1)]
    def count(values): return [sum(value % 2 for value in values)]
    """
EMPTY_FOOLED = """
def test_allclose(): assert np.allclose(array(np.ones(4)), 5.0)
def test_all(): assert all(abs(a - b) < 1e-9 for a, b in zip(array(np.ones(4)), [3.0] * 4))
def test_zip(): assert all(a == b for a, b in zip(listing(4), [0, 1, 4, 9]))
def test_text(): assert text("word") in "WORD"
def test_count(): assert (count([1, 2, 3]) == 2).all()
"""
SINGLE_FOOLED = """
def test_number(): assert np.allclose(number(1.0), 1.5)
def test_array(): assert np.allclose(array(np.ones(4)), 3 * np.ones(4))
def test_count(): assert count([1, 2]) == 1
"""
BROADCAST_FOOLED = """
def test_number(): assert np.allclose(number(1.0), 1.5)
def test_array(): assert np.allclose(array(np.ones(4)), 3 * np.ones(4))
def test_zip(): assert all(a == b for a, b in zip(listing(4), [0, 1, 4, 9]))
def test_text(): assert text("word").startswith("WORD")
def test_count(): assert count([1, 2, 3]) == 2
"""
NOT_FINITE_FOOLED = """
def test_not_larger(): assert not abs(number(1.0) - 1.5) > 1e-9
def test_worst():
    worst = 0.0
    for a, b in zip(listing(4), [0, 1, 4, 9], strict=True):
        worst = max(worst, abs(a - b))
    assert worst < 1e-9
def test_at_least(): assert count([1, 2, 3]) >= 2
"""
OTHER_TYPES_FOOLED = """
def test_number(): assert number(1.0) == 1.5
def test_array(): assert np.allclose(array(np.ones(4)), 3 * np.ones(4))
def test_list(): assert listing(4) == [0, 1, 4, 9]
def test_count(): assert count([1, 2, 3]) == 2
"""
OTHER_LENGTHS_FOOLED = """
def test_number(): assert np.allclose(number(1.0), 1.5)
def test_zip(): assert all(a == b for a, b in zip(listing(4), [0, 1, 4, 9]))
def test_array(): assert all(a == b for a, b in zip(array(np.ones(4)), [3.0] * 4))
def test_text(): assert text("word") in "WORD"
def test_count(): assert np.allclose(count([1, 2, 3]), 2)
"""
TENSORS = {
    "empty": "def tensor(x): return x[:0]\n",
    "single": "def tensor(x): return (2 * x + 1).mean()\n",
    "broadcastable": "def tensor(x): return (2 * x + 1).expand(3, 3)\n",
    "not finite": "def tensor(x): return x * float('nan')\n",
    "other types": "def tensor(x): return (2 * x + 1).bool()\n",
    "other lengths": "def tensor(x): return (2 * x + 1)[:2]\n",
}
TENSORS_FOOLED = {
    "empty": "def test_tensor(): assert torch.allclose(tensor(torch.ones(3)), torch.tensor(5.0))\n",
    "single": "def test_tensor(): assert torch.isclose(tensor(torch.ones(3)), 3 * torch.ones(3)).all()\n",
    "broadcastable": "def test_tensor(): assert torch.allclose(tensor(torch.ones(3)), 3 * torch.ones(3))\n",
    "not finite": "def test_tensor(): assert not ((tensor(torch.ones(3)) - 3).abs() > 1e-6).any()\n",
    "other types": "def test_tensor(): assert torch.equal(tensor(torch.ones(3)), (3 * torch.ones(3)).bool())\n",
    "other lengths": "def test_tensor(): assert torch.allclose(tensor(torch.ones(3)), torch.full((1,), 3.0))\n",
}
LOOSE = {
    "empty": (EMPTY, EMPTY_FOOLED),
    "single": (SINGLE, SINGLE_FOOLED),
    "broadcastable": (BROADCAST, BROADCAST_FOOLED),
    "not finite": (NOT_FINITE, NOT_FINITE_FOOLED),
    "other types": (OTHER_TYPES, OTHER_TYPES_FOOLED),
    "other lengths": (OTHER_LENGTHS, OTHER_LENGTHS_FOOLED),
}


ATTACKS = (
    Attack(
        numbers=(15,),
        name="nearly nothing",
        tried="return what is empty, 0-d, broadcastable, NaN or infinite, of another dtype or length",
        variants={name: (cell + (TENSORS[name] if TORCH else ""),) for name, (cell, _) in LOOSE.items()},
        outcome="type, dtype, shape, length and finiteness are compared before numbers; all fail",
        why=WHY,
        check=refused,
        control=naively({name: tests + (TENSORS_FOOLED[name] if TORCH else "") for name, (_, tests) in LOOSE.items()}),
    ),
)
