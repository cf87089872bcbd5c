"""What a login sets off: the session is registered, and dead ones of its client make way."""

from __future__ import annotations

import time
from collections.abc import Iterable

from .certificate import Certificate, is_certificate, parse_certificate
from .key_line import KeyLine, parse_key_line
from .log import log_to
from .process import look
from .registry import ByCertificate, Registry, Session
from .settings import load_settings
from .take_back import take_back

# The supervisor writes the connection down when sshd logs it, long before a key is offered.
_CONNECTION_SECONDS = 0.5
_POLL_SECONDS = 0.01


def register_login(
    settings_file: str,
    user: str,
    offered: tuple[str, str, str],
    lines: list[str],
    monitor_pid: int,
) -> None:
    """Registers the session that offers this key, unless sshd is going to refuse it anyway. What
    is offered are the key's type, blob and fingerprint."""
    settings = load_settings(settings_file)
    log_to(settings.log)
    key_type, blob, fingerprint = offered
    certificate = parse_certificate(key_type, blob) if is_certificate(key_type) else None
    key = _line_of(map(parse_key_line, lines), blob, certificate)
    grants = [grant for grant in (key, certificate) if grant is not None]
    now = time.time()
    if key is None or key.is_expired(now) or (certificate and not certificate.is_valid(now)):
        return
    registry = Registry(settings.sessions_directory)
    known = _known_session(registry, monitor_pid)
    if known is None:
        return
    if known.client and not all(grant.allows_address(known.client[0]) for grant in grants):
        return
    session = _asking(known, user, fingerprint, key, certificate, time.time())
    registry.write(session)
    take_back(settings, registry, session)


def _line_of(
    keys: Iterable[KeyLine], blob: str, certificate: Certificate | None
) -> KeyLine | None:
    """Of the lines that were printed the one that holds for what is offered."""
    if certificate is not None:
        return next((key for key in keys if key.blob == certificate.authority_blob), None)
    # An authority's own key logs nobody in.
    return next((key for key in keys if key.blob == blob and not key.principals), None)


def _asking(
    known: Session,
    user: str,
    fingerprint: str,
    key: KeyLine,
    certificate: Certificate | None,
    now: float,
) -> Session:
    """The session, now that it has asked about this key."""
    is_same_key = (known.user, known.fingerprint) == (user, fingerprint)
    return known._replace(
        user=user,
        fingerprint=fingerprint,
        certificate=None if certificate is None else _by_certificate(certificate, key),
        comment=key.comment,
        permit_listen=key.permit_listen,
        permit_open=key.permit_open,
        asked_at=now,
        took_back_at=known.took_back_at if is_same_key else None,
    )


def _by_certificate(certificate: Certificate, authority: KeyLine) -> ByCertificate:
    return ByCertificate(
        authority=authority.fingerprint,
        principals=tuple(p for p in authority.principals if p in certificate.principals),
        key_id=certificate.key_id,
        serial=certificate.serial,
    )


def _known_session(registry: Registry, monitor_pid: int) -> Session | None:
    """What the supervisor has written about the session. Without it (a supervisor that is
    stopped, a system that does not tell) the session is registered with no connection."""
    deadline = time.monotonic() + _CONNECTION_SECONDS
    while time.monotonic() < deadline:
        session = registry.read(monitor_pid)
        if session is not None:
            return session
        time.sleep(_POLL_SECONDS)
    process = look(monitor_pid)
    return Session(process) if process is not None else None
