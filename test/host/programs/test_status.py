from __future__ import annotations

import json
import os
import unittest
from unittest import mock

from status_support import BILLING, DC1, ON_CALL, ORDERS, observation
from support import BastionTest

from bastion_host.observation import Observation, Sshd
from bastion_host.status import StatusFile, render_status


class Document(unittest.TestCase):
    def test_all_there_is_to_know(self) -> None:
        self.assertEqual(
            render_status(observation()),
            {
                "version": 1,
                "at": "1970-01-02T01:00:00Z",
                "startedAt": "1970-01-01T22:13:20Z",
                "tunnels": [
                    {
                        "name": "orders",
                        "bindPort": 15000,
                        "bindAddress": "all",
                        "state": "up",
                        "since": "1970-01-02T00:00:01Z",
                        "client": "dc1",
                        "fingerprint": "SHA256:x",
                        "clientAddress": "198.51.100.7",
                        "silentSeconds": 3.1,
                        "openConnections": 2,
                        "bytesReceived": 1234,
                        "bytesSent": 5678,
                    },
                    {
                        "name": "billing",
                        "bindPort": 15001,
                        "bindAddress": "loopback",
                        "state": "down",
                        "since": None,
                        "client": None,
                        "fingerprint": None,
                        "clientAddress": None,
                        "silentSeconds": None,
                        "openConnections": 0,
                        "bytesReceived": None,
                        "bytesSent": None,
                    },
                ],
                "sessions": [
                    {
                        "user": "tunnel",
                        "name": "dc1",
                        "fingerprint": "SHA256:x",
                        "certificate": {
                            "authority": "SHA256:ca",
                            "keyId": "acme/dc1/7",
                            "serial": "7",
                        },
                        "clientAddress": "198.51.100.7",
                        "since": "1970-01-02T00:00:00Z",
                        "silentSeconds": 3.1,
                        "bytesReceived": 1234,
                        "bytesSent": 5678,
                        "pid": 7,
                        "permitListen": ["15000", "15001"],
                        "permitOpen": ["127.0.0.1:1"],
                        # What was claimed and is not open is not there.
                        "listening": [
                            {"address": "0.0.0.0", "port": 15000, "since": "1970-01-02T00:00:01Z"}
                        ],
                    },
                    {
                        "user": "consumer",
                        "name": "on-call",
                        "fingerprint": "SHA256:o",
                        "certificate": None,
                        "clientAddress": None,
                        "since": "1970-01-02T00:01:40Z",
                        "silentSeconds": None,
                        "bytesReceived": None,
                        "bytesSent": None,
                        "pid": 9,
                        "permitListen": ["127.0.0.1:1"],
                        "permitOpen": ["127.0.0.1:9422"],
                        "listening": [],
                    },
                ],
                "keys": [
                    {
                        "user": "tunnel",
                        "name": "dc1",
                        "fingerprint": "SHA256:x",
                        "expiresAt": "1970-01-02T23:59:59Z",
                        "lastLoginAt": "1970-01-02T00:00:00Z",
                    },
                    {
                        "user": "tunnel",
                        "name": "dc1",
                        "fingerprint": "SHA256:y",
                        "expiresAt": None,
                        "lastLoginAt": None,
                    },
                    {
                        "user": "consumer",
                        "name": "on-call",
                        "fingerprint": "SHA256:o",
                        "expiresAt": None,
                        "lastLoginAt": "1970-01-02T00:01:40Z",
                    },
                ],
                "sshd": {
                    "pid": 11,
                    "listening": True,
                    "startedAt": "1970-01-01T22:13:21Z",
                    "restarts": 1,
                    "lastExit": "signal 9 after 3.0 s",
                },
                "keySet": {
                    "digest": "d" * 64,
                    "installedAt": "1970-01-01T22:13:20Z",
                    "refused": {"digest": "e" * 64, "reason": "not a JSON document"},
                },
                "hostKeys": [
                    {
                        "type": "ssh-ed25519",
                        "fingerprint": "SHA256:h",
                        "announcedOnly": False,
                        "since": "1970-01-01T22:13:21Z",
                    }
                ],
                "hostKeysRefused": None,
                "mailbox": {"checkedAt": "1970-01-02T00:59:30Z", "problem": None},
                "statusPort": {"listening": True},
            },
        )

    def test_a_system_that_tells_nothing(self) -> None:
        unknown = ORDERS._replace(reading=None, open_connections=None)
        status = render_status(
            observation(
                connections=None, tunnels=[unknown], refused=None, delivery=None, is_served=False
            )
        )
        (tunnel,) = status["tunnels"]
        for field in ("silentSeconds", "openConnections", "bytesReceived", "bytesSent"):
            self.assertIsNone(tunnel[field])
        self.assertEqual(tunnel["client"], "dc1")
        self.assertIsNone(status["mailbox"])
        self.assertIsNone(status["keySet"]["refused"])
        self.assertEqual(status["statusPort"], {"listening": False})


class FakeObserver:
    """Sees what it is told to."""

    def __init__(self) -> None:
        self.seen = observation()
        self.is_served = True
        self.host_keys = mock.Mock(keys=self.seen.host_keys, refused=None)

    def look(self) -> Observation:
        return self.seen

    def sshd(self) -> Sshd:
        return self.seen.sshd

    def delivery(self) -> object:
        return self.seen.delivery


class File(BastionTest):
    def setUp(self) -> None:
        super().setUp()
        self.observer = FakeObserver()
        self.file = StatusFile(self.settings, self.observer)  # type: ignore[arg-type]
        self.mailbox = mock.Mock(refused=None)
        self.mailbox.key_set.digest = "d" * 64
        self.now = 100000.0
        self.sessions = [DC1]

    def is_written(self) -> bool:
        """Whether an update writes the file."""
        if os.path.exists(self.settings.status):
            os.unlink(self.settings.status)
        with mock.patch("bastion_host.status.time.time", return_value=self.now):
            self.file.update(self.mailbox, self.sessions)
        return os.path.exists(self.settings.status)

    def test_it_is_the_document(self) -> None:
        self.assertTrue(self.is_written())
        written = json.loads(self.read("run/status.json"))
        self.assertEqual(written, render_status(self.observer.seen))
        self.assertEqual(os.stat(self.settings.status).st_mode & 0o777, 0o644)

    def test_it_is_not_written_because_bytes_move_and_time_passes(self) -> None:
        self.is_written()
        self.observer.seen = observation(at=90001.0, connections=[], tunnels=[BILLING])
        self.now += 4.9
        self.assertFalse(self.is_written())
        self.now += 0.1
        self.assertTrue(self.is_written())
        self.now -= 3600.0
        self.assertTrue(self.is_written())

    def test_it_is_written_when_something_has_happened(self) -> None:
        self.is_written()
        self.sessions = [DC1, ON_CALL]
        self.assertTrue(self.is_written())
        self.sessions = [DC1._replace(claims=DC1.claims[:1]), ON_CALL]
        self.assertTrue(self.is_written())
        self.mailbox.key_set.digest = "f" * 64
        self.assertTrue(self.is_written())
        self.mailbox.refused = "because"
        self.assertTrue(self.is_written())
        self.observer.seen = observation(sshd=Sshd(12, False, 1.0, 2, None))
        self.assertTrue(self.is_written())
        self.observer.seen = self.observer.seen._replace(delivery={"problem": "timed out"})
        self.assertTrue(self.is_written())
        self.observer.host_keys.refused = "broken"
        self.assertTrue(self.is_written())
        self.observer.is_served = False
        self.assertTrue(self.is_written())
        self.assertFalse(self.is_written())


if __name__ == "__main__":
    unittest.main()
