from __future__ import annotations

import unittest

from support import client_line, document, make_key, session

from bastion_host.key_line import parse_key_line
from bastion_host.key_set import parse_key_set
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
