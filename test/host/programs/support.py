"""What the tests of the bastion's programs share."""

from __future__ import annotations

import atexit
import base64
import contextlib
import functools
import json
import os
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable, Iterator

PROGRAMS = os.path.abspath(
    os.path.join(os.path.dirname(__file__), "../../../components/host/programs")
)
# The programs find their modules by themselves; only these tests need the path, and no
# __pycache__ among the sources.
sys.path.insert(0, PROGRAMS)
sys.dont_write_bytecode = True

_CACHE = tempfile.mkdtemp(prefix="bastion-test-cache-")
atexit.register(shutil.rmtree, _CACHE)
PYTHON = [sys.executable, "-I", "-S", "-X", f"pycache_prefix={_CACHE}"]
"""How the programs are started, with their compiled form kept elsewhere."""

from bastion_host.process import Process, look  # noqa: E402
from bastion_host.registry import Session  # noqa: E402
from bastion_host.settings import Settings, load_settings  # noqa: E402


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


STATUS_PORT = free_port()
SSH_KEYGEN = shutil.which("ssh-keygen") or "/usr/bin/ssh-keygen"


@contextlib.contextmanager
def full_disk(bytes_left: int) -> Iterator[None]:
    """No file of this process can grow beyond that; to a program it is like a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def make_key() -> str:
    """A public key, `type blob`. Any 32 bytes are one of type ed25519."""
    name = b"ssh-ed25519"
    blob = struct.pack(">I", len(name)) + name + struct.pack(">I", 32) + os.urandom(32)
    return "ssh-ed25519 " + base64.b64encode(blob).decode()


def make_host_key(kind: str = "ed25519") -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "key")
        command = [SSH_KEYGEN, "-q", "-t", kind, "-N", "", "-C", "", "-f", path]
        subprocess.run(command, check=True)
        with open(path, encoding="utf-8") as file:
            return file.read()


@functools.cache
def host_key_of_tests() -> str:
    return make_host_key()


def client_line(key: str, *ports: str, more: str = "", comment: str = "dc1") -> str:
    listen = "".join(f',permitlisten="{port}"' for port in ports)
    return f'restrict,port-forwarding{listen},permitopen="127.0.0.1:1"{more} {key} {comment}'


def document(tunnel: list[str], listen: tuple[str, ...] = ("15000", "15001")) -> bytes:
    """A key set with these lines for the user `tunnel`."""
    users = {"tunnel": {"keys": tunnel, "permitListen": list(listen), "permitOpen": []}}
    return json.dumps({"version": 1, "users": users}).encode()


def this_process() -> Process:
    process = look(os.getpid())
    assert process is not None
    return process


def session(**known: object) -> Session:
    return Session(**{"process": this_process(), **known})


def wait_until(condition: Callable[[], object], seconds: float = 8.0) -> object:
    """The condition's first true value; fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("did not happen in time")


class BastionTest(unittest.TestCase):
    """A test with a bastion's directory, whose sshd is a script of the test's own."""

    def setUp(self) -> None:
        self.directory = tempfile.mkdtemp(prefix="bastion-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        for folder in ("etc", "mailbox", "live/keys", "live/sshd", "run/sessions", "log"):
            os.makedirs(os.path.join(self.directory, folder))
        self.write("log/bastion.log", "")
        self.write("etc/sshd_config", "")
        self.write("etc/ssh_host_ed25519_key", host_key_of_tests())
        self.fake_sshd("exit 0")
        self.settings = self.configure()

    def configure(self, **changes: object) -> Settings:
        fields = {
            "directory": self.directory,
            "sshd": self.path("sshd"),
            "sshKeygen": SSH_KEYGEN,
            "sshPort": 2222,
            "statusPort": STATUS_PORT,
            "users": ["tunnel", "consumer"],
            **changes,
        }
        self.write("etc/bastion.json", json.dumps(fields))
        return load_settings(self.path("etc/bastion.json"))

    def fake_sshd(self, script: str) -> None:
        """Called with `-t -f <config>` to test a configuration, with `-D …` to serve."""
        self.write("sshd", f"#!/bin/sh\ncd {self.directory}\n{script}\n")
        os.chmod(self.path("sshd"), 0o700)

    def path(self, name: str) -> str:
        return os.path.join(self.directory, name)

    def write(self, name: str, content: str | bytes) -> None:
        """Replaces the file at once, as a deployment does."""
        data = content if isinstance(content, bytes) else content.encode()
        with open(self.path(name) + "~", "wb") as file:
            file.write(data)
        os.rename(self.path(name) + "~", self.path(name))

    def read(self, name: str) -> str:
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def child(self, *command: str) -> tuple[subprocess.Popen[bytes], Process]:
        """A process that stands for a session; ended with the test."""
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.addCleanup(_end, child)
        process = look(child.pid)
        assert process is not None
        return child, process


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.communicate()
