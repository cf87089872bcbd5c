"""What a container is to be, as the node decided it from the pod's spec."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple


class Mount(NamedTuple):
    """A file or folder of the node that a container sees."""

    source: str
    target: str
    is_read_only: bool


class Rights(NamedTuple):
    """Who the container's processes are, and what they may do."""

    uid: int
    gid: int
    groups: list[int]
    capabilities: list[str]
    no_new_privileges: bool
    seccomp: bool


class Plan(NamedTuple):
    """A container."""

    image: str
    network: str
    hostname: str
    command: list[str]
    working_directory: str
    environment: dict[str, str]
    is_root_read_only: bool
    mounts: list[Mount]
    rights: Rights


def read_plan(path: str) -> Plan:
    """Reads the node's JSON, whose fields are in camel case."""
    plan = json.loads(Path(path).read_text(encoding="utf-8"))
    rights = plan["rights"]
    return Plan(
        image=plan["image"],
        network=plan["network"],
        hostname=plan["hostname"],
        command=plan["command"],
        working_directory=plan["workingDirectory"],
        environment=plan["environment"],
        is_root_read_only=plan["isRootReadOnly"],
        mounts=[
            Mount(mount["source"], mount["target"], mount["isReadOnly"]) for mount in plan["mounts"]
        ],
        rights=Rights(
            uid=rights["uid"],
            gid=rights["gid"],
            groups=rights["groups"],
            capabilities=rights["capabilities"],
            no_new_privileges=rights["noNewPrivileges"],
            seccomp=rights["seccomp"],
        ),
    )
