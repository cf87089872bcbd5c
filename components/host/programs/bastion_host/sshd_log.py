"""What sshd says in its log, turned into the session registry.

sshd's standard error is a datagram socket of the supervisor with SO_PASSCRED: the kernel puts the
process id of the writer beside every line. That is the only way an unprivileged supervisor can
learn which of sshd's processes serves which connection and holds which bind port (OpenSSH before
9.4 does not tell the key command the connection, and none tells anybody the ports).

Wanted from sshd_config: `LogLevel VERBOSE`, and
`LogVerbose channels.c:channel_setup_fwd_listener_tcpip():*` for the bind ports.
A line of an unauthenticated client ends in ` [preauth]`, so it cannot pass for one of these. What
it has sent may stand within a line of the monitor's, such as the key id of a certificate that
anybody can have signed, and sshd leaves ends of lines in it as they are. Each message is one
datagram, so one with several lines tells nothing.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Collection
from typing import NamedTuple, Union

from .log import say
from .logins import Logins
from .process import look
from .registry import ByCertificate, Claim, Registry, Session
from .tcp_diag import Endpoint

_CONNECTED = re.compile(
    r'Connection from (\S+) port (\d+) on (\S+) port (\d+)(?: rdomain "[^"]*")?'
)
_ACCEPTED = re.compile(
    r"Accepted publickey for (\S+) from \S+ port \d+ ssh2: \S+ (SHA256:\S+)"
    r"(?: ID (.*) \(serial (\d+)\) CA \S+ (SHA256:\S+))?"
)
_LISTENING = re.compile(r"Server listening on \S+ port \d+\.")
_FORWARD = r"(?:debug1: )?channels\.c:channel_setup_fwd_listener_tcpip\(\):\d+ \([^)]*\): "
_OPENING = re.compile(_FORWARD + r"Local forwarding listening on (\S+) port (\d+)\.")
_FAILED = re.compile(_FORWARD + r"(?:bind|listen) \[(\S+)\]:(\d+): .*")
PROBE_ADDRESS = "127.0.0.2"
"""Where a pod's probe asks from, every few seconds. Nothing from outside can have this address, so
that its lines can be left out of the log."""
# The same function's third-level messages, which LogVerbose cannot leave out; and probes.
_NOISE = re.compile(
    rf"debug[23]: .*|Connection (?:from|closed by|reset by) {re.escape(PROBE_ADDRESS)} port \d+.*"
)

_CREDENTIALS = struct.Struct("=iII")
_LINE_LIMIT = 8192


class Connected(NamedTuple):
    client: Endpoint
    server: Endpoint


class Accepted(NamedTuple):
    user: str
    fingerprint: str
    certificate: ByCertificate | None = None
    """Without its principals, which the log does not tell."""


class Opening(NamedTuple):
    """A bind port is about to be opened. Nothing more is said when that works."""

    endpoint: Endpoint


class Failed(NamedTuple):
    endpoint: Endpoint


Event = Union[Connected, Accepted, Opening, Failed]


def parse(line: str) -> Event | None:
    """The event that a line of sshd's log tells of, or None."""
    match = _CONNECTED.fullmatch(line)
    if match:
        return Connected((match[1], int(match[2])), (match[3], int(match[4])))
    match = _ACCEPTED.fullmatch(line)
    if match:
        certificate = ByCertificate(match[5], (), match[3], int(match[4])) if match[5] else None
        return Accepted(match[1], match[2], certificate)
    match = _OPENING.fullmatch(line)
    if match:
        return Opening((match[1], int(match[2])))
    match = _FAILED.fullmatch(line)
    if match:
        return Failed((match[1], int(match[2])))
    return None


def after(session: Session, event: Event, now: float) -> Session:
    """What is known of a session once one of its processes has said this."""
    if isinstance(event, Accepted):
        return _known_for(session, event)._replace(accepted_at=now)
    if isinstance(event, Opening):
        claims = (*_without(session, event.endpoint), Claim(*event.endpoint, since=now))
        return session._replace(claims=claims)
    if isinstance(event, Failed):
        return session._replace(claims=_without(session, event.endpoint))
    return session


def _known_for(session: Session, event: Accepted) -> Session:
    """The session under the key it has logged in with. The key command has normally registered
    that, and the key's rights; where it could not, user and key are enough to revoke it."""
    known = session.certificate and session.certificate._replace(principals=())
    if (session.user, session.fingerprint, known) == event:
        return session
    return Session(
        session.process,
        session.client,
        session.server,
        event.user,
        event.fingerprint,
        certificate=event.certificate,
    )


def _without(session: Session, endpoint: Endpoint) -> tuple[Claim, ...]:
    return tuple(claim for claim in session.claims if claim.endpoint != endpoint)


class SshdLog:
    """Reads sshd's lines."""

    def __init__(self, registry: Registry, users: Collection[str], logins: Logins) -> None:
        """`users` are those of the key set. A login of others is not judged by it, so that
        nothing is known of whose it is."""
        self._registry = registry
        self._users = users
        self._logins = logins
        self.is_listening = threading.Event()
        """Set by the line in which sshd says that it accepts logins."""
        # Datagrams, not a stream: writing to a dead supervisor is then an error for sshd's
        # sessions, not a signal that ends them.
        self._reader, self.writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        if hasattr(socket, "SO_PASSCRED"):
            self._reader.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        else:
            say("this system does not say who writes a log line: bind ports are not attributed")

    def start(self) -> None:
        """On a thread of its own: sshd's processes wait when nobody reads what they say."""
        threading.Thread(target=self._run, name="sshd-log", daemon=True).start()

    def _run(self) -> None:
        while True:
            data, ancillary, _, _ = self._reader.recvmsg(_LINE_LIMIT, 64)
            pid = _CREDENTIALS.unpack(ancillary[0][2][: _CREDENTIALS.size])[0] if ancillary else 0
            lines = data.decode("utf-8", "replace").splitlines()
            for line in lines:
                if not _NOISE.fullmatch(line):
                    say(line, source=f"sshd[{pid}]")
            if len(lines) != 1:
                continue
            try:
                self._record(pid, lines[0])
            except Exception as error:
                # This thread must go on whatever a line contains: see start.
                say(f"session {pid} is not registered: {type(error).__name__}: {error}")

    def _record(self, pid: int, line: str) -> None:
        if _LISTENING.fullmatch(line):
            self.is_listening.set()
        event = parse(line)
        if isinstance(event, Accepted) and event.user not in self._users:
            return
        if isinstance(event, Accepted):
            self._logins.record(event.user, event.fingerprint, time.time())
        # Process 0 is nobody: the system did not say who wrote the line.
        process = look(pid) if event is not None and pid != 0 else None
        if event is None or process is None:
            return
        if isinstance(event, Connected):
            self._registry.write(Session(process, client=event.client, server=event.server))
            return
        session = self._registry.read(pid)
        if isinstance(event, Accepted):
            session = session or Session(process)
        else:
            # Ports are opened by the monitor's child.
            session = session or self._registry.read(process.parent)
        if session is not None:
            self._registry.write(after(session, event, time.time()))
