"""Pods that have SSH enabled, as the API describes them. Pure."""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Iterable
from operator import attrgetter
from typing import Any, NamedTuple

# RFC 1123, as Kubernetes has it.
_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_OBJECT_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST_NAME = 253
_UID = re.compile(r"[0-9A-Za-z-]{1,64}")


class PodProblem(Exception):
    """Why nobody can be let into a pod although it wants to; the message does not name the pod."""


class Pod(NamedTuple):
    """A pod that can be reached. Another uid or address is another pod."""

    namespace: str
    name: str
    uid: str
    address: str
    """IPv4."""

    @property
    def label(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def identity(self) -> tuple[str, str]:
        return self.uid, self.address


class KeyedPod(NamedTuple):
    """A pod, and the keys found in it, each as `type base64`."""

    pod: Pod
    keys: tuple[str, ...]


def is_object_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and _OBJECT_NAME.fullmatch(text) is not None


def label_of(document: Any, namespace: str) -> str:
    """What messages call a pod whose description may be no good."""
    name = _field(document, "metadata", "name")
    return f"{namespace}/{name if isinstance(name, str) and is_object_name(name) else '?'}"


def parse_pod(document: Any, namespace: str) -> Pod | None:
    """The pod, or None if it does not run (yet, any more); raises PodProblem."""
    metadata, status = _field(document, "metadata"), _field(document, "status")
    name, uid = _field(metadata, "name"), _field(metadata, "uid")
    is_whole = (
        isinstance(name, str)
        and is_object_name(name)
        and isinstance(uid, str)
        and _UID.fullmatch(uid) is not None
        and _field(metadata, "namespace") == namespace
    )
    if not is_whole:
        raise PodProblem("the API describes it without a valid name, namespace and uid")
    if _field(metadata, "deletionTimestamp") is not None:
        return None
    if _field(status, "phase") not in ("Running", "Pending") or not _field(status, "podIP"):
        return None
    # Its address is the node's: whoever may go to the pod might go to the node.
    if _field(document, "spec", "hostNetwork"):
        raise PodProblem("it uses the node's network (hostNetwork), which nobody is let into")
    return Pod(namespace, name, uid, _ipv4_address(status))


def annotation_of(document: Any, annotation: str) -> str | None:
    value = _field(document, "metadata", "annotations", annotation)
    return value if isinstance(value, str) else None


def sharing_addresses(pods: Iterable[Pod]) -> set[str]:
    """Addresses that more than one pod has: of a node that is gone, a pod's status stays."""
    seen: set[str] = set()
    return {pod.address for pod in pods if pod.address in seen or seen.add(pod.address)}


def take_turns(pods: Iterable[Pod]) -> list[Pod]:
    """One pod of each namespace, then the next of each: so that, where there is not enough for
    all, many pods of one namespace do not take what the others need."""
    namespaces = itertools.groupby(sorted(pods), key=attrgetter("namespace"))
    rounds = itertools.zip_longest(*(list(group) for _, group in namespaces))
    return [pod for turn in rounds for pod in turn if pod is not None]


def _ipv4_address(status: Any) -> str:
    others = _field(status, "podIPs")
    texts = [_field(status, "podIP")]
    texts += [_field(other, "ip") for other in others] if isinstance(others, list) else []
    for text in texts:
        try:
            address = ipaddress.IPv4Address(text)
        except ValueError:
            continue
        # Not where a bastion would reach itself, or a machine's metadata.
        if address.is_loopback or address.is_link_local or address.is_multicast:
            continue
        if not address.is_unspecified:
            return str(address)
    raise PodProblem("it has no IPv4 address")


def _field(document: Any, *names: str) -> Any:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document
