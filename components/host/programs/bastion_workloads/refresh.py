"""Discovers all keys anew, now: `refresh.py`, run by a person in the bastion's container.

Prints what was found, and every problem; exits with 1 if not everything could be asked.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_pod import DIRECTORY
from bastion_workloads.cache_rules import REBUILD
from bastion_workloads.lock import hold
from bastion_workloads.paths import Paths
from bastion_workloads.update import UpdateFailed, update

# An update that a login has begun may take that long.
_WAIT_SECONDS = 30.0


def main(directory: str) -> int:
    paths = Paths(directory)
    try:
        with hold(paths.lock, _WAIT_SECONDS):
            updated = update(paths, REBUILD)
    except (UpdateFailed, OSError) as error:
        print(f"failed: {error}; the keys of before hold", file=sys.stderr)
        return 1
    print(updated.summary)
    for problem in updated.problems:
        print(problem)
    if updated.failure is not None:
        print(f"failed: {updated.failure}; what was known before still holds", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else DIRECTORY))
