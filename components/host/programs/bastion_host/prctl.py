"""prctl(2), which Python has no function for."""

from __future__ import annotations

import sys


def prctl(option: int, value: int) -> None:
    """Asks Linux for a property of this process. Elsewhere there is no such thing.

    An image of a container has no ctypes. It needs nothing that is asked for here: the kernel gives
    orphans to the container's first process, and ends everything together with it.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes
    except ImportError:
        return
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
