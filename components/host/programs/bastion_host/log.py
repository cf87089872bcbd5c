"""The bastion's log: one line per event on standard error, with a time that sorts.

Standard error is `log/bastion.log`, opened for appending by whoever started the program. Every
line is one write, so lines of several programs never mix.
"""

from __future__ import annotations

import contextlib
import os
import time


def say(message: str, source: str = "bastion") -> None:
    """Writes one line. A log that cannot be written (full disk) must not stop the bastion."""
    line = f"{iso_time(time.time())} {source}: {message}\n"
    with contextlib.suppress(OSError):
        os.write(2, line.encode("utf-8", "replace"))


def log_to(path: str) -> None:
    """Lets standard error be a log: sshd throws away what its key command writes there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    except OSError as error:
        say(f"{path}: {error}")
        return
    os.dup2(descriptor, 2)
    os.close(descriptor)


def iso_time(epoch_seconds: float) -> str:
    """UTC to the second, as in `2027-06-30T23:59:59Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch_seconds))
