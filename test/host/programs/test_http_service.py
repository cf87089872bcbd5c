from __future__ import annotations

import os
import socket
import threading
import time
import unittest
from unittest import mock

from support import PROGRAMS  # noqa: F401

from bastion_vm.document import StoreUnavailable
from bastion_vm.http_service import HttpService, instance_metadata

LONG_SECONDS = 20.0


class HttpServiceTest(unittest.TestCase):
    """A service that says one thing, byte for byte, to whoever connects."""

    def setUp(self) -> None:
        self.said = b""
        self.heard: list[bytes] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.server.close)
        self.host = f"127.0.0.1:{self.server.getsockname()[1]}"
        self.service = HttpService("the service", f"http://{self.host}/")
        self.ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()
        self.addCleanup(self.ended.set)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                self.heard.append(connection.recv(65536))
                connection.sendall(self.said)
                if not self.said:
                    self.ended.wait(LONG_SECONDS)

    def say(self, status: str, body: bytes, *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
        self.said = "\r\n".join(lines).encode() + body

    def assert_no_answer(self, reason: str) -> None:
        with self.assertRaisesRegex(StoreUnavailable, f"^the service at {self.host}: {reason}"):
            self.service.request("/", {})


class Requests(HttpServiceTest):
    def test_a_request_and_its_answer(self) -> None:
        self.say("418 Teapot", "ä".encode(), "X-Kind: tea")
        answer = self.service.request("/a?b=c", {"X-Wanted": "tea"}, "POST", b"hot")
        self.assertEqual((answer.status, answer.text), (418, "ä"))
        self.assertEqual(answer.headers["x-kind"], "tea")
        lines = self.heard[0].decode().split("\r\n")
        self.assertEqual(lines[0], "POST /a?b=c HTTP/1.1")
        self.assertIn(f"Host: {self.host}", lines)
        self.assertIn("X-Wanted: tea", lines)

    def test_a_redirection_is_an_answer_like_any_other(self) -> None:
        self.say("302 Found", b"", f"Location: http://{self.host}/elsewhere")
        self.assertEqual(self.service.request("/", {"Authorization": "Bearer t"}).status, 302)
        self.assertEqual(len(self.heard), 1)

    def test_proxies_are_for_others(self) -> None:
        self.say("200 OK", b"here")
        names = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY")
        with mock.patch.dict(os.environ, dict.fromkeys(names, "http://127.0.0.1:1")):
            self.assertEqual(self.service.request("/", {}).text, "here")

    def test_what_is_no_answer(self) -> None:
        self.say("200 OK", b"\xff")
        self.assert_no_answer("'utf-8' codec can't decode")
        self.said = b"SSH-2.0-OpenSSH\r\n"
        self.assert_no_answer("SSH-2.0-OpenSSH")

    def test_an_answer_without_an_end_does_not_fill_the_memory(self) -> None:
        with mock.patch("bastion_vm.http_service._LONGEST_ANSWER_BYTES", 3):
            self.said = b"HTTP/1.1 200 OK\r\n\r\n123456"
            self.assertEqual(self.service.request("/", {}).text, "123")

    def test_silence_has_a_limit(self) -> None:
        with mock.patch("bastion_vm.http_service._TIMEOUT_SECONDS", 0.05):
            self.assert_no_answer("timed out")

    def test_nobody_there(self) -> None:
        self.service = HttpService("the service", "http://127.0.0.1:1")
        with self.assertRaisesRegex(StoreUnavailable, "^the service at 127.0.0.1:1: .*refused"):
            self.service.request("/", {})


class Waits(HttpServiceTest):
    def setUp(self) -> None:
        super().setUp()
        self.wake, self.waker = os.pipe()
        self.addCleanup(os.close, self.wake)
        self.addCleanup(os.close, self.waker)

    def request(self, seconds: float = LONG_SECONDS) -> str | None:
        answer = self.service.request_unless(self.wake, "/", {}, seconds)
        return None if answer is None else answer.text

    def test_an_answer(self) -> None:
        self.say("200 OK", b"here")
        self.assertEqual(self.request(), "here")

    def test_none_when_it_is_woken_or_time_is_up(self) -> None:
        self.assertIsNone(self.request(0.05))
        os.write(self.waker, b"x")
        began = time.monotonic()
        self.assertIsNone(self.request())
        self.assertLess(time.monotonic() - began, LONG_SECONDS / 2)

    def test_none_when_there_can_be_none(self) -> None:
        self.said = b"SSH-2.0-OpenSSH\r\n"
        self.assertIsNone(self.request())
        self.service = HttpService("the service", "http://127.0.0.1:1")
        self.assertIsNone(self.request())


class InstanceMetadata(unittest.TestCase):
    def test_is_where_every_cloud_has_it(self) -> None:
        self.assertEqual(instance_metadata({}).host, "169.254.169.254")
        self.assertEqual(instance_metadata({"metadata": "http://127.0.0.1:8"}).host, "127.0.0.1:8")


if __name__ == "__main__":
    unittest.main()
