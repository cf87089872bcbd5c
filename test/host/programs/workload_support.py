"""A real HTTPS server in the place of the API server, and pods for it to tell of."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from support import PROGRAMS, PYTHON, BastionTest

from bastion_workloads.moments import Moments, boot_time, read_moments, render_moments
from bastion_workloads.paths import Paths

TOKEN = "token-that-nobody-may-see"
ANNOTATION = "reverse-bastion/authorized-keys"
SELECTOR = "reverse-bastion/ssh=enabled"
_PROGRAMS = os.path.join(PROGRAMS, "bastion_workloads")


def pod(
    name: str,
    address: str | None = "10.244.0.1",
    keys: str | None = None,
    namespace: str = "team-a",
    **changes: Any,
) -> dict[str, Any]:
    """A pod as the API describes it, with these keys (or this name of an object) annotated."""
    metadata: dict[str, Any] = {"name": name, "namespace": namespace, "uid": f"uid-of-{name}"}
    if keys is not None:
        metadata["annotations"] = {ANNOTATION: keys}
    status: dict[str, Any] = {"phase": "Running"}
    if address is not None:
        status["podIP"] = address
    document = {"metadata": metadata, "spec": {"nodeName": "n"}, "status": status}
    for field, value in changes.items():
        document[field] = {**document[field], **value}
    return document


def address_of(number: int) -> str:
    return f"10.244.{number // 250}.{number % 250 + 1}"


class Reply(NamedTuple):
    """What the server is to say instead, or before (`seconds`) it says what is so."""

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = {}
    seconds: float = 0.0
    announced_bytes: int | None = None


class ApiServer:
    """Has pods and objects; `fault`, given path and query, may say something else."""

    def __init__(self) -> None:
        self.pods: list[dict[str, Any]] = []
        self.objects: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.tokens: set[str] = set()
        self.fault: Callable[[str, dict[str, str]], Reply | None] = lambda path, query: None
        self.folder = tempfile.mkdtemp(prefix="bastion-test-api-")
        self.authorities = _make_certificate(self.folder)
        self._server = QuietServer(("127.0.0.1", 0), _handler(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authorities, os.path.join(self.folder, "key.pem"))
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self._is_stopped = False

    def stop(self) -> None:
        """From then on, connections are refused."""
        if not self._is_stopped:
            self._is_stopped = True
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def lists(self) -> list[dict[str, str]]:
        """The queries of all listings, page by page."""
        return [query for path, query in self.asked if path.endswith("/pods")]

    def reads(self) -> list[str]:
        return [path for path, _ in self.asked if not path.endswith("/pods")]

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if not path.endswith("/pods"):
            found = self.objects.get(path)
            return (200, found) if found else (404, {"message": "not found"})
        namespace = path.split("/")[4]
        pods = [one for one in self.pods if one["metadata"].get("namespace") == namespace]
        start, limit = int(query.get("continue", "0")), int(query["limit"])
        more = {"continue": str(start + limit)} if start + limit < len(pods) else {}
        return 200, {"kind": "PodList", "metadata": more, "items": pods[start : start + limit]}


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what some tests are about."""


def _handler(server: ApiServer) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = dict(parse_qsl(url.query))
            server.asked.append((url.path, query))
            server.tokens.add(self.headers.get("Authorization", ""))
            reply = server.fault(url.path, query) or Reply()
            time.sleep(reply.seconds)
            status, body = reply.status, reply.body
            if body is None:
                found, document = server.answer(url.path, query)
                status = found if reply.status == 200 else reply.status
                body = json.dumps(document).encode()
            self.send_response(status)
            length = len(body) if reply.announced_bytes is None else reply.announced_bytes
            for name, value in {"Content-Length": str(length), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = length != len(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def _make_certificate(folder: str) -> str:
    certificate = os.path.join(folder, "ca.pem")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    subprocess.run(
        [
            *command.split(),
            *("-keyout", os.path.join(folder, "key.pem"), "-out", certificate),
            *("-subj", "/CN=api", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return certificate


class WorkloadTest(BastionTest):
    """A bastion's directory as it is in a pod, and an API server."""

    def setUp(self) -> None:
        super().setUp()
        self.paths = Paths(self.directory)
        for folder in ("live/workloads", "api"):
            os.makedirs(self.path(folder))
        self.write("hosts", "127.0.0.1\tlocalhost\n")
        self.api = ApiServer()
        self.addCleanup(self.api.stop)
        shutil.copy(self.api.authorities, self.paths.authorities)
        self.write("api/token", f"{TOKEN}\n")
        self.write("run/api-server", f"{self.api.address}\n")
        self.workloads()

    def tearDown(self) -> None:
        self.assertNotIn(TOKEN, self.log())
        super().tearDown()

    def workloads(self, **changes: Any) -> None:
        settings = {
            "user": "jump",
            "namespaces": ["team-a"],
            "labelSelector": SELECTOR,
            "sshPorts": [2222],
            "keySource": "annotation",
            "annotation": ANNOTATION,
            "dataKey": "authorized_keys",
            "httpPort": 8080,
            "httpPath": "/authorized_keys",
        }
        self.write("etc/workloads.json", json.dumps({**settings, **changes}))

    def object(self, kind: str, name: str, text: str, key: str = "authorized_keys") -> None:
        """A Secret or a ConfigMap of team-a."""
        value = base64.b64encode(text.encode()).decode() if kind == "secrets" else text
        self.api.objects[f"/api/v1/namespaces/team-a/{kind}/{name}"] = {"data": {key: value}}

    def offer(self, key: str, wait_seconds: float | None = None) -> str:
        """What the key command prints, run as sshd runs it, or with less patience."""
        if wait_seconds is None:
            result = self.start_offer(key)
        else:
            result = self._start_impatient(key, wait_seconds)
        output, errors = result.communicate(timeout=60)
        self.assertEqual((result.returncode, errors), (0, ""))
        return output

    def start_offer(self, key: str) -> subprocess.Popen[str]:
        program = os.path.join(_PROGRAMS, "keys_command.py")
        return self._start(program, self.paths.settings, "jump", *key.split(" "), "SHA256:x")

    def _start_impatient(self, key: str, wait_seconds: float) -> subprocess.Popen[str]:
        program = (
            f"import sys; sys.path.insert(0, {PROGRAMS!r}); "
            "from bastion_workloads import keys_command; "
            f"keys_command._WAIT_SECONDS = {wait_seconds}; keys_command.main(sys.argv[1:])"
        )
        return self._start("-c", program, self.paths.settings, "jump", *key.split(" "), "SHA256:x")

    def refresh(self) -> tuple[int, str, str]:
        """Exit code and output of a forced refresh."""
        process = self._start(os.path.join(_PROGRAMS, "refresh.py"), self.directory)
        output, errors = process.communicate(timeout=60)
        self.assertNotIn(TOKEN, output + errors)
        return process.returncode, output, errors

    def _start(self, *command: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*PYTHON, *command],
            env={"PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(_end, process)
        return process

    def age_cache(self, rebuilt_seconds: float, updated_seconds: float) -> None:
        """As if the cache had been made so long ago."""
        now = boot_time()
        lines = self.read("live/workloads/keys").splitlines(keepends=True)[1:]
        header = render_moments(Moments(now - rebuilt_seconds, now - updated_seconds))
        self.write("live/workloads/keys", header + "".join(lines))

    def moments(self) -> Moments:
        moments = read_moments(self.paths.keys)
        assert moments is not None
        return moments

    def key_lines(self) -> list[str]:
        return self.read("live/workloads/keys").splitlines()[1:]

    def log(self) -> str:
        return self.read("log/bastion.log")

    def status(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.read("run/workloads.json"))
        return document


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    with contextlib.suppress(ValueError):
        process.communicate()
