"""Bombs with a bound: each fills something until it is stopped or has far more than a student may have, and returns how
much it got. Standard library alone, since the file runs as a notebook's cell, and outside the fence as a program.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import resource
import signal
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

MIB = 2**20


def processes(most: int, *, stay: bool) -> int:
    """Sleeping children; those of a student `stay`, those of a program outside the fence do not."""
    born: list[int] = []
    try:
        while len(born) < most:
            pid = os.fork()
            if pid == 0:
                time.sleep(600)
                os._exit(0)
            born.append(pid)
    except OSError:
        pass
    for pid in born if not stay else ():
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return len(born)


def threads(most: int) -> int:
    """Threads that wait, with the smallest stacks, so that it is their number that counts."""
    threading.stack_size(64 * 1024)
    enough = threading.Event()
    started = 0
    try:
        for _ in range(most):
            threading.Thread(target=enough.wait, daemon=True).start()
            started += 1
    except (RuntimeError, MemoryError):
        pass
    enough.set()
    return started


def one_block(size: int) -> int:
    """One block of memory, every page touched."""
    try:
        return len(b"x" * size)
    except MemoryError:
        return 0


def many_blocks(size: int) -> int:
    """A list that grows."""
    held: list[bytes] = []
    try:
        while len(held) * MIB < size:
            held.append(b"x" * MIB)
    except MemoryError:
        pass
    got = len(held) * MIB
    held.clear()
    return got


def mapped(size: int) -> int:
    """Anonymous memory by mmap, past Python's own."""
    try:
        block = mmap.mmap(-1, size)
    except OSError:
        return 0
    for place in range(0, size, mmap.PAGESIZE):
        block[place] = 1
    return len(block)


def shared_out(size: int, parts: int) -> int:
    """Memory of many processes at once, each within what one may have."""
    reader, writer = os.pipe()
    born = []
    for _ in range(parts):
        pid = os.fork()
        if pid == 0:
            held = b"x" * (size // parts)
            os.write(writer, b"1" if held else b"0")
            time.sleep(600)
            os._exit(0)
        born.append(pid)
    os.close(writer)
    time.sleep(0.5)
    os.set_blocking(reader, False)
    got, deadline = 0, time.monotonic() + 40
    while got < parts and len(living(born)) == parts and time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            got += len(os.read(reader, parts))
        time.sleep(0.05)
    time.sleep(0.5)  # one that is being ended may have said so a moment before
    got = min(got, len(living(born)))
    for pid in born:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return got * size // parts


def living(born: list[int]) -> list[int]:
    """The children that have not ended; the others are forgotten."""
    born[:] = [pid for pid in born if os.waitpid(pid, os.WNOHANG) == (0, 0)]
    return born


def memory_files(size: int) -> int:
    """Files without a name that live in memory; no limit of a process counts them."""
    held, got = [], 0
    with contextlib.suppress(OSError):
        while got < size:
            held.append(os.memfd_create("bomb"))
            for _ in range(16):
                got += os.write(held[-1], b"x" * MIB)
    for descriptor in held:
        os.close(descriptor)
    return got


def temporary_files(folders: list[str], size: int) -> int:
    """Files in every folder that can be written, of 16 MiB each; they are removed again."""
    got, written = 0, []
    for folder in folders:
        with contextlib.suppress(OSError):
            while got < size:
                descriptor, path = tempfile.mkstemp(dir=folder)
                written.append(path)
                with contextlib.closing(os.fdopen(descriptor, "wb", buffering=0)) as file:
                    for _ in range(16):
                        got += file.write(b"x" * MIB)
    for path in written:
        Path(path).unlink()
    return got


def names(folder: str, most: int) -> int:
    """Empty files, which take no space but a place each; they are removed again."""
    made: list[Path] = []
    with contextlib.suppress(OSError):
        for number in range(most):
            path = Path(folder, f"empty-{number}")
            path.touch()
            made.append(path)
    for path in made:
        path.unlink()
    return len(made)


def pipes(most: int) -> int:
    """Pipes, each as large as it can be made and full: memory of the kernel's that no limit of a process counts."""
    held: list[tuple[int, int]] = []
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.suppress(OSError):
        while len(held) < most:
            held.append(os.pipe())
            with contextlib.suppress(OSError):
                fcntl.fcntl(held[-1][1], fcntl.F_SETPIPE_SZ, 2**18)
            os.set_blocking(held[-1][1], False)
            with contextlib.suppress(BlockingIOError):
                os.write(held[-1][1], b"x" * 2**18)
    for pair in held:
        for descriptor in pair:
            os.close(descriptor)
    return len(held)


def spin(seconds: float) -> float:
    """CPU time, with the signal at its end ignored and the limit raised as far as it goes."""
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
    while time.process_time() < seconds:
        pass
    return time.process_time()


def daemon(name: str) -> None:
    """A process that has left its parents, its session and its terminal, hears no signal and has a name to be found."""
    if os.fork() == 0:
        os.setsid()
        for number in range(1, 32):
            if number not in (signal.SIGKILL, signal.SIGSTOP):
                signal.signal(number, signal.SIG_IGN)
        if os.fork():
            os._exit(0)
        ctypes.CDLL(None).prctl(15, name.encode(), 0, 0, 0)
        time.sleep(600)
        os._exit(0)
    os.wait()


def print_much(total: int, line: int) -> int:
    """Lines of this length on both streams, by printing and past it."""
    import sys

    for stream in (sys.stdout, sys.stderr):
        for _ in range(total // line):
            stream.write("x" * line)
        stream.write("\n")
        stream.flush()
    return total


def warn_often(times: int) -> int:
    """The same number of warnings, each told."""
    warnings.simplefilter("always")
    for number in range(times):
        warnings.warn(f"number {number} of a hundred thousand: {'x' * 80}", stacklevel=1)
    return times


def places(home: str, temporary: str) -> Iterator[str]:
    """Where programs keep things from one run to the next."""
    yield from (f"{home}/{name}" for name in (
        ".cache", ".config", ".local/share", ".ipython/profile_default/startup", ".triton/cache", ".matplotlib",
        ".jupyter", ".keras", ".torch", "__pycache__", ".",
    ))  # fmt: skip
    yield from (f"{temporary}/{name}" for name in ("torchinductor_student", "matplotlib", "numba_cache", "."))


LIBRARY = str(Path(os.__file__).parent)
SYSTEM_PLACES = (
    "/dev/shm", "/var/tmp", "/var/cache", "/run", "/run/lock", "/etc", "/.course", "/scratch", "/home", "/root",
    "/usr/lib", LIBRARY, f"{LIBRARY}/__pycache__",
)  # fmt: skip


def leave(folders: list[str], name: str) -> list[str]:
    """Leave a file of this name in all folders that can be written; where it was left."""
    left = []
    for folder in folders:
        path = Path(folder, name)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("left behind")
            left.append(str(path))
    return left


def find(folders: list[str], name: str) -> list[str]:
    """Where such a file lies."""
    return [str(Path(folder, name)) for folder in folders if Path(folder, name).exists()]
