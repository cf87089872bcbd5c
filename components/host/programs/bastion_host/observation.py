"""What can be seen of a bastion at one moment: what its status and its metrics are made of."""

from __future__ import annotations

import json
import os
import threading
import time
from typing import Any, NamedTuple

from . import files
from .host_keys import HostKey, HostKeys
from .key_set import KeySet
from .logins import Logins
from .mailbox import Mailbox, Refused
from .registry import Registry, Session
from .settings import Settings
from .sshd_process import SshdProcess
from .tcp_diag import Connection, Endpoint, TcpDiagUnavailable, established, listening
from .tunnel_state import Falls, TunnelState, held, judge

ALL_PORTS = 0


class KeyUse(NamedTuple):
    """A key of the key set, and what became of it."""

    user: str
    name: str
    fingerprint: str
    expires_at: int | None
    last_login_at: float | None
    logins: int


class Sshd(NamedTuple):
    """The listener."""

    pid: int | None
    is_listening: bool
    started_at: float | None
    restarts: int
    last_exit: str | None


class Observation(NamedTuple):
    at: float
    started_at: float
    """When the supervisor began."""
    sessions: list[Session]
    """Those that have logged in, oldest first."""
    open_ports: list[Endpoint]
    connections: list[Connection] | None
    """All of this host; None where the kernel does not tell."""
    tunnels: list[TunnelState]
    keys: list[KeyUse]
    sshd: Sshd
    digest: str
    """Of the key set in force."""
    installed_at: float
    refused: Refused | None
    delivery: dict[str, Any] | None
    """What the program that fills the mailbox says of itself, where there is one."""
    is_served: bool
    """Whether the status port is this bastion's."""
    host_keys: tuple[HostKey, ...]
    host_keys_refused: str | None


class Observer:
    """Looks. Asked on the supervisor's thread and on those of the status server."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        mailbox: Mailbox,
        sshd: SshdProcess,
        logins: Logins,
        host_keys: HostKeys,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._mailbox = mailbox
        self._sshd = sshd
        self._logins = logins
        self.host_keys = host_keys
        self._falls = Falls()
        self._started_at = time.time()
        # A reader in a hurry must not keep the supervisor from its duties.
        self._turn = threading.Lock()
        self.is_served = False

    def note_falls(self, sessions: list[Session]) -> None:
        """Looks at bind ports alone: cheap enough to be done all the time."""
        now = time.time()
        logged_in = _logged_in(sessions, now)
        up = held(self._mailbox.key_set.tunnels, logged_in, _open_ports(logged_in))
        self._falls.note(up, now)

    def look(self) -> Observation:
        with self._turn:
            return self._look()

    def _look(self) -> Observation:
        now = time.time()
        sessions = _logged_in(self._registry.live(), now)
        open_ports = _open_ports(sessions)
        connections = _connections()
        key_set = self._mailbox.key_set
        return Observation(
            at=now,
            started_at=self._started_at,
            sessions=sessions,
            open_ports=open_ports,
            connections=connections,
            tunnels=judge(key_set.tunnels, sessions, open_ports, connections, self._falls, now),
            keys=self._keys(key_set, sessions),
            sshd=self.sshd(),
            digest=key_set.digest,
            installed_at=os.stat(self._settings.live_key_set).st_mtime,
            refused=self._mailbox.refused,
            delivery=self.delivery(),
            is_served=self.is_served,
            host_keys=self.host_keys.keys,
            host_keys_refused=self.host_keys.refused,
        )

    def sshd(self) -> Sshd:
        listener = self._sshd
        return Sshd(
            listener.pid,
            listener.is_listening,
            listener.started_at,
            listener.restarts,
            listener.last_exit,
        )

    def delivery(self) -> dict[str, Any] | None:
        path = os.path.join(os.path.dirname(self._settings.mailbox), "sync.json")
        try:
            said = json.loads(files.read_if_there(path) or b"null")
        except (OSError, ValueError):
            return None
        return said if isinstance(said, dict) else None

    def _keys(self, key_set: KeySet, sessions: list[Session]) -> list[KeyUse]:
        """A session that is open tells of its login even where the moment was not written down."""
        seen = {(session.user, session.fingerprint): since(session) for session in sessions}
        return [
            KeyUse(
                user,
                key.comment,
                fingerprint,
                key.expires_at,
                self._logins.last_at(user, fingerprint) or seen.get((user, fingerprint)),
                self._logins.count(user, fingerprint),
            )
            for user, keys in key_set.users.items()
            for fingerprint, key in keys.keys.items()
        ]


def since(session: Session) -> float:
    """When a session that has logged in did."""
    return session.accepted_at or session.asked_at or 0.0


def _logged_in(sessions: list[Session], now: float) -> list[Session]:
    return sorted((session for session in sessions if session.is_logged_in(now)), key=since)


def _open_ports(sessions: list[Session]) -> list[Endpoint]:
    """The ports that are open; where the kernel does not tell, those that were opened."""
    try:
        return [listener.endpoint for listener in listening(os.getuid())]
    except TcpDiagUnavailable:
        return [claim.endpoint for session in sessions for claim in session.claims]


def _connections() -> list[Connection] | None:
    try:
        return established(ALL_PORTS)
    except TcpDiagUnavailable:
        return None
