"""What the deploying side wants of workloads: `etc/workloads.json`."""

from __future__ import annotations

import json
import os
import re
from typing import Any, NamedTuple

from bastion_host.settings import SettingsError, field_problems

ANNOTATION = "annotation"
SECRET = "secret"
CONFIG_MAP = "config-map"
HTTP = "http"

_FIELDS: dict[str, type] = {
    "user": str,
    "namespaces": list,
    "labelSelector": str,
    "sshPorts": list,
    "keySource": str,
    "annotation": str,
    "dataKey": str,
    "httpPort": int,
    "httpPath": str,
}
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PATH = re.compile(r"/[!-~]*")


class WorkloadSettings(NamedTuple):
    """The settings, and the bastion's directory, in which their file is."""

    directory: str
    user: str
    """Who logs in to be forwarded to a pod."""
    namespaces: tuple[str, ...]
    label_selector: str
    """Of pods that have SSH enabled, as the API takes it."""
    ssh_ports: tuple[int, ...]
    """Where a user may be forwarded to in a pod."""
    key_source: str
    annotation: str
    """Holds the keys, or names the object that does."""
    data_key: str
    http_port: int
    http_path: str


def load_workload_settings(path: str) -> WorkloadSettings:
    """Reads and checks the file; raises SettingsError with all it dislikes."""
    try:
        with open(path, "rb") as file:
            document = json.load(file)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from None
    problems = field_problems(document, _FIELDS) or _bad_values(document)
    if problems:
        raise SettingsError(f"{path}: " + "; ".join(problems))
    return WorkloadSettings(
        directory=os.path.dirname(os.path.dirname(os.path.abspath(path))),
        user=document["user"],
        namespaces=tuple(document["namespaces"]),
        label_selector=document["labelSelector"],
        ssh_ports=tuple(document["sshPorts"]),
        key_source=document["keySource"],
        annotation=document["annotation"],
        data_key=document["dataKey"],
        http_port=document["httpPort"],
        http_path=document["httpPath"],
    )


def _bad_values(document: dict[str, Any]) -> list[str]:
    problems = []
    for name in ("user", "labelSelector", "annotation", "dataKey"):
        # Without a selector, every pod there is would be one that has SSH enabled.
        if document[name] == "":
            problems.append(f"{name}: must not be empty")
    if not document["namespaces"] or not all(map(_is_namespace, document["namespaces"])):
        problems.append("namespaces: must be a non-empty list of namespaces")
    if not document["sshPorts"] or not all(map(_is_port, document["sshPorts"])):
        problems.append("sshPorts: must be a non-empty list of ports between 1 and 65535")
    if not _is_port(document["httpPort"]):
        problems.append("httpPort: must be between 1 and 65535")
    if document["keySource"] not in (ANNOTATION, SECRET, CONFIG_MAP, HTTP):
        problems.append("keySource: must be annotation, secret, config-map or http")
    if _PATH.fullmatch(document["httpPath"]) is None:
        problems.append("httpPath: must begin with / and be printable ASCII without spaces")
    return problems


def _is_namespace(value: object) -> bool:
    return isinstance(value, str) and _NAMESPACE.fullmatch(value) is not None


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535
