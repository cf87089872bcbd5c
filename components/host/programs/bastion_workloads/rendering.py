"""What sshd and the resolver read: the lines of the keys, and the names of the pods. Pure."""

from __future__ import annotations

import socket
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .pods import KeyedPod, Pod, take_turns

LOCALHOST = "127.0.0.1\tlocalhost\n"

# SSH_AUTHOPT_PERMIT_MAX: with more, sshd does not take the key at all.
_MOST_PERMITS = 4096


class KeyLines(NamedTuple):
    lines: list[str]
    problems: list[str]


def host_name(pod: Pod) -> str | None:
    """The name that users have for a pod. None if it could be read as an address, of whomever."""
    name = f"{pod.name}.{pod.namespace}"
    try:
        socket.inet_aton(name)
    except OSError:
        return name
    return None


def render_hosts(pods: Iterable[Pod]) -> str:
    """The content of /etc/hosts."""
    lines = [f"{pod.address}\t{name}\n" for pod in sorted(pods) if (name := host_name(pod))]
    return LOCALHOST + "".join(lines)


def render_key_lines(pods: Iterable[KeyedPod], ports: Sequence[int]) -> KeyLines:
    """A line for each key, with all pods that carry it."""
    pods_of: defaultdict[str, list[Pod]] = defaultdict(list)
    for pod, keys in pods:
        for key in keys:
            pods_of[key].append(pod)
    rendered = KeyLines([], [])
    for key, carriers in pods_of.items():
        carriers.sort()
        permitted = _as_many_as_sshd_takes(carriers, ports)
        options = "".join(f',permitopen="{permit}"' for permit in sorted(permitted))
        label = carriers[0].label
        rendered.lines.append(
            f'restrict,port-forwarding,permitlisten="127.0.0.1:1"{options} {key} {label}'
        )
        missing = len(carriers) - len(set(permitted.values()))
        if missing > 0:
            rendered.problems.append(
                f"{label}: a key of it is in {len(carriers)} pods, more than sshd can permit: "
                f"{missing} of them are left out"
            )
    rendered.lines.sort()
    rendered.problems.sort()
    return rendered


def _as_many_as_sshd_takes(pods: list[Pod], ports: Sequence[int]) -> dict[str, Pod]:
    """What the bearer of a key may be forwarded to, each with the pod that it is."""
    permitted: dict[str, Pod] = {}
    for pod in take_turns(pods):
        hosts = [host for host in (host_name(pod), pod.address) if host is not None]
        permits = [f"{host}:{port}" for host in hosts for port in ports]
        if len(permitted) + len(permits) > _MOST_PERMITS:
            break
        permitted.update((permit, pod) for permit in permits)
    return permitted
