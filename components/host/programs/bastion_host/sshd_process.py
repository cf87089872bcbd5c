"""The bastion's sshd, started, started again after a crash, reloaded and stopped.

Its sessions are processes of their own: they outlive the listener, whatever ends it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from .log import say
from .settings import Settings
from .sshd_log import SshdLog

_FIRST_DELAY_SECONDS = 0.2
_LONGEST_DELAY_SECONDS = 5.0
# One that has lived for so long was well; the next crash is a new story.
_HEALTHY_SECONDS = 30.0
_RELOAD_SECONDS = 1.0
_STOP_SECONDS = 1.0
_TEST_SECONDS = 20
# A package that is being unpacked replaces one file after the other.
_SETTLED_SECONDS = 0.4
# What the listener executes for each connection (OpenSSH ≥ 9.8), where Debian has it.
_SESSION_PROGRAMS = ("/usr/lib/openssh/sshd-session", "/usr/lib/openssh/sshd-auth")

# Nothing of the supervisor's environment: expiry times without a Z are in local time.
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "TZ": "UTC"}


def configuration_complaint(settings: Settings) -> str | None:
    """What sshd has against its configuration as it is now, or None."""
    result = subprocess.run(
        [settings.sshd, "-t", "-f", settings.sshd_config],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=_TEST_SECONDS,
        check=False,
    )
    if result.returncode == 0:
        return None
    return " / ".join(result.stderr.decode("utf-8", "replace").splitlines())


_Identity = tuple[int, int, int]
"""Inode, size and time: no two versions of a file have all three in common."""


def _programs(sshd: str) -> tuple[_Identity | None, ...]:
    """What sshd's programs are on disk now."""
    return tuple(_identity(path) for path in (sshd, *_SESSION_PROGRAMS))


def _identity(path: str) -> _Identity | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


class SshdProcess:
    """The listener. `check` is called regularly and after every SIGCHLD."""

    def __init__(self, settings: Settings, log: SshdLog) -> None:
        self._settings = settings
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._delay = _FIRST_DELAY_SECONDS
        self._start_at = 0.0
        self._alive_since = 0.0
        self.started_at: float | None = None
        self._starts = 0
        self.last_exit: str | None = None
        self._started_with = _programs(settings.sshd)
        self._seen = self._started_with
        self._seen_at = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_listening(self) -> bool:
        return self._log.is_listening.is_set()

    @property
    def restarts(self) -> int:
        return max(0, self._starts - 1)

    def check(self) -> None:
        """Notices an end, or an upgrade, and starts it (again) when it is time."""
        if self._process is not None and self._process.poll() is not None:
            self._ended(self._process.returncode)
        if self._process is not None and self._has_settled_upgrade():
            self._take_upgrade()
        if self._process is None and time.monotonic() >= self._start_at:
            self._start()

    def reload(self) -> None:
        """sshd executes itself anew on SIGHUP; sessions are not touched. Returns when it accepts
        logins again, so that nobody is told of the new configuration too early."""
        if self._process is not None and self._process.poll() is None:
            say("sshd reads its configuration again")
            self._log.is_listening.clear()
            self._process.send_signal(signal.SIGHUP)
            self._log.is_listening.wait(_RELOAD_SECONDS)

    def stop(self) -> None:
        """Ends the listener alone."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _has_settled_upgrade(self) -> bool:
        now = time.monotonic()
        programs = _programs(self._settings.sshd)
        if programs != self._seen:
            self._seen, self._seen_at = programs, now
        return programs != self._started_with and now - self._seen_at >= _SETTLED_SECONDS

    def _take_upgrade(self) -> None:
        """Starts the new sshd if it likes the configuration. Sessions stay what they were."""
        self._started_with = self._seen
        complaint = configuration_complaint(self._settings)
        if complaint is not None:
            say(f"sshd was upgraded and is not started anew: {complaint}")
            return
        say("sshd was upgraded, and is started anew")
        self.stop()
        self._process = None
        self._log.is_listening.clear()
        self._start()

    def _start(self) -> None:
        tie = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tie_to_parent.py")
        tied = [sys.executable, "-I", "-S", tie, str(os.getpid())]
        sshd = [self._settings.sshd, "-D", "-e", "-f", self._settings.sshd_config]
        # Before it is started: what is replaced from now on is an upgrade.
        self._started_with = _programs(self._settings.sshd)
        self._process = subprocess.Popen(
            [*tied, *sshd],
            cwd="/",
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=self._log.writer.fileno(),
            stderr=self._log.writer.fileno(),
        )
        self._starts += 1
        self.started_at = time.time()
        self._alive_since = time.monotonic()
        say(f"sshd started as process {self._process.pid}")

    def _ended(self, code: int) -> None:
        lived = time.monotonic() - self._alive_since
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        self.last_exit = f"{how} after {lived:.1f} s"
        if lived >= _HEALTHY_SECONDS:
            self._delay = _FIRST_DELAY_SECONDS
        say(f"sshd ended ({self.last_exit}), will be started in {self._delay:.1f} s")
        self._start_at = time.monotonic() + self._delay
        self._delay = min(self._delay * 2, _LONGEST_DELAY_SECONDS)
        self._process = None
        self.started_at = None
        self._log.is_listening.clear()
