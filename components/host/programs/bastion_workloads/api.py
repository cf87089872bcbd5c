"""The API server, as far as a bastion may ask it."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote as quote_url
from urllib.parse import urlencode

from .problems import quote
from .timed_http import Answer, NoAnswer, TimedConnection, TooLong, tls_context

REQUEST_SECONDS = 5.0
_LONGEST_ANSWER_BYTES = 16 << 20
# The others are for pods with long descriptions: of about 1.5 MiB, which can be more as JSON.
_PAGE_SIZES = (250, 10, 1)
_TOKEN = re.compile(rb"[!-~]+")
_SAYS_WAIT = (429, 503)
_LONGEST_MESSAGE = 400


class ApiError(Exception):
    """What was asked and why there is no answer. Never contains the token."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """Of HTTP; None where there was no answer."""

    @property
    def is_definite(self) -> bool:
        """There is no such thing: to ask again would not help."""
        return self.status == 404

    @property
    def is_expired(self) -> bool:
        return self.status == 410


class ApiUnreachable(ApiError):
    """The API server does not answer, whatever it is asked."""


class AnswerTooLong(ApiError):
    """Less has to be asked for at a time."""


class Api:
    """Asks the API server at `address`, `host:port`, until `deadline`. For several threads."""

    def __init__(
        self, address: str, authorities_file: str, token_file: str, deadline: float
    ) -> None:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise ApiError(f"the address of the API server is {quote(address)!r}, not host:port")
        self._host, self._port = host.strip("[]"), int(port)
        self._token_file = token_file
        self._deadline = deadline
        self._of_thread = threading.local()
        self._connections: list[TimedConnection] = []
        try:
            self._tls = tls_context(authorities_file)
        except OSError as error:
            raise ApiError(f"{authorities_file}: {error.strerror}") from None

    def get(self, path: str, query: dict[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at the path; raises ApiError."""
        target = f"{path}?{urlencode(query)}" if query else path
        answer = self._ask(path, target)
        patience = _patience_wanted(answer)
        if patience is not None and time.monotonic() + patience < self._deadline:
            time.sleep(patience)
            answer = self._ask(path, target)
        document = _parse(answer)
        if answer.status != 200:
            message = (document or {}).get("message")
            said = f": {quote(message, _LONGEST_MESSAGE)}" if isinstance(message, str) else ""
            raise ApiError(f"GET {path}: HTTP {answer.status}{said}", answer.status)
        if document is None:
            raise ApiError(f"GET {path}: the answer is not a JSON object")
        return document

    def close(self) -> None:
        """Once no thread asks any more."""
        for connection in self._connections:
            connection.close()

    def _ask(self, path: str, target: str) -> Answer:
        connection = self._connection()
        was_fresh = connection.is_fresh
        try:
            return self._ask_by(connection, target)
        except TooLong as error:
            raise AnswerTooLong(f"GET {path}: {error}") from None
        except NoAnswer as error:
            # The server may close a connection that it has kept open, at any moment.
            if was_fresh or not isinstance(error.__cause__, ConnectionError):
                raise self._unreachable(path, error) from None
        try:
            return self._ask_by(connection, target)
        except NoAnswer as error:
            raise self._unreachable(path, error) from None

    def _unreachable(self, path: str, error: NoAnswer) -> ApiUnreachable:
        return ApiUnreachable(f"GET https://{self._host}:{self._port}{path}: {error}")

    def _ask_by(self, connection: TimedConnection, target: str) -> Answer:
        headers = {
            "Authorization": f"Bearer {self._token()}",
            "Accept": "application/json",
            "User-Agent": "reverse-bastion",
        }
        deadline = min(self._deadline, time.monotonic() + REQUEST_SECONDS)
        return connection.get(target, headers, deadline, _LONGEST_ANSWER_BYTES)

    def _connection(self) -> TimedConnection:
        """Each thread has its own."""
        found: TimedConnection | None = getattr(self._of_thread, "connection", None)
        if found is None:
            found = self._of_thread.connection = TimedConnection(self._host, self._port, self._tls)
            self._connections.append(found)
        return found

    def _token(self) -> str:
        """As it is now: it is exchanged every hour."""
        try:
            with open(self._token_file, "rb") as file:
                token = file.read().strip()
        except OSError as error:
            raise ApiError(f"{self._token_file}: {error.strerror}") from None
        if _TOKEN.fullmatch(token) is None:
            raise ApiError(f"{self._token_file}: holds no token")
        return token.decode("ascii")


def pods_path(namespace: str) -> str:
    return f"/api/v1/namespaces/{quote_url(namespace, safe='')}/pods"


def object_path(namespace: str, kind: str, name: str) -> str:
    """Of a Secret (`secrets`) or a ConfigMap (`configmaps`)."""
    return f"/api/v1/namespaces/{quote_url(namespace, safe='')}/{kind}/{quote_url(name, safe='')}"


def each_pod(api: Api, namespace: str, label_selector: str) -> Iterator[Any]:
    """The pods of a namespace, page by page. Raises an ApiError that `is_expired` where the next
    page belongs to a listing of too long ago."""
    path, next_page = pods_path(namespace), ""
    sizes = list(_PAGE_SIZES)
    while True:
        query = {"labelSelector": label_selector, "limit": str(sizes[0])}
        try:
            page = api.get(path, {**query, "continue": next_page} if next_page else query)
        except AnswerTooLong:
            if len(sizes) == 1:
                raise
            del sizes[0]
            continue
        items, metadata = page.get("items"), page.get("metadata")
        if not isinstance(items, list) or not isinstance(metadata, dict):
            raise ApiError(f"GET {path}: the answer is not a list of pods")
        yield from items
        next_page = metadata.get("continue") or ""
        if not isinstance(next_page, str) or not next_page:
            return


def _patience_wanted(answer: Answer) -> float | None:
    """For how long the server wants to be left alone before it is asked again."""
    said = answer.headers.get("Retry-After", "")
    is_wanted = answer.status in _SAYS_WAIT and said.isascii() and said.isdecimal()
    return float(said) if is_wanted else None


def _parse(answer: Answer) -> dict[str, Any] | None:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
