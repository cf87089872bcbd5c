from __future__ import annotations

import os
import unittest
from unittest import mock

from support import BastionTest, client_line, document, full_disk, make_key

from bastion_host import mailbox as mailbox_module
from bastion_host.key_set import closed_key_set, digest_of
from bastion_host.mailbox import Mailbox


class MailboxTest(BastionTest):
    def setUp(self) -> None:
        super().setUp()
        self.said = mock.patch.object(mailbox_module, "say").start()
        self.addCleanup(mock.patch.stopall)
        self.good = document([client_line(make_key(), "15000")])

    def put(self, content: bytes) -> str:
        self.write("mailbox/key-set.json", content)
        return digest_of(content)

    def test_before_the_first_deployment_nobody_gets_in(self) -> None:
        mailbox = Mailbox(self.settings)
        self.assertEqual(mailbox.check(), (False, False))
        self.assertEqual(mailbox.key_set.digest, digest_of(closed_key_set()))
        self.assertEqual(self.read("live/keys/tunnel"), "")
        self.assertIn("PermitListen none", self.read("live/sshd/tunnel.conf"))

    def test_what_arrives_is_put_in_force_once(self) -> None:
        mailbox = Mailbox(self.settings)
        digest = self.put(self.good)
        self.assertEqual(mailbox.check(), (True, True))
        self.assertEqual((mailbox.key_set.digest, mailbox.refused), (digest, None))
        self.assertEqual(mailbox.check(), (False, False))
        self.assertEqual(self.read("live/key-set.json").encode(), self.good)

    def test_a_bad_document_leaves_the_last_good_one_in_force(self) -> None:
        mailbox = Mailbox(self.settings)
        good = self.put(self.good)
        mailbox.check()
        bad = self.put(b"{}")
        mailbox.check()
        self.assertEqual(mailbox.key_set.digest, good)
        self.assertEqual(mailbox.refused, (bad, "not a key set of version 1"))
        self.put(self.good)
        mailbox.check()
        self.assertIsNone(mailbox.refused)

    def test_a_full_disk_is_reported_and_tried_again(self) -> None:
        mailbox = Mailbox(self.settings)
        digest = self.put(self.good)
        with full_disk(0), mock.patch.object(mailbox_module, "_RETRY_SECONDS", 0):
            mailbox.check()
            mailbox.check()
        self.assertRegex(str(mailbox.refused), "will be tried again")
        self.assertEqual(self.said.call_count, 1)
        self.assertEqual(mailbox.check(), (True, True))
        self.assertEqual((mailbox.key_set.digest, mailbox.refused), (digest, None))

    def test_a_restart_goes_on_with_the_last_good_set(self) -> None:
        good = self.put(self.good)
        Mailbox(self.settings).check()
        bad = self.put(b"{}")
        os.unlink(self.path("live/keys/tunnel"))
        again = Mailbox(self.settings)
        self.assertEqual(again.key_set.digest, good)
        self.assertIn("15000", self.read("live/keys/tunnel"))
        again.check()
        self.assertEqual(again.refused and again.refused.digest, bad)

    def test_a_last_good_set_for_users_of_the_past_is_dropped(self) -> None:
        self.put(self.good)
        Mailbox(self.settings).check()
        settings = self.configure(users=["ascend"])
        self.assertEqual(Mailbox(settings).key_set.users, {})
        self.assertEqual(self.read("live/keys/ascend"), "")


if __name__ == "__main__":
    unittest.main()
