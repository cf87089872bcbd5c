"""Makes the file that the container has as /etc/hosts: `hosts_file.py`, run before it starts.

A container can mount only a file that is there. It names workload pods, once some are discovered.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_host.log import say
from bastion_pod import DIRECTORY
from bastion_workloads.paths import Paths
from bastion_workloads.rendering import render_hosts
from bastion_workloads.store import HOSTS_MODE, write_hosts


def main(directory: str) -> int:
    path = Paths(directory).hosts
    try:
        # Of a pod whose containers are started again, the file is there, and mounted.
        if not os.path.exists(path):
            write_hosts(path, render_hosts([]))
            os.chmod(path, HOSTS_MODE)
    except OSError as error:
        say(f"{path}: {error.strerror}; mount an emptyDir at {directory}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(DIRECTORY))
