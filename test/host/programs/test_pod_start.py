from __future__ import annotations

import os
import pwd
import stat
import unittest
from unittest import mock

from support import BastionTest

from bastion_host.settings import SettingsError
from bastion_pod import hosts_file
from bastion_pod.start import (
    CannotStart,
    check_accounts,
    load_workloads,
    prepare,
    prepare_workloads,
)


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
            check_accounts(self.settings.users)

    def test_both_users_with_the_id_of_the_container(self) -> None:
        self.check(account(os.getuid()), account(os.getuid()))

    def test_a_user_that_is_missing(self) -> None:
        with self.assertRaisesRegex(CannotStart, "^/etc/passwd has no user 'consumer'; mount"):
            self.check(account(os.getuid()), KeyError())

    def test_a_user_that_sshd_could_not_become(self) -> None:
        other = os.getuid() + 1
        with self.assertRaisesRegex(CannotStart, f"the id {other}, .*; set runAsUser to {other}$"):
            self.check(account(other))


class Workloads(BastionTest):
    def setUp(self) -> None:
        super().setUp()
        self.address = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}

    def test_without_settings_there_are_none(self) -> None:
        self.assertIsNone(load_workloads(self.directory))

    def test_settings_that_cannot_be_used_are_no_reason_to_start_without(self) -> None:
        self.write("etc/workloads.json", '{"user":"jump"}')
        with self.assertRaisesRegex(SettingsError, "workloads.json: namespaces: missing; "):
            load_workloads(self.directory)

    def test_writes_down_where_the_api_server_is(self) -> None:
        for host, expected in (("10.96.0.1", "10.96.0.1:443\n"), ("fd00::1", "[fd00::1]:443\n")):
            prepare_workloads(self.directory, {**self.address, "KUBERNETES_SERVICE_HOST": host})
            self.assertEqual(self.read("run/api-server"), expected)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("live/workloads")).st_mode), 0o700)

    def test_says_what_the_environment_lacks(self) -> None:
        for name in self.address:
            with self.assertRaisesRegex(CannotStart, "KUBERNETES_SERVICE_PORT are not set"):
                prepare_workloads(self.directory, {**self.address, name: ""})


class HostsFile(BastionTest):
    def test_is_made_once(self) -> None:
        self.assertEqual(hosts_file.main(self.directory), 0)
        self.assertEqual(self.read("hosts"), "127.0.0.1\tlocalhost\n")
        self.assertEqual(stat.S_IMODE(os.stat(self.path("hosts")).st_mode), 0o644)
        self.write("hosts", "as it was")
        self.assertEqual(hosts_file.main(self.directory), 0)
        self.assertEqual(self.read("hosts"), "as it was")

    def test_says_what_to_mount(self) -> None:
        with mock.patch("bastion_pod.hosts_file.say") as said:
            self.assertEqual(hosts_file.main(self.path("missing")), 1)
        self.assertRegex(said.call_args[0][0], "/hosts: No such file or directory; mount")


if __name__ == "__main__":
    unittest.main()
