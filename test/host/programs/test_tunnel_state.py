from __future__ import annotations

import unittest

from support import session

from bastion_host.key_set import Tunnel
from bastion_host.process import Process
from bastion_host.registry import Claim, Session
from bastion_host.tcp_diag import Connection, Endpoint
from bastion_host.tunnel_state import SILENCE_SECONDS, Falls, TunnelState, judge

SERVER = ("203.0.113.2", 2222)
ORDERS = Tunnel("orders", 15000, "all")


def client(number: int, *claims: Claim, listen: tuple[str, ...] = ("15000",)) -> Session:
    return session(
        process=Process(number, 1, f"{number}@boot"),
        server=SERVER,
        client=("198.51.100.7", number),
        accepted_at=float(number),
        permit_listen=listen,
        claims=claims,
    )


def reading(number: int, silent_seconds: float) -> Connection:
    return Connection(SERVER, ("198.51.100.7", number), silent_seconds, 10, 20, uid=0, inode=0)


def consumer(bind_port: int, number: int) -> Connection:
    return Connection(("10.0.0.1", bind_port), ("10.0.0.2", number), 0.0, 0, 0, uid=0, inode=0)


def state_of(
    tunnel: Tunnel,
    sessions: list[Session],
    listening: list[Endpoint],
    connections: list[Connection] | None = None,
    falls: Falls | None = None,
) -> TunnelState:
    (state,) = judge([tunnel], sessions, listening, connections, falls or Falls(), now=1000.0)
    return state


class States(unittest.TestCase):
    def test_who_holds_the_port_and_since_when(self) -> None:
        one = client(1, Claim("0.0.0.0", 15000, 5.0))
        heard = reading(1, 3.0)
        connections = [heard, consumer(15000, 1), consumer(15000, 2), consumer(15001, 3)]
        self.assertEqual(
            state_of(ORDERS, [one], [("0.0.0.0", 15000)], connections),
            TunnelState(ORDERS, "up", 5.0, one, heard, 2),
        )

    def test_silence(self) -> None:
        one = client(1, Claim("0.0.0.0", 15000, 5.0))
        for seconds, state, since in (
            (0.0, "up", 5.0),
            (SILENCE_SECONDS, "up", 5.0),
            (SILENCE_SECONDS + 0.1, "silent", 1000.0 - SILENCE_SECONDS - 0.1),
            (600.0, "silent", 400.0),
        ):
            found = state_of(ORDERS, [one], [("0.0.0.0", 15000)], [reading(1, seconds)])
            self.assertEqual((found.state, found.since), (state, since), seconds)

    def test_where_it_has_to_listen(self) -> None:
        audit = Tunnel("audit", 15000, "203.0.113.2")
        flow = Tunnel("flow", 15000, "loopback")
        for tunnel, address, state in (
            (ORDERS, "0.0.0.0", "up"),
            (ORDERS, "::", "up"),
            (ORDERS, "127.0.0.1", "down"),
            (ORDERS, "203.0.113.2", "down"),
            (flow, "127.0.0.1", "up"),
            (flow, "::1", "up"),
            (flow, "203.0.113.2", "down"),
            (audit, "203.0.113.2", "up"),
            (audit, "127.0.0.1", "down"),
        ):
            one = client(1, Claim(address, 15000, 5.0))
            found = state_of(tunnel, [one], [(address, 15000)])
            self.assertEqual(found.state, state, (tunnel, address))

    def test_a_port_that_was_claimed_and_is_closed_is_nobodys(self) -> None:
        one = client(1, Claim("0.0.0.0", 15000, 5.0))
        found = state_of(ORDERS, [one], [("0.0.0.0", 15001)], [reading(1, 0.0)])
        self.assertEqual(found, TunnelState(ORDERS, "down", None, None, None, 0))

    def test_of_two_that_claimed_it_the_last_one_has_it(self) -> None:
        first, last = client(1, Claim("0.0.0.0", 15000, 5.0)), client(
            2, Claim("0.0.0.0", 15000, 6.0)
        )
        found = state_of(ORDERS, [first, last], [("0.0.0.0", 15000)])
        self.assertEqual((found.session, found.since), (last, 6.0))

    def test_a_port_whose_opening_nobody_noted_is_that_of_the_one_key_that_may(self) -> None:
        able, unable = client(1), client(2, listen=("15001", "localhost:150000"))
        opened = [("0.0.0.0", 15000)]
        found = state_of(ORDERS, [able, unable], opened, [reading(1, 25.0)])
        self.assertEqual((found.state, found.session), ("silent", able))
        found = state_of(ORDERS, [able, unable, client(3)], opened)
        self.assertEqual(found, TunnelState(ORDERS, "up", None, None, None, None))

    def test_without_the_kernels_word_nobody_is_silent_and_nothing_is_counted(self) -> None:
        one = client(1, Claim("0.0.0.0", 15000, 5.0))
        found = state_of(ORDERS, [one], [("0.0.0.0", 15000)], None)
        self.assertEqual(found, TunnelState(ORDERS, "up", 5.0, one, None, None))


class WhenItFell(unittest.TestCase):
    def test_the_moment_it_was_first_seen_down(self) -> None:
        falls = Falls()
        falls.note(["billing"], 10.0)
        self.assertIsNone(falls.fell_at("orders", 11.0))
        falls.note(["orders"], 12.0)
        falls.note([], 13.0)
        falls.note([], 14.0)
        self.assertEqual(state_of(ORDERS, [], [], [], falls).since, 13.0)
        self.assertEqual(falls.fell_at("billing", 15.0), 12.0)

    def test_up_again_it_has_not_fallen(self) -> None:
        falls = Falls()
        for up, now in ((["orders"], 1.0), ([], 2.0), (["orders"], 3.0), ([], 4.0)):
            falls.note(up, now)
        self.assertEqual(falls.fell_at("orders", 5.0), 4.0)

    def test_whoever_looks_first_sees_it_fall(self) -> None:
        falls = Falls()
        falls.note(["orders"], 1.0)
        self.assertEqual(falls.fell_at("orders", 1.3), 1.3)


if __name__ == "__main__":
    unittest.main()
