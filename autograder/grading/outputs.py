"""What a runner says that a cell printed, showed and raised: claims of the student's process, built anew as nbformat 4
outputs."""

from __future__ import annotations

from typing import Any

from autograder.sandbox.channel import ProtocolFault
from autograder.sandbox.shell import MAX_NOTEBOOK_OUTPUT

_FIXED = 64
"""Bytes that an output counts for beside its texts."""
_NAME, _MESSAGE = 100, 2000
"""Characters kept of an exception's class and of what it says."""
MAX_BYTES = 4 * MAX_NOTEBOOK_OUTPUT
"""Most that is taken of one notebook. An honest runner stops earlier, at a quarter of it in characters."""


class OutputReader:
    """Reads the outputs of one notebook's cells, in `room` bytes altogether."""

    def __init__(self, room: int = MAX_BYTES) -> None:
        self.room = room

    def read(self, claimed: object) -> list[dict[str, Any]]:
        """The outputs of a cell. Raises ProtocolFault for what is no list of outputs or does not fit."""
        if type(claimed) is not list:
            raise ProtocolFault("a cell's outputs are malformed")
        return [self._output(output) for output in claimed]

    def _output(self, output: object) -> dict[str, Any]:
        if type(output) is not dict:
            raise ProtocolFault("a cell's output is malformed")
        self._spend(_FIXED)
        kind = output.get("output_type")
        if kind == "stream":
            return {"output_type": kind, "name": self._name(output), "text": self._text(output.get("text"))}
        if kind == "error":
            lines = output.get("traceback")
            traceback = [self._text(line) for line in lines] if type(lines) is list else []
            ename, evalue = self._text(output.get("ename")), self._text(output.get("evalue"))
            return {"output_type": kind, "ename": ename, "evalue": evalue, "traceback": traceback}
        if kind == "display_data":
            return {"output_type": kind, "data": self._data(output), "metadata": {}}
        if kind == "execute_result":
            count = output.get("execution_count")
            number = count if type(count) is int and 0 <= count < 2**31 else None
            return {"output_type": kind, "data": self._data(output), "metadata": {}, "execution_count": number}
        raise ProtocolFault("a cell's output is of no known kind")

    def _name(self, output: dict[Any, Any]) -> str:
        return "stderr" if output.get("name") == "stderr" else "stdout"

    def _data(self, output: dict[Any, Any]) -> dict[str, str]:
        data = output.get("data")
        if type(data) is not dict:
            raise ProtocolFault("what a cell showed is malformed")
        return {self._text(kind): self._text(value) for kind, value in data.items()}

    def _text(self, value: object) -> str:
        if type(value) is not str:
            raise ProtocolFault("a cell's output holds something that is no text")
        self._spend(len(value.encode()))
        return value

    def _spend(self, size: int) -> None:
        self.room -= size
        if self.room < 0:
            raise ProtocolFault("the notebook's outputs are too large")


def read_error(claimed: dict[Any, Any]) -> dict[str, Any]:
    """What a report needs of a cell's error, and no more: an error of every cell, each as large as a message can be,
    would fill our memory. Texts are cut; `cell` and `line` are numbers or None."""
    numbers = {name: claimed.get(name) for name in ("cell", "line")}
    return {
        "name": str(claimed.get("name", "Error"))[:_NAME],
        "message": str(claimed.get("message", ""))[:_MESSAGE],
        **{name: value if type(value) is int else None for name, value in numbers.items()},
    }
