from __future__ import annotations

import base64
import calendar
import os
import random
import subprocess
import time
import unittest

from certificate_support import CertificateTest, authority_line
from support import PROGRAMS, PYTHON, BastionTest, client_line, make_key, this_process

from bastion_host.certificate import (
    Certificate,
    CertificateError,
    is_certificate,
    lines_for,
    parse_certificate,
)
from bastion_host.key_line import parse_key_line
from bastion_host.registry import ByCertificate, Registry, Session

PROGRAM = os.path.join(PROGRAMS, "bastion_host", "authorized_keys_command.py")

# ssh-keygen makes these types without a security key.
TYPES = (
    ("-t", "ed25519"),
    ("-t", "rsa", "-b", "3072"),
    ("-t", "ecdsa", "-b", "256"),
    ("-t", "ecdsa", "-b", "384"),
    ("-t", "ecdsa", "-b", "521"),
)


def parse(certificate: str) -> Certificate:
    return parse_certificate(*certificate.split(" "))


class Parses(CertificateTest):
    def test_every_type_of_key_signed_by_every_type(self) -> None:
        for number, options in enumerate(TYPES):
            self.make(f"key{number}", *options)
        for number in range(len(TYPES)):
            authority = self.read_key(f"key{number}.pub")
            for subject in range(len(TYPES)):
                words = ("-n", "a,b", "-z", "7")
                found = parse(self.sign(f"key{number}", f"key{subject}", *words))
                said = (found.key_id, found.serial, found.principals)
                self.assertEqual(said, ("id", 7, ("a", "b")))
                self.assertEqual(f"{found.authority_type} {found.authority_blob}", authority)

    def test_times_addresses_and_the_largest_serial(self) -> None:
        self.make("ca")
        self.make("key")
        words = ("-V", "20300101000000:20300102000000", "-z", str(2**64 - 1))
        sources = "source-address=192.0.2.0/24,2001:db8::/32"
        found = parse(self.sign("ca", "key", *words, "-O", sources))
        self.assertEqual(found.serial, 2**64 - 1)
        self.assertEqual(found.principals, ())
        day = time.mktime((2030, 1, 1, 0, 0, 0, 0, 0, -1))
        self.assertEqual((found.valid_after, found.valid_before), (day, day + 86400))
        for second, expected in ((-1, False), (0, True), (86399, True), (86400, False)):
            self.assertEqual(found.is_valid(day + second), expected, second)
        for address, expected in (("192.0.2.9", True), ("192.0.3.1", False), ("2001:db8::1", True)):
            self.assertEqual(found.allows_address(address), expected, address)
        forever = parse(self.sign("ca", "key", "-n", "dc1"))
        self.assertTrue(forever.is_valid(calendar.timegm((2500, 1, 1, 0, 0, 0))))
        self.assertTrue(forever.allows_address("192.0.2.1"))

    def test_what_nobody_logs_in_with(self) -> None:
        self.make("ca")
        self.make("key")
        with self.assertRaisesRegex(CertificateError, "not a user's"):
            parse(self.sign("ca", "key", "-h", "-n", "dc1"))
        forged = "x\nAccepted publickey for tunnel from a port 1 ssh2: X SHA256:x"
        with self.assertRaisesRegex(CertificateError, "control character") as caught:
            parse(self.sign("ca", "key", "-n", "dc1", key_id=forged))
        self.assertNotIn("Accepted", str(caught.exception))
        _, blob = self.sign("ca", "key", "-n", "dc1").split(" ")
        with self.assertRaisesRegex(CertificateError, "unknown type"):
            parse_certificate("ssh-rsa-cert-v01@openssh.com", blob)
        with self.assertRaisesRegex(CertificateError, "unknown type"):
            parse_certificate("ssh-dss-cert-v01@openssh.com", blob)

    def test_no_damage_does_more_than_to_be_refused(self) -> None:
        self.make("ca")
        self.make("key")
        words = ("-n", "dc1", "-O", "source-address=192.0.2.0/24")
        key_type, blob = self.sign("ca", "key", *words).split(" ")
        whole = base64.b64decode(blob)
        generator = random.Random(1)
        damaged = [whole[:length] for length in range(len(whole))]
        for _ in range(3000):
            changed = bytearray(whole)
            changed[generator.randrange(len(whole))] = generator.randrange(256)
            damaged.append(bytes(changed))
        refused = 0
        for content in damaged:
            try:
                parse_certificate(key_type, base64.b64encode(content).decode())
            except CertificateError:
                refused += 1
        self.assertGreater(refused, len(whole) // 2)
        for text in ("", "A", "====", "é", "A" * 100_000):
            with self.assertRaises(CertificateError):
                parse_certificate(key_type, text)

    def test_types(self) -> None:
        self.assertTrue(is_certificate("ssh-rsa-cert-v01@openssh.com"))
        self.assertTrue(is_certificate("sk-ssh-ed25519-cert-v01@openssh.com"))
        self.assertFalse(is_certificate("ssh-rsa"))


class FindsItsLine(CertificateTest):
    def test_that_of_its_authority_with_one_of_its_principals(self) -> None:
        ca, other = self.make("ca"), self.make("other")
        self.make("key")
        mine = authority_line(ca, "15000", principals="x,dc1")
        lines = [
            authority_line(ca, "15001", principals="dc2,dc11", comment="dc2"),
            authority_line(other, "15002"),
            authority_line(other, "15003", comment=f"it {ca} too"),
            client_line(ca, "15004"),
            mine,
        ]
        certificate = parse(self.sign("ca", "key", "-n", "dc1,nobody"))
        self.assertEqual(lines_for(lines, certificate), [mine])
        for principals in ("dc", "DC1", "dc,x", "nobody"):
            certificate = parse(self.sign("ca", "key", "-n", principals))
            expected = [mine] if "x" in principals.split(",") else []
            self.assertEqual(lines_for([mine], certificate), expected, principals)
        self.assertEqual(lines_for(lines, parse(self.sign("ca", "key"))), [])


class KeyCommand(CertificateTest, BastionTest):
    """Runs the program as sshd does; this process stands for the session's monitor."""

    def setUp(self) -> None:
        super().setUp()
        self.ca = self.make("ca")
        self.key = self.make("key")
        self.fingerprint = parse_key_line(client_line(self.key, "1")).fingerprint
        self.authority = parse_key_line(client_line(self.ca, "1")).fingerprint
        self.registry = Registry(self.settings.sessions_directory)
        client, server = ("198.51.100.7", 40000), ("203.0.113.2", 2222)
        self.registry.write(Session(this_process(), client, server))

    def offer(self, key: str) -> str:
        settings = self.path("etc/bastion.json")
        result = subprocess.run(
            [*PYTHON, PROGRAM, settings, "tunnel", *key.split(" "), self.fingerprint],
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        self.stderr = result.stderr
        self.assertEqual(result.returncode, 0)
        return result.stdout

    def registered(self) -> Session:
        session = self.registry.read(os.getpid())
        assert session is not None
        return session

    def test_a_certificate_gives_the_line_of_its_client_alone_and_is_registered(self) -> None:
        mine = authority_line(self.ca, "15000", principals="a,dc1")
        other = authority_line(self.ca, "15001", principals="dc2", comment="dc2")
        self.write("live/keys/tunnel", f"{other}\n{mine}\n")
        certificate = self.sign("ca", "key", "-n", "dc1,a,b", "-z", "7", key_id="acme/dc1/7")
        self.assertEqual(self.offer(certificate), mine + "\n")
        session = self.registered()
        self.assertEqual((session.user, session.fingerprint), ("tunnel", self.fingerprint))
        self.assertEqual((session.comment, session.permit_listen), ("dc1", ("15000",)))
        by = ByCertificate(self.authority, ("a", "dc1"), "acme/dc1/7", 7)
        self.assertEqual(session.certificate, by)
        self.assertEqual(session.owner, ("tunnel", "dc1"))

    def test_the_plain_key_after_a_certificate_is_no_certificate(self) -> None:
        lines = (authority_line(self.ca, "15000"), client_line(self.key, "15001", comment="dc2"))
        self.write("live/keys/tunnel", "\n".join(lines))
        self.offer(self.sign("ca", "key", "-n", "dc1"))
        self.assertEqual(self.offer(self.key), lines[1] + "\n")
        self.assertEqual((self.registered().comment, self.registered().certificate), ("dc2", None))

    def test_what_gives_no_line(self) -> None:
        mine = authority_line(self.ca, "1")
        other = authority_line(self.ca, "2", principals="x", comment="x")
        self.write("live/keys/tunnel", f"{mine}\n{other}\n")
        self.make("other")
        certificates = (
            ("names principals of several clients", self.sign("ca", "key", "-n", "dc1,x")),
            ("not a user's certificate", self.sign("ca", "key", "-h", "-n", "dc1")),
            ("", self.sign("ca", "key", "-n", "dc2")),
            ("", self.sign("ca", "key")),
            ("", self.sign("other", "key", "-n", "dc1")),
        )
        for complaint, certificate in certificates:
            self.assertEqual(self.offer(certificate), "", complaint)
            self.assertIn(complaint, self.stderr)
            self.assertEqual(self.stderr.count("\n"), 1 if complaint else 0)
        self.assertIsNone(self.registered().user)

    def test_garbage_gives_one_line_of_log(self) -> None:
        self.write("live/keys/tunnel", authority_line(self.ca, "1"))
        self.assertEqual(self.offer("ssh-ed25519-cert-v01@openssh.com AAAA"), "")
        self.assertRegex(self.stderr, r"^key command: the certificate of SHA256:\S+ is damaged\n$")

    def test_an_authoritys_own_key_is_not_registered(self) -> None:
        self.write("live/keys/tunnel", authority_line(self.ca, "1"))
        # sshd refuses it: the line is of an authority.
        self.assertIn("cert-authority", self.offer(self.ca))
        self.assertIsNone(self.registered().user)

    def test_a_certificate_that_sshd_will_refuse_is_not_registered(self) -> None:
        self.write("live/keys/tunnel", authority_line(self.ca, "1"))
        for words in (("-V", "-2h:-1h"), ("-V", "+1h:+2h"), ("-O", "source-address=192.0.2.0/24")):
            self.assertNotEqual(self.offer(self.sign("ca", "key", "-n", "dc1", *words)), "")
            self.assertIsNone(self.registered().user, words)


if __name__ == "__main__":
    unittest.main()
