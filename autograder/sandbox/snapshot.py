"""The student's end of a test: a fork of the runner that does what the grader asks, one request at a time.

Everything here runs in the student's own process and under the student's own code: it can be tampered with, and then it
can only lie about the student's own results. What a test sees is decoded and compared in the grader.
"""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from autograder.sandbox.channel import Channel, ChannelClosed
from autograder.sandbox.codec import CodecError, Reference
from autograder.sandbox.share import Share
from autograder.sandbox.shell import describe_error


class Fork(Protocol):
    """What a prepared set-up has to fork tests with, and to end them."""

    def __call__(self, k: int, seed: int, seconds: float) -> None: ...

    def end(self, k: int) -> tuple[int, float]: ...


class StudentException(Exception):
    """Raised in student code by a callback that failed in the grader."""


class Snapshot:
    """Serves one channel until it closes.

    `names` is the notebook's namespace; `printed` gives what its code has printed since it was last asked; `fork` makes
    a snapshot of this one.
    """

    def __init__(
        self,
        channel: Channel,
        names: dict[str, Any],
        folder: str,
        printed: Callable[[], str],
        fork: Fork | None = None,
        share: Share | None = None,
    ) -> None:
        self.channel = channel
        self.names = names
        self.folder = folder
        self.printed = printed
        self.fork = fork
        self.share = share
        self.kept: dict[int, Any] = {}
        self.numbers = itertools.count(1)
        channel.refer = self.refer
        channel.resolve = self.resolve

    def adopt(self, channel: Channel) -> None:
        """Serve another channel from now on: what a fork of this snapshot does."""
        channel.refer, channel.resolve = self.refer, self.resolve
        self.channel = channel
        self.fork = None

    def serve(self) -> None:
        """Answer requests until the grader closes the pipe."""
        self.printed()  # what threads of the notebook may have printed is nobody's
        self.channel.send(("hello",))
        while True:
            try:
                message = self.channel.receive()
            except ChannelClosed:
                return
            self.answer(*message)

    def answer(self, operation: str, number: int, *arguments: Any) -> None:
        """Do one request and reply with its number."""
        if operation == "fork" and self.fork is not None:
            self.fork(*arguments)
            return
        reply: tuple[Any, ...]
        try:
            reply = ("ok", number, self.do(operation, arguments))
        except ChannelClosed:
            raise
        except BaseException as error:  # whatever a student's code raises is an answer, SystemExit too
            reply = ("error", number, *self.describe(error))
        self.reply(number, reply)

    def do(self, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Do one request; on a card the tensors that a test sends go there first."""
        if self.share is None:
            return _OPERATIONS[operation](self, *arguments)
        arguments = self.share.put(arguments, {id(value) for value in self.kept.values()})
        with self.share.timed():
            return _OPERATIONS[operation](self, *arguments)

    def reply(self, number: int, reply: tuple[Any, ...]) -> None:
        claim = self.share.claim() if self.share is not None else None
        if claim is not None:
            self.channel.send(("card", *claim))
        if printed := self.printed():
            self.channel.send(("printed", printed))
        try:
            self.channel.send(reply)
        except CodecError as error:
            self.channel.send(("error", number, "ValueError", f"the result cannot be sent: {error}", (), ""))
        except MemoryError:
            self.channel.send(("error", number, "MemoryError", "the result did not fit into memory", (), ""))
        except ChannelClosed:
            raise
        except Exception as error:  # an object of the student's that does not even let itself be looked at
            self.channel.send(("error", number, type(error).__name__, "the result cannot be sent", (), ""))

    def describe(self, error: BaseException) -> tuple[str, str, tuple[str, ...], str]:
        """What the reply says of an exception: class, message, names of its bases, traceback."""
        return _described(error)

    def refer(self, value: Any) -> Reference:
        """A handle on an object that has no plain form, or that a test wants to keep here."""
        if isinstance(value, Keep):
            value = value.value
        number = next(self.numbers)
        self.kept[number] = value
        return Reference("handle", number, type(value).__name__)

    def resolve(self, reference: Reference) -> Any:
        if reference.kind == "handle":
            return self.kept[reference.number]
        return Callback(self, reference.number, reference.label)

    def lookup(self, name: str) -> Any:
        if name not in self.names:
            raise NameError(f"the notebook defines no {name!r} (did its cell fail?)")
        return self.names[name]

    def call(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], keep: bool) -> Any:
        result = self.lookup(name)(*args, **kwargs)
        return Keep(result) if keep else result

    def invoke(self, target: Any, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], keep: bool) -> Any:
        result = getattr(target, method)(*args, **kwargs)
        return Keep(result) if keep else result

    def get(self, name: str) -> Any:
        return self.lookup(name)

    def attribute(self, target: Any, name: str) -> Any:
        return getattr(target, name)

    def value(self, target: Any) -> Any:
        return target

    def end(self, k: int) -> tuple[int, float]:
        assert self.fork is not None
        return self.fork.end(k)

    def set(self, name: str, value: Any) -> None:
        self.names[name] = value

    def file(self, name: str, data: bytes) -> str:
        path = Path(self.folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return str(path)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": Snapshot.call,
    "invoke": Snapshot.invoke,
    "get": Snapshot.get,
    "attribute": Snapshot.attribute,
    "value": Snapshot.value,
    "end": Snapshot.end,
    "set": Snapshot.set,
    "file": Snapshot.file,
}


class Keep:
    """Marks a result that stays here even if it could cross."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Callback:
    """A function of the test, as student code sees it: arguments go to the grader, the result comes back."""

    def __init__(self, snapshot: Snapshot, number: int, name: str) -> None:
        self._snapshot = snapshot
        self._number = number
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        channel = self._snapshot.channel
        channel.send(("callback", self._number, args, kwargs))
        answer, *rest = channel.receive()
        if answer == "return":
            share = self._snapshot.share
            return rest[0] if share is None else share.put(rest[0])
        name, message = rest
        builtin = getattr(__builtins__, name, None) if not isinstance(__builtins__, dict) else __builtins__.get(name)
        if isinstance(builtin, type) and issubclass(builtin, Exception):
            raise builtin(message)
        raise StudentException(f"{name}: {message}")


def _described(error: BaseException) -> tuple[str, str, tuple[str, ...], str]:
    try:
        told = describe_error(error, error.__traceback__)
        return told["name"], told["message"], tuple(told["bases"]), told["traceback"]
    except BaseException:  # out of memory or stack while describing it
        return type(error).__name__, "", tuple(base.__name__ for base in type(error).__mro__[1:-1]), ""


def reseed(seed: int) -> None:
    """Give every global random generator of the process a state that depends on `seed` alone, and one thread to torch.

    A fork loses the threads of its parent: a parallel region in torch would wait for them for ever.
    """
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.manual_seed(seed)  # torch.manual_seed also visits every accelerator: 2 ms
        if torch.get_num_threads() != 1:
            torch.set_num_threads(1)
