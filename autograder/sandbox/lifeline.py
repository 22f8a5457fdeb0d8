"""A pipe by which helpers end with the process that started them, whatever they are doing and however it ends.

    starter   keeps the writing end, and never writes
    helper    asks the kernel, once, for SIGKILL to its whole process group when the last writer is gone

So a fork that a test keeps busy for ever does not outlive a controller that is killed. A death signal
(PR_SET_PDEATHSIG) would not do: it goes by the direct parent, and a fork that died with the grader would read as a test
that ended its own process. With this the forks of a dead grader finish what they are at, and their results count.

The wish hangs on the open pipe, which forks share, so one call covers all of them. For the same reason student code
must never hold the pipe: it could take the wish back.
"""

from __future__ import annotations

import fcntl
import os
import signal


def hold_on(descriptor: int) -> None:
    """End this process group with the last writer of the pipe `descriptor`, which stays open from here on."""
    os.set_inheritable(descriptor, False)
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)
