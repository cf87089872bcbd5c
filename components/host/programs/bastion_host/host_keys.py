"""The host keys: from `etc/`, where they are delivered, to where sshd reads them.

`etc/ssh_host_<type>_key` are the present ones, `etc/ssh_host_<type>_next_key` those that follow
them. In a key exchange sshd uses its first key of each type, and any further one it only announces
to clients (hostkeys-00@openssh.com): so the present ones come first.

In force are the files in `live/host-keys`, each called after its public key, and their order in
`live/host-keys.conf`, which sshd's configuration includes. A single rename of that file changes all
of them. A delivery with a key that is no good is refused as a whole, and what was in force still
is, for an sshd that is started anew as well. What is no longer in force leaves the disk.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import subprocess
import time
from collections.abc import Iterable
from typing import NamedTuple

from . import files
from .log import say
from .settings import Settings
from .sshd_process import configuration_complaint

_FILE = re.compile(r"ssh_host_[a-z0-9]+(_next)?_key")
_KEYGEN_SECONDS = 20
_RETRY_SECONDS = 5.0
_LINE = re.compile(r'HostKey "[^"]*/([0-9a-f]{64})"')

_Seen = tuple[tuple[str, int, int, int], ...]
"""Name, inode, size and time of each file: no two deliveries have all of them in common."""


class HostKeysRefused(Exception):
    """The delivery cannot be used; the message says why, and holds none of it."""


class HostKey(NamedTuple):
    type: str
    fingerprint: str
    announced_only: bool
    """Whether clients are told of it, and another one of its type is used."""
    since: float
    """Since when sshd has had it."""


class _Public(NamedTuple):
    type: str
    blob: bytes

    @property
    def name(self) -> str:
        """Of its file."""
        return hashlib.sha256(self.blob).hexdigest()

    @property
    def fingerprint(self) -> str:
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode()
        return "SHA256:" + digest.rstrip("=")


def is_host_key_file(name: str) -> bool:
    return _FILE.fullmatch(name) is not None


def host_key_files(names: Iterable[str]) -> list[str]:
    """The files of a delivery as sshd is to have them: the present keys first."""
    found = [name for name in names if is_host_key_file(name)]
    return sorted(found, key=lambda name: (name.endswith("_next_key"), "ed25519" not in name, name))


def read_public_key(ssh_keygen: str, path: str) -> tuple[str, bytes] | None:
    """Type and blob of a private key; None for a file that ssh-keygen takes for no such key."""
    result = subprocess.run(
        [ssh_keygen, "-y", "-P", "", "-f", path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_KEYGEN_SECONDS,
        check=False,
    )
    words = result.stdout.decode("ascii", "replace").split()
    if result.returncode != 0 or len(words) < 2:
        return None
    return words[0], base64.b64decode(words[1])


class HostKeys:
    """The host keys in force, and the way of the next delivery into force."""

    def __init__(self, settings: Settings) -> None:
        """Raises HostKeysRefused if there is none that could be used."""
        self._settings = settings
        self._etc = os.path.dirname(settings.sshd_config)
        self._order: list[_Public] = []
        self._is_new: set[str] = set()
        self._looked: _Seen | None = None
        self._retry_at = 0.0
        self.keys: tuple[HostKey, ...] = ()
        """In sshd's order. Replaced, never changed: other threads look at it."""
        self.refused: str | None = None
        """What is wrong with the delivery, if it is not in force."""
        self._judged = self._look()
        self._take_delivery()
        if not self._order:
            self._restore()
        if not self._order:
            raise HostKeysRefused(f"no host key can be used: {self.refused}")

    def check(self) -> bool:
        """Puts a new delivery in force; whether sshd has to read its configuration anew."""
        looked, former = self._look(), self._looked
        self._looked = looked
        is_retry = self._retry_at > 0 and time.monotonic() >= self._retry_at
        # Files may come one by one: as long as they do, it is no delivery yet.
        if looked != former or (looked == self._judged and not is_retry):
            return False
        self._judged = looked
        return self._take_delivery()

    def mark_loaded(self) -> None:
        """sshd has read them: who logs in from now on is told of the new ones."""
        for name in self._is_new:
            os.utime(os.path.join(self._settings.host_keys_directory, name))
        self._is_new.clear()
        self._describe()

    def _look(self) -> _Seen:
        """What is in `etc`, without reading it."""
        seen = []
        for name in host_key_files(os.listdir(self._etc)):
            found = os.stat(os.path.join(self._etc, name))
            seen.append((name, found.st_ino, found.st_size, found.st_mtime_ns))
        return tuple(seen)

    def _take_delivery(self) -> bool:
        self._retry_at = 0.0
        try:
            order = self._stage()
            is_other = self._put_in_force(order)
        except HostKeysRefused as error:
            self._refuse(str(error))
            return False
        except (OSError, subprocess.SubprocessError) as error:
            self._retry_at = time.monotonic() + _RETRY_SECONDS
            self._refuse(f"cannot be installed, will be tried again: {error}")
            return False
        self.refused = None
        if is_other:
            say(f"host keys in force: {', '.join(public.fingerprint for public in order)}")
        return is_other

    def _stage(self) -> list[_Public]:
        """Writes the keys of the delivery beside those in force, and gives their order."""
        order: dict[str, _Public] = {}
        for name in host_key_files(os.listdir(self._etc)):
            content = files.read_if_there(os.path.join(self._etc, name)) or b""
            beside = os.path.join(self._settings.host_keys_directory, name)
            staged = files.stage(beside, content, 0o600)
            try:
                found = read_public_key(self._settings.ssh_keygen, staged)
                if found is None:
                    raise HostKeysRefused(f"{name} is no private key that ssh-keygen can read")
                public = _Public(*found)
                self._keep(public, staged, content)
                # While a generation takes over, a key may still stand in both places.
                order.setdefault(public.name, public)
            finally:
                files.remove(staged)
        if not order:
            raise HostKeysRefused("there is none")
        return list(order.values())

    def _keep(self, public: _Public, staged: str, content: bytes) -> None:
        """One that is there already keeps its time, whatever its file says beside the key."""
        path = self._path(public)
        present = files.read_if_there(path)
        if present == content:
            return
        if present is None:
            self._is_new.add(public.name)
        else:
            os.utime(staged, (os.stat(path).st_atime, os.stat(path).st_mtime))
        os.rename(staged, path)

    def _put_in_force(self, order: list[_Public]) -> bool:
        """Whether anything has changed."""
        include = self._settings.host_keys_include
        content = "".join(f"HostKey {_quote(self._path(public))}\n" for public in order).encode()
        is_other = files.read_if_there(include) != content
        if is_other:
            self._swap(include, content)
        self._order = order
        self._remove_others()
        self._describe()
        return is_other

    def _swap(self, include: str, content: bytes) -> None:
        """The former file is kept under a second name meanwhile, which takes no space: it can be
        gone back to on a full disk."""
        staged = files.stage(include, content, 0o600)
        previous = include + ".previous"
        files.remove(previous)
        with contextlib.suppress(FileNotFoundError):
            os.link(include, previous)
        os.rename(staged, include)
        try:
            complaint = configuration_complaint(self._settings)
            if complaint is not None:
                raise HostKeysRefused(f"sshd refuses them: {complaint}")
            files.sync_directory(os.path.dirname(include))
        except BaseException:
            try:
                os.rename(previous, include)
            except FileNotFoundError:
                os.unlink(include)
            raise
        files.remove(previous)

    def _restore(self) -> None:
        """Goes on with what is in force, if the delivery is no good."""
        text = (files.read_if_there(self._settings.host_keys_include) or b"").decode()
        for name in _LINE.findall(text):
            path = os.path.join(self._settings.host_keys_directory, name)
            found = read_public_key(self._settings.ssh_keygen, path)
            if found is not None:
                self._order.append(_Public(*found))
        if self._order:
            self._remove_others()
            self._describe()

    def _describe(self) -> None:
        used: set[str] = set()
        keys = []
        for public in self._order:
            since = os.stat(self._path(public)).st_mtime
            keys.append(HostKey(public.type, public.fingerprint, public.type in used, since))
            used.add(public.type)
        self.keys = tuple(keys)

    def _remove_others(self) -> None:
        names = {public.name for public in self._order}
        for name in os.listdir(self._settings.host_keys_directory):
            if name not in names:
                files.remove(os.path.join(self._settings.host_keys_directory, name))
        self._is_new &= names

    def _refuse(self, reason: str) -> None:
        # A retry that fails in the same way is no news.
        if reason != self.refused:
            say(f"host keys refused: {reason}")
        self.refused = reason
        if self._order:
            self._remove_others()

    def _path(self, public: _Public) -> str:
        return os.path.join(self._settings.host_keys_directory, public.name)


def _quote(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
