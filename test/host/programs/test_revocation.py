from __future__ import annotations

import unittest

from certificate_support import authority_line
from support import client_line, document, make_key, session

from bastion_host.key_line import parse_key_line
from bastion_host.key_set import parse_key_set
from bastion_host.registry import ByCertificate
from bastion_host.revocation import reason_to_end

KEY = make_key()
FINGERPRINT = parse_key_line(client_line(KEY, "15000")).fingerprint
OTHER = client_line(make_key(), "15000", comment="other")
NOW = 1_000_000_000.0


def reason(line: str, **known: object) -> str | None:
    """Why a session of this key, logged in with 15000 and localhost:8080, ends with that line."""
    one = session(**{
        "user": "tunnel",
        "fingerprint": FINGERPRINT,
        "client": ("198.51.100.7", 40000),
        "permit_listen": ("15000", "localhost:8080"),
        "permit_open": ("127.0.0.1:1",),
        **known,
    })  # fmt: skip
    key_set = parse_key_set(document([line]), ("tunnel",), lambda keys: None)
    return reason_to_end(one, key_set, NOW)


class Revocation(unittest.TestCase):
    def test_sessions_that_may_go_on(self) -> None:
        for what, line in (
            ("unchanged", client_line(KEY, "15000", "localhost:8080")),
            ("in another order", client_line(KEY, "localhost:8080", "15000")),
            ("one more port", client_line(KEY, "15000", "15001", "localhost:8080")),
            ("a port on any host", client_line(KEY, "15000", "8080")),
            ("a new name", client_line(KEY, "15000", "localhost:8080", comment="dc2")),
            ("not expired", client_line(KEY, "15000", "8080", more=',expiry-time="20300101"')),
            ("from here", client_line(KEY, "15000", "8080", more=',from="198.51.100.0/24"')),
        ):
            self.assertIsNone(reason(line), what)

    def test_sessions_that_end(self) -> None:
        for line, expected in (
            (OTHER, "removed"),
            (client_line(KEY, "15000", "8080", more=',expiry-time="19990101"'), "expired"),
            (client_line(KEY, "15000", "8080", more=',from="192.0.2.0/24"'), "its address"),
            (client_line(KEY, "15000"), "listen"),
            (client_line(KEY, "15000", "127.0.0.1:8080"), "listen"),
            (client_line(KEY, "15001", "15002", "8080"), "listen"),
            (client_line(KEY, "localhost:15000", "8080"), "listen"),
            (client_line(KEY, "15000", "8080").replace("127.0.0.1:1", "localhost:1"), "reach"),
        ):
            self.assertRegex(str(reason(line)), expected, line)

    def test_the_session_of_a_certificate_is_judged_by_its_authoritys_line(self) -> None:
        def judged(line: str, *principals: str) -> str | None:
            by = ByCertificate(FINGERPRINT, principals, "id", 7)
            return reason(line, fingerprint="SHA256:of-its-key", certificate=by)

        ports = ("15000", "localhost:8080")
        mine = authority_line(KEY, *ports, principals="a,dc1")
        for line, principals in (
            (mine, ("dc1",)),
            (mine, ("dc1", "gone")),
            # Only sshd's log tells of the login: then the authority counts alone.
            (mine, ()),
            (authority_line(KEY, "15000", "15001", "8080"), ("dc1",)),
        ):
            self.assertIsNone(judged(line, *principals), (line, principals))
        for line, principals, expected in (
            (mine, ("gone",), "its authority was removed"),
            (OTHER, ("dc1",), "its authority was removed"),
            (OTHER, (), "its authority was removed"),
            # The authority's key as somebody's own.
            (client_line(KEY, *ports), ("dc1",), "its authority was removed"),
            (authority_line(KEY, "15000"), ("dc1",), "listen"),
            (mine.replace("restrict,", 'restrict,expiry-time="19990101",'), ("dc1",), "expired"),
            (mine.replace("restrict,", 'restrict,from="192.0.2.0/24",'), ("dc1",), "its address"),
        ):
            self.assertRegex(str(judged(line, *principals)), expected, line)
        # And the other way round: a key is no authority.
        self.assertEqual(reason(mine), "its key was removed")

    def test_the_key_of_another_user_is_not_this_users(self) -> None:
        self.assertEqual(
            reason(client_line(KEY, "15000", "8080"), user="consumer"), "its key was removed"
        )

    def test_an_unknown_address_is_no_reason(self) -> None:
        line = client_line(KEY, "15000", "8080", more=',from="192.0.2.0/24"')
        self.assertIsNone(reason(line, client=None))

    def test_a_connection_that_offered_no_key_is_left_to_sshd(self) -> None:
        self.assertIsNone(reason(OTHER, user=None, fingerprint=None))


if __name__ == "__main__":
    unittest.main()
