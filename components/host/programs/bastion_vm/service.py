"""The bastion as a service of systemd, and the image's own sshd beside it.

What has been done is recorded in `installed.json`, each step once it is: after an interruption
just the rest is done again, and a second time nothing is.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

from bastion_host import files
from bastion_host.host_keys import is_host_key_file
from bastion_host.log import say

from .accounts import Account
from .release import Release, SystemSshd

UNIT = "reverse-bastion.service"
_UNITS_FOLDER = "/etc/systemd/system"
_SYSTEM_SSHD_UNITS = ("ssh.socket", "ssh.service")
_SYSTEMCTL_SECONDS = 60
_UP_SECONDS = 20.0
_POLL_SECONDS = 0.1

Systemctl = Callable[..., int]
"""Runs systemctl with these arguments and gives its exit code."""


class NotServed(Exception):
    """The bastion does not come up with these files."""


def systemctl(*arguments: str) -> int:
    return subprocess.run(
        ["systemctl", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        timeout=_SYSTEMCTL_SECONDS,
        check=False,
    ).returncode


class Service:
    """Brings the bastion up with a release, and says whether it came."""

    def __init__(
        self,
        directory: str,
        systemctl: Systemctl = systemctl,
        units_folder: str = _UNITS_FOLDER,
        up_seconds: float = _UP_SECONDS,
    ) -> None:
        self._directory = directory
        self._systemctl = systemctl
        self._units_folder = units_folder
        self._up_seconds = up_seconds
        self._record = os.path.join(directory, "installed.json")
        self._done = _read_json(self._record)

    def bring_up(self, release: Release, account: Account) -> None:
        """Does what is still to be done. Raises NotServed when sshd does not listen in time."""
        units = os.path.join(release.folder, "units")
        self._once("units", _digest([units]), lambda: self._install_units(units))
        etc = os.path.join(self._directory, "etc")
        programs = os.path.join(release.folder, "lib", "bastion_host")
        self._once("served", _digest([etc, programs]), lambda: self._serve(account))
        # Last: it takes longer than all the rest, and clients are waiting.
        wanted = release.system_sshd
        self._once("systemSshd", list(wanted), lambda: self._switch_system_sshd(wanted))

    def _once(self, name: str, value: object, step: Callable[[], None]) -> None:
        if self._done.get(name) == value:
            return
        self._write({name: None})
        step()
        self._write({name: value})

    def _write(self, changes: dict[str, object]) -> None:
        if any(self._done.get(name) != value for name, value in changes.items()):
            self._done.update(changes)
            files.replace(self._record, json.dumps(self._done).encode(), 0o644)

    def _install_units(self, folder: str) -> None:
        for name in sorted(os.listdir(folder)):
            target = os.path.join(self._units_folder, name)
            content = files.read_if_there(os.path.join(folder, name)) or b""
            if files.read_if_there(target) != content:
                os.rename(files.stage(target, content, 0o644), target)
        self._must("daemon-reload")

    def _switch_system_sshd(self, wanted: SystemSshd) -> None:
        """Ubuntu's is started by a socket, and either of the two would start the other again. A
        cloud's agent starts the service at each boot, unless it is masked."""
        if wanted.is_on:
            self._must("unmask", *_SYSTEM_SSHD_UNITS)
            self._must("enable", "--now", wanted.unit)
            return
        for unit in _SYSTEM_SSHD_UNITS:
            if self._systemctl("cat", unit) == 0:
                self._must("mask", "--now", unit)

    def _serve(self, account: Account) -> None:
        self._must("enable", UNIT)
        former = self._listening_sshd()
        is_active = self._systemctl("is-active", "--quiet", UNIT) == 0
        # Open tunnels outlive a reload. Another user takes another process.
        if is_active and self._done.get("uid") == account.uid:
            self._must("reload", UNIT)
        else:
            self._must("restart", UNIT)
        self._write({"uid": account.uid})
        deadline = time.monotonic() + self._up_seconds
        while self._listening_sshd() in (None, former):
            if time.monotonic() > deadline:
                raise NotServed(f"no sshd listens after {self._up_seconds:.0f} s; see the journal")
            time.sleep(_POLL_SECONDS)
        say(f"{UNIT} is up with the present files")

    def _listening_sshd(self) -> int | None:
        """Process id of the sshd that listens, as the supervisor tells."""
        sshd = _read_json(os.path.join(self._directory, "run", "status.json")).get("sshd")
        if not isinstance(sshd, dict) or sshd.get("listening") is not True:
            return None
        return sshd.get("pid")

    def _must(self, *arguments: str) -> None:
        code = self._systemctl(*arguments)
        if code != 0:
            raise OSError(f"systemctl {' '.join(arguments)}: exit code {code}")


def _read_json(path: str) -> dict[str, Any]:
    try:
        return dict(json.loads(files.read_if_there(path) or b"{}"))
    except (ValueError, TypeError):
        return {}


def _digest(folders: list[str]) -> str:
    """Changes with the content of any file in the folders."""
    found = hashlib.sha256()
    for path in (path for folder in folders for path in _files(folder)):
        content = files.read_if_there(path) or b""
        found.update(f"{os.path.basename(path)} {len(content)}\n".encode() + content)
    return found.hexdigest()


def _files(folder: str) -> Iterator[str]:
    for name in sorted(os.listdir(folder)):
        # Python's and our own by-products, and what the supervisor watches by itself.
        is_other = name == "__pycache__" or name.startswith(".") or is_host_key_file(name)
        if not is_other:
            yield os.path.join(folder, name)
