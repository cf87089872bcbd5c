"""Certificates that the real ssh-keygen has signed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import unittest

from support import SSH_KEYGEN, client_line


class CertificateTest(unittest.TestCase):
    """A test with an authority of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.keys = tempfile.mkdtemp(prefix="bastion-keys-")
        self.addCleanup(shutil.rmtree, self.keys)

    def make(self, name: str, *options: str) -> str:
        """A key pair; gives `type blob` of its public half."""
        file = os.path.join(self.keys, name)
        words = options or ("-t", "ed25519")
        subprocess.run([SSH_KEYGEN, "-q", "-N", "", "-f", file, *words], check=True)
        return self.read_key(f"{name}.pub")

    def sign(self, authority: str, name: str, *words: str, key_id: str = "id") -> str:
        """Gives `type blob` of the certificate of a key."""
        ca, key = (os.path.join(self.keys, file) for file in (authority, f"{name}.pub"))
        subprocess.run([SSH_KEYGEN, "-q", "-s", ca, "-I", key_id, *words, key], check=True)
        return self.read_key(f"{name}-cert.pub")

    def read_key(self, name: str) -> str:
        with open(os.path.join(self.keys, name), encoding="utf-8") as file:
            return " ".join(file.read().split(" ")[:2])


def authority_line(key: str, *ports: str, principals: str = "dc1", comment: str = "dc1") -> str:
    return f'cert-authority,principals="{principals}",{client_line(key, *ports, comment=comment)}'
