"""A returning client gets its bind ports back: its dead sessions are ended at its login.

Runs inside the key command, that is before sshd reads the client's request for a port, so the
first attempt succeeds. It also runs before the client has proved to have the key. That is safe:
all that anyone can bring about is a question that every live session answers.
"""

from __future__ import annotations

import fcntl
import os
import time
import zlib

from . import liveness
from .log import say
from .registry import Registry, Session, end_sessions
from .settings import Settings
from .tcp_diag import TcpDiagUnavailable, established, listening

# A session that is being heard of is alive: asking it would only trouble its data source.
SILENCE_SECONDS = 0.3
ANSWER_SECONDS = 2.0
# The key command runs twice in one login.
_ONCE_PER_SECONDS = 10
_LOCK_SECONDS = 3.0
_LOCK_POLL_SECONDS = 0.05


def take_back(settings: Settings, registry: Registry, session: Session) -> None:
    """Ends the dead sessions of the same client as this one."""
    since = time.time() - (session.took_back_at or 0)
    if 0 <= since < _ONCE_PER_SECONDS:
        return
    with _Turn(settings, session) as has_turn:
        if not has_turn:
            say(f"session {session.process.pid}: another login of its client is looking already")
            return
        # Only now, so that what the one before us has ended is not looked at again.
        everyone = registry.live()
        siblings = [
            other
            for other in everyone
            if other.process != session.process and other.owner == session.owner
        ]
        if siblings:
            _end_dead(settings, siblings, everyone)
    registry.write(session._replace(took_back_at=time.time()))


def _end_dead(settings: Settings, siblings: list[Session], everyone: list[Session]) -> None:
    try:
        accused = liveness.suspects(
            siblings,
            everyone,
            [listener.endpoint for listener in listening(os.getuid())],
            established(settings.ssh_port),
            silence_seconds=0,
            now=time.time(),
        )
        silent = liveness.await_silence(accused, settings.ssh_port, SILENCE_SECONDS)
        dead = liveness.find_dead(silent, settings.ssh_port, ANSWER_SECONDS)
    except TcpDiagUnavailable as error:
        say(f"dead sessions are left to ClientAlive: {error}")
        return
    for other in dead:
        say(f"session {other.process.pid} of {other.fingerprint} does not answer: ended")
    end_sessions(dead)


class _Turn:
    """Lets the logins of one client look one after the other: two at once could take each other's
    question for an answer's lack. Entering yields whether it became our turn in time."""

    def __init__(self, settings: Settings, session: Session) -> None:
        self._path = os.path.join(settings.run_directory, "take-back.lock")
        # One byte of one file for each client; that two may share a byte does no harm.
        user, name = session.owner
        self._byte = zlib.crc32(f"{user} {name}".encode())

    def __enter__(self) -> bool:
        self._file = open(self._path, "ab")
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, self._byte)
                return True
            except OSError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(_LOCK_POLL_SECONDS)

    def __exit__(self, *_: object) -> None:
        # Closing gives the turn up.
        self._file.close()
