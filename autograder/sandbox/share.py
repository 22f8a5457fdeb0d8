"""What a student's own process does with its share of a card, by our code and before the student's.

CUDA is not started by any of it, unless `start` is asked for. A cap on memory and the seed are left with torch, which
applies them at the moment in which CUDA starts. What it measures is the process's word: whoever means to can undo all
of it from inside, and meets what is looked at from outside (`cards`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from types import ModuleType
from typing import Any

ENVIRONMENT = {"PYTORCH_NVML_BASED_CUDA_CHECK": "1", "NVIDIA_TF32_OVERRIDE": "0"}
"""With the first `torch.cuda.is_available()` asks the driver's library of counts and does not start CUDA. The second
keeps cuDNN and cuBLAS from rounding float32 to ten bits, which torch asks of convolutions and recurrent layers: a right
result would be off by 1e-3."""
START_SECONDS = 60.0
"""CPU time that starting CUDA may take, which is not the student's."""


@dataclass(slots=True)
class Share:
    """A student's part of a card: torch's name for it, what CUDA_VISIBLE_DEVICES says, bytes that it may allocate and
    bytes that the card has. Tensors that a test sends go there where `inputs` says so. `seconds` on the card are the
    process's own count."""

    torch: str
    visible: str
    memory: int
    total: int
    seed: int = 0
    inputs: bool = True
    seconds: float = field(default=0.0, compare=False)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def open(self, seed: int | None = None) -> None:
        """Let the process see the card, up to its share; `seed` or its own is for torch's generator there. Nothing is
        started."""
        os.environ["CUDA_VISIBLE_DEVICES"] = self.visible
        torch = _torch()
        if torch is not None:
            fraction = min(1.0, self.memory / self.total)
            torch.cuda._lazy_call(lambda: torch.cuda.set_per_process_memory_fraction(fraction, 0))
            torch.cuda.manual_seed(self.seed if seed is None else seed)

    def start(self) -> None:
        """Start CUDA and the libraries that nearly every model uses, so that nobody has to wait for them later."""
        torch = _torch()
        if torch is not None:
            some = torch.ones(8, 8, device=self.torch)
            (some @ some).sum().item()

    def put(self, value: Any, own: Collection[int] = ()) -> Any:
        """`value` with its tensors on the card, where they go there at all. What has its id in `own` is the student's,
        and left alone."""
        if not self.inputs or id(value) in own:
            return value
        if type(value) in (list, tuple):
            return type(value)(self.put(item, own) for item in value)
        if type(value) is dict:
            return {key: self.put(item, own) for key, item in value.items()}
        torch = _torch()
        if torch is not None and type(value) is torch.Tensor:
            return value.to(self.torch)
        return value

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the time between now and the end of what is put on the card meanwhile; its faults show up here."""
        torch = _torch()
        if torch is None or not torch.cuda.is_initialized():
            yield
            return
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        yield
        end.record()
        end.synchronize()
        self.seconds += begin.elapsed_time(end) / 1000

    def finish(self) -> None:
        """Wait for what is still to be done on the card; raises what went wrong there, after which this process can use
        it no more."""
        torch = _torch()
        if torch is not None and torch.cuda.is_initialized():
            torch.cuda.synchronize()

    def claim(self) -> tuple[int, float] | None:
        """Peak of memory in bytes and seconds on the card, says this process; None where it has not used it."""
        torch = _torch()
        if torch is None or not torch.cuda.is_initialized():
            return None
        return int(torch.cuda.max_memory_allocated()), self.seconds

    def forget(self) -> None:
        """Count anew, for the next test in this process."""
        self.seconds = 0.0
        torch = _torch()
        if torch is not None and torch.cuda.is_initialized():
            torch.cuda.reset_peak_memory_stats()


def _torch() -> ModuleType | None:
    return sys.modules.get("torch")
