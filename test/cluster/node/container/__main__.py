"""Runs containers, and programs inside running ones; a node starts it as `python3 FOLDER`.

`start PLAN` runs the container that the file PLAN describes and ends as its first process ends;
descriptor 3 gets a line of JSON, `{"pid": …}` or `{"error": …}`. `enter PLAN PID COMMAND…` runs a
command inside, with the container's own rights.
"""

from __future__ import annotations

import sys

from entering import enter
from plan import read_plan
from starting import start

if __name__ == "__main__":
    action, plan, *rest = sys.argv[1:]
    if action == "start":
        sys.exit(start(read_plan(plan)))
    sys.exit(enter(read_plan(plan), int(rest[0]), rest[1:]))
