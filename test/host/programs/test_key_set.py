from __future__ import annotations

import base64
import json
import subprocess
import unittest

from certificate_support import authority_line
from support import SSH_KEYGEN, client_line, document, make_key

from bastion_host.key_set import (
    KeySetRefused,
    Tunnel,
    closed_key_set,
    confirm_with,
    digest_of,
    parse_key_set,
)

USERS = ("tunnel", "consumer")


def parse(data: bytes) -> object:
    return parse_key_set(data, USERS, confirm_with(SSH_KEYGEN))


class Accepts(unittest.TestCase):
    def test_a_document_with_keys_of_both_users(self) -> None:
        one, two = make_key(), make_key()
        content = json.loads(document([client_line(one, "15000"), client_line(two, "15001")]))
        content["users"]["consumer"] = {
            "keys": [client_line(one, "localhost:1")],
            "permitListen": [],
            "permitOpen": ["localhost:15000"],
        }
        data = json.dumps(content).encode()
        key_set = parse_key_set(data, USERS, confirm_with(SSH_KEYGEN))
        self.assertEqual(key_set.digest, digest_of(data))
        self.assertEqual([len(user.keys) for user in key_set.users.values()], [2, 1])
        fingerprint = next(iter(key_set.users["tunnel"].keys))
        found = key_set.find("tunnel", fingerprint)
        self.assertEqual(found and found.blob, one.split(" ")[1])
        self.assertIsNone(key_set.find("tunnel", "SHA256:other"))
        self.assertIsNone(key_set.find("nobody", fingerprint))

    def test_the_names_of_its_bind_ports(self) -> None:
        content = json.loads(document([]))
        self.assertEqual(parse_key_set(document([]), USERS, confirm_with("/none")).tunnels, ())
        content["tunnels"] = [{"name": "orders", "bindPort": 15000, "bindAddress": "all"}]
        key_set = parse_key_set(json.dumps(content).encode(), USERS, confirm_with("/none"))
        self.assertEqual(key_set.tunnels, (Tunnel("orders", 15000, "all"),))

    def test_the_closed_set(self) -> None:
        self.assertEqual(parse_key_set(closed_key_set(), USERS, confirm_with("/none")).users, {})

    def test_thousands_of_keys_with_one_ssh_keygen(self) -> None:
        lines = [client_line(make_key(), "15000") for _ in range(5000)]
        key_set = parse_key_set(document(lines), USERS, confirm_with(SSH_KEYGEN))
        self.assertEqual(len(key_set.users["tunnel"].keys), 5000)


class Authorities(unittest.TestCase):
    def test_one_authority_of_several_clients_told_apart_by_principal(self) -> None:
        ca, own = make_key(), make_key()
        lines = [
            authority_line(ca, "15000", principals="dc1,site1"),
            client_line(own, "15001", comment="dc2"),
            authority_line(ca, "15001", principals="dc2", comment="dc2"),
        ]
        key_set = parse_key_set(document(lines), USERS, confirm_with(SSH_KEYGEN))
        user = key_set.users["tunnel"]
        self.assertEqual([line.text for line in user.lines], [lines[1], lines[0], lines[2]])
        self.assertEqual(len(user.keys), 1)
        fingerprint = next(iter(user.authorities))[0]

        def found(*principals: str, user: str = "tunnel") -> str | None:
            line = key_set.find_authority(user, fingerprint, principals)
            return line.comment if line else None

        self.assertEqual([found("dc1"), found("x", "site1"), found("dc2")], ["dc1", "dc1", "dc2"])
        self.assertEqual([found("x"), found("dc1", user="consumer")], [None, None])
        self.assertEqual(found(), "dc1")
        self.assertIsNone(key_set.find_authority("tunnel", "SHA256:other", ()))
        self.assertIsNone(key_set.find("tunnel", fingerprint))

    def test_what_could_be_either_is_refused(self) -> None:
        ca = make_key()
        mine = authority_line(ca, "15000", principals="dc1,x", comment="a")
        for other in (
            authority_line(ca, "15001", principals="y,x", comment="b"),
            client_line(ca, "15001", comment="b"),
        ):
            for lines, first, second in (((mine, other), "a", "b"), ((other, mine), "b", "a")):
                reason = rf"keys\[1\].*\({second}\) is also '{first}'"
                with self.assertRaisesRegex(KeySetRefused, reason):
                    parse(document(list(lines)))

    def test_an_authority_that_only_ssh_keygen_can_tell_is_none(self) -> None:
        name = b"ssh-ed25519"
        cut = base64.b64encode(len(name).to_bytes(4, "big") + name + (32).to_bytes(4, "big") + b"x")
        with self.assertRaisesRegex(KeySetRefused, "ssh-keygen finds no valid key"):
            parse(document([authority_line(f"ssh-ed25519 {cut.decode()}", "15000")]))


class RefusesWhole(unittest.TestCase):
    def refused(self, data: bytes, reason: str) -> str:
        with self.assertRaisesRegex(KeySetRefused, reason) as caught:
            parse(data)
        return str(caught.exception)

    def test_what_is_not_a_key_set(self) -> None:
        user = '{"keys": [], "permitListen": [], "permitOpen": []'
        for data, reason in (
            (b"", "not a JSON document"),
            (b'{"version": 1,', "line 1"),
            (b"\xff\xfe", "not a JSON document"),
            (b"[]", "version 1"),
            (b'{"version": 2, "users": {}}', "version 1"),
            (b'{"version": 1}', "users"),
            (b'{"version": 1, "users": {"root": {}}}', "unknown login user 'root'"),
            (b'{"version": 1, "users": {"tunnel": {"keys": []}}}', "nothing else"),
            (f'{{"version": 1, "users": {{"tunnel": {user}, "x": 1}}}}}}'.encode(), "nothing else"),
            (
                b'{"version":1,"users":{"tunnel":{"keys":[1],"permitListen":[],"permitOpen":[]}}}',
                "list of strings",
            ),
        ):
            self.refused(data, reason)

    def test_tunnels_that_are_none(self) -> None:
        orders = {"name": "orders", "bindPort": 15000, "bindAddress": "all"}
        for tunnels, reason in (
            ({}, r"^tunnels\[0\]: must have name, bindPort and bindAddress$"),
            ([orders, {"name": "billing"}], r"^tunnels\[1\]: must have"),
            ([{**orders, "user": "root"}], r"^tunnels\[0\]: must have"),
            ([{**orders, "name": 1}], r"^tunnels\[0\]: name and bindAddress must be strings$"),
            ([{**orders, "bindAddress": None}], r"^tunnels\[0\]: name and bindAddress"),
            ([{**orders, "bindPort": True}], r"^tunnels\[0\].bindPort: must be between"),
            ([{**orders, "bindPort": "15000"}], r"^tunnels\[0\].bindPort: must be between"),
            ([{**orders, "bindPort": 65536}], r"^tunnels\[0\].bindPort: must be between"),
        ):
            content = {**json.loads(document([])), "tunnels": tunnels}
            self.refused(json.dumps(content).encode(), reason)

    def test_a_port_that_would_add_a_line_to_sshds_configuration(self) -> None:
        self.refused(document([], listen=("15000\nPermitTTY yes",)), "tunnel.permitListen")

    def test_one_bad_line_among_good_ones(self) -> None:
        bad = client_line(make_key(), "15000").replace("restrict,", "")
        self.refused(
            document([client_line(make_key(), "15000"), bad]), r"tunnel.keys\[1\].*restrict"
        )

    def test_one_key_twice(self) -> None:
        key = make_key()
        data = document(
            [client_line(key, "15000", comment="a"), client_line(key, "15001", comment="b")]
        )
        reason = self.refused(data, r"keys\[1\]: SHA256:.* \(b\) is also 'a'")
        self.assertNotIn(key.split(" ")[1], reason)

    def test_a_key_that_only_ssh_keygen_can_tell_is_none(self) -> None:
        name = b"ssh-ed25519"
        cut = base64.b64encode(len(name).to_bytes(4, "big") + name + (32).to_bytes(4, "big") + b"x")
        key = f"ssh-ed25519 {cut.decode()}"
        data = document(
            [client_line(make_key(), "15000"), client_line(key, "15001", comment="cut")]
        )
        self.refused(data, r"ssh-keygen finds no valid key in SHA256:.* \(cut\)")

    def test_a_private_key_is_never_echoed(self) -> None:
        secret = "-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
        self.assertNotIn("b3Blbn", self.refused(document([secret]), r"keys\[0\]"))
        in_comment = client_line("ssh-ed25519 " + "A" * 68, "15000", comment="ok")
        self.assertNotIn("AAAAAA", self.refused(document([in_comment]), "not of type"))

    def test_a_missing_ssh_keygen_is_no_verdict_on_the_document(self) -> None:
        with self.assertRaises((OSError, subprocess.SubprocessError)):
            parse_key_set(document([client_line(make_key(), "1")]), USERS, confirm_with("/none"))


if __name__ == "__main__":
    unittest.main()
