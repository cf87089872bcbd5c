"""Instance metadata and SSM of AWS, as far as a bastion asks them, on one port of loopback.

Checks signatures by itself, from what arrives: headers are taken as the request names them.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
import json
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ROLE = "acme-bastion"
SKEW_SECONDS = 300


class AwsServices:
    """The world as the services see it; tests change it while they run."""

    def __init__(self, port: int = 0) -> None:
        self.parameters: dict[str, str] = {}
        self.secrets: set[str] = set()
        self.clock_offset_seconds = 0.0
        self.has_role = True
        self.key_lifetime_seconds = 3600.0
        self.refuse: list[tuple[int, bytes]] = []
        """Answers that SSM gives to the next requests, whatever they ask."""
        self.keys: dict[str, tuple[str, str]] = {}
        self.revoked: set[str] = set()
        self.calls: list[list[str]] = []
        self.tokens: set[str] = set()
        self.handed_out = 0
        handler = type("Handler", (_Handler,), {"world": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def now(self) -> float:
        return time.time() + self.clock_offset_seconds

    def new_credentials(self) -> dict[str, str]:
        self.handed_out += 1
        key = f"ASIA{self.handed_out:016d}"
        self.keys[key] = (f"secret/{self.handed_out}+", f"session/{self.handed_out}==")
        expiry = time.gmtime(self.now() + self.key_lifetime_seconds)
        return {
            "Code": "Success",
            "Type": "AWS-HMAC",
            "AccessKeyId": key,
            "SecretAccessKey": self.keys[key][0],
            "Token": self.keys[key][1],
            "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", expiry),
        }

    def serve_in_background(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def serve(self) -> None:
        self._server.serve_forever()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Refusal(Exception):
    pass


class _Handler(BaseHTTPRequestHandler):
    world: AwsServices

    def do_PUT(self) -> None:
        if self.path != "/latest/api/token":
            return self._answer(404, b"")
        if not 1 <= int(self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "0")) <= 21600:
            return self._answer(400, b"")
        token = f"token-{len(self.world.tokens)}"
        self.world.tokens.add(token)
        return self._answer(200, token.encode())

    def do_GET(self) -> None:
        if self.headers.get("X-aws-ec2-metadata-token") not in self.world.tokens:
            return self._answer(401, b"")
        folder = "/latest/meta-data/iam/security-credentials/"
        if not self.world.has_role or self.path not in (folder, folder + ROLE):
            return self._answer(404, b"")
        if self.path == folder:
            return self._answer(200, ROLE.encode())
        return self._answer(200, json.dumps(self.world.new_credentials()).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.world.refuse:
            return self._answer(*self.world.refuse.pop(0))
        try:
            self._check_signature(body)
        except _Refusal as refusal:
            kind, message = refusal.args
            return self._answer(400, error(kind, message))
        return self._answer(200, json.dumps(self._get_parameters(json.loads(body))).encode())

    def _get_parameters(self, request: dict[str, Any]) -> dict[str, Any]:
        names = request["Names"]
        assert len(names) <= 10
        self.world.calls.append(names)
        found = [name for name in names if name in self.world.parameters]
        return {
            "Parameters": [{"Name": n, "Value": self._value(n, request)} for n in found],
            "InvalidParameters": [name for name in names if name not in found],
        }

    def _value(self, name: str, request: dict[str, Any]) -> str:
        if name in self.world.secrets and not request["WithDecryption"]:
            return "AQICAHg-not-decrypted"
        return self.world.parameters[name]

    def _check_signature(self, body: bytes) -> None:
        algorithm, *fields = self.headers["Authorization"].replace(",", " ").split()
        given = dict(field.split("=", 1) for field in fields)
        key_id, *scope = given["Credential"].split("/")
        secret, token = self.world.keys.get(key_id, ("", ""))
        stamp = self.headers["X-Amz-Date"]
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self.world.now()))
        if key_id in self.world.revoked:
            raise _Refusal("ExpiredTokenException", "The security token is expired")
        if not secret or self.headers["X-Amz-Security-Token"] != token:
            raise _Refusal("UnrecognizedClientException", "The security token is invalid.")
        skew = _epoch(stamp) - self.world.now()
        if skew < -SKEW_SECONDS:
            said = f"Signature expired: {stamp} is now earlier than {now} (- 5 min.)"
            raise _Refusal("InvalidSignatureException", said)
        if skew > SKEW_SECONDS:
            said = f"Signature not yet current: {stamp} is still later than {now} (+ 5 min.)"
            raise _Refusal("InvalidSignatureException", said)
        signed = given["SignedHeaders"].split(";")
        assert signed == sorted(signed) and {"host", "x-amz-date"} <= set(signed)
        canonical = [self.command, self.path, ""]
        canonical += [f"{name}:{' '.join(self.headers[name].split())}" for name in signed]
        canonical += ["", given["SignedHeaders"], hashlib.sha256(body).hexdigest()]
        hashed = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        text = "\n".join([algorithm, stamp, "/".join(scope), hashed]).encode()
        key = b"AWS4" + secret.encode()
        for part in (stamp[:8], *scope[1:3], "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        if hmac.new(key, text, hashlib.sha256).hexdigest() != given["Signature"]:
            raise _Refusal("InvalidSignatureException", "The request signature does not match.")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Date", formatdate(self.world.now(), usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def error(kind: str, message: str = "") -> bytes:
    """An error as SSM words it."""
    return json.dumps({"__type": kind, "message": message}).encode()


def _epoch(stamp: str) -> float:
    return calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
