"""Metadata and Secret Manager of GCP, as far as a bastion asks them, on one port of loopback."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PROJECT = "acme-data-prod"
SECRET = "reverse-bastion-acme-1a2b3c4d"
_INSTANCE = "/computeMetadata/v1/instance/"


class GcpServices:
    """The world as the services see it; tests change it while they run."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.has_account = True
        self.token_seconds = 3600
        self.refuse: list[tuple[int, bytes]] = []
        """Answers that Secret Manager gives to the next requests, whatever they ask."""
        self.refuse_metadata: list[tuple[int, bytes]] = []
        self.flavor = "Google"
        self.ended: set[str] = set()
        self.tokens: list[str] = []
        self.paths: list[str] = []
        """What was asked of the metadata service."""
        self.waiting = threading.Semaphore(0)
        """One for each request that has begun to wait for a change."""
        self._attributes: dict[str, str] = {}
        self._version = 0
        self._changed = threading.Condition()
        handler = type("Handler", (_Handler,), {"world": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def etag(self) -> str:
        return f"{self._version:016x}"

    def attribute(self, key: str) -> str | None:
        return self._attributes.get(key)

    def attributes(self) -> bytes:
        return json.dumps(self._attributes).encode()

    def set_attributes(self, attributes: dict[str, str]) -> None:
        with self._changed:
            self._attributes = dict(attributes)
            self._version += 1
            self._changed.notify_all()

    def await_change(self, etag: str, seconds: float) -> None:
        with self._changed:
            if self.etag == etag:
                self.waiting.release()
            self._changed.wait_for(lambda: self.etag != etag, seconds)

    def serve_in_background(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        with self._changed:
            self._version += 1
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Who waits may go away without the answer."""


class _Handler(BaseHTTPRequestHandler):
    world: GcpServices

    def do_GET(self) -> None:
        if self.path.startswith("/computeMetadata/"):
            self._metadata()
        else:
            self._secret_manager()

    def _metadata(self) -> None:
        self.world.paths.append(self.path)
        if self.headers.get("Metadata-Flavor") != "Google":
            return self._answer(403, b"Missing required header")
        if self.world.refuse_metadata:
            return self._answer(*self.world.refuse_metadata.pop(0))
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        path = url.path.removeprefix(_INSTANCE)
        if path == "attributes/" and asked.get("recursive") == "true":
            if asked.get("wait_for_change") == "true":
                self.world.await_change(asked["last_etag"], float(asked["timeout_sec"]))
            return self._answer(200, self.world.attributes())
        if path == "service-accounts/default/token" and self.world.has_account:
            token = f"ya29.token-{len(self.world.tokens)}"
            self.world.tokens.append(token)
            lasting = {"access_token": token, "expires_in": self.world.token_seconds}
            return self._answer(200, json.dumps({**lasting, "token_type": "Bearer"}).encode())
        text = self.world.attribute(path.removeprefix("attributes/"))
        if text is None:
            return self._answer(404, b"<!DOCTYPE html>")
        return self._answer(200, text.encode())

    def _secret_manager(self) -> None:
        if self.world.refuse:
            return self._answer(*self.world.refuse.pop(0))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.world.tokens or token in self.world.ended:
            return self._answer(401, error("UNAUTHENTICATED", "Request had invalid credentials."))
        path, _, verb = self.path.rpartition(":")
        secret = self.world.secrets.get(path.removesuffix("/versions/latest"))
        if verb != "access" or secret is None:
            return self._answer(404, error("NOT_FOUND", f"Secret [{path}] not found."))
        data = base64.b64encode(secret.encode()).decode()
        return self._answer(200, json.dumps({"name": path, "payload": {"data": data}}).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        if self.path.startswith("/computeMetadata/"):
            self.send_header("Metadata-Flavor", self.world.flavor)
            self.send_header("ETag", self.world.etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def error(status: str, message: str) -> bytes:
    """An error as Google's APIs word it."""
    return json.dumps({"error": {"code": 0, "message": message, "status": status}}).encode()
