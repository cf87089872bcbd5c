"""What the tests of status and metrics share: a bastion as it was at one moment."""

from __future__ import annotations

from support import session

from bastion_host.host_keys import HostKey
from bastion_host.key_set import Tunnel
from bastion_host.mailbox import Refused
from bastion_host.observation import KeyUse, Observation, Sshd
from bastion_host.process import Process
from bastion_host.registry import ByCertificate, Claim
from bastion_host.tcp_diag import Connection
from bastion_host.tunnel_state import TunnelState

SERVER = ("203.0.113.2", 2222)

DC1 = session(
    process=Process(7, 1, "7@boot"),
    client=("198.51.100.7", 40000),
    server=SERVER,
    user="tunnel",
    fingerprint="SHA256:x",
    certificate=ByCertificate("SHA256:ca", ("dc1",), "acme/dc1/7", 7),
    comment="dc1",
    permit_listen=("15000", "15001"),
    permit_open=("127.0.0.1:1",),
    accepted_at=86400.0,
    claims=(Claim("0.0.0.0", 15000, 86401.0), Claim("0.0.0.0", 15001, 86402.0)),
)
ON_CALL = session(
    process=Process(9, 1, "9@boot"),
    user="consumer",
    fingerprint="SHA256:o",
    comment="on-call",
    permit_listen=("127.0.0.1:1",),
    permit_open=("127.0.0.1:9422",),
    accepted_at=86500.0,
)
READING = Connection(SERVER, ("198.51.100.7", 40000), 3.14, 1234, 5678, uid=0, inode=0)
ORDERS = TunnelState(Tunnel("orders", 15000, "all"), "up", 86401.0, DC1, READING, 2)
BILLING = TunnelState(Tunnel("billing", 15001, "loopback"), "down", None, None, None, 0)


def observation(**changes: object) -> Observation:
    seen = Observation(
        at=90000.5,
        started_at=80000.25,
        sessions=[DC1, ON_CALL],
        open_ports=[("0.0.0.0", 15000)],
        connections=[READING],
        tunnels=[ORDERS, BILLING],
        keys=[
            KeyUse("tunnel", "dc1", "SHA256:x", 172799, 86400.0, 3),
            KeyUse("tunnel", "dc1", "SHA256:y", None, None, 1),
            KeyUse("consumer", "on-call", "SHA256:o", None, 86500.0, 1),
        ],
        sshd=Sshd(11, True, 80001.0, 1, "signal 9 after 3.0 s"),
        digest="d" * 64,
        installed_at=80000.75,
        refused=Refused("e" * 64, "not a JSON document"),
        delivery={"checkedAt": "1970-01-02T00:59:30Z", "problem": None},
        host_keys=(HostKey("ssh-ed25519", "SHA256:h", False, 80001.0),),
        host_keys_refused=None,
        is_served=True,
    )
    return seen._replace(**changes)
