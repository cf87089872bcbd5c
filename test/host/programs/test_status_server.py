from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import threading
import unittest
from collections.abc import Iterator
from unittest import mock

from status_support import observation
from support import free_port, wait_until

from bastion_host import status_server
from bastion_host.metrics import render_metrics
from bastion_host.observation import Observation
from bastion_host.status import render_status
from bastion_host.status_server import StatusPortTaken, StatusServer


class FakeObserver:
    def __init__(self) -> None:
        self.is_served = False
        self.problem: Exception | None = None

    def look(self) -> Observation:
        if self.problem is not None:
            raise self.problem
        return observation()


@contextlib.contextmanager
def said() -> Iterator[list[str]]:
    """What is said in the log."""
    lines: list[str] = []
    with mock.patch("bastion_host.status_server.say", lines.append):
        yield lines


class Served(unittest.TestCase):
    def setUp(self) -> None:
        self.observer = FakeObserver()
        self.port = free_port()
        self.server = StatusServer(self.observer, self.port)  # type: ignore[arg-type]
        self.server.check()
        self.addCleanup(self.server.stop)

    def connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        self.addCleanup(connection.close)
        return connection

    def ask(self, method: str, path: str) -> tuple[int, str | None, bytes]:
        connection = self.connect()
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read()

    def test_status_and_metrics(self) -> None:
        status, kind, body = self.ask("GET", "/status.json")
        self.assertEqual((status, kind), (200, "application/json"))
        self.assertEqual(json.loads(body), render_status(observation()))
        status, kind, body = self.ask("GET", "/metrics?name=x")
        self.assertEqual((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
        self.assertEqual(body.decode(), render_metrics(observation()))

    def test_head_says_the_same_without_the_body(self) -> None:
        connection = self.connect()
        for path in ("/status.json", "/metrics", "/"):
            connection.request("GET", path)
            whole = connection.getresponse()
            length = len(whole.read())
            connection.request("HEAD", path)
            head = connection.getresponse()
            self.assertEqual((head.status, head.read()), (whole.status, b""))
            self.assertEqual(head.getheader("Content-Length"), str(length))

    def test_anything_else(self) -> None:
        text = "text/plain; charset=utf-8"
        for path in ("/", "/status", "/metrics/", "/../status.json", "/%73tatus.json"):
            there_is = (404, text, b"there is /status.json and /metrics\n")
            self.assertEqual(self.ask("GET", path), there_is, path)
        for method in ("POST", "PUT", "DELETE", "TRACE"):
            unsupported = f"Unsupported method ('{method}')\n".encode()
            self.assertEqual(self.ask(method, "/metrics"), (501, text, unsupported))

    def test_it_says_neither_what_it_is_made_of_nor_that_it_may_be_kept(self) -> None:
        connection = self.connect()
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        found = answer.getheader("Server"), answer.getheader("Cache-Control")
        self.assertEqual(found, ("reverse-bastion", "no-store"))

    def test_one_connection_for_many_questions(self) -> None:
        connection = self.connect()
        local = None
        for _ in range(3):
            connection.request("GET", "/metrics")
            text = render_metrics(observation())
            self.assertEqual(len(connection.getresponse().read()), len(text))
            assert connection.sock is not None
            local = local or connection.sock.getsockname()
            self.assertEqual(connection.sock.getsockname(), local)

    def test_readers_that_do_not_read_or_do_not_ask_keep_nobody_waiting(self) -> None:
        for request in (b"GET /status.json HTTP/1.1\r\nHost: a\r\n\r\n" * 500, b"GET /met", b""):
            slow = socket.create_connection(("127.0.0.1", self.port))
            self.addCleanup(slow.close)
            slow.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                slow.send(request)
        self.assertEqual(self.ask("GET", "/metrics")[0], 200)

    def test_more_readers_than_there_is_room_for_are_sent_away_and_come_again(self) -> None:
        most = status_server._MOST_READERS
        readers = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(most)]
        try:
            with self.assertRaises((http.client.RemoteDisconnected, ConnectionError)):
                self.ask("GET", "/metrics")
        finally:
            for reader in readers:
                reader.close()

        def is_served() -> bool:
            try:
                return self.ask("GET", "/metrics")[0] == 200
            except (http.client.RemoteDisconnected, ConnectionError):
                return False

        wait_until(is_served)

    def test_what_cannot_be_told_is_said_in_the_log(self) -> None:
        self.observer.problem = OSError(5, "no disk")
        with said() as lines:
            status, _, body = self.ask("GET", "/status.json")
        self.assertEqual((status, body), (500, b"see the bastion's log\n"))
        self.assertEqual(lines, ["status: OSError: [Errno 5] no disk"])

    def test_it_is_on_loopback_alone(self) -> None:
        with socket.create_server(("127.0.0.2", self.port)):
            self.assertEqual(self.ask("GET", "/metrics")[0], 200)


class ThePort(unittest.TestCase):
    def test_one_that_is_taken_is_had_once_it_is_free(self) -> None:
        observer = FakeObserver()
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            server = StatusServer(observer, port)  # type: ignore[arg-type]
            self.addCleanup(server.stop)
            for _ in range(2):
                with self.assertRaisesRegex(
                    StatusPortTaken, f"^port {port} of 127.0.0.1 cannot be had.*Address already"
                ):
                    server.check()
                self.assertFalse(observer.is_served)
        server.check()
        self.assertTrue(observer.is_served)

    def test_no_thread_and_no_socket_is_left_by_trying(self) -> None:
        before = threading.active_count(), len(os.listdir("/proc/self/fd"))
        with socket.create_server(("127.0.0.1", 0)) as other:
            server = StatusServer(FakeObserver(), other.getsockname()[1])  # type: ignore[arg-type]
            for _ in range(3):
                with self.assertRaises(StatusPortTaken):
                    server.check()
        self.assertEqual((threading.active_count(), len(os.listdir("/proc/self/fd"))), before)


if __name__ == "__main__":
    unittest.main()
