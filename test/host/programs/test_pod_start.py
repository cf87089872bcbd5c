from __future__ import annotations

import os
import pwd
import stat
import unittest
from unittest import mock

from support import BastionTest

from bastion_pod.start import CannotStart, check_accounts, prepare


def account(uid: int) -> pwd.struct_passwd:
    return pwd.struct_passwd(("x", "*", uid, uid, "", "/nonexistent", "/usr/sbin/nologin"))


class Prepare(BastionTest):
    def mode(self, name: str) -> int:
        return stat.S_IMODE(os.stat(self.path(name)).st_mode)

    def test_makes_folders_closed_to_others_in_a_volume_that_is_open_to_its_group(self) -> None:
        for folder in ("live", "run"):
            os.chmod(self.path(folder), 0o2777)
        os.unlink(self.path("log/bastion.log"))
        os.rmdir(self.path("log"))
        prepare(self.settings, "/proc/1/fd/2")
        self.assertEqual([self.mode(name) & 0o777 for name in ("live", "run", "log")], [0o700] * 3)
        self.assertEqual(os.readlink(self.settings.log), "/proc/1/fd/2")

    def test_a_container_that_is_started_again_finds_what_was_in_force(self) -> None:
        self.write("live/key-set.json", "as it was")
        prepare(self.settings)
        prepare(self.settings)
        self.assertEqual(self.read("live/key-set.json"), "as it was")

    def test_says_what_to_mount_where_nothing_can_be_written(self) -> None:
        with mock.patch("os.makedirs", side_effect=OSError(30, "Read-only file system")):
            with self.assertRaisesRegex(CannotStart, "^/.*/live: Read-only file system; mount an"):
                prepare(self.settings)


class Accounts(BastionTest):
    def check(self, *accounts: pwd.struct_passwd | KeyError) -> None:
        with mock.patch("pwd.getpwnam", side_effect=accounts):
            check_accounts(self.settings)

    def test_both_users_with_the_id_of_the_container(self) -> None:
        self.check(account(os.getuid()), account(os.getuid()))

    def test_a_user_that_is_missing(self) -> None:
        with self.assertRaisesRegex(CannotStart, "^/etc/passwd has no user 'consumer'; mount"):
            self.check(account(os.getuid()), KeyError())

    def test_a_user_that_sshd_could_not_become(self) -> None:
        other = os.getuid() + 1
        with self.assertRaisesRegex(CannotStart, f"the id {other}, .*; set runAsUser to {other}$"):
            self.check(account(other))


if __name__ == "__main__":
    unittest.main()
