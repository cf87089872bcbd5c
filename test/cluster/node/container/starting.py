"""Starts a container and stays until it has ended."""

from __future__ import annotations

import json
import os
import signal
import socket
from typing import NoReturn

from filesystem import make_file_system
from kernel import (
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUTS,
    join_namespace,
    prctl,
    unshare,
)
from plan import Plan
from rights import last_capability, take_rights

_REPORT = 3
_PR_SET_PDEATHSIG = 1
# As a shell has it, for a program that could not be run.
CANNOT_RUN = 127


def start(plan: Plan) -> int:
    """Runs it. The exit code is its first process's, or 128 and the signal that ended that."""
    # What stands here is nobody's but the container's own: its programs do not get it.
    os.set_inheritable(_REPORT, False)
    join_namespace(plan.network, CLONE_NEWNET)
    unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID)
    failure, report_failure = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(failure)
        _become(plan, report_failure)
    os.close(report_failure)
    with open(failure, encoding="utf-8") as reader:
        reason = reader.read()
    report = {"error": reason} if reason else {"pid": child}
    os.write(_REPORT, f"{json.dumps(report)}\n".encode())
    os.close(_REPORT)
    return exit_code(os.waitpid(child, 0)[1])


def exit_code(status: int) -> int:
    """What a process ended with, as a runtime tells it."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become(plan: Plan, report_failure: int) -> NoReturn:
    try:
        os.setsid()
        last = last_capability()
        socket.sethostname(plan.hostname)
        make_file_system(plan)
        run_program(plan, plan.command, last)
    except (OSError, ValueError) as error:
        os.write(report_failure, str(error).encode())
    os._exit(CANNOT_RUN)


def run_program(plan: Plan, command: list[str], last: int) -> NoReturn:
    """Becomes a program of the container, with its rights and its environment."""
    os.chdir(plan.working_directory)
    os.umask(0o022)
    take_rights(plan.rights, last)
    # A change of user would have cleared it.
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Python ignores this one; its successors should not.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execvpe(command[0], command, plan.environment)
