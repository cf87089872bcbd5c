"""Which sessions are dead: their clients frozen, or gone without a word.

sshd cannot tell while anything keeps connecting to a bind port: each connection restarts its
ClientAlive timer. So this asks the client itself: whoever connects to a bind port makes sshd send
its client a request to open a channel, which every live client answers, accepting or refusing.
The answer shows as a growing count of bytes received on the session's connection. Only a session
that holds a bind port is ever judged: one without is in nobody's way, and ClientAlive ends it.
"""

from __future__ import annotations

import errno
import select
import socket
import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .process import Process
from .registry import Session
from .tcp_diag import Connection, Endpoint, established

# Without sshd's word that a session holds a port, only its own keepalives count. A live client
# answers one every 15 s; one was lost.
UNCLAIMED_SILENCE_SECONDS = 35.0

_POLL_SECONDS = 0.03
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Suspect(NamedTuple):
    """A silent session and the listening sockets by which it is to be judged."""

    session: Session
    listeners: frozenset[Endpoint]
    is_holder: bool
    """Whether sshd said that it opened them; else its key merely allows them."""


def holders(sessions: Iterable[Session], listening: Iterable[Endpoint]) -> dict[Endpoint, Process]:
    """Who holds each listening socket. Of several who claimed it the last one: the others must
    have given it up, since nobody can open a port that is taken."""
    claims = [(claim, session.process) for session in sessions for claim in session.claims]
    claims.sort(key=lambda pair: pair[0].since)
    present = set(listening)
    return {claim.endpoint: process for claim, process in claims if claim.endpoint in present}


def suspects(
    sessions: Iterable[Session],
    everyone: Iterable[Session],
    listening: Iterable[Endpoint],
    connections: Iterable[Connection],
    silence_seconds: float,
    now: float,
) -> list[Suspect]:
    """Those of the sessions that have been silent for so long and hold, or may hold, a port."""
    ports = set(listening)
    held_by = holders(everyone, ports)
    readings = by_session(connections)
    found: list[Suspect] = []
    for session in sessions:
        reading = readings.get((session.server, session.client))
        if reading is None or reading.silent_seconds < silence_seconds:
            continue
        held = {port for port in ports if held_by.get(port) == session.process}
        allowed = {int(value.rpartition(":")[2]) for value in session.permit_listen}
        possible = {port for port in ports if port not in held_by and port[1] in allowed}
        if not session.is_logged_in(now):
            possible = set()
        if held or possible:
            found.append(Suspect(session, frozenset(held or possible), is_holder=bool(held)))
    return found


def answered(suspect: Suspect, before: Iterable[Connection], after: Iterable[Connection]) -> bool:
    """Whether its client has sent anything between two readings. A connection that is no longer
    there counts as an answer: sshd has noticed and ends the session by itself."""
    key = (suspect.session.server, suspect.session.client)
    first, second = by_session(before).get(key), by_session(after).get(key)
    return first is None or second is None or second.bytes_received != first.bytes_received


def dead(
    unanswering: Iterable[Suspect], probed: Iterable[Endpoint], connections: Iterable[Connection]
) -> list[Session]:
    """The verdict on those that have not answered, given what could be asked of them."""
    asked = set(probed)
    readings = by_session(connections)
    found: list[Session] = []
    for suspect in unanswering:
        reading = readings.get((suspect.session.server, suspect.session.client))
        if reading is None or not suspect.listeners <= asked:
            continue
        if suspect.is_holder or reading.silent_seconds >= UNCLAIMED_SILENCE_SECONDS:
            found.append(suspect.session)
    return found


def by_session(
    connections: Iterable[Connection],
) -> Mapping[tuple[Endpoint | None, Endpoint | None], Connection]:
    return {(connection.local, connection.remote): connection for connection in connections}


def await_silence(accused: list[Suspect], ssh_port: int, seconds: float) -> list[Suspect]:
    """Waits until every suspect has either been heard of or been silent for so long, and returns
    the silent ones. A client that froze a moment ago is told from a busy one that way."""
    before = now = established(ssh_port)
    while any(_silence(suspect, now) < seconds for suspect in accused):
        time.sleep(_POLL_SECONDS)
        now = established(ssh_port)
        accused = [suspect for suspect in accused if not answered(suspect, before, now)]
    return accused


def _silence(suspect: Suspect, connections: Iterable[Connection]) -> float:
    reading = by_session(connections).get((suspect.session.server, suspect.session.client))
    return reading.silent_seconds if reading is not None else 0.0


def find_dead(accused: list[Suspect], ssh_port: int, limit_seconds: float) -> list[Session]:
    """Asks the clients of all suspects at once and returns those without an answer in time."""
    if not accused:
        return []
    before = established(ssh_port)
    deadline = time.monotonic() + limit_seconds
    probes = {listener: _connect(listener) for suspect in accused for listener in suspect.listeners}
    try:
        unanswering = accused
        while unanswering and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            now = established(ssh_port)
            unanswering = [suspect for suspect in unanswering if not answered(suspect, before, now)]
        probed = [listener for listener, probe in probes.items() if _was_asked(probe)]
        return dead(unanswering, probed, established(ssh_port))
    finally:
        for probe in probes.values():
            if probe is not None:
                probe.close()


def _connect(listener: Endpoint) -> socket.socket | None:
    """Starts a connection to a bind port; None when this machine cannot even try."""
    address = _WILDCARDS.get(listener[0], listener[0])
    probe = None
    try:
        probe = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        probe.setblocking(False)
        if probe.connect_ex((address, listener[1])) not in (0, errno.EINPROGRESS):
            raise OSError
    except OSError:
        if probe is not None:
            probe.close()
        return None
    return probe


def _was_asked(probe: socket.socket | None) -> bool:
    """False if the port is closed by now. A connection still pending was asked: the queue of
    a port is full when its client has left many connections unanswered."""
    if probe is None:
        return False
    poll = select.poll()
    poll.register(probe, select.POLLOUT)
    if not poll.poll(0):
        return True
    return probe.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
