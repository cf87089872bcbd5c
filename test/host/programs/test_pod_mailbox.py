"""The mailbox as a volume of Kubernetes, which kubelet fills."""

from __future__ import annotations

import gzip
import os
import tempfile
import unittest
from unittest import mock

from support import BastionTest, client_line, document, make_key

from bastion_host import mailbox as mailbox_module
from bastion_host.key_set import digest_of
from bastion_host.mailbox import Mailbox
from bastion_host.packed import LONGEST_BYTES

PLAIN, PACKED = "key-set.json", "key-set.json.gz"


class PodMailbox(BastionTest):
    def setUp(self) -> None:
        super().setUp()
        mock.patch.object(mailbox_module, "say").start()
        self.addCleanup(mock.patch.stopall)
        self.one, self.two = (document([client_line(make_key(), "15000")]) for _ in range(2))
        self.mailbox = Mailbox(self.settings)

    def turn(self, **files: bytes) -> None:
        """What kubelet does first: the link `..data` leads to a fresh folder with these files."""
        volume = self.path("mailbox")
        fresh = tempfile.mkdtemp(prefix="..2026_", dir=volume)
        for name, content in files.items():
            with open(os.path.join(fresh, name), "wb") as file:
                file.write(content)
        os.symlink(os.path.basename(fresh), os.path.join(volume, "..data_tmp"))
        os.rename(os.path.join(volume, "..data_tmp"), os.path.join(volume, "..data"))

    def name(self, *names: str) -> None:
        """And then: the names in the volume are those of the files."""
        for name in (PLAIN, PACKED):
            place = self.path(f"mailbox/{name}")
            if name in names and not os.path.lexists(place):
                os.symlink(f"..data/{name}", place)
            elif name not in names and os.path.lexists(place):
                os.unlink(place)

    def in_force(self) -> str:
        self.mailbox.check()
        return self.mailbox.key_set.digest

    def test_a_turn_of_the_link_is_noticed_at_the_next_look(self) -> None:
        self.turn(**{PLAIN: self.one})
        self.name(PLAIN)
        self.assertEqual(self.in_force(), digest_of(self.one))
        self.turn(**{PLAIN: self.two})
        self.assertEqual(self.in_force(), digest_of(self.two))
        self.assertEqual(self.mailbox.check(), (False, False))

    def test_a_packed_key_set_has_the_digest_of_what_is_in_it(self) -> None:
        self.turn(**{PACKED: gzip.compress(self.one)})
        self.name(PACKED)
        self.assertEqual(self.mailbox.check(), (True, True))
        self.assertEqual(self.mailbox.key_set.digest, digest_of(self.one))
        self.assertEqual(self.read("live/key-set.json").encode(), self.one)
        self.turn(**{PACKED: gzip.compress(self.one, compresslevel=1, mtime=7)})
        self.assertEqual(self.mailbox.check(), (False, False))

    def test_what_is_in_force_stays_at_every_step_from_one_form_to_the_other(self) -> None:
        self.turn(**{PLAIN: self.one})
        self.name(PLAIN)
        self.in_force()
        self.turn(**{PACKED: gzip.compress(self.two)})
        self.assertEqual(self.in_force(), digest_of(self.one))
        self.name(PLAIN, PACKED)
        self.assertEqual(self.in_force(), digest_of(self.two))
        self.name(PACKED)
        self.assertEqual(self.mailbox.check(), (False, False))
        self.turn(**{PLAIN: self.two})
        self.name(PLAIN)
        self.assertEqual(self.in_force(), digest_of(self.two))

    def test_what_is_no_key_set_is_refused_by_the_digest_of_what_was_packed(self) -> None:
        self.turn(**{PACKED: gzip.compress(b"{}")})
        self.name(PACKED)
        self.mailbox.check()
        self.assertEqual(self.mailbox.refused, (digest_of(b"{}"), "not a key set of version 1"))

    def test_what_cannot_be_unpacked_is_refused_and_named_by_what_was_delivered(self) -> None:
        self.turn(**{PLAIN: self.one})
        self.name(PLAIN)
        self.in_force()
        self.name(PACKED)
        packed = gzip.compress(self.two)
        for delivery, reason in (
            (b"", "cut off after 0 bytes"),
            (packed[:-8], f"cut off after {len(self.two)} bytes"),
            (b"x" + packed, "cannot be unpacked: Error -3 while decompressing data: incorrect"),
            (gzip.compress(bytes(LONGEST_BYTES + 1)), f"longer than {LONGEST_BYTES} bytes"),
        ):
            self.turn(**{PACKED: delivery})
            self.assertEqual(self.in_force(), digest_of(self.one))
            refused = self.mailbox.refused
            assert refused is not None
            self.assertEqual(refused.digest, digest_of(delivery))
            self.assertTrue(refused.reason.startswith(reason), refused.reason)
        self.turn(**{PACKED: packed})
        self.assertEqual(self.in_force(), digest_of(self.two))
        self.assertIsNone(self.mailbox.refused)


if __name__ == "__main__":
    unittest.main()
