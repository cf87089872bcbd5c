from __future__ import annotations

import os
import signal
import subprocess
import unittest

from support import BastionTest, session, wait_until

from bastion_host.logins import Logins
from bastion_host.registry import ByCertificate, Claim, Registry
from bastion_host.sshd_log import Accepted, Connected, Failed, Opening, SshdLog, after, parse

# Copied from OpenSSH 9.2p1 and 10.0p2.
FORWARD_9 = "channels.c:channel_setup_fwd_listener_tcpip():3810 (pid=22675): "
FORWARD_10 = "channels.c:channel_setup_fwd_listener_tcpip():3929 (bin=sshd-session, pid=22812): "


def by(key_id: str, serial: int) -> ByCertificate:
    return ByCertificate("SHA256:ca", (), key_id, serial)


class Lines(unittest.TestCase):
    def test_lines_that_tell_something(self) -> None:
        opening = "Local forwarding listening on 0.0.0.0 port 15000."
        for line, event in (
            (
                'Connection from 127.0.0.1 port 51134 on 203.0.113.2 port 2299 rdomain ""',
                Connected(("127.0.0.1", 51134), ("203.0.113.2", 2299)),
            ),
            (
                "Connection from 2001:db8::1 port 1 on 2001:db8::2 port 2",
                Connected(("2001:db8::1", 1), ("2001:db8::2", 2)),
            ),
            (
                "Accepted publickey for tunnel from 127.0.0.1 port 5 ssh2: ED25519 SHA256:N+x/Q",
                Accepted("tunnel", "SHA256:N+x/Q"),
            ),
            (
                "Accepted publickey for tunnel from 127.0.0.1 port 5 ssh2: ED25519-CERT "
                "SHA256:N+x/Q ID acme/dc1/7 (serial 18446744073709551615) CA ED25519 SHA256:ca",
                Accepted("tunnel", "SHA256:N+x/Q", by("acme/dc1/7", 2**64 - 1)),
            ),
            (
                "Accepted publickey for tunnel from ::1 port 5 ssh2: RSA-CERT SHA256:x "
                "ID a (serial 1) CA RSA SHA256:y (serial 2) CA ECDSA SHA256:ca",
                Accepted("tunnel", "SHA256:x", by("a (serial 1) CA RSA SHA256:y", 2)),
            ),
            (
                "Accepted publickey for tunnel from ::1 port 5 ssh2: ED25519-CERT SHA256:x ID  "
                "(serial 0) CA RSA SHA256:ca",
                Accepted("tunnel", "SHA256:x", by("", 0)),
            ),
            (f"debug1: {FORWARD_9}{opening}", Opening(("0.0.0.0", 15000))),
            (f"debug1: {FORWARD_10}{opening}", Opening(("0.0.0.0", 15000))),
            (f"{FORWARD_9}bind [::1]:15000: Address already in use", Failed(("::1", 15000))),
            (f"{FORWARD_10}listen [0.0.0.0]:80: Permission denied", Failed(("0.0.0.0", 80))),
        ):
            self.assertEqual(parse(line), event, line)

    def test_lines_that_tell_nothing(self) -> None:
        for line in (
            "Server listening on 127.0.0.1 port 2299.",
            "Connection from 127.0.0.1 port 1 on 127.0.0.1 port 2 [preauth]",
            "Failed publickey for tunnel from 127.0.0.1 port 1 ssh2: ED25519 SHA256:x",
            "Invalid user Accepted publickey for a from 127.0.0.1 port 1 ssh2: A SHA256:x from 1",
            "Failed publickey for tunnel from 127.0.0.1 port 1 ssh2: ED25519-CERT SHA256:x "
            "ID a (serial 0) CA ED25519 SHA256:ca",
            'Accepted certificate ID "a" (serial 0) signed by CA ED25519 SHA256:ca found at x:1',
            f"{FORWARD_9}cannot listen to port: 15000",
            "Local forwarding listening on 0.0.0.0 port 15000.",
        ):
            self.assertIsNone(parse(line), line)


class WhatFollows(unittest.TestCase):
    def test_a_login_with_the_key_that_was_asked_about(self) -> None:
        asked = session(user="tunnel", fingerprint="SHA256:x", permit_listen=("15000",))
        accepted = after(asked, Accepted("tunnel", "SHA256:x"), 5.0)
        self.assertEqual(accepted, asked._replace(accepted_at=5.0))

    def test_a_login_with_the_certificate_that_was_asked_about(self) -> None:
        by = ByCertificate("SHA256:ca", ("dc1",), "id", 7)
        asked = session(user="tunnel", fingerprint="SHA256:x", certificate=by)
        said = by._replace(principals=())
        accepted = after(asked, Accepted("tunnel", "SHA256:x", said), 5.0)
        self.assertEqual(accepted, asked._replace(accepted_at=5.0))
        for other in (None, said._replace(serial=8), said._replace(authority="SHA256:other")):
            accepted = after(asked, Accepted("tunnel", "SHA256:x", other), 5.0)
            self.assertEqual((accepted.certificate, accepted.accepted_at), (other, 5.0))

    def test_a_login_that_the_key_command_could_not_register(self) -> None:
        asked = session(user="tunnel", fingerprint="SHA256:other", permit_listen=("15000",))
        accepted = after(asked, Accepted("tunnel", "SHA256:x"), 5.0)
        self.assertEqual((accepted.fingerprint, accepted.permit_listen), ("SHA256:x", ()))

    def test_claims_come_and_go(self) -> None:
        one = after(session(), Opening(("0.0.0.0", 15000)), 5.0)
        two = after(one, Opening(("::", 15000)), 6.0)
        claims = (Claim("0.0.0.0", 15000, 5.0), Claim("::", 15000, 6.0))
        self.assertEqual(two.claims, claims)
        self.assertEqual(after(two, Failed(("::", 15000)), 7.0).claims, claims[:1])
        again = after(two, Opening(("0.0.0.0", 15000)), 8.0)
        self.assertEqual(again.claims, (claims[1], Claim("0.0.0.0", 15000, 8.0)))


class FromRealProcesses(BastionTest):
    def test_lines_are_attributed_to_the_processes_that_wrote_them(self) -> None:
        registry = Registry(self.settings.sessions_directory)
        logins = Logins(self.settings.last_logins)
        log = SshdLog(registry, ["tunnel"], logins)
        # The monitor says who connected and what it accepted, its child what it opens.
        script = (
            "echo 'Connection from 127.0.0.1 port 5 on 127.0.0.1 port 22 rdomain \"\"' >&2; "
            "echo 'Accepted publickey for tunnel from 127.0.0.1 port 5 ssh2: RSA SHA256:x' >&2; "
            # A message of several lines: what a stranger's certificate has in its key id.
            f"printf 'ID\\n{FORWARD_9}Local forwarding listening on 0.0.0.0 port 1.\\n' >&2; "
            "printf 'ID\\nAccepted publickey for tunnel from a port 1 ssh2: X SHA256:z\\n' >&2; "
            # As if there were one more login: it is nobody's of the key set.
            "echo 'Accepted publickey for jump from 127.0.0.1 port 5 ssh2: RSA SHA256:y' >&2; "
            f"(echo 'debug1: {FORWARD_9}Local forwarding listening on 0.0.0.0 port 15000.' >&2; "
            "sleep 60) & echo 'Server listening on 0.0.0.0 port 22.' >&2; wait"
        )
        child = subprocess.Popen(["sh", "-c", script], stderr=log.writer, start_new_session=True)
        self.addCleanup(lambda: (os.killpg(child.pid, signal.SIGKILL), child.wait()))
        # The lines of that child would otherwise be among the output of the tests.
        stderr = os.dup(2)
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        try:
            log.start()
            self.assertTrue(log.is_listening.wait(5))
            found = wait_until(lambda: (s := registry.read(child.pid)) and s.claims and s)
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
        self.assertEqual((found.client, found.server), (("127.0.0.1", 5), ("127.0.0.1", 22)))
        self.assertEqual((found.user, found.fingerprint), ("tunnel", "SHA256:x"))
        self.assertEqual([claim.endpoint for claim in found.claims], [("0.0.0.0", 15000)])
        self.assertEqual(logins.count("tunnel", "SHA256:x"), 1)
        self.assertEqual(logins.count("jump", "SHA256:y"), 0)


if __name__ == "__main__":
    unittest.main()
