"""Keeps a machine as its cloud's store wants it: `python3 -I -S sync.py <directory>`.

Runs as root and ends on SIGTERM. Every few seconds, or when the store says so, it asks whether the
host files or the key set are new. Whatever cannot be read, or is no good, changes nothing: what is
in force stays, and `mailbox/sync.json` says why. Key sets are judged by the supervisor, which
reads the mailbox.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from subprocess import CalledProcessError, SubprocessError
from typing import Protocol, runtime_checkable

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_host import files
from bastion_host.host_keys import host_key_files
from bastion_host.log import iso_time, say
from bastion_vm.accounts import Account, AccountTaken, ensure_login_users
from bastion_vm.bootstrap import open_store
from bastion_vm.document import (
    DocumentError,
    Store,
    StoreUnavailable,
    parse_files,
    parse_manifest,
    read_document,
)
from bastion_vm.host_keys import NAME as HOST_KEYS
from bastion_vm.host_keys import install_host_keys
from bastion_vm.release import Release, ReleaseRefused, Releases
from bastion_vm.service import NotServed, Service

_HOST_FILES = "host-files"
_KEY_SET = "key-set"
_POLL_SECONDS = 10.0
_FIRST_RETRY_SECONDS = 2.0
_LONGEST_RETRY_SECONDS = 30.0
# Many bastions are deployed together; their store should not be asked by all at once.
_JITTER = 0.1
_TRANSIENT = (StoreUnavailable, DocumentError, OSError, SubprocessError)


@runtime_checkable
class WatchedStore(Store, Protocol):
    """A store that can be waited for."""

    def wait_for_change(self, wake: int, seconds: float) -> None:
        """Returns once something may have changed, `wake` can be read, or time is up."""


class Sync:
    """One machine. `poll` does all there is to do now, and says when to come again."""

    def __init__(
        self, directory: str, store: Store, service: Service, runtime: str | None = None
    ) -> None:
        """`runtime` is a folder in memory: what is said of a full disk must not need the disk."""
        self._directory = directory
        self._runtime = runtime
        self._store = store
        self._service = service
        self._releases = Releases(directory)
        self._own_programs = digest_of_programs(os.path.dirname(os.path.abspath(__file__)))
        self._refused: dict[str, str] | None = None
        self._account: Account | None = None
        self._host_keys_digest: str | None = None
        self._checked_at: str | None = None
        self._failures = 0
        self._told: str | None = None
        self._releases.repair()

    def poll(self) -> float:
        """Returns the seconds to wait."""
        problems: list[str] = []
        duties: list[Callable[[], None]] = [self._keep_account, self._keep_service]
        try:
            names = (_HOST_FILES, _KEY_SET, HOST_KEYS)
            manifests = self._store.read([_manifest(name) for name in names])
            self._checked_at = iso_time(time.time())
            duties = [
                lambda: self._install_host_files(manifests),
                self._keep_account,
                lambda: self._keep_host_keys(manifests),
                # Before the service, so that the first login already meets it.
                lambda: self._deliver_key_set(manifests),
                self._keep_service,
            ]
        except StoreUnavailable as error:
            problems.append(str(error))
        # Each for itself: a bad document must not keep the other from being installed.
        for duty in duties:
            try:
                duty()
            except (*_TRANSIENT, ReleaseRefused, AccountTaken, NotServed) as error:
                problems.append(_text(error))
        self._tell("; ".join(dict.fromkeys(problems)) or None)
        self._failures = self._failures + 1 if problems else 0
        return self._delay() * random.uniform(1 - _JITTER, 1 + _JITTER)

    def _delay(self) -> float:
        if self._failures == 0:
            return _POLL_SECONDS
        # The exponent is limited for the sake of a store that is gone for a year.
        doubled = _FIRST_RETRY_SECONDS * 2 ** min(self._failures - 1, 10)
        return min(doubled, _LONGEST_RETRY_SECONDS)

    def wait(self, wake: int, seconds: float) -> None:
        """Until it is time to poll again, or `wake` can be read."""
        if isinstance(self._store, WatchedStore):
            self._store.wait_for_change(wake, seconds)
        else:
            select.select([wake], [], [], seconds)

    def has_new_programs(self) -> bool:
        """Whether the release in force brings another version of this program."""
        programs = os.path.join(self._directory, "lib", "bastion_vm")
        return os.path.isdir(programs) and digest_of_programs(programs) != self._own_programs

    def _install_host_files(self, manifests: dict[str, str]) -> None:
        name = _manifest(_HOST_FILES)
        manifest = parse_manifest(name, manifests.get(name))
        current = self._releases.current
        if current is not None and current.digest == manifest.digest:
            self._refused = None
            return
        if self._refused is not None and self._refused["digest"] == manifest.digest:
            return
        document = read_document(self._store, _HOST_FILES, manifest)
        try:
            release = self._releases.stage(manifest.digest, parse_files(document))
        except (DocumentError, ReleaseRefused) as error:
            self._refuse(manifest.digest, str(error))
            return
        try:
            account = ensure_login_users(release.users)
            self._make_folders(account)
            self._read_host_keys(manifests, release, account)
            etc = os.path.join(self._directory, "etc")
            release.judge(account, [os.path.join(etc, n) for n in host_key_files(os.listdir(etc))])
        except (ReleaseRefused, AccountTaken) as error:
            self._releases.discard(release)
            self._refuse(manifest.digest, str(error))
            return
        except BaseException:
            self._releases.discard(release)
            raise
        self._releases.put_in_force(release)
        self._account, self._refused = account, None
        say(f"host files {release.digest[:12]} are installed")
        if current is not None:
            self._serve_or_go_back(release, current)

    def _serve_or_go_back(self, release: Release, former: Release) -> None:
        """Has the bastion run with a release, and with the one before if it does not."""
        assert self._account is not None
        try:
            self._service.bring_up(release, self._account)
        except NotServed as error:
            self._refuse(release.digest, str(error))
            self._releases.put_in_force(former)
            self._account = None

    def _refuse(self, digest: str, reason: str) -> None:
        say(f"host files {digest[:12]} refused: {reason}")
        self._refused = {"digest": digest, "reason": reason}

    def _make_folders(self, account: Account) -> None:
        for name in ("etc", "mailbox"):
            os.makedirs(os.path.join(self._directory, name), mode=0o755, exist_ok=True)
        live = os.path.join(self._directory, "live")
        os.makedirs(live, mode=0o700, exist_ok=True)
        _give(live, account)
        run = os.path.join(self._directory, "run")
        if self._runtime is None:
            os.makedirs(run, mode=0o755, exist_ok=True)
            _give(run, account)
        else:
            # Made by systemd, for the service that it belongs to.
            _link(run, os.path.join(os.path.dirname(self._runtime), "reverse-bastion"))

    def _keep_account(self) -> None:
        """After a start, or after going back: the accounts of the release in force."""
        release = self._releases.current
        if self._account is None and release is not None:
            account = ensure_login_users(release.users)
            self._make_folders(account)
            self._account = account

    def _keep_host_keys(self, manifests: dict[str, str]) -> None:
        release = self._releases.current
        if release is not None and self._account is not None:
            name = _manifest(HOST_KEYS)
            if parse_manifest(name, manifests.get(name)).digest != self._host_keys_digest:
                self._read_host_keys(manifests, release, self._account)

    def _read_host_keys(
        self, manifests: dict[str, str], release: Release, account: Account
    ) -> None:
        name = _manifest(HOST_KEYS)
        manifest = parse_manifest(name, manifests.get(name))
        keygen = release.ssh_keygen
        install_host_keys(self._store, manifest, self._directory, account, keygen)
        if self._host_keys_digest not in (None, manifest.digest):
            say(f"host keys {manifest.digest[:12]} are installed")
        self._host_keys_digest = manifest.digest

    def _deliver_key_set(self, manifests: dict[str, str]) -> None:
        """Puts the key set into the mailbox, where sshd's user may read it and nobody else."""
        if self._account is None:
            return
        name = _manifest(_KEY_SET)
        manifest = parse_manifest(name, manifests.get(name))
        path = os.path.join(self._directory, "mailbox", "key-set.json")
        if hashlib.sha256(files.read_if_there(path) or b"").hexdigest() == manifest.digest:
            return
        staged = files.stage(path, read_document(self._store, _KEY_SET, manifest), 0o600)
        os.chown(staged, -1, self._account.gid)
        os.chmod(staged, 0o640)
        os.rename(staged, path)
        say(f"key set {manifest.digest[:12]} delivered")

    def _keep_service(self) -> None:
        release = self._releases.current
        if release is not None and self._account is not None:
            self._service.bring_up(release, self._account)

    def _tell(self, problem: str | None) -> None:
        if problem != self._told:
            say(problem or "all is well again")
        self._told = problem
        current = self._releases.current
        status = {
            "checkedAt": self._checked_at,
            "problem": problem,
            "hostFiles": {
                "digest": current.digest if current else None,
                "refused": self._refused,
            },
        }
        try:
            content = json.dumps(status, indent=2) + "\n"
            files.replace(self._status_file(), content.encode(), 0o644)
        except OSError as error:
            say(f"mailbox/sync.json: {error}")

    def _status_file(self) -> str:
        folder = os.path.join(self._directory, "mailbox")
        os.makedirs(folder, mode=0o755, exist_ok=True)
        usual = os.path.join(folder, "sync.json")
        if self._runtime is None:
            return usual
        path = os.path.join(self._runtime, "sync.json")
        _link(usual, path)
        return path


def _manifest(name: str) -> str:
    return f"{name}/manifest"


def _text(error: Exception) -> str:
    if isinstance(error, CalledProcessError) and error.stderr:
        return f"{error.cmd[0]}: {error.stderr.strip()}"
    return str(error) or type(error).__name__


def _link(path: str, target: str) -> None:
    if not os.path.islink(path):
        os.symlink(target, path)


def _give(path: str, account: Account) -> None:
    """Gives a folder with all that is in it to another owner, if it is not theirs already."""
    if os.stat(path).st_uid == account.uid:
        return
    for folder, folders, names in os.walk(path):
        for name in (*folders, *names):
            os.lchown(os.path.join(folder, name), account.uid, account.gid)
    # Last: it marks all of it as done.
    os.chown(path, account.uid, account.gid)


def digest_of_programs(folder: str) -> str:
    found = hashlib.sha256()
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb") as file:
                found.update(file.read() + b"\0")
    return found.hexdigest()


def main(directory: str) -> None:
    os.umask(0o022)
    wake, wake_writer = os.pipe()
    os.set_blocking(wake_writer, False)
    signal.set_wakeup_fd(wake_writer)
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    runtime = os.environ.get("RUNTIME_DIRECTORY")
    sync = Sync(directory, open_store(directory), Service(directory), runtime)
    say(f"sync started as process {os.getpid()}")
    while not stopped:
        delay = sync.poll()
        if not stopped and sync.has_new_programs():
            say("sync goes on with the programs of now")
            program = os.path.join(directory, "lib", "bastion_vm", "sync.py")
            os.execv(sys.executable, [sys.executable, "-I", "-S", program, directory])
        if not stopped:
            sync.wait(wake, delay)
    say("sync stopped")


if __name__ == "__main__":
    if sys.argv[1] != "--check":
        main(sys.argv[1])
