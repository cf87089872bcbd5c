from __future__ import annotations

import os
import unittest
from unittest import mock

from support import BastionTest

from bastion_host import files
from bastion_host.logins import Logins

KEYS = {("tunnel", "SHA256:x"), ("tunnel", "SHA256:y"), ("consumer", "SHA256:x")}


class OfKeys(BastionTest):
    def logins(self) -> Logins:
        return Logins(self.settings.last_logins)

    def test_how_often_and_when_last(self) -> None:
        logins = self.logins()
        logins.record("tunnel", "SHA256:x", 10.0)
        logins.record("tunnel", "SHA256:x", 20.5)
        logins.record("consumer", "SHA256:x", 30.0)
        for user, fingerprint, count, last_at in (
            ("tunnel", "SHA256:x", 2, 20.5),
            ("consumer", "SHA256:x", 1, 30.0),
            ("tunnel", "SHA256:y", 0, None),
        ):
            found = logins.count(user, fingerprint), logins.last_at(user, fingerprint)
            self.assertEqual(found, (count, last_at))

    def test_the_next_supervisor_knows_the_moments_and_counts_anew(self) -> None:
        logins = self.logins()
        logins.record("tunnel", "SHA256:x", 10.0)
        logins.record("tunnel", "SHA256:gone", 11.0)
        logins.save(KEYS)
        after = self.logins()
        self.assertEqual(after.last_at("tunnel", "SHA256:x"), 10.0)
        self.assertEqual(after.count("tunnel", "SHA256:x"), 0)
        self.assertIsNone(after.last_at("tunnel", "SHA256:gone"))
        self.assertEqual(os.stat(self.settings.last_logins).st_mode & 0o777, 0o600)

    def test_it_is_written_when_there_is_news_and_again_when_it_could_not_be(self) -> None:
        logins = self.logins()
        with mock.patch("bastion_host.logins.files.replace", side_effect=OSError(28, "full")) as w:
            logins.save(KEYS)
            logins.record("tunnel", "SHA256:x", 10.0)
            for _ in range(2):
                with self.assertRaises(OSError):
                    logins.save(KEYS)
            self.assertEqual(w.call_count, 2)
        with mock.patch("bastion_host.logins.files.replace", side_effect=files.replace) as w:
            logins.save(KEYS)
            logins.save(KEYS)
            self.assertEqual(w.call_count, 1)

    def test_a_file_that_cannot_be_read_is_none(self) -> None:
        for content in ("", "{", "{}", "[1]", '[["tunnel","SHA256:x"]]', '[["a","b","c"]]'):
            self.write("run/last-logins.json", content)
            self.assertIsNone(self.logins().last_at("tunnel", "SHA256:x"))


if __name__ == "__main__":
    unittest.main()
