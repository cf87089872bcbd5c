#!/usr/bin/python3
"""The part of Google's guest agent that has to do with logins, as its source tells it.

- Host keys are made when the instance is a new one.
- OS Login, by the attribute `enable-oslogin` of the instance or else of the project: a block at the
  very top of sshd_config, and sshd is reloaded, or started where it does not run.
- Without OS Login, `ssh-keys` in metadata make users that may become root.

Two things differ. The users of OS Login come from a module of the C library there, and are made
here. Whether they may log in is asked there by PAM; here all that the service tells of may.
"""

from __future__ import annotations

import json
import os
import pathlib
import pwd
import re
import socket
import subprocess
import sys
import time
from typing import Any

sys.path.insert(0, "/usr/lib/google-guest")

import metadata  # noqa: E402

_START = "#### Google OS Login control. Do not edit this section. ####"
_END = "#### End Google OS Login control section. ####"
_SSHD_CONFIG = pathlib.Path("/etc/ssh/sshd_config")
_INSTANCE_ID = pathlib.Path("/var/lib/google/instance_id")
_USERS = pathlib.Path("/var/lib/google/google_users")
_SUDOERS_GROUP = "google-sudoers"


def run(*command: str) -> int:
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode


def notify_ready() -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(b"READY=1", address.replace("@", "\0", 1))


def set_up_instance(instance_id: str) -> None:
    if _INSTANCE_ID.exists() and _INSTANCE_ID.read_text() == instance_id:
        return
    for path in pathlib.Path("/etc/ssh").glob("ssh_host_*_key*"):
        path.unlink()
    run("ssh-keygen", "-A")
    _INSTANCE_ID.parent.mkdir(parents=True, exist_ok=True)
    _INSTANCE_ID.write_text(instance_id)


def is_oslogin_on(attributes: list[dict[str, str]]) -> bool:
    """The instance's word counts before the project's."""
    for given in attributes:
        if "enable-oslogin" in given:
            return given["enable-oslogin"].lower() in ("true", "1", "yes", "y")
    return False


def configure_sshd(is_on: bool, two_factor: bool) -> bool:
    """Puts the block into sshd's configuration, or takes it out; whether that is a change."""
    before = _SSHD_CONFIG.read_text()
    text = re.sub(f"{re.escape(_START)}.*?{re.escape(_END)}\n", "", before, flags=re.DOTALL)
    if is_on:
        lines = [
            "TrustedUserCAKeys /etc/ssh/oslogin_trustedca.pub",
            "AuthorizedPrincipalsCommand /usr/bin/google_authorized_principals %u %k",
            "AuthorizedPrincipalsCommandUser root",
            "AuthorizedKeysCommand /usr/bin/google_authorized_keys",
            "AuthorizedKeysCommandUser root",
        ]
        bottom = ["Include /var/google-users.d/*"]
        if two_factor:
            lines += [
                "AuthenticationMethods publickey,keyboard-interactive",
                "ChallengeResponseAuthentication yes",
            ]
            bottom += ["Match User sa_*", "AuthenticationMethods publickey"]
        text = "\n".join([_START, *lines, _END, text.rstrip("\n"), _START, *bottom, _END, ""])
    if text != before:
        _SSHD_CONFIG.write_text(text)
    return text != before


def make_user(name: str, is_admin: bool) -> pwd.struct_passwd:
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        run("useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", name)
        user = pwd.getpwnam(name)
    if is_admin:
        run("usermod", "--append", "--groups", _SUDOERS_GROUP, name)
    return user


def make_oslogin_users() -> None:
    for profile in json.loads(metadata.get("oslogin/users")[0])["loginProfiles"]:
        for account in profile["posixAccounts"]:
            make_user(account["username"], profile["isAdmin"])


def keys_by_user(attributes: list[dict[str, str]]) -> dict[str, list[str]]:
    """Users with their keys, from `user:key` lines."""
    instance, project = attributes
    is_blocked = instance.get("block-project-ssh-keys", "").lower() == "true"
    texts = [instance.get("ssh-keys", ""), "" if is_blocked else project.get("ssh-keys", "")]
    keys: dict[str, list[str]] = {}
    for line in "\n".join(texts).splitlines():
        user, separator, key = line.strip().partition(":")
        if separator and key:
            keys.setdefault(user, []).append(key)
    return keys


def update_users(keys: dict[str, list[str]]) -> None:
    known = set(_USERS.read_text().split()) if _USERS.exists() else set()
    for name in sorted(known | set(keys)):
        user = make_user(name, is_admin=name in keys)
        if name not in keys:
            run("gpasswd", "--delete", name, _SUDOERS_GROUP)
        folder = pathlib.Path(user.pw_dir, ".ssh")
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / "authorized_keys"
        file.write_text("".join(f"# Added by Google\n{key}\n" for key in keys.get(name, [])))
        file.chmod(0o600)
        for path in (folder, file):
            os.chown(path, user.pw_uid, user.pw_gid)
    _USERS.write_text("\n".join(sorted(keys)))


def apply(found: dict[str, Any], is_first: bool) -> None:
    attributes = [found["instance"]["attributes"], found["project"]["attributes"]]
    is_on = is_oslogin_on(attributes)
    two_factor = any(given.get("enable-oslogin-2fa", "").lower() == "true" for given in attributes)
    changed = configure_sshd(is_on, two_factor)
    if is_on:
        make_oslogin_users()
    if changed or is_first:
        run("systemctl", "reload-or-restart", "ssh.service")
    update_users({} if is_on else keys_by_user(attributes))


def main() -> None:
    instance_id = metadata.get_once_it_answers("instance/id")
    set_up_instance(instance_id or "")
    notify_ready()
    is_first = True
    for found in metadata.changes():
        try:
            apply(found, is_first)
            is_first = False
        except OSError as error:
            print(f"guest agent: {error}", file=sys.stderr, flush=True)
            time.sleep(1)


main()
