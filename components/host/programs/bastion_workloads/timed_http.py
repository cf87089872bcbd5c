"""HTTP in which everything has an end: time for the whole answer, and how long it may be.

A time-out of a socket is for each piece of an answer: one that comes byte by byte never meets it.
Never through a proxy, and never redirected.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

_NO_ANSWER = (OSError, http.client.HTTPException)


class NoAnswer(Exception):
    """There was none, or none that can be read; the message says why."""


class TooLong(NoAnswer):
    """The answer is longer than it may be."""


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: http.client.HTTPMessage


class _Timed:
    """A socket whose every wait ends at the deadline. The deadline is of `time.monotonic`."""

    deadline = 0.0

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(_left(self.deadline))
        return super().recv_into(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self.settimeout(_left(self.deadline))
        super().sendall(*arguments)


class _TimedSocket(_Timed, socket.socket):
    pass


class _TimedTlsSocket(_Timed, ssl.SSLSocket):
    pass


def tls_context(authorities: str) -> ssl.SSLContext:
    """For servers that have a certificate of these authorities, for the name they are asked by."""
    context = ssl.create_default_context(cafile=authorities)
    context.sslsocket_class = _TimedTlsSocket
    return context


class TimedConnection(http.client.HTTPConnection):
    """A connection for one request after the other."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(host, port)
        self._tls = tls
        self._deadline = 0.0
        self.is_fresh = True
        """Nothing has been asked through it yet."""
        if tls is not None:
            self.default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), _left(self._deadline))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is None:
            self.sock = _TimedSocket(fileno=plain.detach())
        else:
            plain.settimeout(_left(self._deadline))
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        self.is_fresh = True

    def get(
        self, path: str, headers: Mapping[str, str], deadline: float, longest_bytes: int
    ) -> Answer:
        """Raises NoAnswer; the connection is then closed, and the next request opens another."""
        started = time.monotonic()
        self._deadline = deadline
        try:
            if self.sock is None:
                self.connect()
            self.sock.deadline = deadline
            self.request("GET", path, headers=dict(headers))
            answer = self._read_answer(longest_bytes)
        except TimeoutError:
            self.close()
            raise NoAnswer(f"no answer within {time.monotonic() - started:.0f} s") from None
        except _NO_ANSWER as error:
            self.close()
            raise NoAnswer(_reason(error)) from error
        except BaseException:
            self.close()
            raise
        self.is_fresh = False
        return answer

    def _read_answer(self, longest_bytes: int) -> Answer:
        with contextlib.closing(self.getresponse()) as response:
            body = response.read(longest_bytes + 1)
            if len(body) > longest_bytes:
                raise TooLong(f"the answer is longer than {longest_bytes} bytes")
            # What has been announced and did not come; an answer in chunks tells by itself.
            if response.length:
                raise http.client.IncompleteRead(body, response.length)
            return Answer(response.status, body, response.headers)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _reason(error: Exception) -> str:
    if isinstance(error, http.client.IncompleteRead):
        return "the answer ends before its end"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    # Of an answer that is no HTTP, the message would be a line of it.
    return type(error).__name__
