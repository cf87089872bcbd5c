"""`run/status.json`: what the deploying side and the operator read about this bastion.

A deployment waits until `keySet.digest` is the digest of what it put into the mailbox, or until
`keySet.refused.digest` is. No key material and no secret in it: everybody may read it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from typing import Any

from . import files
from .liveness import holders
from .log import iso_time
from .mailbox import Mailbox
from .registry import Session
from .settings import Settings
from .sshd_process import SshdProcess
from .tcp_diag import Endpoint, TcpDiagUnavailable, listening

# Written anew at least this often, so that a reader can tell a live bastion from a dead one.
_REFRESH_SECONDS = 5.0


class StatusFile:
    """Writes the file when something has changed, or when it has grown old."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._written: dict[str, Any] | None = None
        self._written_at = 0.0

    def update(self, mailbox: Mailbox, sshd: SshdProcess, sessions: list[Session]) -> None:
        now = time.time()
        document = {
            "keySet": self._key_set(mailbox),
            "sshd": {
                "pid": sshd.pid,
                "listening": sshd.is_listening,
                "startedAt": iso_time(sshd.started_at) if sshd.started_at else None,
                "restarts": sshd.restarts,
                "lastExit": sshd.last_exit,
            },
            "sessions": render_sessions(sessions, _listening(sessions), now),
            "mailbox": self._delivery(),
        }
        if document == self._written and 0 <= now - self._written_at < _REFRESH_SECONDS:
            return
        text = json.dumps({**document, "updatedAt": iso_time(now)}, indent=2) + "\n"
        files.replace(self._settings.status, text.encode(), 0o644)
        self._written, self._written_at = document, now

    def _key_set(self, mailbox: Mailbox) -> dict[str, Any]:
        return {
            "digest": mailbox.key_set.digest,
            "installedAt": iso_time(os.stat(self._settings.live_key_set).st_mtime),
            "refused": mailbox.refused._asdict() if mailbox.refused else None,
        }

    def _delivery(self) -> dict[str, Any] | None:
        """What the program that fills the mailbox says of itself, where there is one."""
        path = os.path.join(os.path.dirname(self._settings.mailbox), "sync.json")
        try:
            said = json.loads(files.read_if_there(path) or b"null")
        except (OSError, ValueError):
            return None
        return said if isinstance(said, dict) else None


def render_sessions(
    sessions: Iterable[Session], open_ports: Iterable[Endpoint], now: float
) -> list[dict[str, Any]]:
    """The sessions that have logged in, oldest first, with the bind ports each one holds."""
    sessions = sorted(
        (session for session in sessions if session.is_logged_in(now)),
        key=lambda session: session.accepted_at or session.asked_at or 0,
    )
    held_by = holders(sessions, open_ports)
    return [
        {
            "user": session.user,
            "fingerprint": session.fingerprint,
            "name": session.comment,
            "clientAddress": session.client[0] if session.client else None,
            "since": iso_time(session.accepted_at or session.asked_at or 0),
            "permitListen": list(session.permit_listen),
            "permitOpen": list(session.permit_open),
            "listening": [
                {"address": claim.address, "port": claim.port, "since": iso_time(claim.since)}
                for claim in session.claims
                if held_by.get(claim.endpoint) == session.process
            ],
            "pid": session.process.pid,
            "certificate": _certificate(session),
        }
        for session in sessions
    ]


def _certificate(session: Session) -> dict[str, Any] | None:
    """With which one it logged in. The serial number is a text: it may have 64 bits."""
    if session.certificate is None:
        return None
    authority, _, key_id, serial = session.certificate
    return {"authority": authority, "keyId": key_id, "serial": str(serial)}


def _listening(sessions: Iterable[Session]) -> list[Endpoint]:
    """The ports that are open; where the kernel does not tell, those that were opened."""
    try:
        return [listener.endpoint for listener in listening(os.getuid())]
    except TcpDiagUnavailable:
        return [claim.endpoint for session in sessions for claim in session.claims]
