from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import socket
import sys
import tempfile
import unittest
import urllib.request
from typing import Any

from support import (
    PROGRAMS,
    PYTHON,
    STATUS_PORT,
    BastionTest,
    client_line,
    document,
    free_port,
    make_key,
    wait_until,
)

from bastion_host.key_set import digest_of
from bastion_host.process import descendants, end, look
from bastion_host.registry import Registry, Session

# Listens by its own word, and leaves a session behind that outlives it.
SSHD = """
[ "$1" = -t ] && exit 0
echo "Server listening on 127.0.0.1 port 2222." >&2
[ -e session ] || { touch session; sleep 60 2>/dev/null >&2 & echo $! > session; }
trap 'echo "Server listening on 127.0.0.1 port 2222." >&2' HUP
while :; do sleep 60 & wait $!; done
"""


@unittest.skipUnless(sys.platform.startswith("linux"), "adopts orphans, which only Linux can")
class Supervise(BastionTest):
    @classmethod
    def setUpClass(cls) -> None:
        # A copy: started over, the program leaves its compiled form beside its source.
        cls.programs = tempfile.mkdtemp(prefix="bastion-test-programs-")
        cls.addClassCleanup(shutil.rmtree, cls.programs)
        shutil.copytree(PROGRAMS, cls.programs, dirs_exist_ok=True)

    def setUp(self) -> None:
        super().setUp()
        self.fake_sshd(SSHD)
        self.supervisor = self.start()
        self.addCleanup(self.end_everything)

    def start(self) -> subprocess.Popen[bytes]:
        program = os.path.join(self.programs, "bastion_host", "supervise.py")
        with open(self.path("log/bastion.log"), "ab") as log:
            return subprocess.Popen(
                [*PYTHON, program, self.path("etc/bastion.json")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def end_everything(self) -> None:
        family = descendants([self.supervisor.pid])
        self.supervisor.kill()
        self.supervisor.wait()
        end(family, patience=0)

    def status(self) -> dict[str, Any]:
        # Makes it look around now, not at its next tick.
        self.supervisor.send_signal(signal.SIGCHLD)
        try:
            return dict(json.loads(self.read("run/status.json")))
        except FileNotFoundError:
            return {}

    def sshd(self) -> int:
        """The process id of an sshd that listens."""
        listening = wait_until(lambda: (s := self.status().get("sshd")) and s["listening"] and s)
        return int(listening["pid"])

    def session(self) -> int:
        self.sshd()
        return int(
            wait_until(lambda: os.path.exists(self.path("session")) and self.read("session"))
        )

    def test_a_crashed_sshd_is_started_again_and_its_sessions_stay(self) -> None:
        sshd, session = self.sshd(), self.session()
        os.kill(sshd, signal.SIGKILL)
        wait_until(lambda: self.status()["sshd"]["restarts"] == 1)
        self.assertNotEqual(self.sshd(), sshd)
        self.assertIsNotNone(look(session))
        self.assertRegex(self.status()["sshd"]["lastExit"], "signal 9 after")

    def test_stopping_ends_sshd_and_every_session_and_leaves_no_trace(self) -> None:
        sshd, session = self.sshd(), self.session()
        os.kill(sshd, signal.SIGKILL)
        _, of_an_earlier_supervisor = self.child("sleep", "60")
        Registry(self.settings.sessions_directory).write(Session(of_an_earlier_supervisor))
        wait_until(lambda: self.status()["sshd"]["restarts"] == 1)
        sshd = self.sshd()
        self.assertEqual(self.read("run/supervisor.pid").strip(), str(self.supervisor.pid))
        self.supervisor.terminate()
        self.assertEqual(self.supervisor.wait(5), 0)
        for pid in (sshd, session, of_an_earlier_supervisor.pid):
            self.assertIsNone(look(pid))
        for name in ("run/supervisor.pid", "run/status.json"):
            self.assertFalse(os.path.exists(self.path(name)))

    def test_sshd_does_not_outlive_a_killed_supervisor_but_sessions_do(self) -> None:
        sshd, session = self.sshd(), self.session()
        self.addCleanup(end, descendants([self.supervisor.pid]), patience=0)
        self.supervisor.kill()
        self.supervisor.wait()
        wait_until(lambda: look(sshd) is None)
        self.assertIsNotNone(look(session))

    def test_on_sighup_it_starts_over_with_what_is_there_now_and_sessions_stay(self) -> None:
        sshd, session = self.sshd(), self.session()
        self.configure(users=["ascend"])
        self.supervisor.send_signal(signal.SIGHUP)
        wait_until(lambda: os.path.exists(self.path("live/keys/ascend")))
        wait_until(lambda: look(sshd) is None and self.status().get("sshd"))
        self.assertNotEqual(self.sshd(), sshd)
        self.assertIsNotNone(look(session))
        self.assertEqual(self.read("run/supervisor.pid").strip(), str(self.supervisor.pid))

    def test_on_sighup_with_a_bad_configuration_everything_stays(self) -> None:
        sshd = self.sshd()
        self.fake_sshd("echo line 1: no >&2; exit 255")
        self.supervisor.send_signal(signal.SIGHUP)
        wait_until(lambda: "is not used: line 1: no" in self.read("log/bastion.log"))
        self.assertEqual(self.sshd(), sshd)

    def test_an_upgraded_sshd_takes_the_place_of_the_old_one_and_sessions_stay(self) -> None:
        sshd, session = self.sshd(), self.session()
        self.fake_sshd(SSHD + "# of another version\n")
        # The status is written after the change: until then it tells of the old one.
        wait_until(lambda: self.status()["sshd"]["pid"] not in (None, sshd))
        self.assertNotEqual(self.sshd(), sshd)
        self.assertIsNone(look(sshd))
        self.assertIsNotNone(look(session))
        self.assertIn("sshd was upgraded, and is started anew", self.read("log/bastion.log"))

    def test_an_upgraded_sshd_that_refuses_the_configuration_is_not_started(self) -> None:
        sshd = self.sshd()
        self.fake_sshd("echo line 7: no >&2; exit 255")
        wait_until(lambda: "not started anew: line 7: no" in self.read("log/bastion.log"))
        self.assertEqual(self.sshd(), sshd)

    def test_the_status_tells_what_the_mailbox_is_filled_with_unless_that_is_broken(self) -> None:
        self.sshd()
        self.assertIsNone(self.status()["mailbox"])
        said = {"checkedAt": "2026-01-02T03:04:05Z", "problem": "SSM: timed out"}
        self.write("mailbox/sync.json", json.dumps(said))
        wait_until(lambda: self.status()["mailbox"] == said)
        self.write("mailbox/sync.json", "{")
        wait_until(lambda: self.status()["mailbox"] is None)

    def ask(self, port: int) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/status.json", timeout=10) as answer:
            return dict(json.load(answer))

    def test_the_status_is_served_where_the_settings_say_and_is_that_of_the_file(self) -> None:
        self.sshd()
        asked = self.ask(STATUS_PORT)
        self.assertEqual(asked["statusPort"], {"listening": True})
        self.assertEqual({**asked, "at": ""}, {**self.status(), "at": ""})
        other = free_port()
        self.configure(statusPort=other)
        self.supervisor.send_signal(signal.SIGHUP)
        wait_until(lambda: self.is_open(other))
        self.assertEqual(self.ask(other)["statusPort"], {"listening": True})
        self.assertFalse(self.is_open(STATUS_PORT))

    def test_a_status_port_that_is_taken_takes_nothing_else_down(self) -> None:
        other = free_port()
        with socket.create_server(("127.0.0.1", other)):
            sshd = self.sshd()
            self.configure(statusPort=other)
            self.supervisor.send_signal(signal.SIGHUP)
            wait_until(lambda: look(sshd) is None)
            self.sshd()
            wait_until(lambda: self.status().get("statusPort") == {"listening": False})
            self.assertIn(
                f"StatusPortTaken: port {other} of 127.0.0.1 cannot be had",
                self.read("log/bastion.log"),
            )
        wait_until(lambda: self.status()["statusPort"] == {"listening": True})
        self.assertEqual(self.read("log/bastion.log").count("StatusPortTaken"), 1)

    def is_open(self, port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def test_a_second_supervisor_makes_way(self) -> None:
        self.sshd()
        self.assertEqual(self.start().wait(5), 0)
        self.assertIn("another supervisor is already running", self.read("log/bastion.log"))
        self.assertIsNone(self.supervisor.poll())

    def test_it_stops_when_the_bastion_is_removed(self) -> None:
        sshd, session = self.sshd(), self.session()
        shutil.rmtree(self.directory)
        self.assertEqual(self.supervisor.wait(5), 0)
        self.assertEqual([look(sshd), look(session)], [None, None])

    def test_a_refused_key_set_is_told_a_good_one_ends_the_sessions_of_other_keys(self) -> None:
        self.sshd()
        self.write("mailbox/key-set.json", b"[]")
        refused = wait_until(lambda: self.status()["keySet"]["refused"])
        self.assertEqual(refused["digest"], digest_of(b"[]"))
        data = document([client_line(make_key(), "15000")])
        self.write("mailbox/key-set.json", data)
        wait_until(lambda: self.status()["keySet"]["digest"] == digest_of(data))
        child, process = self.child("sleep", "60")
        revoked = Session(process, user="tunnel", fingerprint="SHA256:gone", accepted_at=1.0)
        Registry(self.settings.sessions_directory).write(revoked)
        self.assertEqual(child.wait(5), -signal.SIGTERM)
        self.assertIn("is ended: its key was removed", self.read("log/bastion.log"))


class Settings(BastionTest):
    def test_bad_settings_are_said_and_end_it(self) -> None:
        program = os.path.join(PROGRAMS, "bastion_host", "supervise.py")
        self.write("etc/bastion.json", "{}")
        result = subprocess.run(
            [*PYTHON, program, self.path("etc/bastion.json")],
            stderr=subprocess.PIPE,
            check=False,
        )
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"sshPort: missing", result.stderr)


if __name__ == "__main__":
    unittest.main()
