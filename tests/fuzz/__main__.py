"""The fuzz of every reader of student bytes: `python -m tests.fuzz --frames 1000000`.

Frames come in chunks, each with a seed of its own made of `--seed` and its number, so that a finding can be had again:
`python -m tests.fuzz --seed S --chunk N`. Every worker may use a fixed amount of memory above what it starts with, and
measures the CPU time of every frame.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import secrets
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .frames import mutate, valid_frame
from .readers import BY_FRAME, BY_STREAM, framed, read_value

CHUNK = 1000
TAKEN = "(taken)"
_CORPUS = 400
_MEMORY = 512 * 2**20
_CPU_SECONDS = 10.0
"""Far above what a frame of 64 KiB can ask for (colliding keys: five seconds); a hang is caught all the same."""
_STREAMS = 8
"""One frame in so many goes through pipes, too: that costs system calls."""


@dataclass
class Tally:
    """What became of some frames."""

    frames: int = 0
    slowest: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


def fuzz_chunk(task: tuple[int, int]) -> Tally:
    """Feed one chunk's frames to all readers."""
    seed, number = task
    chance = random.Random(f"{seed}:{number}")
    corpus = [valid_frame(chance) for _ in range(_CORPUS)]
    tally = Tally()
    for place in range(CHUNK):
        frame = chance.choice(corpus)
        if place % 10:
            frame = mutate(frame, chance.choice(corpus), chance)
        started = time.thread_time()
        try:
            tally.refused[(read_value(frame) or TAKEN).partition(" tag")[0]] += 1
            feed(frame, chance, streams=place % _STREAMS == 0)
        except Exception:
            trace = traceback.format_exc(limit=-3)
            tally.findings.append(f"chunk {number}, frame {place}: {frame[:200].hex()}\n{trace}")
        seconds = time.thread_time() - started
        tally.slowest = max(tally.slowest, seconds)
        if seconds > _CPU_SECONDS:
            tally.findings.append(f"chunk {number}, frame {place}: {seconds:.1f} s of CPU time: {frame[:200].hex()}")
        tally.frames += 1
    return tally


def feed(frame: bytes, chance: random.Random, *, streams: bool) -> None:
    """Have every other reader read one frame."""
    for reader in BY_FRAME:
        reader(frame)
    if streams:
        for reader in BY_STREAM:
            reader(framed(frame, chance) + framed(frame[::-1], chance))


def confine() -> None:
    """In a worker: no more memory than frames of this size may take."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY, used + _MEMORY))


def main() -> int:
    """Run, show progress, report; 1 where there was a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=None, help="default: a random one, which is printed")
    parser.add_argument("--chunk", type=int, default=None, help="only this chunk, in this process")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else secrets.randbits(32)
    chunks = [options.chunk] if options.chunk is not None else range(-(-options.frames // CHUNK))
    print(f"seed {seed}, {len(chunks) * CHUNK:,} frames, {options.jobs} at a time", flush=True)
    tasks = [(seed, number) for number in chunks]
    if options.chunk is not None:
        return report(map(fuzz_chunk, tasks), len(tasks))
    with multiprocessing.get_context("fork").Pool(options.jobs, confine) as pool:
        return report(pool.imap_unordered(fuzz_chunk, tasks), len(tasks))


def report(tallies: Iterable[Tally], chunks: int) -> int:
    """Print progress and every finding; 1 where there was one."""
    started = time.monotonic()
    total = Tally()
    for done, tally in enumerate(tallies, 1):
        total.frames += tally.frames
        total.slowest = max(total.slowest, tally.slowest)
        for finding in tally.findings[: max(0, 10 - len(total.findings))]:
            print(f"\n{finding}", file=sys.stderr)
        total.findings += tally.findings
        total.refused += tally.refused
        if done * 20 // chunks != (done - 1) * 20 // chunks:
            rate = total.frames / (time.monotonic() - started)
            print(f"{total.frames:,} frames, {rate:,.0f} a second", file=sys.stderr, flush=True)
    seconds = time.monotonic() - started
    for reason, count in total.refused.most_common():
        print(f"{count:>12,} {reason}")
    found, slowest = len(total.findings), total.slowest * 1000
    print(f"{total.frames:,} frames in {seconds:.0f} s; slowest {slowest:.0f} ms of CPU; findings: {found}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
