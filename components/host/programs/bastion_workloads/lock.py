"""One at a time, and nobody for ever: a lock that is waited for, and work with a limit.

Only for a process's main thread, and not one inside the other: both use its one alarm.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def time_limit(seconds: float, reason: str) -> Iterator[None]:
    """Raises TimeoutError in what is done inside, once the time is up."""

    def give_up(*_: object) -> None:
        raise TimeoutError(reason)

    before = signal.signal(signal.SIGALRM, give_up)
    # Nothing is left to do in no time; and a timer of 0 would be none.
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def hold(path: str, wait_seconds: float) -> Iterator[None]:
    """Holds the lock; raises TimeoutError if others have it for longer. Whoever waits sleeps."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with time_limit(wait_seconds, f"another update has not ended within {wait_seconds:g} s"):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
