"""The settings of one bastion: `etc/bastion.json`, and every path that follows from it.

The file is written by the deploying side and only read here. All other paths are fixed relative
to the bastion's directory, so that two programs can never disagree about where something is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

_FIELDS = {
    "directory": str,
    "sshd": str,
    "sshKeygen": str,
    "sshPort": int,
    "statusPort": int,
    "users": list,
}


class SettingsError(Exception):
    """The settings file cannot be used; the message says which file, which field and why."""


class Settings(NamedTuple):
    """What the deploying side decided for this bastion."""

    directory: str
    """The bastion's own directory, absolute. It holds everything below."""
    sshd: str
    """Path of the OpenSSH server. Absolute, because sshd re-executes itself by that name."""
    ssh_keygen: str
    """Path of ssh-keygen, which has the last word on whether a public key is one."""
    ssh_port: int
    """Where sshd accepts logins. Sessions are recognised in the kernel's tables by it."""
    status_port: int
    """Where operators read the status, on loopback."""
    users: tuple[str, ...]
    """The login users sshd has a `Match User` block for, e.g. `tunnel` and `consumer`."""

    @property
    def file(self) -> str:
        """This very file: handed on to the programs that sshd starts."""
        return os.path.join(self.directory, "etc", "bastion.json")

    @property
    def sshd_config(self) -> str:
        return os.path.join(self.directory, "etc", "sshd_config")

    @property
    def mailbox(self) -> str:
        """The declared key set, as the last deployment wants it."""
        return os.path.join(self.directory, "mailbox", "key-set.json")

    @property
    def packed_mailbox(self) -> str:
        """The same where it had to be compressed, by gzip. There is one of the two at a time."""
        return os.path.join(self.directory, "mailbox", "key-set.json.gz")

    @property
    def live_key_set(self) -> str:
        """The key set in force: the last one that was found good."""
        return os.path.join(self.directory, "live", "key-set.json")

    def keys_file(self, user: str) -> str:
        return os.path.join(self.directory, "live", "keys", user)

    def include_file(self, user: str) -> str:
        """The part of sshd's configuration that follows the key set."""
        return os.path.join(self.directory, "live", "sshd", f"{user}.conf")

    @property
    def host_keys_directory(self) -> str:
        """The host keys in force, each in a file of its own."""
        return os.path.join(self.directory, "live", "host-keys")

    @property
    def host_keys_include(self) -> str:
        """The part of sshd's configuration that says which they are."""
        return os.path.join(self.directory, "live", "host-keys.conf")

    @property
    def run_directory(self) -> str:
        return os.path.join(self.directory, "run")

    @property
    def sessions_directory(self) -> str:
        return os.path.join(self.run_directory, "sessions")

    @property
    def status(self) -> str:
        return os.path.join(self.run_directory, "status.json")

    @property
    def last_logins(self) -> str:
        return os.path.join(self.run_directory, "last-logins.json")

    @property
    def log(self) -> str:
        return os.path.join(self.directory, "log", "bastion.log")


def load_settings(path: str) -> Settings:
    """Reads and checks the settings file; raises SettingsError with all it dislikes.

    An unknown field is refused too: the file is written by a program, so a stranger in it means
    that writer and reader are of different versions.
    """
    try:
        with open(path, "rb") as file:
            document = json.load(file)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from None
    problems = _problems(document, path)
    if problems:
        raise SettingsError(f"{path}: " + "; ".join(problems))
    return Settings(
        directory=document["directory"],
        sshd=document["sshd"],
        ssh_keygen=document["sshKeygen"],
        ssh_port=document["sshPort"],
        status_port=document["statusPort"],
        users=tuple(document["users"]),
    )


def field_problems(document: object, fields: Mapping[str, type]) -> list[str]:
    """What is wrong with the fields of a document, all of which it must have."""
    if not isinstance(document, dict):
        return ["not a JSON object"]
    problems = [f"{name}: unknown field" for name in document if name not in fields]
    for name, kind in fields.items():
        if name not in document:
            problems.append(f"{name}: missing")
        elif not isinstance(document[name], kind) or isinstance(document[name], bool):
            problems.append(f"{name}: must be of type {kind.__name__}")
    return problems


def _problems(document: Any, path: str) -> list[str]:
    problems = field_problems(document, _FIELDS)
    if problems:
        return problems
    for name in ("directory", "sshd", "sshKeygen"):
        if not os.path.isabs(document[name]):
            problems.append(f"{name}: must be an absolute path")
    for name in ("sshPort", "statusPort"):
        if not 1 <= document[name] <= 65535:
            problems.append(f"{name}: must be between 1 and 65535")
    if not document["users"] or not all(_is_user_name(user) for user in document["users"]):
        problems.append("users: must be a non-empty list of login names")
    # authorized_keys_command finds the bastion by the place of this file, not by reading it.
    expected = os.path.join(document["directory"], "etc", "bastion.json")
    if not os.path.exists(expected) or not os.path.samefile(expected, path):
        problems.append(f"directory: this file must be {expected}")
    return problems


def _is_user_name(value: object) -> bool:
    """A login name is also used as a file name here, so nothing that could leave its directory."""
    return (
        isinstance(value, str)
        and value != ""
        and all(character.isalnum() or character in "_-." for character in value)
        and not value.startswith((".", "-"))
    )
