"""What a hidden test holds of a student: names to call, values that came back, and opaque handles for the rest.

The objects here live in the grader. They never forward a comparison or a conversion to the student's process: an answer
that could decide how it is compared would always be right.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from autograder.errors import FAULTS, StudentError
from autograder.grading.usage import Usage, usage_of
from autograder.sandbox.channel import Channel, ChannelClosed, ChannelTimeout, ProtocolFault
from autograder.sandbox.codec import CodecError, Reference

_END_SECONDS = 5.0
_MAX_PRINTED = 2**14
_MAX_SECONDS = 10**6
_CARD_IS_FULL = ("CUDA out of memory", "CUDA error: out of memory")  # so say torch's allocator, and the driver
_OF_CUDA = (
    "CUDA",
    "cuDNN error",
    "nvrtc: error",
    "No CUDA GPUs are available",
    "Found no NVIDIA driver",
    "Unexpected error from cudaGetDeviceCount",
    "Cannot re-initialize CUDA in forked subprocess",
)
_UNSENDABLE = "the result cannot be sent"  # so says the snapshot


class Link(Protocol):
    """The way to one process (or namespace) of a student."""

    def request(self, operation: str, *arguments: Any) -> Any:
        """Have one operation done; the value it gave. Raises StudentError."""
        ...

    def usage(self) -> Usage:
        """What the processes have used so far. Raises InfrastructureError where nobody can see it."""
        ...


class Callback:
    """A function of the test that student code may call; made by `student.callback`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.label = getattr(function, "__name__", "callback")


class NestedRequest(Exception):
    """The test's fault: its callback wanted something of the process that waits for the callback."""


class PipeLink:
    """A link to a snapshot in the fence. `on_overdue` is told when the wall clock ran out."""

    def __init__(self, channel: Channel, seconds: float, on_overdue: Callable[[], None]) -> None:
        self.channel = channel
        self.seconds = seconds
        self.on_overdue = on_overdue
        self.deadline: float | None = None
        self.lived = False
        self.overdue = False
        self.serving = False
        self.fault: StudentError | None = None
        self.student: Student | None = None
        self.tree: int | None = None  # pid 1 of the fence, as it is called out here
        self.callbacks: list[Callback] = []
        self.card: tuple[int, float] | None = None  # peak of memory in bytes and seconds on the card, says the process
        self.printed = ""  # by the student's code while it was asked, for staff
        channel.refer = self._refer
        channel.resolve = self._resolve

    def start(self) -> None:
        """Start the wall clock and wait for the snapshot's first sign of life. Raises StudentError."""
        self.deadline = time.monotonic() + self.seconds
        message = self._receive()
        if message != ("hello",):
            self._broken("it did not say hello")
        self.lived = True

    def request(self, operation: str, *arguments: Any) -> Any:
        """Have one operation done in the snapshot, serving its callbacks meanwhile. Raises StudentError."""
        if self.serving:
            raise NestedRequest("a callback cannot use the student, whose code is waiting for it")
        number = secrets.randbits(62)
        self.send((operation, number, *arguments))
        while True:
            answer, *rest = self._receive()
            if answer == "callback" and len(rest) == 3:
                self._serve(*rest)
            elif answer == "printed" and len(rest) == 1 and type(rest[0]) is str:
                self.printed = (self.printed + rest[0])[:_MAX_PRINTED]
            elif answer == "card" and _is_use(rest):
                self.card = rest[0], rest[1]
            elif answer == "ok" and len(rest) == 2 and rest[0] == number:
                return rest[1]
            elif answer == "error" and len(rest) == 5 and rest[0] == number:
                raise student_error(*rest[1:])
            else:
                self._broken("it answered something that was not asked")

    def usage(self) -> Usage:
        """What all processes of the student have used so far."""
        return usage_of(self.tree)

    def end(self, k: int) -> tuple[int | None, float | None]:
        """End snapshot `k`, which this one has forked: its wait status and CPU seconds, as far as they are told.

        Whatever goes wrong is no fault of a test: this is asked beside the tests, and only to say what happened.
        """
        number, deadline = secrets.randbits(62), time.monotonic() + _END_SECONDS
        try:
            self.channel.send(("end", number, k), deadline)
            match self.channel.receive(deadline):
                case ("ok", answered, (int(status), float(cpu))) if answered == number:
                    return status, cpu
        except (ChannelClosed, ChannelTimeout, ProtocolFault):
            pass
        return None, None

    def send(self, message: tuple[Any, ...]) -> None:
        """Send one message. Raises StudentError when the snapshot is gone or does not read."""
        if self.fault is not None:
            raise self.fault
        try:
            self.channel.send(message, self.deadline)
        except ChannelClosed:
            self._gone()
        except ChannelTimeout:
            self._overdue()

    def _receive(self) -> tuple[Any, ...]:
        if self.fault is not None:
            raise self.fault
        try:
            return self.channel.receive(self.deadline)
        except ChannelClosed:
            self._gone()
        except ChannelTimeout:
            self._overdue()
        except ProtocolFault as fault:
            self._broken(str(fault))

    def _serve(self, number: object, args: object, kwargs: object) -> None:
        if type(number) is not int or type(args) is not tuple or type(kwargs) is not dict:
            self._broken("it called back in a broken way")
        if not 0 <= number < len(self.callbacks):
            self._broken("it called a callback that does not exist")
        self.serving = True
        try:
            reply: tuple[Any, ...] = ("return", self.callbacks[number].function(*args, **kwargs))
        except (AssertionError, NestedRequest):
            raise
        except Exception as error:  # the test's function refused: the student's code gets to see that
            reply = ("raise", type(error).__name__, str(error))
        finally:
            self.serving = False
        self.send(reply)

    def _refer(self, value: Any) -> Reference:
        if type(value) is Remote:
            return Reference("handle", value._number, "")
        if type(value) is Callback:
            self.callbacks.append(value)
            return Reference("callback", len(self.callbacks) - 1, value.label)
        raise CodecError(f"a test cannot send an object of type {type(value).__name__} to a student")

    def _resolve(self, reference: Reference) -> Remote:
        if reference.kind != "handle" or self.student is None:
            raise CodecError("unexpected reference")
        return Remote(self.student, reference.number, reference.label)

    def _gone(self) -> NoReturn:
        self._fail(StudentError("Crashed", "the process ended before it answered"))

    def _overdue(self) -> NoReturn:
        self.overdue = True
        self.on_overdue()
        self._fail(StudentError("Timeout", f"no answer within {self.seconds:g} s of wall clock"))

    def _broken(self, why: str) -> NoReturn:
        self._fail(StudentError("ProtocolFault", f"the student's process broke the protocol: {why}"))

    def _fail(self, error: StudentError) -> NoReturn:
        self.fault = error
        raise error


def _is_use(claim: list[Any]) -> bool:
    """Whether this can be bytes and seconds on a card."""
    return [type(part) for part in claim] == [int, float] and 0 <= claim[0] < 2**60 and 0 <= claim[1] < _MAX_SECONDS


def student_error(name: object, message: object, bases: object, traceback: object) -> StudentError:
    """The StudentError for what a student's process says was raised; everything in it is a claim."""
    if type(name) is not str or type(message) is not str or type(bases) is not tuple or type(traceback) is not str:
        return StudentError("ProtocolFault", "the student's process described an error in a broken way")
    known = tuple(base for base in bases if type(base) is str)
    if name == "MemoryError":
        return StudentError("MemoryLimit", "the memory limit was reached", bases=known, traceback=traceback)
    if name == "OutOfMemoryError" or message.startswith(_CARD_IS_FULL):
        return StudentError("CardMemory", message[:1000], bases=known, traceback=traceback)
    if name == "AcceleratorError" or message.startswith(_OF_CUDA):
        return StudentError("CardFault", message[:1000], bases=known, traceback=traceback)
    if name in FAULTS:  # a class of the student's with such a name, like a library's Timeout
        name = f"the student's {name}"
    elif not known and message.startswith(_UNSENDABLE):  # every exception has bases; this is no exception
        name = "ResultLimit"
    return StudentError(name[:100], message, bases=known, traceback=traceback)


class Remote:
    """Something that stayed in the student's process. Only `.call`, `.get` and `.value` reach it.

    `type_name` is what its class is called there; the checks name it in their messages.
    """

    __slots__ = ("_number", "_student", "type_name")

    def __init__(self, student: Student, number: int, label: str) -> None:
        self._student = student
        self._number = number
        self.type_name = label

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """The result of a method of the object; `call("__call__", x)` calls the object itself."""
        return self._student._link.request("invoke", self, method, args, kwargs, False)

    def keep(self, method: str, *args: Any, **kwargs: Any) -> Remote:
        """Like `call`, but the result stays in the student's process."""
        return _remote(self._student._link.request("invoke", self, method, args, kwargs, True))

    def get(self, attribute: str) -> Any:
        """An attribute of the object, as data or as a Remote."""
        return self._student._link.request("attribute", self, attribute)

    def value(self) -> Any:
        """The object itself, as far as it has a plain form."""
        return self._student._link.request("value", self)

    def __repr__(self) -> str:
        return f"<Remote {self.type_name}>"

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise StudentError("TypeError", f"expected plain data, got an object of type {self.type_name}")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __len__ = __iter__ = __array__ = __float__ = __int__ = __index__ = __complex__ = _refuse
    __getitem__ = __contains__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _refuse
    __matmul__ = __rmatmul__ = __abs__ = __neg__ = __pos__ = __round__ = _refuse
    __hash__ = None  # type: ignore[assignment]


class Student:
    """The `student` of a test. With a prepared set-up, its link is swapped for the test's own snapshot of that
    set-up."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The result of the student's function `name`, as data or as a Remote. Raises StudentError."""
        return self._link.request("call", name, args, kwargs, False)

    def get(self, name: str) -> Any:
        """The value of a name of the notebook."""
        return self._link.request("get", name)

    def keep(self, name: str, *args: Any, **kwargs: Any) -> Remote:
        """Call `name` and leave the result in the student's process."""
        return _remote(self._link.request("call", name, args, kwargs, True))

    def new(self, cls: str, *args: Any, **kwargs: Any) -> Remote:
        """An instance of the student's class `cls`, which stays in the student's process."""
        return self.keep(cls, *args, **kwargs)

    def set(self, name: str, value: Any) -> None:
        """Replace a name of the notebook in this snapshot."""
        self._link.request("set", name, value)

    def file(self, name: str, data: bytes) -> str:
        """Write a file into the student's working folder; its path there."""
        path = self._link.request("file", name, data)
        if type(path) is not str:
            raise StudentError("ProtocolFault", "the student's process gave no path")
        return path

    def usage(self) -> Usage:
        """What the student's processes have used so far, read from outside: CPU seconds, peak of memory in bytes."""
        return self._link.usage()

    def callback(self, function: Callable[..., Any]) -> Callback:
        """A callable for the student that runs here, in the grader."""
        return Callback(function)


def _remote(value: object) -> Remote:
    if type(value) is not Remote:
        raise StudentError("ProtocolFault", "the student's process sent data where it was asked to keep it")
    return value
