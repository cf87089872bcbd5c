from __future__ import annotations

import os
import socket
import sys
import threading
import unittest

from support import BastionTest

from bastion_host.sshd_log import PROBE_ADDRESS
from bastion_pod.alive import NotAlive, check_status
from bastion_pod.ready import NotReady, read_greeting


class Server:
    """Says something to whoever connects first, and remembers where that was from."""

    def __init__(self, *parts: bytes) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self.port: int = self._listener.getsockname()[1]
        self.client = ""
        self._thread = threading.Thread(target=self._serve, args=parts, daemon=True)
        self._thread.start()

    def _serve(self, *parts: bytes) -> None:
        connection, (self.client, _) = self._listener.accept()
        with connection:
            for part in parts:
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1024):
                pass

    def close(self) -> None:
        self._listener.close()
        self._thread.join()


@unittest.skipUnless(sys.platform.startswith("linux"), "every address of 127/8 is there on Linux")
class Ready(unittest.TestCase):
    def ask(self, *parts: bytes) -> tuple[bytes, str]:
        server = Server(*parts)
        try:
            return read_greeting(server.port), server.client
        finally:
            server.close()

    def test_a_greeting_also_in_pieces_asked_for_from_an_address_of_its_own(self) -> None:
        for parts in ((b"SSH-2.0-OpenSSH_10.0\r\n",), (b"SSH-", b"2.0-x", b"\n")):
            self.assertEqual(self.ask(*parts), (b"".join(parts), PROBE_ADDRESS))

    def test_what_sshd_says_to_those_it_sends_away(self) -> None:
        with self.assertRaisesRegex(NotReady, "^sshd says 'Not allowed at this time'$"):
            self.ask(b"Not allowed at this time\r\n")

    def test_an_end_without_a_word(self) -> None:
        with self.assertRaisesRegex(NotReady, "^sshd says ''$"):
            self.ask()

    def test_an_sshd_that_hangs(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            with self.assertRaisesRegex(NotReady, "^sshd says nothing within 0.05 s$"):
                read_greeting(listener.getsockname()[1], seconds=0.05)

    def test_no_sshd(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with self.assertRaisesRegex(NotReady, "^sshd cannot be reached: Connection refused$"):
            read_greeting(port)


class Alive(BastionTest):
    def check(self, age: float) -> None:
        self.write("run/status.json", "{}")
        os.utime(self.settings.status, (1000.0, 1000.0))
        check_status(self.settings, 1000.0 + age)

    def test_a_status_of_now(self) -> None:
        self.check(0.0)
        self.check(29.0)
        self.check(-29.0)

    def test_an_old_one_and_one_of_the_future(self) -> None:
        with self.assertRaisesRegex(NotAlive, "status.json: written 31 s ago$"):
            self.check(31.0)
        with self.assertRaisesRegex(NotAlive, "status.json: written -31 s ago$"):
            self.check(-31.0)

    def test_none(self) -> None:
        with self.assertRaisesRegex(NotAlive, "status.json: No such file or directory$"):
            check_status(self.settings, 1000.0)


if __name__ == "__main__":
    unittest.main()
