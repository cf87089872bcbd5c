"""The one long-lived program of a bastion: `python3 -I -S supervise.py <bastion.json>`.

Runs sshd, puts key sets in force, ends the sessions of revoked keys and of dead clients, and says
how things are. Ends on SIGTERM, or when the bastion's directory is gone, and then takes every
session with it; on SIGHUP it starts over with the files as they are then, and sessions stay.
Killed, it can be started again at any time: what it has to know is in files.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from subprocess import SubprocessError

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_host import files, process, revocation
from bastion_host.host_keys import HostKeys, HostKeysRefused
from bastion_host.install import InstallFailed
from bastion_host.key_set import KeySetRefused
from bastion_host.log import say
from bastion_host.logins import Logins
from bastion_host.mailbox import Mailbox
from bastion_host.observation import Observer
from bastion_host.prctl import prctl
from bastion_host.reaper import Reaper
from bastion_host.registry import Registry, Session, end_sessions
from bastion_host.settings import Settings, SettingsError, load_settings
from bastion_host.sshd_log import SshdLog
from bastion_host.sshd_process import SshdProcess, configuration_complaint
from bastion_host.status import StatusFile
from bastion_host.status_server import StatusServer

_TICK_SECONDS = 0.5
# While there is no sshd: the first attempt to start it again comes after 0.2 s.
_SHORT_TICK_SECONDS = 0.1
_END_PATIENCE_SECONDS = 1.5
_PR_SET_CHILD_SUBREAPER = 36


class Supervisor:
    """Everything that happens happens on the main thread, except reading sshd's log, asking silent
    clients for an answer and telling operators how things are."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._registry = Registry(settings.sessions_directory)
        # Before the mailbox: a key set is judged by an sshd that has host keys.
        self._host_keys = HostKeys(settings)
        self._mailbox = Mailbox(settings)
        self._logins = Logins(settings.last_logins)
        self._log = SshdLog(self._registry, settings.users, self._logins)
        self._sshd = SshdProcess(settings, self._log)
        self._reaper = Reaper(settings, self._registry)
        observer = Observer(
            settings, self._registry, self._mailbox, self._sshd, self._logins, self._host_keys
        )
        self._observer = observer
        self._status = StatusFile(settings, observer)
        self._status_server = StatusServer(observer, settings.status_port)
        self._directory = _identity(settings.directory)
        self._sessions: list[Session] = []
        self._complaints: dict[str, str] = {}
        self._wake, wake_writer = os.pipe()
        os.set_blocking(wake_writer, False)
        signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
        self._must_stop: str | None = None
        self._must_start_over = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, self._on_signal)

    def run(self) -> None:
        self._log.start()
        self._reaper.start()
        while self._must_stop is None:
            for duty in (
                self._install_host_keys,
                # The first key set is in force before sshd, and with it a login, is first possible.
                self._install,
                self._keep_sshd,
                self._watch_sessions,
                self._note_logins,
                self._serve_status,
                self._tell,
            ):
                self._do(duty)
            if self._must_start_over:
                self._do(self._start_over)
            if _identity(self._settings.directory) != self._directory:
                self._must_stop = "the bastion's directory is gone"
            else:
                self._sleep()
        say(f"stopping: {self._must_stop}")
        self._stop()

    def _do(self, duty: Callable[[], None]) -> None:
        """One duty that cannot be done (full disk) must not keep the others from being done, and
        nothing may take the tunnels down. The reason is said once, not twice a second."""
        name = duty.__name__.strip("_")
        try:
            duty()
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            if self._complaints.get(name) != problem:
                say(f"{name}: {problem}")
            self._complaints[name] = problem
        else:
            self._complaints.pop(name, None)

    def _install_host_keys(self) -> None:
        if self._host_keys.check():
            self._sshd.reload()
            self._host_keys.mark_loaded()

    def _install(self) -> None:
        if self._mailbox.check().needs_reload:
            self._sshd.reload()

    def _keep_sshd(self) -> None:
        self._sshd.check()
        _bury_orphans(self._sshd.pid)

    def _watch_sessions(self) -> None:
        now = time.time()
        self._sessions = self._registry.sweep()
        revoked = []
        for session in self._sessions:
            reason = revocation.reason_to_end(session, self._mailbox.key_set, now)
            if reason is not None:
                say(
                    f"session {session.process.pid} of {session.fingerprint} "
                    f"({session.comment}) is ended: {reason}"
                )
                revoked.append(session)
        end_sessions(revoked)

        self._observer.note_falls(self._sessions)

    def _note_logins(self) -> None:
        users = self._mailbox.key_set.users
        self._logins.save({(user, key) for user, keys in users.items() for key in keys.keys})

    def _serve_status(self) -> None:
        self._status_server.check()

    def _tell(self) -> None:
        self._status.update(self._mailbox, self._sessions)

    def _start_over(self) -> None:
        """Becomes the program and takes the settings that are in the directory now, unless they
        are no good. Sessions stay, sshd is started anew."""
        self._must_start_over = False
        try:
            complaint = configuration_complaint(load_settings(self._settings.file))
        except SettingsError as error:
            complaint = str(error)
        if complaint is not None:
            say(f"the new configuration is not used: {complaint}")
            return
        say("starting over with the programs and the configuration of now")
        self._sshd.stop()
        _ignore_sighup()
        program = os.path.abspath(__file__)
        os.execv(sys.executable, [sys.executable, "-I", "-S", program, self._settings.file])

    def _stop(self) -> None:
        """Ends the listener and all sessions: those below this process, and those of an earlier
        supervisor, which are known from the registry only."""
        registered = [session.process for session in self._sessions]
        process.end([*process.descendants([os.getpid()]), *registered], _END_PATIENCE_SECONDS)
        self._status_server.stop()
        # A client may have connected while the listener was being ended.
        process.end(process.descendants([os.getpid()]), patience=0)
        _bury_orphans(sshd=None)

    def _on_signal(self, number: int, _: object) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self._must_stop = signal.Signals(number).name
        elif number == signal.SIGHUP:
            self._must_start_over = True

    def _sleep(self) -> None:
        """Until the next tick, or until a signal comes: a crash of sshd is noticed at once."""
        seconds = _TICK_SECONDS if self._sshd.pid else _SHORT_TICK_SECONDS
        if select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, 1024)


def main(settings_file: str) -> int:
    _ignore_sighup()
    # Files get their modes one by one; directories are made by the mode given.
    os.umask(0o022)
    try:
        settings = load_settings(settings_file)
    except SettingsError as error:
        say(str(error))
        return 1
    _make_directories(settings)
    lock = open(os.path.join(settings.run_directory, "supervisor.lock"), "ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another supervisor is already running for this bastion")
        return 0
    # A reader must not take the state of an earlier run for that of this one.
    files.remove(settings.status)
    pid_file = os.path.join(settings.run_directory, "supervisor.pid")
    files.replace(pid_file, f"{os.getpid()}\n".encode(), 0o644)
    _adopt_orphans()
    try:
        supervisor = Supervisor(settings)
    except HostKeysRefused as error:
        say(str(error))
        return 1
    except (InstallFailed, KeySetRefused, OSError, SubprocessError) as error:
        say(f"no key set can be put in force: {error}")
        return 1
    say(f"supervisor started as process {os.getpid()}")
    supervisor.run()
    files.remove(settings.status)
    files.remove(pid_file)
    return 0


def _ignore_sighup() -> None:
    """Until the supervisor handles it: one that came too early would end this process. What is
    ignored stays so across execv."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _make_directories(settings: Settings) -> None:
    os.makedirs(settings.sessions_directory, exist_ok=True)
    os.makedirs(settings.host_keys_directory, mode=0o700, exist_ok=True)
    for user in settings.users:
        for path in (settings.keys_file(user), settings.include_file(user)):
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)


def _adopt_orphans() -> None:
    """Sessions of a crashed listener become children of this process instead of init's."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _bury_orphans(sshd: int | None) -> None:
    """Collects adopted sessions that have ended. sshd itself is left to SshdProcess."""
    while sys.platform.startswith("linux"):
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid == sshd:
            return
        os.waitpid(ended.si_pid, 0)


def _identity(directory: str) -> tuple[int, int] | None:
    try:
        found = os.stat(directory)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
