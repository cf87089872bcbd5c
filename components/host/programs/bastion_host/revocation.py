"""Which sessions a key set no longer allows. Pure.

A key that is unchanged or was given more keeps its sessions; one that was given less, even if
other things in exchange, loses them, because sshd holds a session to the rights of its login.
"""

from __future__ import annotations

from collections.abc import Iterable

from .key_line import parse_host_and_port
from .key_set import KeySet
from .registry import Session


def reason_to_end(session: Session, key_set: KeySet, now: float) -> str | None:
    """Why this session has to end, or None if it may go on."""
    if session.user is None or session.fingerprint is None:
        # Nothing was offered yet; sshd's LoginGraceTime watches over it.
        return None
    key = key_set.find(session.user, session.fingerprint)
    if key is None:
        return "its key was removed"
    if key.is_expired(now):
        return "its key has expired"
    if session.client is not None and not key.allows_address(session.client[0]):
        return "its key is no longer allowed from its address"
    if not _covers(key.permit_listen, session.permit_listen):
        return "its key may no longer listen on all its bind ports"
    if not _covers(key.permit_open, session.permit_open):
        return "its key may no longer reach all its bind ports"
    return None


def _covers(now: Iterable[str], then: Iterable[str]) -> bool:
    rights = {parse_host_and_port(value) for value in now}
    return all(
        (host, port) in rights or ("*", port) in rights
        for host, port in map(parse_host_and_port, then)
    )
