"""The store of a machine on Azure: its user data, and the secrets of a key vault.

The user data says what is current: it changes in place and costs nothing to ask for, but every
process of the machine may read it. What it speaks of is in the vault, read as the machine's
identity.
"""

from __future__ import annotations

import base64
import json
import select
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from .document import StoreUnavailable
from .http_service import Answer, HttpService, instance_metadata

_PROOF = {"Metadata": "true"}
_USER_DATA = "/metadata/instance/compute/userData?api-version=2021-01-01&format=text"
_TOKEN = "/metadata/identity/oauth2/token?"
_TOKEN_VERSION = "2018-02-01"
_VAULT_VERSION = "7.4"
_MANIFEST = "/manifest"
_LOOK_SECONDS = 2.0
_ANSWER_SECONDS = 5.0
# A token is not used to its very end: clocks differ, and a request takes its time.
_LEFT_SECONDS = 300


class _Token(NamedTuple):
    text: str
    ends_at: float


class VaultStore:
    """Reads manifests and secrets. `machine` has the URL of the `vault` and the `clientId` of the
    identity; `endpoint` and `metadata` are URLs of services that are not at their usual places."""

    def __init__(self, machine: Mapping[str, str]) -> None:
        self._vault = HttpService("Key Vault", machine.get("endpoint", machine["vault"]))
        self._metadata = instance_metadata(machine)
        # Each of Azure's clouds has its own domain, which is what a token is good for.
        domain = urlsplit(machine["vault"]).netloc.partition(".")[2]
        wanted = {
            "api-version": _TOKEN_VERSION,
            "resource": f"https://{domain}",
            "client_id": machine["clientId"],
        }
        self._token_path = _TOKEN + urlencode(wanted)
        self._token: _Token | None = None
        self._user_data: str | None = None

    def read(self, names: Sequence[str], decrypt: bool = False) -> dict[str, str]:
        """Everything in a vault is a secret: `decrypt` makes no difference."""
        manifests = [name for name in names if name.endswith(_MANIFEST)]
        known = self._read_manifests() if manifests else {}
        texts = {
            name: known.get(name) if name in manifests else self._read_secret(name)
            for name in names
        }
        return {name: text for name, text in texts.items() if text is not None}

    def wait_for_change(self, wake: int, seconds: float) -> None:
        """Returns once the user data is another, `wake` can be read, or time is up."""
        ends_at = time.monotonic() + seconds
        while True:
            left = max(0.0, ends_at - time.monotonic())
            readable, _, _ = select.select([wake], [], [], min(left, _LOOK_SECONDS))
            if readable or left <= _LOOK_SECONDS or self._has_changed(wake):
                return

    def _has_changed(self, wake: int) -> bool:
        answer = self._metadata.request_unless(wake, _USER_DATA, _PROOF, _ANSWER_SECONDS)
        user_data = None if answer is None else _user_data_in(answer)
        return user_data is not None and user_data != self._user_data

    def _read_manifests(self) -> dict[str, str]:
        answer = self._metadata.request(_USER_DATA, _PROOF)
        user_data = _user_data_in(answer)
        if user_data is None:
            raise self._refused("the user data", answer)
        # Before it is looked at: what makes no sense is no news a second time.
        self._user_data = user_data
        try:
            manifests = json.loads(base64.b64decode(user_data, validate=True) or b"{}")
            if all(isinstance(text, str) for text in manifests.values()):
                return dict(manifests)
        except (ValueError, AttributeError):
            pass
        raise self._metadata.unavailable("the user data is not what a bastion is given")

    def _read_secret(self, name: str) -> str | None:
        path = f"/secrets/{quote(name.replace('/', '-'))}?api-version={_VAULT_VERSION}"
        for is_last in (False, True):
            answer = self._vault.request(path, {"Authorization": f"Bearer {self._current_token()}"})
            # A token may have been ended early.
            if answer.status == 401 and not is_last:
                self._token = None
                continue
            fields = self._vault.parse(answer)
            if answer.status == 200 and isinstance(fields.get("value"), str):
                return str(fields["value"])
            error = fields.get("error")
            said = error if isinstance(error, dict) else {}
            code, reason = said.get("code", f"HTTP {answer.status}"), said.get("message")
            if answer.status == 404 and code == "SecretNotFound":
                return None
            raise self._vault.unavailable(f"{code}: {reason or 'no reason'}")
        raise AssertionError("not reached")

    def _current_token(self) -> str:
        if self._token is None or time.monotonic() > self._token.ends_at - _LEFT_SECONDS:
            self._token = self._read_token()
        return self._token.text

    def _read_token(self) -> _Token:
        answer = self._metadata.request(self._token_path, _PROOF)
        if answer.status != 200:
            raise self._refused("a token", answer)
        fields = self._metadata.parse(answer)
        try:
            return _Token(fields["access_token"], time.monotonic() + float(fields["expires_in"]))
        except (KeyError, TypeError, ValueError):
            raise self._metadata.unavailable("HTTP 200, and no token") from None

    def _refused(self, wanted: str, answer: Answer) -> StoreUnavailable:
        said = self._metadata.parse(answer)
        reason = said.get("error_description") or said.get("error") or "no reason"
        return self._metadata.unavailable(f"HTTP {answer.status} for {wanted}: {reason}")


def _user_data_in(answer: Answer) -> str | None:
    """Empty where there is none; None when the answer does not say."""
    return {200: "".join(answer.text.split()), 404: ""}.get(answer.status)
