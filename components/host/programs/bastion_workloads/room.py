"""How much may be kept of all pods together. Pure.

Everything is in memory, and counts against what the whole bastion may have: too much of it would
end the bastion, and whoever may make pods could bring that about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .pods import KeyedPod

# As text, once in the cache and once in what sshd reads; each is there twice while it is replaced.
_MOST_BYTES = 8 * 2**20
# The syntax around a permitted host and port, and the port.
_PERMIT_BYTES = 24


class Kept(NamedTuple):
    pods: list[KeyedPod]
    problems: list[str]


def keep_what_fits(
    pods: Sequence[KeyedPod], namespaces: int, ports: int, most_bytes: int = _MOST_BYTES
) -> Kept:
    """As many of the pods, in the order given, as there is room for. Each namespace has an equal
    share, so that none takes what is the others'."""
    share = most_bytes // namespaces
    taken: dict[str, int] = {}
    kept = Kept([], [])
    for pod in pods:
        total = taken.get(pod.pod.namespace, 0) + _bytes_of(pod, ports)
        if total > share:
            kept.problems.append(
                f"{pod.pod.label}: there is no room for its keys; those of a namespace may take "
                f"{share} bytes"
            )
            continue
        taken[pod.pod.namespace] = total
        kept.pods.append(pod)
    return kept


def _bytes_of(keyed: KeyedPod, ports: int) -> int:
    pod, keys = keyed
    hosts = len(pod.label) + len(pod.address) + 2 * _PERMIT_BYTES
    return sum(len(key) + len(pod.label) + ports * hosts for key in keys)
