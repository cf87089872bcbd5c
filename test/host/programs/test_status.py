from __future__ import annotations

import unittest

from support import session

from bastion_host.process import Process
from bastion_host.registry import ByCertificate, Claim
from bastion_host.status import render_sessions


class Sessions(unittest.TestCase):
    def test_those_that_have_logged_in_with_the_ports_they_hold(self) -> None:
        one = session(
            process=Process(7, 1, "7@boot"),
            client=("198.51.100.7", 40000),
            user="tunnel",
            fingerprint="SHA256:x",
            certificate=ByCertificate("SHA256:ca", ("dc1",), "acme/dc1/7", 7),
            comment="dc1",
            permit_listen=("15000", "15001"),
            permit_open=("127.0.0.1:1",),
            accepted_at=86400.0,
            claims=(Claim("0.0.0.0", 15000, 86401.0), Claim("0.0.0.0", 15001, 86402.0)),
        )
        connecting = session(process=Process(8, 1, "8@boot"))
        self.assertEqual(
            render_sessions([connecting, one], [("0.0.0.0", 15000)], now=86500.0),
            [
                {
                    "user": "tunnel",
                    "fingerprint": "SHA256:x",
                    "certificate": {"authority": "SHA256:ca", "keyId": "acme/dc1/7", "serial": "7"},
                    "name": "dc1",
                    "clientAddress": "198.51.100.7",
                    "since": "1970-01-02T00:00:00Z",
                    "permitListen": ["15000", "15001"],
                    "permitOpen": ["127.0.0.1:1"],
                    "listening": [
                        {"address": "0.0.0.0", "port": 15000, "since": "1970-01-02T00:00:01Z"}
                    ],
                    "pid": 7,
                }
            ],
        )

    def test_the_oldest_comes_first(self) -> None:
        sessions = [session(comment=name, accepted_at=at) for name, at in (("b", 2.0), ("a", 1.0))]
        self.assertEqual([s["name"] for s in render_sessions(sessions, [], 3.0)], ["a", "b"])


if __name__ == "__main__":
    unittest.main()
