from __future__ import annotations

import os
import socket
import time
import unittest
from unittest import mock

import support  # noqa: F401

from bastion_host.tcp_diag import TcpDiagUnavailable, established, listening


@unittest.skipUnless(hasattr(socket, "AF_NETLINK"), "only Linux has these tables")
class AgainstRealSockets(unittest.TestCase):
    def connect(
        self, family: int, address: str, target: str
    ) -> tuple[socket.socket, socket.socket]:
        """A connection as (server's end, client's end) to a listener at that address."""
        listener = socket.socket(family)
        self.addCleanup(listener.close)
        listener.bind((address, 0))
        listener.listen()
        self.listener = listener
        client = socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET)
        self.addCleanup(client.close)
        client.connect((target, listener.getsockname()[1]))
        server, _ = listener.accept()
        self.addCleanup(server.close)
        return server, client

    def assert_seen(self, family: int, address: str, target: str) -> None:
        server, client = self.connect(family, address, target)
        port = server.getsockname()[1]
        client.sendall(b"12345")
        server.recv(5)
        server.sendall(b"123")
        client.recv(3)
        found = [c for c in established(port) if c.remote[1] == client.getsockname()[1]]
        self.assertEqual(len(found), 1)
        self.assertEqual(found[0].local, (target, port))
        self.assertEqual(found[0].remote, (target, client.getsockname()[1]))
        self.assertEqual((found[0].bytes_received, found[0].bytes_sent), (5, 3))
        self.assertEqual(found[0].uid, os.getuid())
        self.assertEqual(found[0].inode, os.fstat(server.fileno()).st_ino)

    def test_an_ipv4_connection(self) -> None:
        self.assert_seen(socket.AF_INET, "0.0.0.0", "127.0.0.1")

    def test_an_ipv6_connection(self) -> None:
        self.assert_seen(socket.AF_INET6, "::1", "::1")

    def test_an_ipv4_client_of_an_ipv6_socket_is_an_ipv4_client(self) -> None:
        self.assert_seen(socket.AF_INET6, "::", "127.0.0.1")

    def test_silence_ends_with_data_and_not_with_acknowledgements(self) -> None:
        server, client = self.connect(socket.AF_INET, "127.0.0.1", "127.0.0.1")
        port = server.getsockname()[1]
        client.sendall(b"x")
        time.sleep(0.25)
        server.sendall(b"only the client's kernel acknowledges this")
        time.sleep(0.05)
        reading = next(c for c in established(port) if c.local[1] == port)
        self.assertGreaterEqual(reading.silent_seconds, 0.25)
        client.sendall(b"y")
        time.sleep(0.01)
        reading = next(c for c in established(port) if c.local[1] == port)
        self.assertLess(reading.silent_seconds, 0.25)
        self.assertEqual(reading.bytes_received, 2)

    def test_only_connections_to_the_port_are_listed(self) -> None:
        server, _ = self.connect(socket.AF_INET, "127.0.0.1", "127.0.0.1")
        port = server.getsockname()[1]
        self.assertEqual({c.local[1] for c in established(port)}, {port})

    def test_port_0_stands_for_all(self) -> None:
        server, client = self.connect(socket.AF_INET, "127.0.0.1", "127.0.0.1")
        found = {(c.local, c.remote) for c in established(0)}
        ends = (server.getsockname(), client.getsockname())
        self.assertLessEqual({ends, ends[::-1]}, found)

    def test_listening_sockets_of_a_user(self) -> None:
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1")):
            server, _ = self.connect(family, address, "127.0.0.1" if address[0] == "0" else "::1")
            endpoint = (address, server.getsockname()[1])
            found = [one for one in listening(os.getuid()) if one.endpoint == endpoint]
            self.assertEqual(len(found), 1)
            self.assertEqual(found[0].inode, os.fstat(self.listener.fileno()).st_ino)
            self.assertNotIn(endpoint, [one.endpoint for one in listening(os.getuid() + 1)])

    def test_many_sockets_come_in_several_messages(self) -> None:
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(300)]
        try:
            found = {one.endpoint for one in listening(os.getuid())}
            self.assertLessEqual({one.getsockname() for one in listeners}, found)
        finally:
            for one in listeners:
                one.close()


class WithoutTables(unittest.TestCase):
    def test_a_system_without_netlink_says_so(self) -> None:
        with mock.patch("bastion_host.tcp_diag.socket") as fake:
            del fake.AF_NETLINK
            with self.assertRaisesRegex(TcpDiagUnavailable, "no netlink"):
                established(22)

    def test_so_does_a_container_that_forbids_it(self) -> None:
        with mock.patch(
            "bastion_host.tcp_diag.socket.socket", side_effect=PermissionError(1, "no")
        ):
            with self.assertRaisesRegex(TcpDiagUnavailable, "sock_diag"):
                listening(0)


if __name__ == "__main__":
    unittest.main()
