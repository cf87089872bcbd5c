from __future__ import annotations

import os
import subprocess
from unittest import mock

from support import SSH_KEYGEN, BastionTest, full_disk, host_key_of_tests, make_host_key

from bastion_host.host_keys import HostKeys, HostKeysRefused, host_key_files

PRESENT = "etc/ssh_host_ed25519_key"
NEXT = "etc/ssh_host_ed25519_next_key"


class HostKeyTest(BastionTest):
    def setUp(self) -> None:
        super().setUp()
        os.mkdir(self.path("live/host-keys"))
        patch = mock.patch("bastion_host.host_keys.say")
        self.say = patch.start()
        self.addCleanup(patch.stop)
        self.keys = HostKeys(self.settings)

    def deliver(self, name: str, key: str) -> bool:
        """Whether sshd has to read its configuration anew."""
        self.write(name, key)
        return self.check()

    def check(self) -> bool:
        """Twice: a delivery is one once it has not changed for a moment."""
        self.assertFalse(self.keys.check())
        return self.keys.check()

    def said(self) -> list[str]:
        return [call.args[0] for call in self.say.call_args_list]

    def in_force(self) -> list[tuple[str, bool]]:
        return [(key.fingerprint, key.announced_only) for key in self.keys.keys]

    def on_disk(self) -> list[str]:
        """Fingerprints of what sshd would read, in its order."""
        lines = self.read("live/host-keys.conf").splitlines()
        paths = [line[len('HostKey "') : -1] for line in lines]
        self.assertEqual(
            sorted(os.listdir(self.path("live/host-keys"))), sorted(map(os.path.basename, paths))
        )
        for path in paths:
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        return [fingerprint_of(path) for path in paths]

    def fingerprint(self, name: str) -> str:
        os.chmod(self.path(name), 0o600)
        return fingerprint_of(self.path(name))


def fingerprint_of(path: str) -> str:
    listed = subprocess.run([SSH_KEYGEN, "-l", "-f", path], check=True, capture_output=True)
    return listed.stdout.decode().split()[1]


class Order(BastionTest):
    def test_the_present_ones_come_first(self) -> None:
        names = [
            "ssh_host_ecdsa_next_key",
            "sshd_config",
            "ssh_host_ed25519_next_key",
            "ssh_host_ecdsa_key",
            ".ssh_host_ed25519_key.7.new",
            "ssh_host_ed25519_key.pub",
            "ssh_host_ed25519_key",
        ]
        expected = [
            "ssh_host_ed25519_key",
            "ssh_host_ecdsa_key",
            "ssh_host_ed25519_next_key",
            "ssh_host_ecdsa_next_key",
        ]
        self.assertEqual(host_key_files(names), expected)
        self.assertEqual(host_key_files(reversed(names)), expected)


class InForce(HostKeyTest):
    def test_what_is_there_at_the_start_is_in_force(self) -> None:
        present = self.fingerprint(PRESENT)
        self.assertEqual(self.in_force(), [(present, False)])
        self.assertEqual(self.on_disk(), [present])
        self.assertIsNone(self.keys.refused)
        self.assertFalse(self.check())

    def test_a_rotation(self) -> None:
        present = self.fingerprint(PRESENT)
        following = make_host_key()
        self.assertTrue(self.deliver(NEXT, following))
        new = self.fingerprint(NEXT)
        self.assertEqual(self.in_force(), [(present, False), (new, True)])
        self.assertEqual(self.on_disk(), [present, new])
        # The new one takes over, and its old place is emptied after that.
        self.assertTrue(self.deliver(PRESENT, following))
        self.assertEqual(self.in_force(), [(new, False)])
        os.unlink(self.path(NEXT))
        self.assertFalse(self.check())
        self.assertEqual(self.on_disk(), [new])

    def test_another_type_is_used_beside_the_first(self) -> None:
        present = self.fingerprint(PRESENT)
        self.assertTrue(self.deliver("etc/ssh_host_ecdsa_key", make_host_key("ecdsa")))
        ecdsa = self.fingerprint("etc/ssh_host_ecdsa_key")
        self.assertEqual(self.in_force(), [(present, False), (ecdsa, False)])

    def test_files_that_come_one_by_one_are_one_delivery(self) -> None:
        for number in range(3):
            self.write(NEXT, make_host_key())
            self.assertFalse(self.keys.check(), number)
        self.assertTrue(self.keys.check())
        self.assertEqual(self.on_disk()[1], self.fingerprint(NEXT))

    def test_since_when_sshd_has_a_key_survives_a_start_and_a_take_over(self) -> None:
        following = make_host_key()
        self.deliver(NEXT, following)
        new = self.keys.keys[1]
        self.keys.mark_loaded()
        loaded = self.keys.keys[1].since
        self.assertGreaterEqual(loaded, new.since)
        self.keys = HostKeys(self.settings)
        self.assertEqual(self.keys.keys[1].since, loaded)
        self.deliver(PRESENT, following)
        self.keys.mark_loaded()
        self.assertEqual(self.keys.keys[0].since, loaded)

    def test_the_same_key_written_in_another_way_reloads_nothing(self) -> None:
        since = self.keys.keys[0].since
        self.write("copy", host_key_of_tests())
        os.chmod(self.path("copy"), 0o600)
        command = [SSH_KEYGEN, "-q", "-c", "-C", "another comment", "-P", "", "-f", self.path("copy")]
        subprocess.run(command, check=True, capture_output=True)
        self.assertFalse(self.deliver(PRESENT, self.read("copy")))
        self.assertEqual(self.keys.keys[0].since, since)
        [name] = os.listdir(self.path("live/host-keys"))
        self.assertEqual(self.read(f"live/host-keys/{name}"), self.read("copy"))


class Refused(HostKeyTest):
    def test_a_key_that_is_none_leaves_everything_as_it_was(self) -> None:
        before = self.on_disk()
        self.assertFalse(self.deliver(NEXT, "hush"))
        reason = "ssh_host_ed25519_next_key is no private key that ssh-keygen can read"
        self.assertEqual(self.keys.refused, reason)
        self.assertEqual(self.said()[-1], f"host keys refused: {reason}")
        self.assertEqual(self.on_disk(), before)
        # Looked at again only when it changes.
        said = len(self.said())
        self.assertFalse(self.check())
        self.assertEqual(len(self.said()), said)
        self.assertTrue(self.deliver(NEXT, make_host_key()))
        self.assertIsNone(self.keys.refused)

    def test_a_good_key_beside_a_bad_one_is_not_taken_either(self) -> None:
        before = self.on_disk()
        self.write(PRESENT, make_host_key())
        self.deliver(NEXT, "hush")
        self.assertEqual(self.on_disk(), before)

    def test_a_key_with_a_passphrase_is_refused(self) -> None:
        self.write("locked", make_host_key())
        os.chmod(self.path("locked"), 0o600)
        command = [SSH_KEYGEN, "-q", "-p", "-N", "secret", "-P", "", "-f", self.path("locked")]
        subprocess.run(command, check=True, capture_output=True)
        self.assertFalse(self.deliver(NEXT, self.read("locked")))
        self.assertRegex(str(self.keys.refused), "^ssh_host_ed25519_next_key is no private key")

    def test_keys_that_vanish_stay_in_force(self) -> None:
        before = self.on_disk()
        os.unlink(self.path(PRESENT))
        self.assertFalse(self.check())
        self.assertEqual(self.keys.refused, "there is none")
        self.assertEqual(self.on_disk(), before)

    def test_what_sshd_does_not_like_is_gone_back_from(self) -> None:
        before = self.on_disk()
        self.fake_sshd('[ "$(wc -l < live/host-keys.conf)" = 1 ] || { echo no >&2; exit 255; }')
        self.assertFalse(self.deliver(NEXT, make_host_key()))
        self.assertEqual(self.keys.refused, "sshd refuses them: no")
        self.assertEqual(self.on_disk(), before)
        self.assertFalse(os.path.exists(self.path("live/host-keys.conf.previous")))

    def test_a_full_disk_changes_nothing_and_is_tried_again(self) -> None:
        before = self.on_disk()
        self.write(NEXT, make_host_key())
        with full_disk(100):
            self.assertFalse(self.check())
        self.assertRegex(str(self.keys.refused), "^cannot be installed, will be tried again: ")
        self.assertEqual(self.on_disk(), before)
        self.assertFalse(self.keys.check())
        with mock.patch("time.monotonic", return_value=self.keys._retry_at + 1):
            self.assertTrue(self.keys.check())
        self.assertEqual(len(self.on_disk()), 2)


class Start(HostKeyTest):
    def test_the_last_good_ones_are_in_force_where_the_delivery_is_bad(self) -> None:
        present = self.fingerprint(PRESENT)
        self.write(PRESENT, "hush")
        self.write(NEXT, make_host_key())
        self.keys = HostKeys(self.settings)
        self.assertEqual(self.in_force(), [(present, False)])
        self.assertEqual(self.on_disk(), [present])
        self.assertRegex(str(self.keys.refused), "^ssh_host_ed25519_key is no private key")

    def test_without_any_there_is_no_start(self) -> None:
        os.unlink(self.path("live/host-keys.conf"))
        self.write(PRESENT, "hush")
        reason = "no host key can be used: ssh_host_ed25519_key is no private key"
        with self.assertRaisesRegex(HostKeysRefused, reason):
            HostKeys(self.settings)
