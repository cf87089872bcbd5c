"""Metadata and Key Vault of Azure, as far as a bastion asks them, on one port of loopback."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

VAULT = "rb-0123456789abcdef0123"
CLIENT_ID = "5f2b7a8e-0c1d-4e3f-9a6b-7c8d9e0f1a2b"
RESOURCE = "https://vault.azure.net"
_USER_DATA = "/metadata/instance/compute/userData"
_TOKEN = "/metadata/identity/oauth2/token"
_NO_PROOF = b'{"error":"Bad request. Required metadata header not specified"}'


class AzureServices:
    """The world as the services see it; tests change it while they run."""

    def __init__(self) -> None:
        self.user_data: str | None = None
        """As the metadata service has it."""
        self.secrets: dict[str, str] = {}
        self.identities = {CLIENT_ID}
        self.token_seconds = "86399"
        self.ended: set[str] = set()
        self.tokens: list[str] = []
        self.resources: list[str] = []
        """What the tokens were asked for."""
        self.refuse: list[tuple[int, bytes]] = []
        """Answers that the vault gives to the next requests, whatever they ask."""
        self.refuse_metadata: list[tuple[int, bytes]] = []
        self.asked: list[str] = []
        """What was asked of either, by its path."""
        self.looks = threading.Semaphore(0)
        """One for each time that the user data was asked for."""
        self.hold: threading.Event | None = None
        """The metadata service answers only once this is set."""
        handler = type("Handler", (_Handler,), {"world": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def set_manifests(self, manifests: object) -> None:
        self.user_data = base64.b64encode(json.dumps(manifests).encode()).decode()

    def deploy(self, texts: dict[str, str]) -> None:
        """What a machine's store is to hold, in the order of a deployment."""
        parts = {name for name in texts if not name.endswith("/manifest")}
        self.secrets = {name.replace("/", "-"): texts[name] for name in parts}
        self.set_manifests({name: texts[name] for name in texts if name not in parts})

    def serve_in_background(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Who waits may go away without the answer."""


class _Handler(BaseHTTPRequestHandler):
    world: AzureServices

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        wanted = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.world.asked.append(url.path)
        if url.path.startswith("/metadata/"):
            self._answer(*self._metadata(url.path, wanted))
        else:
            self._answer(*self._vault(url.path, wanted))

    def _metadata(self, path: str, wanted: dict[str, str]) -> tuple[int, bytes]:
        if path == _USER_DATA:
            self.world.looks.release()
        if self.world.hold is not None:
            self.world.hold.wait()
        if self.headers.get("Metadata") != "true" or self.headers.get("X-Forwarded-For"):
            return 400, _NO_PROOF
        if self.world.refuse_metadata:
            return self.world.refuse_metadata.pop(0)
        if path == _USER_DATA and wanted == {"api-version": "2021-01-01", "format": "text"}:
            return 200, (self.world.user_data or "").encode()
        if path == _TOKEN and wanted.get("api-version") == "2018-02-01":
            return self._new_token(wanted)
        return 404, b'{"error":"Not found"}'

    def _new_token(self, wanted: dict[str, str]) -> tuple[int, bytes]:
        if wanted["client_id"] not in self.world.identities:
            said = {"error": "invalid_request", "error_description": "Identity not found"}
            return 400, json.dumps(said).encode()
        token = f"eyJ0.token-{len(self.world.tokens)}"
        self.world.tokens.append(token)
        self.world.resources.append(wanted["resource"])
        lasting = {"access_token": token, "expires_in": self.world.token_seconds}
        return 200, json.dumps({**lasting, "token_type": "Bearer"}).encode()

    def _vault(self, path: str, wanted: dict[str, str]) -> tuple[int, bytes]:
        if self.world.refuse:
            return self.world.refuse.pop(0)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.world.tokens or token in self.world.ended:
            return 401, error("Unauthorized", "[TokenExpired] Error validating token: IDX10223")
        if wanted != {"api-version": "7.4"}:
            return 400, error("BadParameter", "The specified version is not recognized.")
        name = path.removeprefix("/secrets/")
        if name not in self.world.secrets:
            return 404, error("SecretNotFound", f"A secret with (name/id) {name} was not found")
        secret = {"value": self.world.secrets[name], "id": f"https://{VAULT}{path}/0"}
        return 200, json.dumps({**secret, "attributes": {"enabled": True}}).encode()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def error(code: str, message: str) -> bytes:
    """An error as Key Vault words it."""
    return json.dumps({"error": {"code": code, "message": message}}).encode()
