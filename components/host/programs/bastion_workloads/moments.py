"""When the cache was made, and when making it failed.

Moments are seconds of CLOCK_BOOTTIME: all processes share it, and nobody can set it. Imported for
every key that is offered, so without a module of its own need.
"""

from __future__ import annotations

import time

_HEADER = "# rebuilt {!r} updated {!r}\n"
_LONGEST_HEADER_BYTES = 200


class Moments:
    """When the cache was last rebuilt, and when it was last updated in any way."""

    __slots__ = ("rebuilt", "updated")

    def __init__(self, rebuilt: float, updated: float) -> None:
        self.rebuilt = rebuilt
        self.updated = updated


def boot_time() -> float:
    """The moment that is now."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def render_moments(moments: Moments) -> str:
    """The first line of the keys file: a comment for sshd."""
    return _HEADER.format(moments.rebuilt, moments.updated)


def parse_moments(line: str) -> Moments | None:
    """The moments of a keys file, by its first line; None if that is not one."""
    words = line.split()
    if len(words) != 5 or (words[0], words[1], words[3]) != ("#", "rebuilt", "updated"):
        return None
    try:
        return Moments(float(words[2]), float(words[4]))
    except ValueError:
        return None


def read_moments(keys_file: str) -> Moments | None:
    """Of the keys file; None without one."""
    try:
        with open(keys_file, "rb") as file:
            return parse_moments(file.readline(_LONGEST_HEADER_BYTES).decode("ascii", "replace"))
    except FileNotFoundError:
        return None


def read_failure(path: str) -> float | None:
    """The moment of the last failure, if nothing has worked since."""
    try:
        with open(path, "rb") as file:
            return float(file.read())
    except (FileNotFoundError, ValueError):
        return None
