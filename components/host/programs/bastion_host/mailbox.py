"""Watches the mailbox and puts what arrives there in force.

It may be a volume of Kubernetes. Then the documents in it are symbolic links, which one rename
turns from one complete folder to the next.

A refused document is remembered until the mailbox changes. A document that this machine could not
install (full disk) is tried again, since what stood in the way may go.
"""

from __future__ import annotations

import os
import subprocess
import time
from typing import NamedTuple

from . import files
from .install import Installed, InstallFailed, install
from .key_set import (
    KeySet,
    KeySetRefused,
    closed_key_set,
    confirm_with,
    digest_of,
    parse_key_set,
)
from .log import say
from .packed import UnpackError, unpack
from .settings import Settings

_RETRY_SECONDS = 5.0

_Seen = tuple[str, int, int, int]
"""Path, inode, size and time: no two deliveries have all four in common."""


class Refused(NamedTuple):
    """Why the document in the mailbox is not in force."""

    digest: str
    reason: str


class Mailbox:
    """The key set in force, and the way of the next one into force."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._confirm = confirm_with(settings.ssh_keygen)
        self._seen: _Seen | None = None
        self._retry_at: float | None = None
        self.refused: Refused | None = None
        self.key_set = self._restore()

    def _restore(self) -> KeySet:
        """Puts the last good set in force again, in case something died while installing."""
        document = files.read_if_there(self._settings.live_key_set) or closed_key_set()
        try:
            return self._put_in_force(document)
        except KeySetRefused as error:
            # Of another version, or with a login user that this bastion no longer has.
            say(f"the last good key set is dropped: {error}")
            return self._put_in_force(closed_key_set())

    def _put_in_force(self, document: bytes) -> KeySet:
        key_set = parse_key_set(document, self._settings.users, self._confirm)
        install(self._settings, key_set)
        return key_set

    def check(self) -> Installed:
        """Installs the document in the mailbox if it is new."""
        nothing_new = Installed(changed=False, needs_reload=False)
        seen = self._look()
        if seen is None:
            return nothing_new
        is_retry = self._retry_at is not None and time.monotonic() >= self._retry_at
        if seen == self._seen and not is_retry:
            return nothing_new
        # Another one may have come since the look; then the next look finds it, and it is no news.
        delivery = files.read_if_there(seen[0])
        self._seen, self._retry_at = seen, None
        if delivery is None:
            return nothing_new
        is_packed = seen[0] == self._settings.packed_mailbox
        return self._install(delivery, is_packed) or nothing_new

    def _look(self) -> _Seen | None:
        """What is in the mailbox, without reading it."""
        for path in (self._settings.mailbox, self._settings.packed_mailbox):
            try:
                found = os.stat(path)
            except FileNotFoundError:
                continue
            return path, found.st_ino, found.st_size, found.st_mtime_ns
        return None

    def _install(self, delivery: bytes, is_packed: bool) -> Installed | None:
        digest = digest_of(delivery)
        try:
            document = unpack(delivery) if is_packed else delivery
            digest = digest_of(document)
            key_set = parse_key_set(document, self._settings.users, self._confirm)
            installed = install(self._settings, key_set)
        except (KeySetRefused, UnpackError) as error:
            self._refuse(Refused(digest, str(error)))
            return None
        except (InstallFailed, OSError, subprocess.SubprocessError) as error:
            self._retry_at = time.monotonic() + _RETRY_SECONDS
            self._refuse(Refused(digest, f"cannot be installed, will be tried again: {error}"))
            return None
        self.refused = None
        self.key_set = key_set
        if installed.changed:
            counts = ", ".join(f"{user}: {len(k.keys)} keys" for user, k in key_set.users.items())
            say(f"key set {digest[:12]} installed ({counts or 'no users'})")
        return installed

    def _refuse(self, refused: Refused) -> None:
        # A retry that fails in the same way is no news.
        if refused != self.refused:
            say(f"key set {refused.digest[:12]} refused: {refused.reason}")
        self.refused = refused
