from __future__ import annotations

import unittest

from status_support import BILLING, DC1, ORDERS, READING, observation

from bastion_host.key_set import Tunnel
from bastion_host.metrics import render_metrics
from bastion_host.observation import KeyUse, Sshd

WHOLE = """\
# HELP reverse_bastion_tunnel_up Whether a client holds the bind port and has been heard of.
# TYPE reverse_bastion_tunnel_up gauge
reverse_bastion_tunnel_up{tunnel="orders",bind_port="15000"} 1
reverse_bastion_tunnel_up{tunnel="billing",bind_port="15001"} 0
# HELP reverse_bastion_tunnel_silent_seconds Time since the client that holds the bind port has sent a byte.
# TYPE reverse_bastion_tunnel_silent_seconds gauge
reverse_bastion_tunnel_silent_seconds{tunnel="orders"} 3.14
# HELP reverse_bastion_tunnel_open_connections Connections to the bind port.
# TYPE reverse_bastion_tunnel_open_connections gauge
reverse_bastion_tunnel_open_connections{tunnel="orders"} 2
reverse_bastion_tunnel_open_connections{tunnel="billing"} 0
# HELP reverse_bastion_tunnel_up_since_timestamp_seconds When the bind port of a tunnel that is up was opened.
# TYPE reverse_bastion_tunnel_up_since_timestamp_seconds gauge
reverse_bastion_tunnel_up_since_timestamp_seconds{tunnel="orders"} 86401
# HELP reverse_bastion_session_received_bytes Bytes received on the SSH connections of a key that are open.
# TYPE reverse_bastion_session_received_bytes gauge
reverse_bastion_session_received_bytes{user="tunnel",name="dc1",fingerprint="SHA256:x"} 1234
# HELP reverse_bastion_session_sent_bytes Bytes sent on the SSH connections of a key that are open.
# TYPE reverse_bastion_session_sent_bytes gauge
reverse_bastion_session_sent_bytes{user="tunnel",name="dc1",fingerprint="SHA256:x"} 5678
# HELP reverse_bastion_sessions SSH connections that are open.
# TYPE reverse_bastion_sessions gauge
reverse_bastion_sessions{user="tunnel",name="dc1"} 1
reverse_bastion_sessions{user="consumer",name="on-call"} 1
# HELP reverse_bastion_logins_total Logins since the supervisor began.
# TYPE reverse_bastion_logins_total counter
reverse_bastion_logins_total{user="tunnel",name="dc1"} 4
reverse_bastion_logins_total{user="consumer",name="on-call"} 1
# HELP reverse_bastion_key_expires_timestamp_seconds When a key stops working.
# TYPE reverse_bastion_key_expires_timestamp_seconds gauge
reverse_bastion_key_expires_timestamp_seconds{user="tunnel",name="dc1",fingerprint="SHA256:x"} 172799
# HELP reverse_bastion_key_last_login_timestamp_seconds When a key was last logged in with.
# TYPE reverse_bastion_key_last_login_timestamp_seconds gauge
reverse_bastion_key_last_login_timestamp_seconds{user="tunnel",name="dc1",fingerprint="SHA256:x"} 86400
reverse_bastion_key_last_login_timestamp_seconds{user="consumer",name="on-call",fingerprint="SHA256:o"} 86500
# HELP reverse_bastion_sshd_up Whether sshd accepts logins.
# TYPE reverse_bastion_sshd_up gauge
reverse_bastion_sshd_up 1
# HELP reverse_bastion_sshd_restarts_total How often sshd was started again since the supervisor began.
# TYPE reverse_bastion_sshd_restarts_total counter
reverse_bastion_sshd_restarts_total 1
# HELP reverse_bastion_supervisor_start_timestamp_seconds When the supervisor began.
# TYPE reverse_bastion_supervisor_start_timestamp_seconds gauge
reverse_bastion_supervisor_start_timestamp_seconds 80000.25
# HELP reverse_bastion_key_set_refused Whether the last key set that was delivered is not in force.
# TYPE reverse_bastion_key_set_refused gauge
reverse_bastion_key_set_refused 1
# HELP reverse_bastion_key_set_installed_timestamp_seconds When the key set in force was installed.
# TYPE reverse_bastion_key_set_installed_timestamp_seconds gauge
reverse_bastion_key_set_installed_timestamp_seconds 80000.75
# HELP reverse_bastion_mailbox_problem Whether the mailbox could not be filled.
# TYPE reverse_bastion_mailbox_problem gauge
reverse_bastion_mailbox_problem 0
# HELP reverse_bastion_mailbox_checked_timestamp_seconds When it was last asked what is to be in the mailbox.
# TYPE reverse_bastion_mailbox_checked_timestamp_seconds gauge
reverse_bastion_mailbox_checked_timestamp_seconds 89970
"""  # noqa: E501


def samples(**changes: object) -> dict[str, str]:
    lines = render_metrics(observation(**changes)).splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name.replace("reverse_bastion_", ""): value for name, value in pairs}


class Text(unittest.TestCase):
    maxDiff = None

    def test_the_whole_to_the_letter(self) -> None:
        self.assertEqual(render_metrics(observation()), WHOLE)

    def test_a_silent_tunnel_is_not_up(self) -> None:
        silent = READING._replace(silent_seconds=25.0)
        found = samples(tunnels=[ORDERS._replace(state="silent", since=9.0, reading=silent)])
        self.assertEqual(found['tunnel_up{tunnel="orders",bind_port="15000"}'], "0")
        self.assertEqual(found['tunnel_silent_seconds{tunnel="orders"}'], "25")
        self.assertNotIn('tunnel_up_since_timestamp_seconds{tunnel="orders"}', found)

    def test_a_byte_that_came_just_now_is_no_silence_and_not_unknown(self) -> None:
        found = samples(tunnels=[ORDERS._replace(reading=READING._replace(silent_seconds=0.0))])
        self.assertEqual(found['tunnel_silent_seconds{tunnel="orders"}'], "0")

    def test_bytes_of_one_key_are_added_up(self) -> None:
        second = DC1._replace(client=("198.51.100.7", 40001))
        found = samples(
            sessions=[DC1, second],
            connections=[READING, READING._replace(remote=("198.51.100.7", 40001))],
        )
        labels = '{user="tunnel",name="dc1",fingerprint="SHA256:x"}'
        self.assertEqual(found[f"session_received_bytes{labels}"], "2468")
        self.assertEqual(found['sessions{user="tunnel",name="dc1"}'], "2")

    def test_what_has_never_happened_is_zero(self) -> None:
        found = samples(sessions=[], keys=[KeyUse("tunnel", "dc2", "SHA256:z", None, None, 0)])
        self.assertEqual(found['sessions{user="tunnel",name="dc2"}'], "0")
        self.assertEqual(found['logins_total{user="tunnel",name="dc2"}'], "0")

    def test_what_is_not_known_or_not_there_has_no_line(self) -> None:
        found = samples(
            connections=None,
            tunnels=[ORDERS._replace(reading=None, open_connections=None)],
            delivery=None,
        )
        self.assertEqual(
            [name.partition("{")[0] for name in found],
            [
                "tunnel_up",
                "tunnel_up_since_timestamp_seconds",
                "sessions",
                "sessions",
                "logins_total",
                "logins_total",
                "key_expires_timestamp_seconds",
                "key_last_login_timestamp_seconds",
                "key_last_login_timestamp_seconds",
                "sshd_up",
                "sshd_restarts_total",
                "supervisor_start_timestamp_seconds",
                "key_set_refused",
                "key_set_installed_timestamp_seconds",
            ],
        )

    def test_a_mailbox_that_cannot_be_filled(self) -> None:
        for delivery, problem, checked in (
            ({"checkedAt": None, "problem": "timed out"}, "1", None),
            ({"checkedAt": "soon", "problem": "timed out"}, "1", None),
            ({"checkedAt": "1970-01-01T00:00:07Z"}, "0", "7"),
            ({}, "0", None),
        ):
            found = samples(delivery=delivery)
            self.assertEqual(found["mailbox_problem"], problem)
            self.assertEqual(found.get("mailbox_checked_timestamp_seconds"), checked)

    def test_sshd_that_does_not_listen(self) -> None:
        self.assertEqual(samples(sshd=Sshd(None, False, None, 0, None))["sshd_up"], "0")

    def test_no_name_breaks_out_of_its_label(self) -> None:
        odd = BILLING._replace(tunnel=Tunnel('a"} 1\n\\', 1, "all"))
        self.assertIn('tunnel_open_connections{tunnel="a\\"} 1\\n\\\\"}', samples(tunnels=[odd]))


if __name__ == "__main__":
    unittest.main()
