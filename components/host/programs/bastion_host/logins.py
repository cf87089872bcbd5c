"""Who has logged in, how often and when last, by key.

The moments are kept in `run/last-logins.json`: whether a key is in use is asked weeks later, after
many a new supervisor. The counts begin with the supervisor, as those of a process do.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection

from . import files

_Key = tuple[str, str]
"""User and fingerprint."""


class Logins:
    """`record` is called on the thread that reads sshd's log, the rest on others."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._counts: dict[_Key, int] = {}
        self._last_at = _read(path)
        self._is_written = True

    def record(self, user: str, fingerprint: str, now: float) -> None:
        key = (user, fingerprint)
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + 1
            self._last_at[key] = now
            self._is_written = False

    def count(self, user: str, fingerprint: str) -> int:
        """Since the supervisor began."""
        return self._counts.get((user, fingerprint), 0)

    def last_at(self, user: str, fingerprint: str) -> float | None:
        return self._last_at.get((user, fingerprint))

    def save(self, known: Collection[_Key]) -> None:
        """Writes down what is new. Keys that are no longer known are forgotten."""
        with self._lock:
            if self._is_written:
                return
            self._last_at = {key: at for key, at in self._last_at.items() if key in known}
            moments = [[*key, at] for key, at in self._last_at.items()]
            self._is_written = True
        try:
            files.replace(self._path, json.dumps(moments).encode(), 0o600)
        except OSError:
            self._is_written = False
            raise


def _read(path: str) -> dict[_Key, float]:
    """What an earlier supervisor has written. Losing it is no reason not to start."""
    try:
        moments = json.loads(files.read_if_there(path) or b"[]")
        return {(str(user), str(fingerprint)): float(at) for user, fingerprint, at in moments}
    except (OSError, ValueError, TypeError):
        return {}
