"""How each tunnel is: up, silent or down. Pure, but for what it remembers of the last moments.

A tunnel is up while its client holds the bind port where the tunnel is to be reached: a client that
was let listen on loopback only, where the network was meant, has no tunnel that is up. It is silent
when its client has the connection but has not sent a byte for longer than a live one ever is. That
is a suspicion: a consumer that only sends to a data source that never answers looks the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .key_set import Tunnel
from .liveness import by_session, holders
from .registry import Session
from .tcp_diag import Connection, Endpoint

SILENCE_SECONDS = 20.0
"""sshd asks every 15 s at the latest, and a live client answers at once."""

_WILDCARDS = ("0.0.0.0", "::")
_ADDRESSES: Mapping[str, Sequence[str]] = {
    "all": _WILDCARDS,
    "loopback": ("127.0.0.1", "::1", *_WILDCARDS),
}


class Hold(NamedTuple):
    """Who holds a tunnel's bind port; None where nobody can tell."""

    session: Session | None
    since: float | None


class TunnelState(NamedTuple):
    """A tunnel at one moment."""

    tunnel: Tunnel
    state: str
    """`up`, `silent` or `down`."""
    since: float | None
    """When it came into this state; None if that was before anybody looked."""
    session: Session | None
    reading: Connection | None
    """The connection of the client that holds it."""
    open_connections: int | None


def held(
    tunnels: Iterable[Tunnel], sessions: Sequence[Session], listening: Iterable[Endpoint]
) -> dict[str, Hold]:
    """The tunnels whose bind ports are open, by name. `sessions` are those that have logged in."""
    ports = set(listening)
    by_process = {session.process: session for session in sessions}
    holder_of = holders(sessions, ports)
    found: dict[str, Hold] = {}
    for tunnel in tunnels:
        addresses = _ADDRESSES.get(tunnel.bind_address, (tunnel.bind_address, *_WILDCARDS))
        open_ports = [p for p in ((a, tunnel.bind_port) for a in addresses) if p in ports]
        if not open_ports:
            continue
        claimed = [port for port in open_ports if port in holder_of]
        if claimed:
            session = by_process[holder_of[claimed[0]]]
            since = next(c.since for c in reversed(session.claims) if c.endpoint == claimed[0])
            found[tunnel.name] = Hold(session, since)
        else:
            found[tunnel.name] = _presumed(tunnel, sessions)
    return found


def _presumed(tunnel: Tunnel, sessions: Sequence[Session]) -> Hold:
    """Of a port whose opening nobody noted down (a supervisor that was killed): the session whose
    key alone may listen there."""
    able = [
        session
        for session in sessions
        if any(value.rpartition(":")[2] == str(tunnel.bind_port) for value in session.permit_listen)
    ]
    return Hold(able[0] if len(able) == 1 else None, None)


class Falls:
    """Remembers when tunnels fell: nothing else tells it once they are down."""

    def __init__(self) -> None:
        self._up: frozenset[str] = frozenset()
        self._fell_at: dict[str, float] = {}

    def note(self, up: Iterable[str], now: float) -> None:
        """What is up at this moment. To be told often: a fall is as exact as that."""
        now_up = frozenset(up)
        for name in self._up - now_up:
            self._fell_at[name] = now
        for name in now_up:
            self._fell_at.pop(name, None)
        self._up = now_up

    def fell_at(self, name: str, now: float) -> float | None:
        """When a tunnel that is down now fell; None if it has not been up before."""
        return now if name in self._up else self._fell_at.get(name)


def judge(
    tunnels: Iterable[Tunnel],
    sessions: Sequence[Session],
    listening: Iterable[Endpoint],
    connections: Sequence[Connection] | None,
    falls: Falls,
    now: float,
) -> list[TunnelState]:
    """The state of each tunnel. `connections` are all of this host, None where the kernel does not
    tell; then nobody is called silent."""
    tunnels = list(tunnels)
    holds = held(tunnels, sessions, listening)
    readings = by_session(connections or ())
    arrived = Counter(connection.local[1] for connection in connections or ())
    found: list[TunnelState] = []
    for tunnel in tunnels:
        hold = holds.get(tunnel.name)
        session = hold.session if hold is not None else None
        reading = readings.get((session.server, session.client)) if session else None
        if hold is None:
            state, since = "down", falls.fell_at(tunnel.name, now)
        elif reading is not None and reading.silent_seconds > SILENCE_SECONDS:
            state, since = "silent", now - reading.silent_seconds
        else:
            state, since = "up", hold.since
        count = None if connections is None else arrived[tunnel.bind_port]
        found.append(TunnelState(tunnel, state, since, session, reading, count))
    return found
