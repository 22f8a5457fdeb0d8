"""What a test holds of a student, and that nothing of it decides for itself."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograder.checks import assert_close
from autograder.errors import StudentError
from autograder.grading.student import PipeLink, Remote, Student, student_error
from autograder.sandbox.channel import Channel, ProtocolFault
from autograder.sandbox.codec import CodecError, Reference


class EchoLink:
    """A link that remembers what it was asked and gives a fixed answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[Any, ...]] = []

    def request(self, operation: str, *arguments: Any) -> Any:
        self.asked.append((operation, *arguments))
        return self.answer


@pytest.fixture
def remote() -> Remote:
    """A handle on something that stayed with the student."""
    return Remote(Student(EchoLink(None)), 7, "Odd")


@pytest.mark.parametrize(
    "use",
    [
        lambda r: r == r,
        lambda r: r != 1,
        lambda r: r < 1,
        lambda r: operator.ge(1, r),
        bool,
        len,
        iter,
        list,
        float,
        int,
        complex,
        abs,
        operator.neg,
        operator.index,
        np.asarray,
        lambda r: np.asarray(r, dtype=float),
        lambda r: np.allclose(r, 1.0),
        lambda r: r[0],
        lambda r: 1 in r,
        lambda r: r + 1,
        lambda r: 1 + r,
        lambda r: r - 1,
        lambda r: 2 * r,
        lambda r: r / 2,
        lambda r: np.ones(2) * r,
        lambda r: r == np.ones(2),
        lambda r: not r,
        lambda r: r % 2,
        lambda r: 2**r,
        lambda r: np.eye(2) @ r,
        round,
        lambda r: all([r]),
    ],
)
def test_remote_refuses_to_be_a_value(remote: Remote, use: Callable[[Any], Any]) -> None:
    """A handle neither compares, converts, counts nor computes: it says what it is instead, by the student's fault."""
    with pytest.raises(StudentError, match="type Odd"):
        use(remote)


def test_checks_name_the_class_of_a_remote(remote: Remote) -> None:
    """Who returned an object instead of a number reads what it was, not how the grader stands for it."""
    with pytest.raises(AssertionError, match=r"an object of an unsupported type \(Odd\)"):
        assert_close(remote, 1.0)


def test_remote_is_no_key(remote: Remote) -> None:
    """A handle cannot be hashed; it can be printed."""
    with pytest.raises(TypeError):
        hash(remote)
    assert f"{remote}" == "<Remote Odd>"


def test_keep_of_data_is_a_broken_protocol() -> None:
    """A process that sends data where it was asked to keep it is not believed, nor one that gives no path."""
    student = Student(EchoLink(5))
    for use in (lambda: student.keep("f"), lambda: student.new("C"), lambda: student.file("a", b"")):
        with pytest.raises(StudentError) as caught:
            use()
        assert caught.value.type == "ProtocolFault"


def test_requests_are_as_written() -> None:
    """Names, arguments and keywords go to the student as they are."""
    link = EchoLink("answer")
    student = Student(link)
    assert student.call("f", 1, a=2) == "answer"
    student.get("x")
    student.set("x", 3)
    student.file("n", b"data")
    assert link.asked == [("call", "f", (1,), {"a": 2}, False), ("get", "x"), ("set", "x", 3), ("file", "n", b"data")]


def test_student_error_is_a_claim() -> None:
    """What the student's process says of an exception is checked part by part."""
    error = student_error("KeyError", "m", ("LookupError", 5), "t")
    assert (error.type, error.bases, error.is_a("LookupError"), error.is_a("ValueError")) == (
        "KeyError",
        ("LookupError",),
        True,
        False,
    )
    assert student_error("MemoryError", "", (), "").type == "MemoryLimit"
    assert len(student_error("x" * 999, "", (), "").type) == 100
    for odd in ((1, "", (), ""), ("E", b"", (), ""), ("E", "", [], ""), ("E", "", (), None)):
        assert student_error(*odd).type == "ProtocolFault"


@pytest.fixture
def link() -> Iterator[tuple[PipeLink, Channel, list[str]]]:
    """A link, the student's end of its pipes, and what the controller was told."""
    there, here = os.pipe(), os.pipe()
    told: list[str] = []
    link = PipeLink(Channel(here[0], there[1]), 1.0, lambda: told.append("overdue"))
    theirs = Channel(there[0], here[1])
    yield link, theirs, told
    link.channel.close()
    theirs.close()


Ends = tuple[PipeLink, Channel, list[str]]


def test_start_without_hello(link: Ends) -> None:
    """Another first word than hello is a broken protocol, and the snapshot counts as never seen."""
    link[1].send(("ok", 1, 2))
    with pytest.raises(StudentError) as caught:
        link[0].start()
    assert caught.value.type == "ProtocolFault"
    assert not link[0].lived


def test_start_of_a_dead_snapshot(link: Ends) -> None:
    """An end before the hello is a crash of a snapshot that never lived."""
    link[1].close()
    with pytest.raises(StudentError) as caught:
        link[0].start()
    assert (caught.value.type, link[0].lived) == ("Crashed", False)


def test_one_clock_for_all_requests(link: Ends) -> None:
    """The deadline is the test's, not the request's; the controller is told once, and every later request fails."""
    ours, theirs, told = link
    theirs.send(("hello",))
    ours.seconds = 0.2
    ours.start()
    for _ in range(3):
        with pytest.raises(StudentError) as caught:
            ours.request("get", "x")
        assert caught.value.type == "Timeout"
    assert told == ["overdue"]


def test_what_a_test_cannot_send(link: Ends) -> None:
    """Sending what has no form is the author's fault and not the student's."""
    link[1].send(("hello",))
    link[0].start()
    with pytest.raises(CodecError):
        link[0].request("call", "f", (object(),), {}, False)


def test_forged_references(link: Ends) -> None:
    """A student's process can make handles, but no callbacks, out of nothing."""
    ours, theirs, _ = link
    theirs.send(("hello",))
    ours.start()
    ours.student = Student(ours)
    theirs.refer = lambda value: Reference("callback", 0, "x")
    theirs.send(("ok", 1, object()))
    with pytest.raises(StudentError) as caught:
        ours.request("get", "x")
    assert caught.value.type == ProtocolFault.__name__


@pytest.mark.parametrize(
    "claim",
    [(-1, 0.0), (1, -1.0), (1, float("nan")), (2**70, 0.0), (1.0, 1.0), (1, 1), (True, 0.0), (1,), ()],
    ids=str,
)
def test_forged_use_of_a_card(link: Ends, claim: tuple[Any, ...]) -> None:
    """What cannot be bytes and seconds on a card breaks the protocol."""
    ours, theirs, _ = link
    theirs.send(("hello",))
    ours.start()
    theirs.send(("card", *claim))
    with pytest.raises(StudentError, match="not asked"):
        ours.request("get", "x")
    assert ours.card is None


def test_use_of_a_card_is_kept(link: Ends) -> None:
    """The last word of a process on what it has used of a card is kept."""
    ours, theirs, _ = link
    theirs.send(("hello",))
    ours.start()
    for use in ((1, 0.5), (2**30, 1.5)):
        theirs.send(("card", *use))
    theirs.send(("bye",))
    with pytest.raises(StudentError, match="not asked"):
        ours.request("get", "x")
    assert ours.card == (2**30, 1.5)


@pytest.mark.parametrize(
    ("name", "message", "kind"),
    [
        ("OutOfMemoryError", "CUDA out of memory. Tried to allocate", "CardMemory"),
        ("RuntimeError", "CUDA error: out of memory", "CardMemory"),
        ("AcceleratorError", "CUDA error: device-side assert triggered", "CardFault"),
        ("RuntimeError", "CUDA error: an illegal memory access was encountered", "CardFault"),
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied", "RuntimeError"),
        ("CardMemory", "a class of the student's", "the student's CardMemory"),
    ],
)
def test_errors_of_a_card(name: str, message: str, kind: str) -> None:
    """A card that is full, and a fault of CUDA's, are told apart from other errors, and keep their bases."""
    error = student_error(name, message, ("RuntimeError", "Exception"), "")
    assert error.type == kind
    assert error.is_a("RuntimeError")
