"""Status and metrics over HTTP/1.1, on loopback: `/status.json` and `/metrics`, and nothing else.

Whoever reads them from outside has logged in to sshd with an operator's key, which leads here and
nowhere else. So there is no authentication of its own, and nothing that can be changed by it.
"""

from __future__ import annotations

import json
import socketserver
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

from .log import say
from .metrics import CONTENT_TYPE, render_metrics
from .observation import Observer
from .status import render_status

ADDRESS = "127.0.0.1"
# An idle reader is dropped, and one that does not take its answer.
_PATIENCE_SECONDS = 60
_STOP_SECONDS = 0.2
# Each has a thread, of a process that has tunnels to look after.
_MOST_READERS = 32


class StatusPortTaken(Exception):
    """The port cannot be had now."""


class StatusServer:
    """`check` is called regularly: it takes the port as soon as it can be had."""

    def __init__(self, observer: Observer, port: int) -> None:
        self._observer = observer
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def check(self) -> None:
        """Raises StatusPortTaken while another program has the port. Tunnels do without."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._observer.is_served = False
        try:
            self._server = _Server(self._observer, self._port)
        except OSError as error:
            raise StatusPortTaken(
                f"port {self._port} of {ADDRESS} cannot be had, so nobody can read the status; "
                f"will be tried again: {error.strerror}"
            ) from None
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            args=(_STOP_SECONDS,),
            name="status-server",
            daemon=True,
        )
        self._thread.start()
        self._observer.is_served = True

    def stop(self) -> None:
        """Gives the port back."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._observer.is_served = False


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    # A supervisor that has just ended leaves connections behind that are no longer anybody's.
    allow_reuse_address = True
    request_queue_size = _MOST_READERS

    def __init__(self, observer: Observer, port: int) -> None:
        self.observer = observer
        self._readers = threading.BoundedSemaphore(_MOST_READERS)
        super().__init__((ADDRESS, port), _Handler)

    def verify_request(self, request: object, client_address: object) -> bool:
        return self._readers.acquire(blocking=False)

    def process_request_thread(self, request: object, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self._readers.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that goes away in the middle is no news, and no traceback's worth."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE_SECONDS
    # Head and body are two writes: the second would wait for the reader's delayed acknowledgement.
    disable_nagle_algorithm = True
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s\n"

    def version_string(self) -> str:
        return "reverse-bastion"

    def do_GET(self) -> None:
        status, content_type, body = self._answer()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def _answer(self) -> tuple[HTTPStatus, str, bytes]:
        plain = "text/plain; charset=utf-8"
        path = self.path.partition("?")[0]
        try:
            if path == "/status.json":
                text = json.dumps(render_status(self.server.observer.look()), indent=2) + "\n"
                return HTTPStatus.OK, "application/json", text.encode()
            if path == "/metrics":
                text = render_metrics(self.server.observer.look())
                return HTTPStatus.OK, CONTENT_TYPE, text.encode()
        except Exception as error:
            say(f"status: {type(error).__name__}: {error}")
            return HTTPStatus.INTERNAL_SERVER_ERROR, plain, b"see the bastion's log\n"
        return HTTPStatus.NOT_FOUND, plain, b"there is /status.json and /metrics\n"

    def log_message(self, format: str, *args: object) -> None:
        """What is read all the time is no news."""
