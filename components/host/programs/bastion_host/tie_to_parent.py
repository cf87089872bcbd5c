"""Starts a program that ends when its parent does: `tie_to_parent.py <parent's pid> <program> …`.

Keeps an sshd from outliving a supervisor that was killed: it would hold the SSH port, and nobody
would read its log. A program of its own, because the only other place for this is the child of a
fork in a process with threads, where Python may not run safely.
"""

from __future__ import annotations

import os
import signal
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_host.prctl import prctl

_PR_SET_PDEATHSIG = 1


def main(parent: int, program: list[str]) -> None:
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # The parent may have gone before it could matter.
    if os.getppid() != parent:
        sys.exit(1)
    # Python ignores it, and what is ignored stays so in the new program.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execv(program[0], program)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
