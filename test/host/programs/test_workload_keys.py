from __future__ import annotations

import base64
import os
import struct
import subprocess
import tempfile
import unittest

from support import SSH_KEYGEN, make_key

from bastion_host.key_line import KEY_TYPES
from bastion_workloads.public_keys import _FIELDS, parse_public_keys


def blob_of(*fields: bytes) -> str:
    return base64.b64encode(b"".join(struct.pack(">I", len(one)) + one for one in fields)).decode()


def rsa_key(bits: int) -> str:
    modulus = ((1 << bits - 1) + 1).to_bytes(bits // 8 + 1, "big")
    return "ssh-rsa " + blob_of(b"ssh-rsa", b"\1\0\1", modulus)


class ParsePublicKeys(unittest.TestCase):
    def test_takes_lines_as_people_write_them(self) -> None:
        one, two = make_key(), make_key()
        text = f"# mine\n\n  {one}  me@laptop # \x1b[2J\n\t{two}\r\n{one} again"
        found = parse_public_keys(text)
        self.assertEqual(found.keys, (one, two))
        self.assertEqual(found.problems, ())

    def test_every_type_that_ssh_keygen_makes(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            ecdsa = [("ecdsa", bits) for bits in (256, 384, 521)]
            for kind, bits in (("ed25519", 256), ("rsa", 3072), *ecdsa):
                file = os.path.join(folder, f"{kind}-{bits}")
                command = [SSH_KEYGEN, "-q", "-t", kind, "-b", str(bits), "-N", "", "-f", file]
                subprocess.run(command, check=True)
                with open(f"{file}.pub", encoding="ascii") as public:
                    text = public.read()
                found = parse_public_keys(text)
                self.assertEqual(found.keys, (" ".join(text.split(" ")[:2]),))
                listed = subprocess.run(
                    [SSH_KEYGEN, "-l", "-f", "-"],
                    input=found.keys[0].encode(),
                    check=True,
                    capture_output=True,
                )
                self.assertRegex(listed.stdout.decode(), rf"^{bits} SHA256:")

    def test_knows_the_form_of_every_permitted_type(self) -> None:
        self.assertEqual(set(_FIELDS), KEY_TYPES)
        for key_type, fields in _FIELDS.items():
            name = key_type.encode()
            blob = blob_of(name, *[b"\1" * 400] * fields)
            self.assertEqual(parse_public_keys(f"{key_type} {blob}").keys, (f"{key_type} {blob}",))

    def test_a_line_that_is_no_good_costs_only_itself(self) -> None:
        good = make_key()
        type_, blob = good.split(" ")
        options = "does not begin with a permitted type of key (options are not allowed)"
        for line, problem in (
            (f'permitopen="*:*" {good}', options),
            (f"restrict {good}", options),
            (f"cert-authority {good}", options),
            ("ssh-dss AAAAB3NzaC1kc3MAAAA=", options),
            ("ssh-ed25519-cert-v01@openssh.com AAAA", options),
            (type_, options),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", options),
            (f"ssh-rsa {blob}", "has a key that is not of type ssh-rsa"),
            (f"{type_} {blob}!", "has a key that is not base64"),
            (f"{type_} {blob[:-8]}", "has a key that is not whole"),
            (f"{type_} {blob}AAAA", "has a key that is not whole"),
            (f"{type_} {blob_of(b'ssh-ed25519')}", "has a key that is not whole"),
            (f"{type_} {blob_of(b'ssh-ed25519', b'x', b'y')}", "has a key that is not whole"),
            (rsa_key(3064), "has an RSA key of 3064 bits, fewer than 3072"),
            (rsa_key(1024), "has an RSA key of 1024 bits, fewer than 3072"),
        ):
            with self.subTest(line=line):
                found = parse_public_keys(f"{line}\n{good}\n")
                self.assertEqual(found.keys, (good,))
                self.assertEqual(found.problems, (f"line 1: {problem}",))
                self.assertNotIn(blob, "".join(found.problems))

    def test_rsa_keys_of_enough_bits(self) -> None:
        self.assertEqual(parse_public_keys(rsa_key(3072)).keys, (rsa_key(3072),))

    def test_the_key_is_written_as_clients_write_it(self) -> None:
        key = "ssh-rsa " + blob_of(b"ssh-rsa", b"\1\0\1", b"\1" * 384 + b"\0")
        self.assertTrue(key.endswith("AQA="), key)
        # The bits behind the last byte mean nothing.
        other = key.replace("AQA=", "AQB=")
        self.assertEqual(parse_public_keys(other).keys, (key,))

    def test_not_more_than_fifty_keys(self) -> None:
        keys = [make_key() for _ in range(51)]
        found = parse_public_keys("\n".join(["# mine", *keys]))
        self.assertEqual(found.keys, tuple(keys[:50]))
        self.assertEqual(found.problems, ("only the first 50 of its 51 keys count",))
        self.assertEqual(parse_public_keys("\n".join(keys[:50])).problems, ())

    def test_not_more_than_64_kib(self) -> None:
        key = make_key()
        fits = f"{key}\n#".ljust(64 * 1024, "x")
        self.assertEqual(parse_public_keys(fits), ((key,), ()))
        self.assertEqual(parse_public_keys(fits + "x"), ((), ("has more than 64 KiB of keys",)))

    def test_of_many_broken_lines_few_are_told(self) -> None:
        found = parse_public_keys("x\n" * 1000)
        self.assertEqual(len(found.problems), 5)
        self.assertEqual(
            found.problems[3:], ("and 47 more lines", "only the first 50 of its 1000 keys count")
        )


if __name__ == "__main__":
    unittest.main()
