from __future__ import annotations

import pwd
import subprocess
import unittest
from typing import Any
from unittest import mock

from support import PROGRAMS  # noqa: F401

from bastion_vm.accounts import MARK, Account, AccountTaken, ensure_login_users

SHARED = ["--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
SHARED += ["--comment", MARK, "--password", "*"]


class LoginUsers(unittest.TestCase):
    """With a user database and a useradd of the test's own."""

    def setUp(self) -> None:
        self.entries: dict[str, tuple[int, int, str]] = {}
        self.calls: list[list[str]] = []
        for name, fake in (("pwd.getpwnam", self.look_up), ("subprocess.run", self.run_useradd)):
            patch = mock.patch(name, fake)
            patch.start()
            self.addCleanup(patch.stop)

    def look_up(self, name: str) -> pwd.struct_passwd:
        uid, gid, comment = self.entries[name]
        return pwd.struct_passwd((name, "*", uid, gid, comment, "/nonexistent", "/bin/false"))

    def run_useradd(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.calls.append(command)
        self.entries[command[-1]] = (990, 991, MARK)
        return subprocess.CompletedProcess(command, 0)

    def test_are_made_with_one_user_id_and_only_once(self) -> None:
        for _ in range(2):
            self.assertEqual(ensure_login_users(["tunnel", "consumer"]), Account(990, 991))
        twin = ["--non-unique", "--uid", "990", "--gid", "991"]
        self.assertEqual(
            self.calls,
            [
                ["useradd", "--system", "--user-group", *SHARED, "tunnel"],
                ["useradd", *twin, *SHARED, "consumer"],
            ],
        )

    def test_nobody_elses_account_is_used(self) -> None:
        self.entries["tunnel"] = (1000, 1000, "Debian")
        with self.assertRaisesRegex(AccountTaken, 'the user "tunnel" exists'):
            ensure_login_users(["tunnel", "consumer"])
        self.entries = {"tunnel": (990, 991, MARK), "consumer": (992, 992, MARK)}
        with self.assertRaisesRegex(AccountTaken, '"consumer" exists with another user id'):
            ensure_login_users(["tunnel", "consumer"])
        self.assertEqual(self.calls, [])


if __name__ == "__main__":
    unittest.main()
