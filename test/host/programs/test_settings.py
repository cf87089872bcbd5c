from __future__ import annotations

import json
import os
import unittest

from support import BastionTest

from bastion_host.settings import SettingsError, load_settings


class SettingsFile(BastionTest):
    def test_paths_follow_from_the_directory(self) -> None:
        self.assertEqual(self.settings.file, self.path("etc/bastion.json"))
        self.assertEqual(self.settings.mailbox, self.path("mailbox/key-set.json"))
        self.assertEqual(self.settings.keys_file("tunnel"), self.path("live/keys/tunnel"))
        self.assertEqual(self.settings.include_file("tunnel"), self.path("live/sshd/tunnel.conf"))
        self.assertEqual(self.settings.users, ("tunnel", "consumer"))

    def test_the_directory_may_be_reached_through_a_link(self) -> None:
        os.symlink(self.directory, self.directory + ".link")
        self.addCleanup(os.unlink, self.directory + ".link")
        load_settings(self.directory + ".link/etc/bastion.json")

    def test_bad_values_are_refused_with_their_names(self) -> None:
        for changes, reason in (
            ({"sshPort": "2222"}, "sshPort: must be of type int"),
            ({"sshPort": True}, "sshPort: must be of type int"),
            ({"sshPort": 70000}, "sshPort: must be between"),
            ({"statusPort": 0}, "statusPort: must be between"),
            ({"sshd": "sshd"}, "sshd: must be an absolute path"),
            ({"users": []}, "users: must be a non-empty list"),
            ({"users": ["../tunnel"]}, "users: must be a non-empty list"),
            ({"extra": 1}, "extra: unknown field"),
            ({"directory": "/nowhere"}, "directory: this file must be /nowhere/etc/bastion.json"),
        ):
            with self.assertRaisesRegex(SettingsError, reason):
                self.configure(**changes)

    def test_all_missing_fields_are_named_at_once(self) -> None:
        self.write("etc/bastion.json", json.dumps({"directory": self.directory}))
        with self.assertRaisesRegex(SettingsError, "sshd: missing.*sshKeygen.*sshPort.*statusPort.*users"):
            load_settings(self.path("etc/bastion.json"))

    def test_no_file_and_no_json(self) -> None:
        with self.assertRaisesRegex(SettingsError, "No such file"):
            load_settings(self.path("etc/other.json"))
        self.write("etc/bastion.json", "{")
        with self.assertRaisesRegex(SettingsError, "bastion.json"):
            load_settings(self.path("etc/bastion.json"))


if __name__ == "__main__":
    unittest.main()
