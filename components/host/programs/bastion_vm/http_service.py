"""Services of a cloud that answer over HTTP, and what is said when they do not.

Written out with nothing but the standard library: the stock images have no SDK of their cloud.
Never through a proxy, and never redirected: what is asked carries credentials.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import select
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .document import StoreUnavailable

# Every cloud has it there, for its own machines only.
_METADATA = "http://169.254.169.254"
_TIMEOUT_SECONDS = 5
_LONGEST_ANSWER_BYTES = 1 << 20
_LONGEST_REASON = 400
_NO_ANSWER = (OSError, http.client.HTTPException, UnicodeDecodeError)


class Answer(NamedTuple):
    status: int
    text: str
    headers: http.client.HTTPMessage


class HttpService:
    """One of them: the name that messages have for it, and its URL."""

    def __init__(self, name: str, endpoint: str) -> None:
        self._name = name
        url = urlsplit(endpoint)
        self._is_encrypted = url.scheme == "https"
        self.host = url.netloc

    def request(
        self,
        path: str,
        headers: Mapping[str, str],
        method: str = "GET",
        body: bytes | None = None,
    ) -> Answer:
        try:
            with contextlib.closing(self._connect()) as connection:
                connection.request(method, path, body, dict(headers))
                return _read_answer(connection)
        except _NO_ANSWER as error:
            problem = str(error) or type(error).__name__
            raise StoreUnavailable(f"{self._name} at {self.host}: {problem}") from None

    def request_unless(
        self, wake: int, path: str, headers: Mapping[str, str], seconds: float
    ) -> Answer | None:
        """The answer, if there is one before time is up or `wake` can be read."""
        try:
            with contextlib.closing(self._connect()) as connection:
                connection.request("GET", path, headers=dict(headers))
                readable, _, _ = select.select([connection.sock, wake], [], [], seconds)
                return _read_answer(connection) if connection.sock in readable else None
        except _NO_ANSWER:
            # Whoever reads next finds out why, and tells.
            return None

    def parse(self, answer: Answer) -> dict[str, Any]:
        """The JSON object that an answer is, be it good news or bad."""
        try:
            fields = json.loads(answer.text)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise self.unavailable(f"HTTP {answer.status}, and nothing that can be read")
        return fields

    def unavailable(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(f"{self._name}: {reason[:_LONGEST_REASON]}")

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._is_encrypted else http.client.HTTPConnection
        return kind(self.host, timeout=_TIMEOUT_SECONDS)


def instance_metadata(machine: Mapping[str, str]) -> HttpService:
    return HttpService("instance metadata", machine.get("metadata", _METADATA))


def _read_answer(connection: http.client.HTTPConnection) -> Answer:
    answer = connection.getresponse()
    return Answer(answer.status, answer.read(_LONGEST_ANSWER_BYTES).decode(), answer.headers)
