"""`autograder grade --reduced-fence`: what a fence without namespaces does not hold, in words."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

FLAG = "--reduced-fence"
NOT_HELD = (
    "the size of scratch files; the memory of all processes together, where there are no control groups; the names of "
    "files and users, which student code can find out, though not what is in them"
)
_SHARED = (
    "student code runs as your own user, with no multiprocessing, one submission at a time, and shares the number of "
    "processes that you may have"
)


def hint(arguments: Sequence[str]) -> str:
    """What to say to somebody for whom no fence could be built; empty if it is the reduced one that could not."""
    if FLAG in arguments:
        return ""
    return f"`autograder grade … {FLAG}` does without namespaces. It does not hold: {NOT_HELD}."


def announce(jobs: int, *, trusted: bool) -> int:
    """Say what is not held; how many submissions may be graded at once. Raises UsageError with `--trust-this-code`."""
    if trusted:
        raise click.UsageError(f"{FLAG} and --trust-this-code exclude each other.")
    own_user = os.geteuid() != 0
    shared = f"; {_SHARED}" if own_user else ""
    click.echo(f"Reduced fence, every report says so. Not held: {NOT_HELD}{shared}.", err=True)
    return 1 if own_user else jobs
