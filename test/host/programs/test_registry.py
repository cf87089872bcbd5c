from __future__ import annotations

import os
import unittest

from support import BastionTest, full_disk, this_process

from bastion_host.registry import ByCertificate, Claim, Registry, Session, end_sessions


class RegistryTest(BastionTest):
    def setUp(self) -> None:
        super().setUp()
        self.registry = Registry(self.settings.sessions_directory)

    def files(self) -> list[str]:
        return sorted(os.listdir(self.settings.sessions_directory))

    def test_everything_known_of_a_session_is_read_back(self) -> None:
        known = Session(
            this_process(),
            client=("198.51.100.7", 40000),
            server=("203.0.113.2", 2222),
            user="tunnel",
            fingerprint="SHA256:x",
            certificate=ByCertificate("SHA256:ca", ("dc1", "x"), "acme/dc1/7", 2**64 - 1),
            comment="dc1",
            permit_listen=("15000", "localhost:8080"),
            permit_open=("127.0.0.1:1",),
            asked_at=1.5,
            took_back_at=2.5,
            accepted_at=3.5,
            claims=(Claim("0.0.0.0", 15000, 4.5),),
        )
        self.registry.write(known)
        self.assertEqual(self.registry.read(known.process.pid), known)
        self.assertEqual(self.registry.live(), [known])
        self.assertEqual(os.stat(self.path(f"run/sessions/{os.getpid()}")).st_mode & 0o777, 0o600)

    def test_the_last_write_for_a_process_counts(self) -> None:
        first = Session(this_process(), user="tunnel", fingerprint="SHA256:first")
        self.registry.write(first)
        self.registry.write(first._replace(fingerprint="SHA256:second"))
        self.assertEqual([s.fingerprint for s in self.registry.live()], ["SHA256:second"])

    def test_a_reused_process_id_is_not_the_session(self) -> None:
        earlier = this_process()._replace(start="1@00000000")
        self.registry.write(Session(earlier, user="tunnel"))
        self.assertIsNone(self.registry.read(earlier.pid))
        self.assertEqual(self.registry.live(), [])

    def test_sweeping_forgets_what_is_over_and_nothing_else(self) -> None:
        child, process = self.child("sleep", "60")
        self.registry.write(Session(process))
        self.registry.write(Session(this_process()))
        self.write("run/sessions/4194303", "no json")
        child.kill()
        child.wait()
        self.assertEqual(self.registry.sweep(), [Session(this_process())])
        self.assertEqual(self.files(), [str(os.getpid())])

    def test_a_session_that_could_not_be_written_is_still_known(self) -> None:
        session = Session(this_process(), user="tunnel")
        with full_disk(0), self.assertRaises(OSError):
            self.registry.write(session)
        self.assertEqual(self.files(), [])
        self.assertEqual(self.registry.sweep(), [session])
        accepted = session._replace(accepted_at=1.0)
        self.registry.write(accepted)
        self.assertEqual(Registry(self.settings.sessions_directory).live(), [accepted])

    def test_ending_spares_the_process_that_got_the_same_id(self) -> None:
        child, process = self.child("sleep", "60")
        end_sessions([Session(process._replace(start="1@00000000"))])
        self.assertIsNone(child.poll())
        end_sessions([Session(process)])
        self.assertEqual(child.wait(), -15)


class LoggedIn(unittest.TestCase):
    def test_only_with_sshds_word_or_after_the_login_grace_time(self) -> None:
        session = Session(this_process())
        self.assertFalse(session.is_logged_in(1e9))
        self.assertFalse(session._replace(asked_at=1000.0).is_logged_in(1100.0))
        self.assertTrue(session._replace(asked_at=1000.0).is_logged_in(1121.0))
        self.assertTrue(session._replace(asked_at=1000.0, accepted_at=1001.0).is_logged_in(1001.0))


if __name__ == "__main__":
    unittest.main()
