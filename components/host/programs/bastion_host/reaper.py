"""Ends dead clients that never come back, so that consumers are refused and do not hang.

A session is looked at once it has been silent for much longer than any live client is (sshd asks
every 15 s), and ended when it has not answered two questions in a row.
Frozen at 0 s, it is looked at by 34 s and gone by 51 s.
"""

from __future__ import annotations

import os
import threading
import time

from . import liveness
from .log import say
from .registry import Registry, Session, end_sessions
from .settings import Settings
from .tcp_diag import TcpDiagUnavailable, established, listening

SILENCE_SECONDS = 32.0
ANSWER_SECONDS = 8.0
ATTEMPTS = 2
INTERVAL_SECONDS = 2.0
# Each question takes a socket, and a process has about a thousand.
_AT_ONCE = 200


class Reaper:
    """Looks around at intervals. Each group of suspects is asked on a thread of its own: a client
    that freezes while another is being asked must not wait for that."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self._settings = settings
        self._registry = registry
        self._under_examination: set[int] = set()

    def start(self) -> None:
        threading.Thread(target=self._run, name="reaper", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(INTERVAL_SECONDS)
            try:
                accused = self._find_suspects()
            except TcpDiagUnavailable as error:
                say(f"clients that never return are left to ClientAlive: {error}")
                return
            except Exception as error:
                # Without this thread frozen clients would keep their ports for ever.
                say(f"reaper: {type(error).__name__}: {error}")
                continue
            if accused:
                self._under_examination |= {suspect.session.process.pid for suspect in accused}
                threading.Thread(target=self._examine, args=(accused,), daemon=True).start()

    def _find_suspects(self) -> list[liveness.Suspect]:
        everyone = self._registry.live()
        found = liveness.suspects(
            [s for s in everyone if s.process.pid not in self._under_examination],
            everyone,
            [listener.endpoint for listener in listening(os.getuid())],
            established(self._settings.ssh_port),
            SILENCE_SECONDS,
            time.time(),
        )
        return found[:_AT_ONCE]

    def _examine(self, accused: list[liveness.Suspect]) -> None:
        pids = {suspect.session.process.pid for suspect in accused}
        try:
            for _ in range(ATTEMPTS):
                found = liveness.find_dead(accused, self._settings.ssh_port, ANSWER_SECONDS)
                accused = [suspect for suspect in accused if suspect.session in found]
            self._end([suspect.session for suspect in accused])
        except (OSError, TcpDiagUnavailable) as error:
            say(f"reaper: {error}")
        finally:
            self._under_examination -= pids

    def _end(self, dead: list[Session]) -> None:
        for session in dead:
            say(
                f"session {session.process.pid} of {session.fingerprint} ({session.comment}) "
                f"has been silent for {SILENCE_SECONDS + ATTEMPTS * ANSWER_SECONDS:.0f} s: ended"
            )
        end_sessions(dead)
