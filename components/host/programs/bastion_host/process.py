"""Processes: which one is meant, who descends from it, and ending it for certain.

A process id alone is not enough: ids are used again. What is meant is always the pair of id and
start, and nothing is signalled unless both still match.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple

from . import files

_POLL_SECONDS = 0.02
# Long enough for a process to leave after SIGKILL on a busy machine.
_KILL_SECONDS = 1.0


class Process(NamedTuple):
    """A process that is there and not a zombie."""

    pid: int
    parent: int
    start: str
    """Differs for every process that ever has this id, also across reboots."""


def look(pid: int) -> Process | None:
    """The process with this id, or None. A zombie is gone: it holds no socket any more."""
    if not sys.platform.startswith("linux"):
        return next(iter(_ask_ps("-p", str(pid))), None)
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            content = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in parentheses, may itself contain spaces and parentheses.
    fields = content[content.rindex(b")") + 2 :].split()
    if fields[0] in (b"Z", b"X"):
        return None
    return Process(pid, parent=int(fields[1]), start=f"{int(fields[19])}@{_boot_id()}")


def is_running(process: Process) -> bool:
    found = look(process.pid)
    return found is not None and found.start == process.start


def descendants(ancestors: Iterable[int]) -> list[Process]:
    """All processes below these, nearest first."""
    children: dict[int, list[Process]] = {}
    for process in _all():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    queue = list(ancestors)
    while queue:
        below = children.pop(queue.pop(0), [])
        found.extend(below)
        queue.extend(process.pid for process in below)
    return found


def end(processes: Iterable[Process], patience: float) -> None:
    """Ends processes and all their descendants, and returns when they are gone.

    SIGTERM goes to the given processes only: an sshd session ends its own child in good order.
    What is left when the patience is over is killed.
    """
    roots = [process for process in processes if is_running(process)]
    if not roots:
        return
    family = descendants(process.pid for process in roots) + roots
    for process in roots:
        _signal(process, signal.SIGTERM)
    left = _wait_until_gone(family, patience)
    for process in left:
        _signal(process, signal.SIGKILL)
    _wait_until_gone(left, _KILL_SECONDS)


def _signal(process: Process, number: signal.Signals) -> None:
    if is_running(process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


def _wait_until_gone(processes: list[Process], seconds: float) -> list[Process]:
    """Returns those still running after that time."""
    deadline = time.monotonic() + seconds
    while True:
        processes = [process for process in processes if is_running(process)]
        if not processes or time.monotonic() >= deadline:
            return processes
        time.sleep(_POLL_SECONDS)


def _all() -> list[Process]:
    if not sys.platform.startswith("linux"):
        return _ask_ps("-A")
    found = (look(int(name)) for name in os.listdir("/proc") if name.isdigit())
    return [process for process in found if process is not None]


def _boot_id() -> str:
    return (files.read_if_there("/proc/sys/kernel/random/boot_id") or b"")[:8].decode("ascii")


def _ask_ps(*selection: str) -> list[Process]:
    """The same from ps, for systems without /proc."""
    # Slow to load, and the key command, which every login waits for, does without on Linux.
    import subprocess

    output = subprocess.run(
        ["ps", "-o", "pid=,ppid=,stat=,lstart=", *selection],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    ).stdout
    lines = (line.split(None, 3) for line in output.splitlines())
    return [
        Process(int(pid), parent=int(parent), start=start.strip())
        for pid, parent, state, start in lines
        if not state.startswith("Z")
    ]
