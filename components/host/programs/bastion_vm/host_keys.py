"""The host keys: from the store to `etc/`, readable by sshd's user and changed by root alone."""

from __future__ import annotations

import json
import os
import re
import subprocess

from bastion_host import files

from .accounts import Account
from .document import DocumentError, Store

NAME = "host-keys"
_FILE = re.compile(r"ssh_host_[a-z0-9]+_key")
_KEYGEN_SECONDS = 20


def install_host_keys(store: Store, directory: str, account: Account, ssh_keygen: str) -> None:
    """Writes what is new, each file atomically, and only what ssh-keygen takes for a key."""
    text = store.read([NAME], decrypt=True).get(NAME)
    if text is None:
        raise DocumentError(f"{NAME}: not in the store yet")
    folder = os.path.join(directory, "etc")
    for name, key in parse_host_keys(text).items():
        path = os.path.join(folder, name)
        if files.read_if_there(path) != key:
            staged = files.stage(path, key, 0o600)
            try:
                _check(name, staged, ssh_keygen)
                os.chown(staged, -1, account.gid)
                os.chmod(staged, 0o640)
                os.rename(staged, path)
            except BaseException:
                os.unlink(staged)
                raise
        elif os.stat(path).st_gid != account.gid:
            os.chown(path, -1, account.gid)
    files.sync_directory(folder)


def parse_host_keys(text: str) -> dict[str, bytes]:
    """Private keys by file name. No message contains any of the text."""
    try:
        keys = {str(name): key.encode() for name, key in json.loads(text).items()}
    except (ValueError, AttributeError):
        raise DocumentError(f"{NAME}: not a JSON object of texts") from None
    if not keys:
        raise DocumentError(f"{NAME}: there is none")
    for name in keys:
        if not _FILE.fullmatch(name):
            raise DocumentError(f"{NAME}: {name!r} is no name of a host key file")
    return keys


def _check(name: str, staged: str, ssh_keygen: str) -> None:
    result = subprocess.run(
        [ssh_keygen, "-y", "-P", "", "-f", staged],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_KEYGEN_SECONDS,
        check=False,
    )
    if result.returncode != 0:
        raise DocumentError(f"{NAME}: {name} is no private key that ssh-keygen can read")
