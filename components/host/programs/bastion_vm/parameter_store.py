"""The store of a machine on AWS: SSM parameters below a prefix, read as the instance's role.

Times are those of the services, taken from the `Date` of their answers, so that a machine whose
clock is wrong by hours can still sign.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import quote

from .http_service import Answer, HttpService, instance_metadata

_ROLE = "/latest/meta-data/iam/security-credentials/"
_TOKEN_SECONDS = 60
_MOST_NAMES = 10
# AWS gives out the next credentials five minutes before the present ones end.
_LEFT_SECONDS = 300
# Refusals that the next attempt may not meet: a role's rights were given late, its credentials
# were ended early, or the clock was wrong, by what is known now.
_WORTH_ANOTHER_TRY = (
    "AccessDeniedException",
    "ExpiredTokenException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
)


class _Credentials(NamedTuple):
    key_id: str
    secret: str
    token: str
    expires_at: float


class ParameterStore:
    """Reads parameters. `machine` has `region` and `prefix`; `endpoint` and `metadata` are URLs
    of services that are not at their usual places."""

    def __init__(self, machine: Mapping[str, str]) -> None:
        self._region = machine["region"]
        self._prefix = machine["prefix"]
        suffix = ".cn" if self._region.startswith("cn-") else ""
        usual = f"https://ssm.{self._region}.amazonaws.com{suffix}"
        self._ssm = HttpService("SSM", machine.get("endpoint", usual))
        self._metadata = instance_metadata(machine)
        self._credentials: _Credentials | None = None
        self._clock_offset_seconds = 0.0

    def read(self, names: Sequence[str], decrypt: bool = False) -> dict[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(names), _MOST_NAMES):
            paths = [f"{self._prefix}/{name}" for name in names[start : start + _MOST_NAMES]]
            # Names that do not exist are in the answer's InvalidParameters.
            for parameter in self._get_parameters(paths, decrypt):
                found[parameter["Name"][len(self._prefix) + 1 :]] = parameter["Value"]
        return found

    def _get_parameters(self, paths: Sequence[str], decrypt: bool) -> list[dict[str, str]]:
        body = json.dumps({"Names": paths, "WithDecryption": decrypt}).encode()
        for is_last in (False, True):
            headers = self._signed(body)
            answer = self._request(self._ssm, "POST", "/", headers, body)
            fields = self._ssm.parse(answer)
            if answer.status == 200:
                return list(fields.get("Parameters", ()))
            code = str(fields.get("__type", f"HTTP {answer.status}")).rpartition("#")[2]
            if is_last or code not in _WORTH_ANOTHER_TRY:
                said = fields.get("message") or fields.get("Message") or "no reason given"
                raise self._ssm.unavailable(f"{code}: {said}")
            self._credentials = None
        raise AssertionError("not reached")

    def _signed(self, body: bytes) -> dict[str, str]:
        """Headers with a signature of version 4."""
        credentials = self._current_credentials()
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._now()))
        scope = f"{stamp[:8]}/{self._region}/ssm/aws4_request"
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "host": self._ssm.host,
            "x-amz-date": stamp,
            "x-amz-security-token": credentials.token,
            "x-amz-target": "AmazonSSM.GetParameters",
        }
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        digest = hashlib.sha256(request.encode()).hexdigest()
        key = f"AWS4{credentials.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.key_id}/{scope}, "
            f"SignedHeaders={names}, Signature={hmac.digest(key, text.encode(), 'sha256').hex()}"
        )
        return headers

    def _current_credentials(self) -> _Credentials:
        known = self._credentials
        if known is None or self._now() > known.expires_at - _LEFT_SECONDS:
            known = self._credentials = self._read_credentials()
        return known

    def _read_credentials(self) -> _Credentials:
        lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": str(_TOKEN_SECONDS)}
        token = self._ask_metadata("PUT", "/latest/api/token", lifetime).text
        proof = {"X-aws-ec2-metadata-token": token}
        role = self._ask_metadata("GET", _ROLE, proof).text.strip()
        fields = self._metadata.parse(self._ask_metadata("GET", _ROLE + quote(role), proof))
        try:
            key = fields["AccessKeyId"], fields["SecretAccessKey"], fields["Token"]
            expiry = datetime.fromisoformat(fields["Expiration"].replace("Z", "+00:00"))
            return _Credentials(*key, expires_at=expiry.timestamp())
        except (KeyError, ValueError, AttributeError):
            problem = f"{role} has no credentials: {str(fields.get('Code'))[:100]}"
            raise self._metadata.unavailable(problem) from None

    def _ask_metadata(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        answer = self._request(self._metadata, method, path, headers)
        if answer.status == 404 and path == _ROLE:
            raise self._metadata.unavailable("this instance has no role")
        if answer.status != 200:
            raise self._metadata.unavailable(f"HTTP {answer.status} for {path}")
        return answer

    def _request(
        self,
        service: HttpService,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> Answer:
        answer = service.request(path, headers, method, body)
        self._learn_time(answer.headers.get("Date"))
        return answer

    def _now(self) -> float:
        return time.time() + self._clock_offset_seconds

    def _learn_time(self, date: str | None) -> None:
        with contextlib.suppress(TypeError, ValueError):
            self._clock_offset_seconds = parsedate_to_datetime(date or "").timestamp() - time.time()
