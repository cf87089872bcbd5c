"""The store of a machine on GCP: attributes of its metadata, and a secret of Secret Manager.

Metadata needs no credentials, and says when it changes. It is no place for secrets: whoever may
look at the machine may read it.
"""

from __future__ import annotations

import base64
import select
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from .http_service import Answer, HttpService, instance_metadata

_ENDPOINT = "https://secretmanager.googleapis.com"
_INSTANCE = "/computeMetadata/v1/instance/"
_PREFIX = "reverse-bastion-"
_FLAVOR = {"Metadata-Flavor": "Google"}
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
        self._manager = HttpService("Secret Manager", machine.get("endpoint", _ENDPOINT))
        self._metadata = instance_metadata(machine)
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
        answer = self._metadata.request_unless(wake, path, _FLAVOR, seconds + _SLACK_SECONDS)
        if answer is None:
            return False
        former, self._etag = self._etag, answer.headers.get("ETag", self._etag)
        return answer.status == 200 and self._etag != former

    def _attribute(self, name: str) -> str | None:
        key = _PREFIX + name.replace("/", "-")
        answer = self._ask_metadata(f"attributes/{quote(key)}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise self._metadata.unavailable(f"HTTP {answer.status} for {key}")
        return answer.text

    def _read_secret(self) -> str | None:
        for is_last in (False, True):
            headers = {"Authorization": f"Bearer {self._current_token()}"}
            answer = self._manager.request(f"{self._secret}/versions/latest:access", headers)
            if answer.status == 404:
                return None
            # A token may have been ended early.
            if answer.status == 401 and not is_last:
                self._token = None
                continue
            fields = self._manager.parse(answer)
            if answer.status == 200:
                return self._payload_of(fields)
            error = fields.get("error")
            said = error if isinstance(error, dict) else {}
            code, reason = said.get("status", f"HTTP {answer.status}"), said.get("message")
            raise self._manager.unavailable(f"{code}: {reason or 'no reason'}")
        raise AssertionError("not reached")

    def _payload_of(self, fields: Mapping[str, Any]) -> str:
        try:
            return base64.b64decode(fields["payload"]["data"], validate=True).decode()
        except (KeyError, TypeError, ValueError):
            raise self._manager.unavailable("the answer has no payload") from None

    def _current_token(self) -> str:
        if self._token is None or time.monotonic() > self._token.ends_at - _LEFT_SECONDS:
            self._token = self._read_token()
        return self._token.text

    def _read_token(self) -> _Token:
        answer = self._ask_metadata("service-accounts/default/token")
        if answer.status == 404:
            raise self._metadata.unavailable("this instance has no service account")
        fields = self._metadata.parse(answer)
        try:
            return _Token(fields["access_token"], time.monotonic() + float(fields["expires_in"]))
        except (KeyError, TypeError, ValueError):
            raise self._metadata.unavailable(f"HTTP {answer.status}, and no token") from None

    def _ask_metadata(self, path: str) -> Answer:
        answer = self._metadata.request(_INSTANCE + path, _FLAVOR)
        # On another network, somebody else could answer at that address.
        if answer.headers.get("Metadata-Flavor") != "Google":
            raise self._metadata.unavailable("the answer is not that of Google's metadata server")
        return answer
