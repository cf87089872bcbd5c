from __future__ import annotations

import time
import unittest
from unittest import mock

from support import BastionTest, session, this_process

from bastion_host import take_back as take_back_module
from bastion_host.registry import Registry, Session
from bastion_host.take_back import take_back
from bastion_host.tcp_diag import TcpDiagUnavailable


class TakeBack(BastionTest):
    def setUp(self) -> None:
        super().setUp()
        self.registry = Registry(self.settings.sessions_directory)
        self.arriving = session(user="tunnel", fingerprint="SHA256:x")
        self.registry.write(self.arriving)
        self.dead: list[Session] = []
        self.judged: list[list[Session]] = []
        liveness = mock.patch.object(take_back_module, "liveness").start()
        liveness.suspects.side_effect = lambda siblings, *_, **__: self.judged.append(siblings)
        liveness.find_dead.side_effect = lambda *_: self.dead
        mock.patch.object(take_back_module, "listening", return_value=[]).start()
        mock.patch.object(take_back_module, "established", return_value=[]).start()
        self.said = mock.patch.object(take_back_module, "say").start()
        self.addCleanup(mock.patch.stopall)

    def sibling(self, **known: object) -> Session:
        _, process = self.child("sleep", "60")
        sibling = self.arriving._replace(process=process, **known)
        self.registry.write(sibling)
        return sibling

    def arrive(self) -> None:
        known = self.registry.read(this_process().pid)
        assert known is not None
        take_back(self.settings, self.registry, known)

    def test_only_sessions_of_the_same_client_are_judged(self) -> None:
        self.arriving = self.arriving._replace(comment="dc1")
        self.registry.write(self.arriving)
        sibling = self.sibling()
        # A renewed certificate is of another key, mostly.
        renewed = self.sibling(fingerprint="SHA256:other")
        self.sibling(user="consumer")
        self.sibling(comment="dc2")
        self.sibling(comment="")
        self.arrive()
        self.assertCountEqual(self.judged[0], [sibling, renewed])

    def test_sessions_of_no_known_name_are_told_apart_by_key(self) -> None:
        sibling = self.sibling()
        self.sibling(user="consumer")
        self.sibling(fingerprint="SHA256:other")
        self.arrive()
        self.assertEqual(self.judged, [[sibling]])

    def test_nothing_is_asked_when_there_is_no_other_session_of_the_key(self) -> None:
        self.arrive()
        self.assertEqual(self.judged, [])

    def test_dead_ones_are_gone_when_it_returns(self) -> None:
        self.dead = [self.sibling()]
        alive = self.sibling()
        self.arrive()
        self.assertEqual(self.registry.read(self.dead[0].process.pid), None)
        self.assertEqual(self.registry.read(alive.process.pid), alive)

    def test_the_second_run_of_one_login_does_not_look_again(self) -> None:
        self.sibling()
        self.arrive()
        self.arrive()
        self.assertEqual(len(self.judged), 1)

    def test_a_later_login_of_the_same_process_does(self) -> None:
        self.sibling()
        self.registry.write(self.arriving._replace(took_back_at=time.time() - 11))
        self.arrive()
        self.assertEqual(len(self.judged), 1)

    def test_a_key_that_is_being_looked_after_is_left_alone_in_the_end(self) -> None:
        self.sibling()
        # A lock of another process: this one's own would not hold it up.
        holder = (
            "import fcntl,sys,time,zlib; f=open(sys.argv[1],'ab'); "
            "fcntl.lockf(f, fcntl.LOCK_EX, 1, zlib.crc32(b'tunnel SHA256:x')); "
            "print(flush=True); time.sleep(60)"
        )
        child, _ = self.child("python3", "-c", holder, self.path("run/take-back.lock"))
        child.stdout and child.stdout.readline()
        with mock.patch.object(take_back_module, "_LOCK_SECONDS", 0.1):
            self.arrive()
        self.assertEqual(self.judged, [])
        self.assertRegex(self.said.call_args[0][0], "another login of its client")

    def test_without_the_kernels_tables_sessions_are_left_to_sshd(self) -> None:
        self.sibling()
        take_back_module.established.side_effect = TcpDiagUnavailable("no netlink")
        self.arrive()
        self.assertRegex(self.said.call_args[0][0], "left to ClientAlive: no netlink")


if __name__ == "__main__":
    unittest.main()
