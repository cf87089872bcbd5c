"""What a login sets off: the session is registered, and dead ones of its key make way."""

from __future__ import annotations

import time

from .key_line import KeyLine, parse_key_line
from .log import log_to
from .process import look
from .registry import Registry, Session
from .settings import load_settings
from .take_back import take_back

# The supervisor writes the connection down when sshd logs it, long before a key is offered.
_CONNECTION_SECONDS = 0.5
_POLL_SECONDS = 0.01


def register_login(
    settings_file: str, user: str, blob: str, fingerprint: str, lines: list[str], monitor_pid: int
) -> None:
    """Registers the session that offers this key, unless sshd is going to refuse it anyway."""
    settings = load_settings(settings_file)
    log_to(settings.log)
    key = next((key for key in map(parse_key_line, lines) if key.blob == blob), None)
    if key is None or key.is_expired(time.time()):
        return
    registry = Registry(settings.sessions_directory)
    known = _known_session(registry, monitor_pid)
    if known is None or (known.client and not key.allows_address(known.client[0])):
        return
    session = _asking(known, user, fingerprint, key, time.time())
    registry.write(session)
    take_back(settings, registry, session)


def _asking(known: Session, user: str, fingerprint: str, key: KeyLine, now: float) -> Session:
    """The session, now that it has asked about this key."""
    is_same_key = (known.user, known.fingerprint) == (user, fingerprint)
    return known._replace(
        user=user,
        fingerprint=fingerprint,
        comment=key.comment,
        permit_listen=key.permit_listen,
        permit_open=key.permit_open,
        asked_at=now,
        took_back_at=known.took_back_at if is_same_key else None,
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
