"""Releases of the host files: each in a folder of its own, one of them in force.

`releases/<digest>` holds what a document says, `current` points to the one in force, and `lib`
and the files of `etc` point into `current`. So the whole set changes with a single rename, at any
moment there is a complete one, and the former one is still there to go back to.
"""

from __future__ import annotations

import compileall
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bastion_host import files

from .accounts import Account

_UNIT = re.compile(r"reverse-bastion[a-z-]*\.service")
_HOST_KEY = "ssh_host_"
_TEST_SECONDS = 30
_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class ReleaseRefused(Exception):
    """The host files can not be used on this machine; the message says why."""


class SystemSshd(NamedTuple):
    """The image's own sshd, which an administrator logs in by."""

    unit: str
    is_on: bool


class Release(NamedTuple):
    digest: str
    folder: str

    @property
    def users(self) -> list[str]:
        """The login users; sshd runs as the first."""
        return [str(user) for user in self._read("etc/bastion.json")["users"]]

    @property
    def sshd(self) -> str:
        return str(self._read("etc/bastion.json")["sshd"])

    @property
    def ssh_keygen(self) -> str:
        return str(self._read("etc/bastion.json")["sshKeygen"])

    @property
    def system_sshd(self) -> SystemSshd:
        fields = self._read("etc/system.json")
        return SystemSshd(str(fields["sshdUnit"]), fields["sshd"] is True)

    def _read(self, name: str) -> dict[str, object]:
        try:
            with open(os.path.join(self.folder, name), encoding="utf-8") as file:
                return dict(json.load(file))
        except (FileNotFoundError, ValueError, TypeError) as error:
            raise ReleaseRefused(f"{name}: {error}") from None

    def check(self) -> None:
        """Raises ReleaseRefused if a fact that is needed later cannot be read."""
        try:
            if not self.users or not self.sshd or not self.ssh_keygen or not self.system_sshd.unit:
                raise ReleaseRefused("etc: a fact about this machine is empty")
        except (KeyError, TypeError) as error:
            raise ReleaseRefused(f"etc: a fact about this machine is missing: {error}") from None

    def judge(self, account: Account, host_keys: Sequence[str]) -> None:
        """Has sshd judge its configuration, as the user it will run as, and Python the programs.
        On the first boot no host key is in force yet, so it is shown those that will be."""
        config = os.path.join(self.folder, "etc", "sshd_config")
        sync = os.path.join(self.folder, "lib", "bastion_vm", "sync.py")
        shown = [argument for path in host_keys for argument in ("-h", path)]
        _ask(account, "sshd refuses its configuration", [self.sshd, "-t", "-f", config, *shown])
        _ask(account, "sync does not start", [sys.executable, "-I", "-S", sync, "--check"])
        # The key command runs for each login, as a user who could not keep what it compiles.
        if not compileall.compile_dir(os.path.join(self.folder, "lib"), quiet=2):
            raise ReleaseRefused("lib: not all programs can be compiled")


def _ask(account: Account, complaint: str, command: list[str]) -> None:
    result = subprocess.run(
        command,
        cwd="/",
        env=_ENVIRONMENT,
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=_TEST_SECONDS,
        check=False,
    )
    if result.returncode != 0:
        said = " / ".join(result.stderr.decode("utf-8", "replace").splitlines()[-5:])
        raise ReleaseRefused(f"{complaint}: {said or result.returncode}")


class Releases:
    """The releases of one bastion's directory."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._folder = os.path.join(directory, "releases")

    @property
    def current(self) -> Release | None:
        try:
            digest = os.path.basename(os.readlink(os.path.join(self._directory, "current")))
        except FileNotFoundError:
            return None
        return Release(digest, os.path.join(self._folder, digest))

    def stage(self, digest: str, contents: Mapping[str, tuple[int, bytes]]) -> Release:
        """Writes a release beside the others. Fails, on a full disk, without a trace."""
        for path in contents:
            _check_path(path)
        release = Release(digest, os.path.join(self._folder, digest))
        # What was left by one that was interrupted may be incomplete.
        self.discard(release)
        try:
            for path, (mode, content) in contents.items():
                target = os.path.join(release.folder, path)
                os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
                os.rename(files.stage(target, content, mode, durable=False), target)
            release.check()
        except BaseException:
            self.discard(release)
            raise
        return release

    def discard(self, release: Release) -> None:
        shutil.rmtree(release.folder, ignore_errors=True)

    def put_in_force(self, release: Release) -> None:
        """Makes a release the current one, and keeps it and the one before."""
        former = self.current
        # On the disk before it is pointed to: it must survive a power cut.
        os.sync()
        _link(os.path.join("releases", release.digest), os.path.join(self._directory, "current"))
        self._link_from_outside(release)
        files.sync_directory(self._directory)
        kept = {release.digest, former.digest if former else ""}
        for name in os.listdir(self._folder):
            if name not in kept:
                shutil.rmtree(os.path.join(self._folder, name), ignore_errors=True)

    def _link_from_outside(self, release: Release) -> None:
        _link("current/lib", os.path.join(self._directory, "lib"))
        etc = os.path.join(self._directory, "etc")
        names = os.listdir(os.path.join(release.folder, "etc"))
        for name in names:
            _link(f"../current/etc/{name}", os.path.join(etc, name))
        for name in os.listdir(etc):
            path = os.path.join(etc, name)
            if os.path.islink(path) and name not in names:
                os.unlink(path)

    def repair(self) -> None:
        """Completes what an interruption may have left undone."""
        release = self.current
        if release is not None:
            self._link_from_outside(release)


def _check_path(path: str) -> None:
    folder, name = path.split("/", 1)
    is_good = {
        "lib": True,
        "etc": "/" not in name and not name.startswith(_HOST_KEY),
        "units": _UNIT.fullmatch(name) is not None,
    }
    if not is_good[folder]:
        raise ReleaseRefused(f"the path {path!r} is not allowed")


def _link(target: str, path: str) -> None:
    with contextlib.suppress(OSError):
        if os.readlink(path) == target:
            return
    files.remove(path + ".new")
    os.symlink(target, path + ".new")
    os.rename(path + ".new", path)
