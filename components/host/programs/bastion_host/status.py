"""The status of a bastion: for operators over the status port, and in `run/status.json`.

A deployment waits until `keySet.digest` is the digest of what it put into the mailbox, or until
`keySet.refused.digest` is. No key material and no secret in it: everybody may read it.
"""

from __future__ import annotations

import json
import time
from typing import Any

from . import files
from .host_keys import HostKey
from .key_set import KeySet
from .liveness import by_session, holders
from .log import iso_time
from .mailbox import Mailbox, Refused
from .observation import KeyUse, Observation, Observer, Sshd, since
from .registry import Session
from .settings import Settings
from .tcp_diag import Connection
from .tunnel_state import TunnelState

VERSION = 1

# Written anew at least this often, so that a reader can tell a live bastion from a dead one.
_REFRESH_SECONDS = 5.0


class StatusFile:
    """Writes the file when something has happened, or when it has grown old. Bytes that have moved
    and seconds that have passed are no event: it would be written at every look."""

    def __init__(self, settings: Settings, observer: Observer) -> None:
        self._path = settings.status
        self._observer = observer
        self._written: tuple[object, ...] | None = None
        self._written_at = 0.0

    def update(self, mailbox: Mailbox, sessions: list[Session]) -> None:
        now = time.time()
        events = self._events(mailbox.key_set, mailbox.refused, sessions, now)
        if events == self._written and 0 <= now - self._written_at < _REFRESH_SECONDS:
            return
        text = json.dumps(render_status(self._observer.look()), indent=2) + "\n"
        files.replace(self._path, text.encode(), 0o644)
        self._written, self._written_at = events, now

    def _events(
        self, key_set: KeySet, refused: Refused | None, sessions: list[Session], now: float
    ) -> tuple[object, ...]:
        logged_in = [session for session in sessions if session.is_logged_in(now)]
        delivery = self._observer.delivery()
        served = self._observer.is_served
        host_keys = self._observer.host_keys
        present = (key_set.digest, refused, host_keys.keys, host_keys.refused)
        return (*present, logged_in, self._observer.sshd(), delivery, served)


def render_status(seen: Observation) -> dict[str, Any]:
    return {
        "version": VERSION,
        "at": iso_time(seen.at),
        "startedAt": iso_time(seen.started_at),
        "tunnels": [_tunnel(state) for state in seen.tunnels],
        "sessions": _sessions(seen),
        "keys": [_key(key) for key in seen.keys],
        "sshd": _sshd(seen.sshd),
        "keySet": {
            "digest": seen.digest,
            "installedAt": iso_time(seen.installed_at),
            "refused": seen.refused._asdict() if seen.refused else None,
        },
        "hostKeys": [_host_key(key) for key in seen.host_keys],
        "hostKeysRefused": seen.host_keys_refused,
        "mailbox": seen.delivery,
        "statusPort": {"listening": seen.is_served},
    }


def _tunnel(state: TunnelState) -> dict[str, Any]:
    session = state.session
    return {
        "name": state.tunnel.name,
        "bindPort": state.tunnel.bind_port,
        "bindAddress": state.tunnel.bind_address,
        "state": state.state,
        "since": _moment(state.since),
        "client": session.comment if session else None,
        "fingerprint": session.fingerprint if session else None,
        "clientAddress": _client_address(session),
        "silentSeconds": _silence(state.reading),
        "openConnections": state.open_connections,
        "bytesReceived": state.reading.bytes_received if state.reading else None,
        "bytesSent": state.reading.bytes_sent if state.reading else None,
    }


def _sessions(seen: Observation) -> list[dict[str, Any]]:
    held_by = holders(seen.sessions, seen.open_ports)
    readings = by_session(seen.connections or ())
    return [
        _session(session, readings.get((session.server, session.client)))
        | {
            "listening": [
                {"address": claim.address, "port": claim.port, "since": iso_time(claim.since)}
                for claim in session.claims
                if held_by.get(claim.endpoint) == session.process
            ]
        }
        for session in seen.sessions
    ]


def _session(session: Session, reading: Connection | None) -> dict[str, Any]:
    return {
        "user": session.user,
        "name": session.comment,
        "fingerprint": session.fingerprint,
        "certificate": _certificate(session),
        "clientAddress": _client_address(session),
        "since": iso_time(since(session)),
        "silentSeconds": _silence(reading),
        "bytesReceived": reading.bytes_received if reading else None,
        "bytesSent": reading.bytes_sent if reading else None,
        "pid": session.process.pid,
        "permitListen": list(session.permit_listen),
        "permitOpen": list(session.permit_open),
    }


def _certificate(session: Session) -> dict[str, Any] | None:
    """With which one it logged in. The serial number is a text: it may have 64 bits."""
    if session.certificate is None:
        return None
    authority, _, key_id, serial = session.certificate
    return {"authority": authority, "keyId": key_id, "serial": str(serial)}


def _key(key: KeyUse) -> dict[str, Any]:
    return {
        "user": key.user,
        "name": key.name,
        "fingerprint": key.fingerprint,
        "expiresAt": _moment(key.expires_at),
        "lastLoginAt": _moment(key.last_login_at),
    }


def _sshd(sshd: Sshd) -> dict[str, Any]:
    return {
        "pid": sshd.pid,
        "listening": sshd.is_listening,
        "startedAt": _moment(sshd.started_at),
        "restarts": sshd.restarts,
        "lastExit": sshd.last_exit,
    }


def _host_key(key: HostKey) -> dict[str, Any]:
    """Who logged in before the time of an announced one has not been told of it."""
    return {
        "type": key.type,
        "fingerprint": key.fingerprint,
        "announcedOnly": key.announced_only,
        "since": iso_time(key.since),
    }


def _client_address(session: Session | None) -> str | None:
    return session.client[0] if session and session.client else None


def _silence(reading: Connection | None) -> float | None:
    return round(reading.silent_seconds, 1) if reading else None


def _moment(epoch_seconds: float | None) -> str | None:
    return iso_time(epoch_seconds) if epoch_seconds is not None else None
