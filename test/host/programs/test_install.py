from __future__ import annotations

import contextlib
import os
import subprocess
import unittest
from unittest import mock

from support import SSH_KEYGEN, BastionTest, client_line, document, full_disk, make_key

from bastion_host import sshd_process
from bastion_host.install import InstallFailed, install
from bastion_host.key_set import KeySet, KeySetRefused, confirm_with, parse_key_set


class InstallTest(BastionTest):
    def key_set(self, *lines: str, listen: tuple[str, ...] = ("15000",)) -> KeySet:
        data = document(list(lines), listen)
        return parse_key_set(data, self.settings.users, confirm_with(SSH_KEYGEN))

    def installed_files(self) -> dict[str, str]:
        names = ("live/key-set.json", "live/keys/tunnel", "live/keys/consumer")
        names += ("live/sshd/tunnel.conf", "live/sshd/consumer.conf")
        return {name: self.read(name) for name in names}

    def left_over(self) -> list[str]:
        return [
            name
            for _, _, names in os.walk(self.path("live"))
            for name in names
            if name.endswith((".new", ".previous"))
        ]


class Installs(InstallTest):
    def test_every_file_of_a_first_set(self) -> None:
        line = client_line(make_key(), "15000")
        result = install(self.settings, self.key_set(line, listen=("15000", "15001")))
        self.assertEqual(result, (True, True))
        files = self.installed_files()
        self.assertEqual(files["live/keys/tunnel"], line + "\n")
        self.assertEqual(files["live/keys/consumer"], "")
        self.assertEqual(
            files["live/sshd/tunnel.conf"], "PermitListen 15000 15001\nPermitOpen none\n"
        )
        self.assertEqual(files["live/sshd/consumer.conf"], "PermitListen none\nPermitOpen none\n")
        self.assertEqual(os.stat(self.path("live/keys/tunnel")).st_mode & 0o777, 0o600)
        self.assertEqual(self.left_over(), [])

    def test_the_same_set_again_does_nothing(self) -> None:
        key_set = self.key_set(client_line(make_key(), "15000"))
        install(self.settings, key_set)
        before = os.stat(self.path("live/key-set.json"))
        self.assertEqual(install(self.settings, key_set), (False, False))
        self.assertEqual(os.stat(self.path("live/key-set.json")).st_ino, before.st_ino)

    def test_another_key_needs_no_reload(self) -> None:
        install(self.settings, self.key_set(client_line(make_key(), "15000")))
        result = install(self.settings, self.key_set(client_line(make_key(), "15000")))
        self.assertEqual(result, (True, False))

    def test_a_file_that_was_lost_is_made_again(self) -> None:
        key_set = self.key_set(client_line(make_key(), "15000"))
        install(self.settings, key_set)
        os.unlink(self.path("live/keys/tunnel"))
        self.assertEqual(install(self.settings, key_set), (True, False))


class KeepsTheLastGoodSet(InstallTest):
    def setUp(self) -> None:
        super().setUp()
        install(self.settings, self.key_set(client_line(make_key(), "15000")))
        self.before = self.installed_files()
        self.next = self.key_set(client_line(make_key(), "15001"), listen=("15001",))

    def assert_unchanged(self) -> None:
        self.assertEqual(self.installed_files(), self.before)
        self.assertEqual(self.left_over(), [])

    def test_when_sshd_refuses_the_configuration(self) -> None:
        self.fake_sshd("grep -q 15001 live/sshd/tunnel.conf && echo bad port >&2 && exit 255")
        with self.assertRaisesRegex(KeySetRefused, "bad port"):
            install(self.settings, self.next)
        self.assert_unchanged()

    def test_when_sshd_does_not_answer(self) -> None:
        self.fake_sshd("exec sleep 10")
        with mock.patch.object(sshd_process, "_TEST_SECONDS", 0.2):
            with self.assertRaises(subprocess.TimeoutExpired):
                install(self.settings, self.next)
        self.assert_unchanged()

    def test_when_there_is_no_sshd(self) -> None:
        os.unlink(self.path("sshd"))
        with self.assertRaisesRegex(InstallFailed, "No such file"):
            install(self.settings, self.next)
        self.assert_unchanged()

    def test_when_the_disk_is_full_from_the_start(self) -> None:
        with full_disk(0), self.assertRaises(InstallFailed):
            install(self.settings, self.next)
        self.assert_unchanged()

    def test_when_the_disk_is_full_half_way(self) -> None:
        # Room for the includes, not for the keys.
        with full_disk(100), self.assertRaises(InstallFailed):
            install(self.settings, self.next)
        self.assert_unchanged()

    def test_when_a_rename_fails_after_others_succeeded(self) -> None:
        rename, done = os.rename, []

        def fail_at_the_third(source: str, target: str) -> None:
            if len(done) == 2:
                done.append("failed")
                raise OSError(5, "Input/output error", target)
            done.append(target)
            rename(source, target)

        with mock.patch("os.rename", fail_at_the_third), self.assertRaises(InstallFailed):
            install(self.settings, self.next)
        self.assert_unchanged()

    def test_and_takes_the_next_one_once_there_is_room(self) -> None:
        with full_disk(0), contextlib.suppress(InstallFailed):
            install(self.settings, self.next)
        self.assertEqual(install(self.settings, self.next), (True, True))
        self.assertIn("15001", self.read("live/sshd/tunnel.conf"))


if __name__ == "__main__":
    unittest.main()
