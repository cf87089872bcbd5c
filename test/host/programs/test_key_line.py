from __future__ import annotations

import unittest

from certificate_support import authority_line
from support import client_line, make_key

from bastion_host.key_line import KeyLineError, parse_host_and_port, parse_key_line

KEY = make_key()
GRANTS = 'permitlisten="15000",permitopen="127.0.0.1:1"'


class ParsesWhatADeploymentWrites(unittest.TestCase):
    def test_every_part_of_a_full_line(self) -> None:
        more = ',from="198.51.100.7/32,2001:db8::/32",expiry-time="20270630235959Z"'
        key = parse_key_line(client_line(KEY, "15000", "localhost:8080", more=more, comment="a b"))
        self.assertEqual(key.permit_listen, ("15000", "localhost:8080"))
        self.assertEqual(key.permit_open, ("127.0.0.1:1",))
        self.assertEqual(key.sources, ("198.51.100.7/32", "2001:db8::/32"))
        self.assertEqual(key.expires_at, 1814399999)
        self.assertEqual((key.key_type, key.blob), tuple(KEY.split(" ")))
        self.assertEqual(key.comment, "a b")

    def test_the_fingerprint_is_the_one_openssh_prints(self) -> None:
        blob = "AAAAC3NzaC1lZDI1NTE5AAAAIEPKvQMYX5T/EHWaKK+kqxKEoX06ndtjNhwsY6YB8+I0"
        key = parse_key_line(client_line(f"ssh-ed25519 {blob}", "15000"))
        self.assertEqual(key.fingerprint, "SHA256:NUiRGOqhJKxOGCliwZoj0cEmy1hIkUBCvICpVPJy2TQ")

    def test_a_key_without_forwarding_comment_address_or_end(self) -> None:
        key = parse_key_line(f"restrict {KEY}")
        self.assertEqual((key.permit_listen, key.sources, key.expires_at), ((), (), None))
        self.assertEqual(key.comment, "")
        self.assertTrue(key.allows_address("192.0.2.1"))
        self.assertFalse(key.is_expired(4e9))

    def test_all_forms_of_expiry(self) -> None:
        for text, expected in (
            ("19700102", 86400),
            ("197001020101", 90060),
            ("19700102010101Z", 90061),
        ):
            key = parse_key_line(client_line(KEY, "15000", more=f',expiry-time="{text}"'))
            self.assertEqual(key.expires_at, expected, text)

    def test_a_key_is_good_to_the_end_of_its_last_second_as_with_sshd(self) -> None:
        key = parse_key_line(client_line(KEY, "15000", more=',expiry-time="19700102"'))
        self.assertFalse(key.is_expired(86400.9))
        self.assertTrue(key.is_expired(86401.0))

    def test_source_addresses(self) -> None:
        key = parse_key_line(
            client_line(KEY, "15000", more=',from="198.51.100.0/24,203.0.113.9,2001:db8::/32"')
        )
        for address, allowed in (
            ("198.51.100.200", True),
            ("203.0.113.9", True),
            ("203.0.113.10", False),
            ("2001:db8::1", True),
            ("2001:db9::1", False),
        ):
            self.assertEqual(key.allows_address(address), allowed, address)

    def test_an_authority_signs_for_principals_and_a_key_for_nobody(self) -> None:
        line = authority_line(KEY, "15000", principals="dc1,ops@acme.example/1")
        self.assertEqual(parse_key_line(line).principals, ("dc1", "ops@acme.example/1"))
        self.assertEqual(parse_key_line(line).permit_listen, ("15000",))
        self.assertEqual(parse_key_line(client_line(KEY, "15000")).principals, ())

    def test_host_and_port(self) -> None:
        for text, expected in (
            ("15000", ("*", 15000)),
            ("*:15000", ("*", 15000)),
            ("localhost:8080", ("localhost", 8080)),
            ("203.0.113.2:8080", ("203.0.113.2", 8080)),
            ("[::1]:8080", ("[::1]", 8080)),
        ):
            self.assertEqual(parse_host_and_port(text), expected)


class RefusesEverythingElse(unittest.TestCase):
    def test_lines_and_reasons(self) -> None:
        type_, blob = KEY.split(" ")
        for line, reason in (
            ("", "options"),
            (KEY, "cannot be read|not permitted"),
            (f"restrict,port-forwarding,{GRANTS}", "no key|options"),
            (f"restrict {type_}", "no key"),
            (f"port-forwarding,{GRANTS} {KEY}", "restrict"),
            (f'restrict,command="id" {KEY}', "not permitted: command"),
            (f"restrict,pty {KEY}", "not permitted: pty"),
            (f"restrict,cert-authority {KEY}", "once, and first"),
            (f"cert-authority,restrict {KEY}", "once, and first"),
            (f'restrict,principals="dc1" {KEY}', "once, and first"),
            (f'restrict,cert-authority,principals="dc1" {KEY}', "once, and first"),
            (f'cert-authority,principals="a",principals="b",restrict {KEY}', "once, and first"),
            (f'cert-authority,principals="a",cert-authority,restrict {KEY}', "once, and first"),
            (f'cert-authority,principals="",restrict {KEY}', "names with commas"),
            (f'cert-authority,principals="a,,b",restrict {KEY}', "names with commas"),
            (f'cert-authority,principals="a b",restrict {KEY}', "names with commas"),
            (f'cert-authority,principals="*",restrict {KEY}', "names with commas"),
            (f'cert-authority,principals="dc1",port-forwarding,{GRANTS} {KEY}', "lacks"),
            (f"restrict,,port-forwarding,{GRANTS} {KEY}", "cannot be read"),
            (f'restrict,from="192.0.2.0/24 {KEY}', "needless|missing"),
            (f'restrict="x" {KEY}', "needless"),
            (f'restrict,port-forwarding,permitlisten="15000" {KEY}', "without both"),
            (f'restrict,port-forwarding,permitopen="localhost:1" {KEY}', "without both"),
            (f"restrict,port-forwarding {KEY}", "without both"),
            (client_line(KEY, "0"), "not .host:.port"),
            (client_line(KEY, "70000"), "not .host:.port"),
            (client_line(KEY, "none"), "not .host:.port"),
            (client_line(KEY, "a b:80"), "not .host:.port"),
            (client_line(KEY, "15000", more=',from="198.51.100.7/24"'), "CIDR"),
            (client_line(KEY, "15000", more=',from="*.example.com"'), "CIDR"),
            (client_line(KEY, "15000", more=',from=""'), "CIDR"),
            (client_line(KEY, "15000", more=',expiry-time="2027-06-30"'), "expiry-time"),
            (client_line(KEY, "15000", more=',expiry-time="20271332"'), "no time"),
            (client_line(f"ssh-rsa {blob}", "15000"), "not of type ssh-rsa"),
            (client_line(f"ssh-dss {blob}", "15000"), "permitted type"),
            (client_line(f"ssh-ed25519-cert-v01@openssh.com {blob}", "1"), "permitted type"),
            (client_line(f"{type_} {blob[:-2]}!!", "15000"), "base64"),
            (client_line(KEY, "15000", comment="a\nb"), "control character"),
            (client_line(KEY, "15000", comment="a\x1b[2J"), "control character"),
        ):
            with self.assertRaisesRegex(KeyLineError, reason, msg=line) as caught:
                parse_key_line(line)
            self.assertNotIn(blob[20:40], str(caught.exception))


if __name__ == "__main__":
    unittest.main()
