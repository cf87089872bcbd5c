from __future__ import annotations

import os
import subprocess
import unittest

from support import PROGRAMS, PYTHON, BastionTest, client_line, make_key, this_process

from bastion_host.key_line import parse_key_line
from bastion_host.registry import Registry, Session

PROGRAM = os.path.join(PROGRAMS, "bastion_host", "authorized_keys_command.py")


class KeyCommand(BastionTest):
    """Runs the program as sshd does; this process stands for the session's monitor."""

    def setUp(self) -> None:
        super().setUp()
        self.key = make_key()
        self.fingerprint = parse_key_line(client_line(self.key, "15000")).fingerprint
        self.registry = Registry(self.settings.sessions_directory)

    def connected(self, address: str = "198.51.100.7") -> None:
        client, server = (address, 40000), ("203.0.113.2", 2222)
        self.registry.write(Session(this_process(), client, server))

    def offer(self, key: str, user: str = "tunnel", fingerprint: str | None = None) -> str:
        result = subprocess.run(
            [
                *PYTHON,
                *(PROGRAM, self.path("etc/bastion.json"), user),
                *key.split(" "),
                fingerprint or self.fingerprint,
            ],
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

    def test_a_known_key_gives_its_line_and_is_registered(self) -> None:
        line = client_line(self.key, "15000", "15001")
        self.write("live/keys/tunnel", f"{client_line(make_key(), '15002')}\n{line}\n")
        self.connected()
        self.assertEqual(self.offer(self.key), line + "\n")
        session = self.registered()
        self.assertEqual((session.user, session.fingerprint), ("tunnel", self.fingerprint))
        self.assertEqual(session.permit_listen, ("15000", "15001"))
        self.assertEqual(session.comment, "dc1")
        self.assertEqual(session.client, ("198.51.100.7", 40000))
        self.assertIsNotNone(session.asked_at)
        self.assertIsNone(session.accepted_at)

    def test_an_unknown_key_gives_nothing_and_is_not_registered(self) -> None:
        self.write("live/keys/tunnel", client_line(make_key(), "15000") + "\n")
        self.connected()
        self.assertEqual(self.offer(self.key), "")
        self.assertIsNone(self.registered().user)

    def test_the_key_of_another_user_is_unknown(self) -> None:
        self.write("live/keys/tunnel", client_line(self.key, "15000") + "\n")
        self.write("live/keys/consumer", "")
        self.assertEqual(self.offer(self.key, user="consumer"), "")

    def test_a_key_named_in_a_comment_grants_nothing(self) -> None:
        self.write("live/keys/tunnel", client_line(make_key(), "15000", comment=self.key) + "\n")
        self.connected()
        # The line is printed, but holds another key: sshd compares.
        self.assertNotIn(f'1" {self.key}', self.offer(self.key))
        self.assertIsNone(self.registered().user)

    def test_the_last_line_may_lack_its_newline(self) -> None:
        line = client_line(self.key, "15000")
        self.write("live/keys/tunnel", line)
        self.connected()
        self.assertEqual(self.offer(self.key), line + "\n")

    def test_a_key_that_sshd_will_refuse_is_not_registered(self) -> None:
        for more in (',expiry-time="20200101"', ',from="192.0.2.0/24"'):
            self.write("live/keys/tunnel", client_line(self.key, "15000", more=more) + "\n")
            self.connected()
            self.assertNotEqual(self.offer(self.key), "")
            self.assertIsNone(self.registered().user)

    def test_the_key_asked_about_last_counts(self) -> None:
        other = make_key()
        other_print = parse_key_line(client_line(other, "1")).fingerprint
        lines = (client_line(other, "15001"), client_line(self.key, "15000"))
        self.write("live/keys/tunnel", "\n".join(lines))
        self.connected()
        self.offer(other, fingerprint=other_print)
        self.offer(self.key)
        self.assertEqual(self.registered().fingerprint, self.fingerprint)
        self.assertEqual(self.registered().permit_listen, ("15000",))

    def test_a_session_that_the_supervisor_did_not_announce_is_registered_all_the_same(
        self,
    ) -> None:
        self.write("live/keys/tunnel", client_line(self.key, "15000"))
        self.offer(self.key)
        self.assertEqual(
            (self.registered().fingerprint, self.registered().client), (self.fingerprint, None)
        )

    def test_whatever_fails_after_the_answer_the_login_goes_on(self) -> None:
        line = client_line(self.key, "15000")
        self.write("live/keys/tunnel", line)
        os.rename(self.path("run/sessions"), self.path("run/gone"))
        self.assertEqual(self.offer(self.key), line + "\n")
        self.assertRegex(self.read("log/bastion.log"), "login of SHA256:.*No such file")
        self.write("etc/bastion.json", "{")
        self.assertEqual(self.offer(self.key), line + "\n")
        self.assertRegex(self.stderr, "SettingsError")

    def test_without_a_keys_file_nobody_gets_in(self) -> None:
        self.assertEqual(self.offer(self.key), "")
        self.assertRegex(self.stderr, "key command: FileNotFoundError")


if __name__ == "__main__":
    unittest.main()
