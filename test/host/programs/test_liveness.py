from __future__ import annotations

import os
import socket
import threading
import time
import unittest

from support import session

from bastion_host import liveness
from bastion_host.liveness import Suspect, dead, find_dead, holders, suspects
from bastion_host.process import Process
from bastion_host.registry import Claim, Session
from bastion_host.tcp_diag import Connection, Endpoint

SERVER = ("203.0.113.2", 2222)
A, B = ("0.0.0.0", 15000), ("127.0.0.1", 15001)
NOW = 1_000_000.0


def known(number: int, *claims: Endpoint, since: float = 10.0, **more: object) -> Session:
    """Session `number`, accepted long ago, whose key may listen on 15000 and 15001."""
    return session(**{
        "process": Process(number, 1, f"{number}@boot"),
        "client": ("198.51.100.7", number),
        "server": SERVER,
        "user": "tunnel",
        "fingerprint": "SHA256:x",
        "permit_listen": ("15000", "localhost:15001"),
        "asked_at": NOW - 1000,
        "accepted_at": NOW - 1000,
        "claims": tuple(Claim(*claim, since=since) for claim in claims),
        **more,
    })  # fmt: skip


def reading(number: int, silent: float, received: int = 100) -> Connection:
    return Connection(SERVER, ("198.51.100.7", number), silent, received, 0, uid=0, inode=0)


class Holders(unittest.TestCase):
    def test_an_open_port_is_held_by_who_claimed_it_last(self) -> None:
        first, second = known(1, A, since=1), known(2, A, since=2)
        self.assertEqual(holders([second, first], [A]), {A: second.process})

    def test_a_closed_port_is_held_by_nobody(self) -> None:
        self.assertEqual(holders([known(1, A)], [B]), {})

    def test_one_port_on_two_addresses_has_two_holders(self) -> None:
        other = ("127.0.0.1", 15000)
        one, two = known(1, A), known(2, other)
        self.assertEqual(holders([one, two], [A, other]), {A: one.process, other: two.process})


class Suspects(unittest.TestCase):
    def find(
        self, sessions: list[Session], ports: list[Endpoint], *read: Connection
    ) -> list[Suspect]:
        return suspects(sessions, sessions, ports, read, silence_seconds=1, now=NOW)

    def test_a_silent_holder(self) -> None:
        one = known(1, A)
        self.assertEqual(
            self.find([one], [A, B], reading(1, 5)), [Suspect(one, frozenset([A]), True)]
        )

    def test_not_one_that_was_just_heard_of(self) -> None:
        self.assertEqual(self.find([known(1, A)], [A], reading(1, 0.5)), [])

    def test_not_one_whose_connection_is_not_in_the_table(self) -> None:
        self.assertEqual(self.find([known(1, A)], [A]), [])
        self.assertEqual(self.find([known(1, A, client=None)], [A], reading(1, 5)), [])

    def test_not_one_without_a_port_while_others_hold_them_all(self) -> None:
        one, two = known(1, A), known(2)
        self.assertEqual(
            [s.session for s in self.find([one, two], [A], reading(1, 5), reading(2, 5))], [one]
        )

    def test_not_one_whose_ports_are_closed(self) -> None:
        self.assertEqual(self.find([known(1, A)], [("0.0.0.0", 80)], reading(1, 5)), [])

    def test_one_that_may_hold_a_port_which_nobody_claims(self) -> None:
        one = known(1)
        self.assertEqual(
            self.find([one], [A, B], reading(1, 5)), [Suspect(one, frozenset([A, B]), False)]
        )

    def test_not_an_unauthenticated_one(self) -> None:
        one = known(1, accepted_at=None, asked_at=NOW - 5)
        self.assertEqual(self.find([one], [A], reading(1, 5)), [])

    def test_not_one_whose_key_allows_no_open_port(self) -> None:
        consumer = known(1, permit_listen=("localhost:1",))
        self.assertEqual(self.find([consumer], [A, B], reading(1, 500)), [])


class Verdict(unittest.TestCase):
    def test_a_holder_that_did_not_answer_is_dead(self) -> None:
        one = known(1, A)
        self.assertEqual(dead([Suspect(one, frozenset([A]), True)], [A], [reading(1, 3)]), [one])

    def test_not_if_one_of_its_ports_could_not_be_asked(self) -> None:
        one = Suspect(known(1, A, B), frozenset([A, B]), True)
        self.assertEqual(dead([one], [A], [reading(1, 3)]), [])

    def test_not_if_its_connection_has_gone_meanwhile(self) -> None:
        self.assertEqual(dead([Suspect(known(1, A), frozenset([A]), True)], [A], []), [])

    def test_a_mere_possible_holder_needs_the_silence_of_missed_keepalives(self) -> None:
        one = known(1)
        suspect = Suspect(one, frozenset([A]), False)
        self.assertEqual(dead([suspect], [A], [reading(1, 34.9)]), [])
        self.assertEqual(dead([suspect], [A], [reading(1, 35.0)]), [one])


@unittest.skipUnless(hasattr(socket, "AF_NETLINK"), "only Linux has the tables")
class AgainstRealSockets(unittest.TestCase):
    """A stand-in for sshd: whoever connects to a bind port makes a live client send a byte."""

    def setUp(self) -> None:
        self.ssh = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.ssh.close)
        self.ssh_port = self.ssh.getsockname()[1]

    def tunnel(self, *, alive: bool, backlog: int = 8) -> Suspect:
        client = socket.create_connection(self.ssh.getsockname())
        server, _ = self.ssh.accept()
        port = socket.create_server(("0.0.0.0", 0), backlog=backlog)
        for one in (client, server, port):
            self.addCleanup(one.close)
        endpoint = ("0.0.0.0", port.getsockname()[1])
        if alive:
            threading.Thread(target=self.answer, args=(port, client), daemon=True).start()
        one = known(os.getpid(), endpoint, client=client.getsockname(), server=server.getsockname())
        return Suspect(one, frozenset([endpoint]), is_holder=True)

    def answer(self, port: socket.socket, client: socket.socket) -> None:
        consumer, _ = port.accept()
        client.sendall(b"confirmed")
        consumer.close()

    def test_only_the_one_that_does_not_answer_is_dead(self) -> None:
        live, frozen, other = (
            self.tunnel(alive=True),
            self.tunnel(alive=False),
            self.tunnel(alive=True),
        )
        found = find_dead([live, frozen, other], self.ssh_port, limit_seconds=0.3)
        self.assertEqual(found, [frozen.session])

    def test_answers_end_the_wait(self) -> None:
        begin = time.monotonic()
        self.assertEqual(find_dead([self.tunnel(alive=True)], self.ssh_port, limit_seconds=5), [])
        self.assertLess(time.monotonic() - begin, 2)

    def test_a_port_whose_queue_is_full_still_counts_as_asked(self) -> None:
        frozen = self.tunnel(alive=False, backlog=0)
        (endpoint,) = frozen.listeners
        for _ in range(3):
            consumer = socket.socket()
            self.addCleanup(consumer.close)
            consumer.setblocking(False)
            consumer.connect_ex(("127.0.0.1", endpoint[1]))
        self.assertEqual(find_dead([frozen], self.ssh_port, limit_seconds=0.2), [frozen.session])

    def test_a_port_that_has_closed_meanwhile_condemns_nobody(self) -> None:
        frozen = self.tunnel(alive=False)
        free = socket.create_server(("127.0.0.1", 0))
        closed = ("127.0.0.1", free.getsockname()[1])
        free.close()
        accused = frozen._replace(listeners=frozenset([closed]))
        self.assertEqual(find_dead([accused], self.ssh_port, limit_seconds=0.2), [])

    def test_silence_is_waited_for_but_not_that_of_a_busy_client(self) -> None:
        frozen, busy = self.tunnel(alive=False), self.tunnel(alive=False)
        talker = socket.create_connection(self.ssh.getsockname())
        server, _ = self.ssh.accept()
        self.addCleanup(server.close)
        self.addCleanup(talker.close)
        busy = busy._replace(session=busy.session._replace(client=talker.getsockname()))
        stop = threading.Event()
        thread = threading.Thread(
            target=lambda: [talker.sendall(b"x") for _ in iter(lambda: stop.wait(0.02), True)]
        )
        thread.start()
        try:
            silent = liveness.await_silence([frozen, busy], self.ssh_port, seconds=0.2)
        finally:
            stop.set()
            thread.join()
        self.assertEqual(silent, [frozen])


if __name__ == "__main__":
    unittest.main()
