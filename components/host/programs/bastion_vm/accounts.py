"""The login users of a bastion: accounts with one user id, and nothing else to their names.

sshd runs as that user, and without root it can log in no other. No account has a home, a shell or
a password, and none is locked: sshd without PAM refuses a locked one.
"""

from __future__ import annotations

import pwd
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

MARK = "pulumi-reverse-bastion"
"""Comment of the accounts made here, so that nobody else's is ever taken for one."""

_USERADD_SECONDS = 30
_EMPTY = ("--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
_OPEN = ("--comment", MARK, "--password", "*")


class AccountTaken(Exception):
    """A name belongs to somebody else on this machine."""


class Account(NamedTuple):
    uid: int
    gid: int


def ensure_login_users(names: Sequence[str]) -> Account:
    """Makes those that are missing, and returns the account sshd is to run as: the first."""
    first, *others = names
    account = _find(first) or _add(first, ("--system", "--user-group"))
    twin = ("--non-unique", "--uid", str(account.uid), "--gid", str(account.gid))
    for name in others:
        other = _find(name) or _add(name, twin)
        if other.uid != account.uid:
            raise AccountTaken(f'the user "{name}" exists with another user id than "{first}"')
    return account


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    if entry.pw_gecos != MARK:
        raise AccountTaken(f'the user "{name}" exists on this machine, and is not the bastion\'s')
    return Account(entry.pw_uid, entry.pw_gid)


def _add(name: str, identity: Sequence[str]) -> Account:
    subprocess.run(
        ["useradd", *identity, *_EMPTY, *_OPEN, name],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_USERADD_SECONDS,
        check=True,
    )
    account = _find(name)
    if account is None:
        raise OSError(f'useradd made no user "{name}"')
    return account
