"""The store of a machine on GCP: attributes of its metadata, and a secret of Secret Manager.

Metadata needs no credentials, and says when it changes. It is no place for secrets: whoever may
look at the machine may read it. Written out with nothing but the standard library.
"""

from __future__ import annotations

import base64
import http.client
import json
import select
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from .document import StoreUnavailable

_METADATA = "http://169.254.169.254"
_ENDPOINT = "https://secretmanager.googleapis.com"
_INSTANCE = "/computeMetadata/v1/instance/"
_PREFIX = "reverse-bastion-"
_FLAVOR = {"Metadata-Flavor": "Google"}
_TIMEOUT_SECONDS = 5
_LONGEST_ANSWER_BYTES = 1 << 20
# The metadata server gives out the next token five minutes before the present one ends.
_LEFT_SECONDS = 240
# What an answer may take beyond the time it was asked to wait.
_SLACK_SECONDS = 5


class _Token(NamedTuple):
    text: str
    ends_at: float


class MetadataStore:
    """Reads attributes and the secret. `machine` has `project` and `secret`; `endpoint` and
    `metadata` are URLs of services that are not at their usual places."""

    def __init__(self, machine: Mapping[str, str]) -> None:
        project, secret = quote(machine["project"]), quote(machine["secret"])
        self._secret = f"/v1/projects/{project}/secrets/{secret}"
        self._endpoint = machine.get("endpoint", _ENDPOINT)
        self._metadata = machine.get("metadata", _METADATA)
        self._token: _Token | None = None
        # Nothing has this one, so the first answer comes at once.
        self._etag = "NONE"

    def read(self, names: Sequence[str], decrypt: bool = False) -> dict[str, str]:
        texts = {name: self._read_secret() if decrypt else self._attribute(name) for name in names}
        return {name: text for name, text in texts.items() if text is not None}

    def wait_for_change(self, wake: int, seconds: float) -> None:
        """Returns once an attribute may have changed, `wake` can be read, or time is up."""
        ends_at = time.monotonic() + seconds
        if not self._has_changed(wake, seconds):
            select.select([wake], [], [], max(0.0, ends_at - time.monotonic()))

    def _has_changed(self, wake: int, seconds: float) -> bool:
        wanted = {
            "recursive": "true",
            "wait_for_change": "true",
            "last_etag": self._etag,
            "timeout_sec": str(max(1, int(seconds))),
        }
        path = f"{_INSTANCE}attributes/?{urlencode(wanted)}"
        connection = _connect(self._metadata)
        try:
            connection.request("GET", path, headers=_FLAVOR)
            readable, _, _ = select.select(
                [connection.sock, wake], [], [], seconds + _SLACK_SECONDS
            )
            if connection.sock not in readable:
                return False
            answer = connection.getresponse()
            former, self._etag = self._etag, answer.headers.get("ETag", self._etag)
            return answer.status == 200 and self._etag != former
        except (OSError, http.client.HTTPException):
            # Whoever reads next finds out why, and tells.
            return False
        finally:
            connection.close()

    def _attribute(self, name: str) -> str | None:
        key = _PREFIX + name.replace("/", "-")
        status, text = self._ask_metadata(f"attributes/{quote(key)}")
        if status == 404:
            return None
        if status != 200:
            raise StoreUnavailable(f"instance metadata: HTTP {status} for {key}")
        return text

    def _read_secret(self) -> str | None:
        for is_last in (False, True):
            headers = {"Authorization": f"Bearer {self._current_token()}"}
            path = f"{self._secret}/versions/latest:access"
            status, text, _ = _request("Secret Manager", self._endpoint, path, headers)
            if status == 404:
                return None
            # A token may have been ended early.
            if status == 401 and not is_last:
                self._token = None
                continue
            answer = _parse("Secret Manager", status, text)
            if status == 200:
                return _payload_of(answer)
            error = answer.get("error")
            said = error if isinstance(error, dict) else {}
            reason = f"{said.get('status', f'HTTP {status}')}: {said.get('message', 'no reason')}"
            raise StoreUnavailable(f"Secret Manager: {reason[:300]}")
        raise AssertionError("not reached")

    def _current_token(self) -> str:
        if self._token is None or time.monotonic() > self._token.ends_at - _LEFT_SECONDS:
            self._token = self._read_token()
        return self._token.text

    def _read_token(self) -> _Token:
        status, text = self._ask_metadata("service-accounts/default/token")
        if status == 404:
            raise StoreUnavailable("instance metadata: this instance has no service account")
        fields = _parse("instance metadata", status, text)
        try:
            return _Token(fields["access_token"], time.monotonic() + float(fields["expires_in"]))
        except (KeyError, TypeError, ValueError):
            raise StoreUnavailable(f"instance metadata: HTTP {status}, and no token") from None

    def _ask_metadata(self, path: str) -> tuple[int, str]:
        name = "instance metadata"
        status, text, headers = _request(name, self._metadata, _INSTANCE + path, _FLAVOR)
        # On another network, somebody else could answer at that address.
        if headers.get("Metadata-Flavor") != "Google":
            raise StoreUnavailable(f"{name}: the answer is not that of Google's metadata server")
        return status, text


def _request(
    name: str, endpoint: str, path: str, headers: Mapping[str, str]
) -> tuple[int, str, http.client.HTTPMessage]:
    """Status, text and headers of an answer. Never through a proxy, never redirected."""
    connection = _connect(endpoint)
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(_LONGEST_ANSWER_BYTES).decode(), answer.headers
    except (OSError, http.client.HTTPException, UnicodeDecodeError) as error:
        problem = str(error) or type(error).__name__
        raise StoreUnavailable(f"{name} at {urlsplit(endpoint).netloc}: {problem}") from None
    finally:
        connection.close()


def _connect(endpoint: str) -> http.client.HTTPConnection:
    url = urlsplit(endpoint)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    return kind(url.netloc, timeout=_TIMEOUT_SECONDS)


def _payload_of(answer: Mapping[str, Any]) -> str:
    try:
        return base64.b64decode(answer["payload"]["data"], validate=True).decode()
    except (KeyError, TypeError, ValueError):
        raise StoreUnavailable("Secret Manager: the answer has no payload") from None


def _parse(name: str, status: int, text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise StoreUnavailable(f"{name}: HTTP {status}, and nothing that can be read")
    return fields
