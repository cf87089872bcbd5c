"""Which sessions a key set no longer allows. Pure.

A key that is unchanged or was given more keeps its sessions; one that was given less, even if
other things in exchange, loses them, because sshd holds a session to the rights of its login.
The session of a certificate is judged by its authority's line. That the certificate has expired
since is no reason, as with any sshd: it is for logging in.
"""

from __future__ import annotations

from collections.abc import Iterable

from .key_line import KeyLine, parse_host_and_port
from .key_set import KeySet
from .registry import ByCertificate, Session


def reason_to_end(session: Session, key_set: KeySet, now: float) -> str | None:
    """Why this session has to end, or None if it may go on."""
    if session.user is None or session.fingerprint is None:
        # Nothing was offered yet; sshd's LoginGraceTime watches over it.
        return None
    key = _find(session.user, session.fingerprint, session.certificate, key_set)
    if key is None:
        return f"its {'key' if session.certificate is None else 'authority'} was removed"
    if key.is_expired(now):
        return "its key has expired"
    if session.client is not None and not key.allows_address(session.client[0]):
        return "its key is no longer allowed from its address"
    if not _covers(key.permit_listen, session.permit_listen):
        return "its key may no longer listen on all its bind ports"
    if not _covers(key.permit_open, session.permit_open):
        return "its key may no longer reach all its bind ports"
    return None


def _find(
    user: str, fingerprint: str, certificate: ByCertificate | None, key_set: KeySet
) -> KeyLine | None:
    if certificate is None:
        return key_set.find(user, fingerprint)
    return key_set.find_authority(user, certificate.authority, certificate.principals)


def _covers(now: Iterable[str], then: Iterable[str]) -> bool:
    rights = {parse_host_and_port(value) for value in now}
    return all(
        (host, port) in rights or ("*", port) in rights
        for host, port in map(parse_host_and_port, then)
    )
