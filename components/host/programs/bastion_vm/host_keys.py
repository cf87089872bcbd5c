"""The host keys: from the store to `etc/`, readable by sshd's user and changed by root alone."""

from __future__ import annotations

import hashlib
import json
import os

from bastion_host import files
from bastion_host.host_keys import is_host_key_file, read_public_key

from .accounts import Account
from .document import DocumentError, Manifest, Store

NAME = "host-keys"


def install_host_keys(
    store: Store, manifest: Manifest, directory: str, account: Account, ssh_keygen: str
) -> None:
    """Writes what is new, each file atomically, and only what ssh-keygen takes for a key; removes
    what is in the store no more."""
    text = store.read([NAME], decrypt=True).get(NAME)
    if text is None:
        raise DocumentError(f"{NAME}: not in the store yet")
    if hashlib.sha256(text.encode()).hexdigest() != manifest.digest:
        raise DocumentError(f"{NAME}: not those of the manifest (yet)")
    folder = os.path.join(directory, "etc")
    keys = parse_host_keys(text)
    for name, key in keys.items():
        path = os.path.join(folder, name)
        if files.read_if_there(path) != key:
            staged = files.stage(path, key, 0o600)
            try:
                if read_public_key(ssh_keygen, staged) is None:
                    raise DocumentError(f"{NAME}: {name} is no private key that ssh-keygen can read")
                os.chown(staged, -1, account.gid)
                os.chmod(staged, 0o640)
                os.rename(staged, path)
            except BaseException:
                os.unlink(staged)
                raise
        elif os.stat(path).st_gid != account.gid:
            os.chown(path, -1, account.gid)
    for name in os.listdir(folder):
        if is_host_key_file(name) and name not in keys:
            os.unlink(os.path.join(folder, name))
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
        if not is_host_key_file(name):
            raise DocumentError(f"{NAME}: {name!r} is no name of a host key file")
    return keys
