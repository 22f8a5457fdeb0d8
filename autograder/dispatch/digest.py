"""The digest of what a student handed in. The files are a stranger's: nothing that is no plain file is waited for."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from autograder.errors import CourseError, Problem
from autograder.grading.workshop import Submitted

_CHUNK = 1 << 20
_MOST_BYTES = 1 << 30
"""Of a larger file, which nobody will grade, the digest is that of its beginning and its size."""
_OURS = (errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ESTALE)


def digest_of(files: Mapping[str, Path]) -> str:
    """SHA-256 over a submission's bytes; over its notebooks' digests where there are several. OSError for what is
    ours: a right that this account lacks, a disk that fails."""
    digests = [_file_digest(path) for _, path in sorted(files.items())]
    return digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()


def digest_all(submissions: Iterable[Submitted]) -> list[str]:
    """The digest of each. CourseError with every file that cannot be read: else a student would pay for that."""
    digests, problems = [], []
    for submitted in submissions:
        try:
            digests.append(digest_of(submitted.files))
        except OSError as error:
            remedy = "give this account the right to read it, or leave it out"
            problems.append(Problem(str(error.filename), None, None, f"cannot be read ({error.strerror})", remedy))
    if problems:
        raise CourseError(problems)
    return digests


def _file_digest(path: Path) -> str:
    """The digest of a plain file; of nothing where it is none or has gone. Intake will say what is wrong with it."""
    digest = sha256()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _OURS:
            raise
        return digest.hexdigest()
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return digest.hexdigest()
        left = _MOST_BYTES
        while left and (chunk := os.read(descriptor, min(_CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        os.close(descriptor)
    if not left:
        digest.update(str(about.st_size).encode())
    return digest.hexdigest()
