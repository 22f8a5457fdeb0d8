"""Attacks 11 and 12: answers that decide how they are compared.

The control of each is a grader that compares in the student's process by the plain means of pytest and numpy; it must
be fooled by every one of them.
"""

from __future__ import annotations

from .controls import naively
from .course import TORCH, VAULT
from .ground import Ground, Seen
from .harness import Attack

WHY = "the design holds it, not a rule: the channel rebuilds values, and comparisons ask for exact types first"
RAN = """
    import os, tempfile
    import numpy as np
    def ran(*arguments, **options):
        with open(os.path.join(tempfile.gettempdir(), MARK), "a") as file:
            file.write("a method of the answer ran here")
    """
ALWAYS = """
    class Always:
        def __eq__(self, other): ran(); return True
        def __ne__(self, other): return False
        __lt__ = __le__ = __gt__ = __ge__ = __eq__
        def __sub__(self, other): ran(); return self
        __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __pow__ = __mod__ = __sub__
        def __abs__(self): return self
        def __neg__(self): return self
        def __bool__(self): return True
        def __hash__(self): return 0
        def __len__(self): return 4
        def __contains__(self, item): return True
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return self
        def __call__(self, *arguments, **options): return self

    def number(x): return Always()
    array = text = listing = count = tensor = number
    """
PROTOCOLS = """
    class Converts:
        def __init__(self, truth): self.truth = truth
        def __float__(self): ran(); return self.truth
        def __int__(self): return int(self.truth)
        def __index__(self): return int(self.truth)
        def __complex__(self): return complex(self.truth)
        def __round__(self, digits=0): return self.truth
        def __array__(self, dtype=None, copy=None): ran(); return np.asarray([self.truth] * 4)
        def __array_function__(self, function, types, arguments, options): ran(); return True
        def __array_ufunc__(self, ufunc, method, *inputs, **options): ran(); return True
        @classmethod
        def __torch_function__(cls, function, types, arguments=(), options=None): ran(); return True
        def __iter__(self): return iter([self.truth] * 4)
        def __len__(self): return 4
        def __getitem__(self, place): return self.truth
        def __str__(self): return "WORD"
        __class__ = property(lambda self: float)
        def __eq__(self, other): return True
        __hash__ = None

    def number(x): return Converts(x * x + 0.5)
    def array(x): return Converts(3.0)
    def text(word): return Converts(1.0)
    def listing(n): return Converts(1.0)
    def count(values): return Converts(3.0)
    def tensor(x): return Converts(3.0)
    """
ROUNDABOUT = """
    from unittest import mock

    class Meta(type):
        def __instancecheck__(cls, one): return True
        def __subclasscheck__(cls, one): return True
        def __eq__(cls, other): return True
        def __hash__(cls): return hash(float)
        __name__ = "float"

    class Alias(metaclass=Meta):
        def __eq__(self, other): return True
        def __reduce__(self): return (ran, ())
        def __rsub__(self, other): return 0.0
        def __sub__(self, other): return 0.0

    Alias.__module__, Alias.__qualname__ = "builtins", "float"

    def number(x): return Alias()
    def array(x): return mock.ANY
    def text(word): return mock.ANY
    def listing(n): return [mock.ANY] * n
    def count(values): return Alias()
    def tensor(x): return {"a": Alias(), "b": [mock.ANY]}
    """
ALWAYS_FOOLED = """
def test_equal(): assert number(1.0) == 1.5
def test_difference(): assert abs(number(1.0) - 1.5) < 1e-9
def test_text(): assert text("word") == "WORD"
def test_list(): assert listing(4) == [0, 1, 4, 9] and len(listing(4)) == 4
def test_count(): assert count([1, 2, 3]) == 2
def test_in(): assert all(value in listing(3) for value in [0, 1, 4])
"""
PROTOCOLS_FOOLED = """
def test_allclose(): assert np.allclose(array(np.ones(4)), np.arange(4.0))
def test_array_equal(): assert np.array_equal(array(np.ones(4)), np.arange(4.0))
def test_testing(): assert np.isclose(number(7.0), 1.5)
def test_isinstance(): assert isinstance(number(7.0), float) and number(7.0) == 1.5
def test_close(): assert math.isclose(number(1.0), 1.5)
def test_round(): assert round(number(1.0), 3) == 1.5
def test_approx(): assert number(7.0) == pytest.approx(1.5)
"""
ROUNDABOUT_FOOLED = """
def test_isinstance(): assert isinstance(1.5, type(number(1.0)))
def test_same_type(): assert type(number(1.0)) == float and number(1.0) == 1.5
def test_any(): assert text("word") == "WORD"
def test_list(): assert listing(4) == [0, 1, 4, 9]
def test_difference(): assert abs(number(1.0) - 1.5) < 1e-9
"""
SUBCLASSES = """
    def hostile(base, **more):
        def yes(self, *other): ran(); return True
        def zero(self, *other): ran(); return 0.0
        body = dict.fromkeys(("__eq__", "__lt__", "__le__", "__gt__", "__ge__"), yes)
        body |= dict.fromkeys(("__sub__", "__rsub__", "__abs__", "__mod__"), zero)
        body |= {"__ne__": lambda self, other: False, "__hash__": lambda self: 0, "__bool__": lambda self: True,
                 "__reduce__": lambda self: (ran, ()), "__reduce_ex__": lambda self, protocol: (ran, ()),
                 "__repr__": lambda self: "1.5", "__str__": lambda self: "1.5", **more}
        return type(base.__name__, (base,), body)

    def number(x): return hostile(float)(-99.0)
    def text(word): return hostile(str, upper=lambda self: "WORD", encode=lambda self, *a: b"WORD")("wrong")
    def listing(n):
        return hostile(list, __len__=lambda self: n, __iter__=lambda self: iter([k * k for k in range(n)]),
                       __getitem__=lambda self, k: k * k)()
    def count(values): return hostile(int, __int__=lambda self: 2, __index__=lambda self: 2)(-99)

    class Wide(np.ndarray):
        def __array_function__(self, function, types, arguments, options): ran(); return True
        def __array_ufunc__(self, ufunc, method, *inputs, **options): ran(); return np.True_
        def __eq__(self, other): return np.True_
        def astype(self, *arguments, **options): return 2 * np.ones(4) + 1
        def tobytes(self, *arguments): return (2 * np.ones(4) + 1).tobytes()
        def view(self, *arguments): return self
        def __reduce__(self): return (ran, ())
        shape = property(lambda self: (4,))
        nbytes = property(lambda self: 32)

    def array(x): return np.zeros(4).view(Wide)
    """
TENSOR_SUBCLASS = """
    import torch
    class Loose(torch.Tensor):
        @classmethod
        def __torch_function__(cls, function, types, arguments=(), options=None):
            name = getattr(function, "__name__", "")
            if name in ("allclose", "equal", "__eq__", "eq", "isclose", "all", "all_close"):
                ran()
                return True
            return super().__torch_function__(function, types, arguments, options or {})

    def tensor(x):
        answer = torch.zeros(3).as_subclass(Loose)
        return answer
    """
CONTAINERS = """
    from collections import OrderedDict, UserDict, UserList, defaultdict, namedtuple
    from decimal import Decimal
    from fractions import Fraction
    Pair = namedtuple("Pair", "a b")

    def number(x): return Fraction(x * x + 0.5)
    def array(x):
        masked = np.ma.masked_all(4)
        masked.fill_value = 3.0
        return masked
    def text(word): return UserList(word.upper())
    def listing(n): return UserList(k * k for k in range(n))
    def count(values): return Decimal(sum(value % 2 for value in values))
    def tensor(x): return np.array([2 * float(value) + 1 for value in x], dtype=object)
    """
SUBCLASSES_FOOLED = """
def test_equal(): assert number(1.0) == 1.5
def test_difference(): assert abs(number(1.0) - 1.5) < 1e-9
def test_isinstance(): assert isinstance(number(1.0), float) and number(1.0) == 1.5
def test_approx(): assert number(1.0) == pytest.approx(1.5)
def test_text(): assert isinstance(text("word"), str) and text("word") == "WORD"
def test_list(): assert listing(4) == [0, 1, 4, 9]
def test_items(): assert len(listing(4)) == 4 and all(a == b for a, b in zip(listing(4), [0, 1, 4, 9], strict=True))
def test_count(): assert count([1, 2, 3]) == 2
def test_allclose(): assert np.allclose(array(np.ones(4)), 3 * np.ones(4))
def test_all(): assert (array(np.ones(4)) == 3 * np.ones(4)).all()
"""
TENSOR_FOOLED = """
def test_allclose(): assert torch.allclose(tensor(torch.ones(3)), 3 * torch.ones(3))
def test_equal(): assert torch.equal(tensor(torch.ones(3)), 3 * torch.ones(3))
"""
CONTAINERS_FOOLED = """
def test_number(): assert number(1.0) == 1.5
def test_array(): assert np.ma.allclose(array(np.ones(4)), 3 * np.ones(4))
def test_list(): assert listing(4) == [0, 1, 4, 9]
def test_count(): assert count([1, 2, 3]) == 2
"""


def refused(ground: Ground, attack: Attack, seen: Seen) -> None:
    """Every answer fails for its type, and none has broken anything else."""
    for test in VAULT - {"test_public"}:
        told = seen.details[test]
        assert any(refusal in told for refusal in ("expected", "a count is", "not finite")), f"{test}: {told[:200]}"


def unsupported(ground: Ground, attack: Attack, seen: Seen) -> None:
    """The object stayed where it was, and the test says so."""
    told = seen.details["test_number"]
    refusals = ("unsupported type", "expected plain data", "the result cannot be sent")
    assert any(refusal in told for refusal in refusals), told[:200]


ATTACKS = (
    Attack(
        numbers=(11,),
        name="obliging objects",
        tried="return objects with __eq__, __abs__, __rsub__, __lt__, __float__, __array_function__, __class__, ANY",
        variants={
            "always equal": (RAN, ALWAYS),
            "protocols": (RAN, PROTOCOLS),
            "roundabout": (RAN, ROUNDABOUT),
        },
        outcome="they stay in the student's process; the tests see an unsupported type and fail",
        why=WHY,
        check=unsupported,
        control=naively(
            {"always equal": ALWAYS_FOOLED, "protocols": PROTOCOLS_FOOLED, "roundabout": ROUNDABOUT_FOOLED}
        ),
    ),
    Attack(
        numbers=(12,),
        name="hostile subclasses",
        tried="return subclasses of float, str, list, int, ndarray and Tensor with hostile methods; odd containers",
        variants={
            "subclasses": (RAN, SUBCLASSES, *([TENSOR_SUBCLASS] if TORCH else [])),
            "containers": (RAN, CONTAINERS),
        },
        outcome="they arrive as exact data without their methods, or not at all; wrong data fails",
        why=WHY,
        check=refused,
        control=naively(
            {
                "subclasses": SUBCLASSES_FOOLED + (TENSOR_FOOLED if TORCH else ""),
                "containers": CONTAINERS_FOOLED,
            }
        ),
    ),
)
