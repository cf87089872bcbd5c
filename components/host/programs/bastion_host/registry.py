"""The session registry: one small file per sshd session, named by its monitor's process id.

sshd's processes cannot be looked into, not even by their own user, so what is known of a session
is written down as it becomes known: the connection and the bind ports come from sshd's log
(`sshd_log`), user, key and rights from the key command (`authorized_keys_command`). The files
outlive the supervisor, so a new one knows the sessions of the old one.

The writers take turns without a lock because sshd does: it logs the connection, then runs the key
command and waits for it, then logs the login, then opens ports.
"""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

from . import files
from .process import Process, end, is_running
from .tcp_diag import Endpoint

# sshd's default LoginGraceTime: a session of that age has logged in, whatever the log says.
_LOGIN_GRACE_SECONDS = 120
_END_PATIENCE_SECONDS = 1.0


class Claim(NamedTuple):
    """A bind port that sshd said it opened for a session. Where two claim one, the later holds."""

    address: str
    port: int
    since: float

    @property
    def endpoint(self) -> Endpoint:
        return self.address, self.port


class ByCertificate(NamedTuple):
    """The certificate with which a session logs in."""

    authority: str
    """Fingerprint of the authority that signed it."""
    principals: tuple[str, ...]
    """Those of it that the authority's line names; empty where only the log tells of it."""
    key_id: str
    serial: int


class Session(NamedTuple):
    """What is known of one session; None where it is not known (yet)."""

    process: Process
    """The monitor: the process that runs the key command and ends the session when told to."""
    client: Endpoint | None = None
    server: Endpoint | None = None
    user: str | None = None
    fingerprint: str | None = None
    """Of the key asked about last. It is the one that signs: sshd asks again before it checks."""
    comment: str = ""
    permit_listen: tuple[str, ...] = ()
    """The key's rights at the time of the login, like `permit_open`."""
    permit_open: tuple[str, ...] = ()
    asked_at: float | None = None
    """When the key command last ran."""
    took_back_at: float | None = None
    """When it last looked for dead sessions of the same client."""
    accepted_at: float | None = None
    """When the client proved to have the key."""
    claims: tuple[Claim, ...] = ()
    certificate: ByCertificate | None = None

    @property
    def owner(self) -> tuple[str | None, str | None]:
        """Whose session it is. By name, since a client comes back with another certificate, and
        with another key in it; by key where the name is not known."""
        return self.user, self.comment or self.fingerprint

    def is_logged_in(self, now: float) -> bool:
        """The second way is for a login whose log line was lost with a killed supervisor."""
        if self.accepted_at is not None:
            return True
        return self.asked_at is not None and now - self.asked_at > _LOGIN_GRACE_SECONDS


class Registry:
    """The files in `run/sessions`."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        # Sessions that could not be written (full disk), so that they can still be revoked.
        self._unwritten: dict[int, Session] = {}

    def write(self, session: Session) -> None:
        """Replaces what was known under this process id: the last word counts. When it cannot be
        written, this process still knows it."""
        pid = session.process.pid
        content = session._asdict()
        content["process"] = session.process._asdict()
        self._unwritten[pid] = session
        files.replace(self._path(pid), json.dumps(content).encode(), 0o600)
        self._unwritten.pop(pid, None)

    def read(self, pid: int) -> Session | None:
        """The session of a running process, or None."""
        session = self._unwritten.get(pid) or self._read_file(pid)
        return session if session is not None and is_running(session.process) else None

    def live(self) -> list[Session]:
        """All sessions whose process runs, unauthenticated ones included."""
        sessions = (self.read(pid) for pid in self._pids())
        return [session for session in sessions if session is not None]

    def sweep(self) -> list[Session]:
        """The same, and forgets the sessions that are over."""
        live = self.live()
        running = {session.process.pid for session in live}
        for pid in self._pids() - running:
            # Looked at once more: a session may have been registered in between.
            if self.read(pid) is None:
                self._unwritten.pop(pid, None)
                files.remove(self._path(pid))
        return live

    def _read_file(self, pid: int) -> Session | None:
        try:
            with open(self._path(pid), "rb") as file:
                return _from_json(json.load(file))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _pids(self) -> set[int]:
        written = {int(name) for name in os.listdir(self._directory) if name.isdigit()}
        return written | set(self._unwritten)

    def _path(self, pid: int) -> str:
        return os.path.join(self._directory, str(pid))


def end_sessions(sessions: list[Session]) -> None:
    """Ends sessions and returns when their processes, and with them their ports, are gone."""
    end([session.process for session in sessions], _END_PATIENCE_SECONDS)


def _from_json(content: dict[str, Any]) -> Session:
    return Session(
        **{
            **content,
            "process": Process(**content["process"]),
            "client": _endpoint(content["client"]),
            "server": _endpoint(content["server"]),
            "permit_listen": tuple(content["permit_listen"]),
            "permit_open": tuple(content["permit_open"]),
            "claims": tuple(Claim(*claim) for claim in content["claims"]),
            "certificate": _certificate(content.get("certificate")),
        }
    )


def _certificate(value: list[Any] | None) -> ByCertificate | None:
    if not value:
        return None
    authority, principals, key_id, serial = value
    return ByCertificate(authority, tuple(principals), key_id, serial)


def _endpoint(value: list[Any] | None) -> Endpoint | None:
    return (value[0], value[1]) if value else None
