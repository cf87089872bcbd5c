"""What the tests of the programs of a cloud's machine share."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import shutil
import sys
import unittest
from collections.abc import Sequence
from unittest import mock

from support import PROGRAMS, SSH_KEYGEN, BastionTest, make_host_key

from bastion_vm.accounts import Account
from bastion_vm.document import StoreUnavailable
from bastion_vm.service import Service
from bastion_vm.sync import Sync

NOBODY = Account(65534, 65534)


def digest_of(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def pack(document: bytes) -> str:
    return base64.b64encode(gzip.compress(document)).decode()


class MemoryStore:
    """A store whose texts a test changes."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.trouble: str | None = None
        self.asked: list[str] = []

    def read(self, names: Sequence[str], decrypt: bool = False) -> dict[str, str]:
        if self.trouble is not None:
            raise StoreUnavailable(self.trouble)
        self.asked += names
        return {name: self.texts[name] for name in names if name in self.texts}

    def put(self, name: str, document: bytes, part_bytes: int = 4096) -> str:
        """Gives the digest."""
        packed = pack(document)
        parts = [packed[at : at + part_bytes] for at in range(0, len(packed), part_bytes)]
        for number, part in enumerate(parts, start=1):
            self.texts[f"{name}/{number}"] = part
        manifest = {"version": 1, "digest": digest_of(document), "parts": len(parts)}
        self.texts[f"{name}/manifest"] = json.dumps(manifest)
        return digest_of(document)

    def put_host_keys(self, **keys: str) -> None:
        text = json.dumps(keys)
        self.texts["host-keys"] = text
        manifest = {"version": 1, "digest": digest_of(text.encode()), "parts": 1}
        self.texts["host-keys/manifest"] = json.dumps(manifest)


class FakeSystemd:
    """Answers as systemctl does, and has the supervisor listen when it is started."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self.calls: list[str] = []
        self.is_active = False
        self.listens = True
        self.broken: str | None = None
        self._pid = 100

    def __call__(self, *arguments: str) -> int:
        call = " ".join(arguments)
        if arguments[0] == "is-active":
            return 0 if self.is_active else 3
        if arguments[0] == "cat":
            return 0
        self.calls.append(call)
        if call == self.broken:
            return 1
        if arguments[0] in ("restart", "reload"):
            self.is_active = True
            self._pid += 1
            # A supervisor of the release in force that is told to fail does not come up.
            marker = os.path.join(self._directory, "lib", "bastion_host", "broken.py")
            if self.listens and not os.path.exists(marker):
                status = {"sshd": {"pid": self._pid, "listening": True}}
                with open(os.path.join(self._directory, "run/status.json"), "w") as file:
                    json.dump(status, file)
        return 0

    def take_calls(self) -> list[str]:
        calls, self.calls = self.calls, []
        return calls


def programs() -> dict[str, str]:
    """The real ones, by their paths in a release."""
    found: dict[str, str] = {}
    for package in ("bastion_host", "bastion_vm"):
        folder = os.path.join(PROGRAMS, package)
        for name in sorted(os.listdir(folder)):
            if name.endswith(".py"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    found[f"lib/{package}/{name}"] = file.read()
    return found


@unittest.skipUnless(
    sys.platform.startswith("linux") and os.geteuid() == 0, "needs root: gives files away"
)
class MachineTest(BastionTest):
    """A machine whose store, systemd and sshd are the test's own, and whose users exist."""

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(os.umask, os.umask(0o022))
        os.chmod(self.directory, 0o755)
        for folder in ("etc", "mailbox", "live", "run", "log"):
            shutil.rmtree(self.path(folder))
        os.mkdir(self.path("system"))
        # As root, the real one refuses host keys that its group may read.
        self.fake_sshd(
            'case " $(id -u) $(id -G) " in *" 0 "*) echo "asked as root" >&2; exit 255 ;; esac\n'
            '! grep -q Bogus "$3" || { echo "line 1: Bogus" >&2; exit 255; }'
        )
        os.chmod(self.path("sshd"), 0o755)
        self.store = MemoryStore()
        self.systemd = FakeSystemd(self.directory)
        self.store.put_host_keys(ssh_host_ed25519_key=make_host_key())
        self.store.put("key-set", b'{"version":1,"users":{}}')
        self.users = mock.Mock(return_value=NOBODY)
        patch = mock.patch("bastion_vm.sync.ensure_login_users", self.users)
        patch.start()
        self.addCleanup(patch.stop)
        quiet = mock.patch("bastion_vm.sync.say", self.said_line)
        quiet.start()
        self.addCleanup(quiet.stop)
        more_quiet = mock.patch("bastion_vm.service.say")
        more_quiet.start()
        self.addCleanup(more_quiet.stop)
        self.said: list[str] = []
        self.sync = self.start()

    def said_line(self, line: str) -> None:
        self.said.append(line)

    def start(self, runtime: str | None = None) -> Sync:
        """As after a restart of the program."""
        service = Service(self.directory, self.systemd, self.path("system"), up_seconds=0.05)
        return Sync(self.directory, self.store, service, runtime)

    def release(
        self, changes: dict[str, str] | None = None, users: tuple[str, ...] = ("tunnel", "consumer")
    ) -> bytes:
        """A host files document, with some files more or otherwise."""
        bastion = {"directory": self.directory, "sshd": self.path("sshd")}
        bastion |= {"sshKeygen": SSH_KEYGEN, "sshPort": 2222, "statusPort": 9422, "users": users}
        contents = {
            **programs(),
            "etc/sshd_config": "Port 2222\n",
            "etc/bastion.json": json.dumps(bastion),
            "etc/system.json": json.dumps({"sshd": False, "sshdUnit": "ssh.service"}),
            "units/reverse-bastion.service": "[Unit]\n",
            **(changes or {}),
        }
        return host_files(contents)

    def mailbox(self) -> dict[str, object]:
        return dict(json.loads(self.read("mailbox/sync.json")))


def host_files(contents: dict[str, str], version: int = 1) -> bytes:
    entries = [{"path": path, "mode": 0o644, "content": text} for path, text in contents.items()]
    return json.dumps({"version": version, "files": entries}).encode()
