"""Runs a program inside a running container."""

from __future__ import annotations

import os
import sys

from kernel import (
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUTS,
    join_namespace,
)
from plan import Plan
from rights import last_capability
from starting import CANNOT_RUN, exit_code, run_program

# The file system last: the names of the others are in the one that is left.
_NAMESPACES = {
    "net": CLONE_NEWNET,
    "ipc": CLONE_NEWIPC,
    "uts": CLONE_NEWUTS,
    "pid": CLONE_NEWPID,
    "mnt": CLONE_NEWNS,
}


def enter(plan: Plan, pid: int, command: list[str]) -> int:
    """Runs it to its end, at this process's own standard input and output; gives its exit code."""
    last = last_capability()
    for name, flag in _NAMESPACES.items():
        join_namespace(f"/proc/{pid}/ns/{name}", flag)
    child = os.fork()
    if child == 0:
        try:
            run_program(plan, command, last)
        except OSError as error:
            print(f"{command[0]}: {error}", file=sys.stderr)
        os._exit(CANNOT_RUN)
    return exit_code(os.waitpid(child, 0)[1])
