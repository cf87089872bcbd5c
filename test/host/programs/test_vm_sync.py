from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest
from unittest import mock

from aws_services import AwsServices
from azure_services import CLIENT_ID, AzureServices
from support import PROGRAMS, PYTHON, full_disk, make_host_key, wait_until
from vm_support import NOBODY, MachineTest

from bastion_vm.accounts import Account, AccountTaken
from bastion_vm.bootstrap import fetch_programs, open_store
from bastion_vm.sync import Sync

MANIFESTS = ["host-files/manifest", "key-set/manifest", "host-keys/manifest"]


class FirstInstallation(MachineTest):
    def test_everything_is_in_place_before_the_bastion_is_started(self) -> None:
        digest = self.store.put("host-files", self.release())
        self.sync.poll()
        self.assertEqual(
            self.systemd.take_calls(),
            [
                "daemon-reload",
                "enable reverse-bastion.service",
                "restart reverse-bastion.service",
                "mask --now ssh.socket",
                "mask --now ssh.service",
            ],
        )
        self.users.assert_called_once_with(["tunnel", "consumer"])
        self.assertEqual(self.read("etc/sshd_config"), "Port 2222\n")
        self.assertEqual(self.read("system/reverse-bastion.service"), "[Unit]\n")
        self.assertEqual(self.read("mailbox/key-set.json"), '{"version":1,"users":{}}')
        self.assertTrue(os.path.exists(self.path("lib/bastion_host/supervise.py")))
        mailbox = self.mailbox()
        self.assertRegex(str(mailbox.pop("checkedAt")), r"^\d{4}-.*Z$")
        expected = {"problem": None, "hostFiles": {"digest": digest, "refused": None}}
        self.assertEqual(mailbox, expected)

    def test_who_may_read_and_write_what(self) -> None:
        self.store.put("host-files", self.release())
        self.sync.poll()
        for path, mode, uid, gid in (
            ("etc/ssh_host_ed25519_key", 0o640, 0, NOBODY.gid),
            ("mailbox/key-set.json", 0o640, 0, NOBODY.gid),
            ("mailbox/sync.json", 0o644, 0, 0),
            ("etc/sshd_config", 0o644, 0, 0),
            ("live", 0o700, NOBODY.uid, NOBODY.gid),
            ("run", 0o755, NOBODY.uid, NOBODY.gid),
        ):
            found = os.stat(self.path(path))
            facts = (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid)
            self.assertEqual(facts, (mode, uid, gid), path)

    def test_a_second_time_nothing_changes(self) -> None:
        self.store.put("host-files", self.release())
        self.sync.poll()
        before = self.everything()
        self.systemd.take_calls()
        for sync in (self.sync, self.start(), self.start()):
            sync.poll()
            self.assertEqual(self.everything(), before)
        self.assertEqual(self.systemd.take_calls(), [])
        self.assertFalse(self.sync.has_new_programs())

    def everything(self) -> dict[str, tuple[int, int]]:
        return {
            path: (os.lstat(path).st_ino, os.lstat(path).st_mtime_ns)
            for folder, _, names in os.walk(self.directory)
            for path in (os.path.join(folder, name) for name in names)
            if not path.endswith("sync.json")
        }

    def test_it_waits_for_the_host_keys(self) -> None:
        keys = self.store.texts.pop("host-keys")
        self.store.put("host-files", self.release())
        self.assertLess(self.sync.poll(), 3)
        self.assertEqual(self.mailbox()["problem"], "host-keys: not in the store yet")
        self.assertEqual(self.systemd.take_calls(), [])
        self.store.texts["host-keys"] = keys
        self.sync.poll()
        self.assertIsNone(self.mailbox()["problem"])

    def test_a_host_key_that_is_none_is_not_taken_and_not_told(self) -> None:
        self.store.put_host_keys(ssh_host_rsa_key="hush")
        self.store.put("host-files", self.release())
        self.sync.poll()
        expected = "host-keys: ssh_host_rsa_key is no private key that ssh-keygen can read"
        self.assertEqual(self.mailbox()["problem"], expected)
        self.assertEqual(os.listdir(self.path("etc")), [])
        self.store.put_host_keys(**{"../x": "hush"})
        self.sync.poll()
        expected = "host-keys: '../x' is no name of a host key file"
        self.assertEqual(self.mailbox()["problem"], expected)


class Changes(MachineTest):
    def setUp(self) -> None:
        super().setUp()
        self.digest = self.store.put("host-files", self.release({"etc/old": "x"}))
        self.sync.poll()
        self.systemd.take_calls()

    def assert_refused(self, document: bytes, reason: str) -> None:
        digest = self.store.put("host-files", document)
        self.sync.poll()
        refused = {"digest": digest, "reason": reason}
        expected = {"digest": self.digest, "refused": refused}
        self.assertEqual(self.mailbox()["hostFiles"], expected)
        self.assertEqual(self.read("etc/sshd_config"), "Port 2222\n")
        self.store.asked.clear()
        self.sync.poll()
        self.assertEqual(self.store.asked, MANIFESTS)

    def test_a_new_configuration_is_taken_by_a_reload_and_what_it_lacks_goes(self) -> None:
        self.store.put("host-files", self.release({"etc/sshd_config": "Port 2223\n"}))
        self.sync.poll()
        self.assertEqual(self.systemd.take_calls()[-1], "reload reverse-bastion.service")
        self.assertEqual(self.read("etc/sshd_config"), "Port 2223\n")
        self.assertFalse(os.path.lexists(self.path("etc/old")))
        self.assertEqual(len(os.listdir(self.path("releases"))), 2)

    def test_one_that_sshd_refuses(self) -> None:
        self.assert_refused(
            self.release({"etc/sshd_config": "Bogus\n"}),
            "sshd refuses its configuration: line 1: Bogus",
        )
        self.assertEqual(self.systemd.take_calls(), [])

    def test_one_with_a_program_that_does_not_start(self) -> None:
        document = self.release({"lib/bastion_vm/sync.py": "import nothing_of_that_name\n"})
        digest = self.store.put("host-files", document)
        self.sync.poll()
        refused = json.loads(self.read("mailbox/sync.json"))["hostFiles"]["refused"]
        self.assertEqual(refused["digest"], digest)
        self.assertRegex(refused["reason"], "^sync does not start: .*ModuleNotFoundError")

    def test_one_with_a_program_that_is_none(self) -> None:
        reason = "lib: not all programs can be compiled"
        self.assert_refused(self.release({"lib/x.py": "("}), reason)

    def test_one_with_files_that_have_no_business_there(self) -> None:
        for path in ("etc/ssh_host_ed25519_key", "etc/a/b", "units/ssh.service"):
            self.assert_refused(self.release({path: ""}), f"the path {path!r} is not allowed")

    def test_one_without_the_facts_it_needs(self) -> None:
        reason = "etc: a fact about this machine is missing: 'sshdUnit'"
        self.assert_refused(self.release({"etc/system.json": "{}"}), reason)

    def test_one_whose_user_is_somebody_else(self) -> None:
        self.users.side_effect = AccountTaken('the user "x" exists')
        self.assert_refused(self.release({"etc/sshd_config": "Port 1\n"}), 'the user "x" exists')

    def test_one_that_does_not_come_up_is_undone(self) -> None:
        document = self.release({"lib/bastion_host/broken.py": ""})
        self.assert_refused(document, "no sshd listens after 0 s; see the journal")
        self.assertFalse(os.path.exists(self.path("lib/bastion_host/broken.py")))
        self.assertEqual(
            self.systemd.take_calls(),
            ["enable reverse-bastion.service", "reload reverse-bastion.service"] * 2,
        )
        self.assertIsNone(self.mailbox()["problem"])

    def test_a_refused_one_is_forgotten_when_it_goes(self) -> None:
        self.store.put("host-files", self.release({"etc/sshd_config": "Bogus\n"}))
        self.sync.poll()
        self.store.put("host-files", self.release({"etc/old": "x"}))
        self.sync.poll()
        expected = {"digest": self.digest, "refused": None}
        self.assertEqual(self.mailbox()["hostFiles"], expected)

    def test_another_user_takes_over_the_files_and_another_process(self) -> None:
        self.write("live/key-set.json", "{}")
        os.chown(self.path("live/key-set.json"), NOBODY.uid, NOBODY.gid)
        self.users.return_value = Account(65533, 65533)
        self.store.put("host-files", self.release({"etc/sshd_config": "Port 2224\n"}))
        self.sync.poll()
        self.assertEqual(self.systemd.take_calls()[-1], "restart reverse-bastion.service")
        for path in ("live", "live/key-set.json", "run"):
            self.assertEqual(os.stat(self.path(path)).st_uid, 65533)
        self.assertEqual(os.stat(self.path("etc/ssh_host_ed25519_key")).st_gid, 65533)

    def test_the_systems_own_sshd_is_switched_on_for_an_administrator(self) -> None:
        system = json.dumps({"sshd": True, "sshdUnit": "ssh.socket"})
        self.store.put("host-files", self.release({"etc/system.json": system}))
        self.sync.poll()
        self.assertEqual(self.systemd.take_calls()[-1], "enable --now ssh.socket")

    def test_a_step_that_fails_is_done_again(self) -> None:
        self.systemd.broken = "reload reverse-bastion.service"
        self.store.put("host-files", self.release({"etc/sshd_config": "Port 2223\n"}))
        self.sync.poll()
        problem = "systemctl reload reverse-bastion.service: exit code 1"
        self.assertEqual(self.mailbox()["problem"], problem)
        self.systemd.broken = None
        self.start().poll()
        self.assertEqual(self.systemd.take_calls()[-1], "reload reverse-bastion.service")
        self.assertIsNone(self.mailbox()["problem"])

    def test_new_host_keys_are_told_of_by_their_manifest_and_reload_nothing(self) -> None:
        before = self.read("etc/ssh_host_ed25519_key")
        self.store.asked.clear()
        self.sync.poll()
        self.assertNotIn("host-keys", self.store.asked)
        new = make_host_key()
        self.store.put_host_keys(ssh_host_ed25519_key=before, ssh_host_ed25519_next_key=new)
        self.sync.poll()
        self.assertEqual(self.read("etc/ssh_host_ed25519_key"), before)
        self.assertEqual(self.read("etc/ssh_host_ed25519_next_key"), new)
        self.assertEqual(os.stat(self.path("etc/ssh_host_ed25519_next_key")).st_gid, NOBODY.gid)
        # The supervisor watches them by itself.
        self.assertEqual(self.systemd.take_calls(), [])

    def test_a_host_key_that_leaves_the_store_leaves_the_machine(self) -> None:
        new = make_host_key()
        self.store.put_host_keys(
            ssh_host_ed25519_key=make_host_key(), ssh_host_ed25519_next_key=new
        )
        self.sync.poll()
        self.store.put_host_keys(ssh_host_ed25519_key=new)
        self.sync.poll()
        self.assertEqual(self.read("etc/ssh_host_ed25519_key"), new)
        self.assertFalse(os.path.exists(self.path("etc/ssh_host_ed25519_next_key")))

    def test_host_keys_that_are_not_those_of_the_manifest_are_waited_for(self) -> None:
        before = self.read("etc/ssh_host_ed25519_key")
        former = self.store.texts["host-keys"]
        self.store.put_host_keys(ssh_host_ed25519_key=make_host_key())
        new, self.store.texts["host-keys"] = self.store.texts["host-keys"], former
        self.assertLess(self.sync.poll(), 3)
        self.assertEqual(self.mailbox()["problem"], "host-keys: not those of the manifest (yet)")
        self.assertEqual(self.read("etc/ssh_host_ed25519_key"), before)
        self.store.texts["host-keys"] = new
        self.sync.poll()
        self.assertIsNone(self.mailbox()["problem"])
        self.assertNotEqual(self.read("etc/ssh_host_ed25519_key"), before)

    def test_new_programs_of_its_own_are_noticed(self) -> None:
        changes = {"etc/old": "x", "lib/bastion_vm/extra.py": "# new\n"}
        self.store.put("host-files", self.release(changes))
        self.assertFalse(self.sync.has_new_programs())
        self.sync.poll()
        self.assertTrue(self.sync.has_new_programs())
        self.assertEqual(self.systemd.take_calls(), [])


class Trouble(MachineTest):
    def setUp(self) -> None:
        super().setUp()
        self.digest = self.store.put("host-files", self.release())
        self.sync.poll()

    def test_a_store_that_is_gone_is_told_and_asked_less_and_less(self) -> None:
        checked_at = self.mailbox()["checkedAt"]
        self.store.trouble = "SSM: ThrottlingException: Rate exceeded"
        with mock.patch("random.uniform", return_value=1.0):
            delays = [self.sync.poll() for _ in range(6)]
            self.assertEqual(delays, [2, 4, 8, 16, 30, 30])
            self.assertEqual(self.mailbox()["problem"], self.store.trouble)
            self.assertEqual(self.mailbox()["checkedAt"], checked_at)
            self.assertEqual(self.said.count(self.store.trouble), 1)
            self.store.trouble = None
            self.assertEqual(self.sync.poll(), 10)
        self.assertIsNone(self.mailbox()["problem"])

    def test_a_key_set_that_is_being_replaced_or_broken_leaves_the_last_good_one(self) -> None:
        before = self.read("mailbox/key-set.json")
        document = os.urandom(5000).hex().encode()
        self.store.put("key-set", document)
        for name, text in (
            ("key-set/1", "AAAA"),
            ("key-set/2", ""),
            ("key-set/manifest", "{"),
        ):
            with mock.patch.dict(self.store.texts, {name: text}):
                self.sync.poll()
            self.assertRegex(str(self.mailbox()["problem"]), "^key-set")
            self.assertEqual(self.read("mailbox/key-set.json"), before)
        self.sync.poll()
        self.assertEqual(self.read("mailbox/key-set.json"), document.decode())

    def test_broken_host_files_do_not_keep_a_key_set_from_coming(self) -> None:
        self.store.texts["host-files/manifest"] = "{"
        self.store.put("key-set", b"new")
        self.sync.poll()
        self.assertEqual(self.read("mailbox/key-set.json"), "new")
        expected = "host-files/manifest: the manifest cannot be read"
        self.assertEqual(self.mailbox()["problem"], expected)

    def test_a_full_disk_changes_nothing_and_is_no_refusal(self) -> None:
        self.store.put("host-files", self.release({"etc/sshd_config": "Port 2225\n"}))
        self.store.put("key-set", b"x" * 5000)
        with full_disk(0):
            self.sync.poll()
        self.assertEqual(self.read("etc/sshd_config"), "Port 2222\n")
        self.assertEqual(os.listdir(self.path("releases")), [self.digest])
        self.assertEqual(sorted(os.listdir(self.path("mailbox"))), ["key-set.json", "sync.json"])
        self.sync.poll()
        self.assertEqual(self.read("etc/sshd_config"), "Port 2225\n")
        self.assertEqual(self.read("mailbox/key-set.json"), "x" * 5000)

    def test_what_is_said_of_a_full_disk_needs_no_disk(self) -> None:
        memory = self.enterContext(tempfile.TemporaryDirectory())
        runtime = os.path.join(memory, "reverse-bastion-sync")
        for folder in (runtime, os.path.join(memory, "reverse-bastion")):
            os.mkdir(folder)
        os.unlink(self.path("mailbox/sync.json"))
        shutil.rmtree(self.path("run"))
        for _ in range(2):
            self.start(runtime).poll()
            self.assertEqual(
                [os.readlink(self.path(name)) for name in ("mailbox/sync.json", "run")],
                [os.path.join(runtime, "sync.json"), os.path.join(memory, "reverse-bastion")],
            )
        self.assertIsNone(self.mailbox()["problem"])
        self.assertEqual(os.listdir(runtime), ["sync.json"])

    def test_an_interrupted_installation_is_completed(self) -> None:
        with mock.patch("bastion_vm.release.Releases._link_from_outside", side_effect=OSError(5)):
            self.store.put("host-files", self.release({"etc/new": "y"}))
            self.sync.poll()
        self.start().poll()
        self.assertEqual(self.read("etc/new"), "y")


class Processes(MachineTest):
    """The real programs with the stores that they open by themselves."""

    def setUp(self) -> None:
        super().setUp()
        os.makedirs(self.path("boot"))
        # A user that is somebody else's: no account is made on the machine of the test.
        self.store.put("host-files", self.release(users=("root", "consumer")))

    def boot(self, machine: dict[str, str]) -> subprocess.Popen[bytes]:
        self.write("boot/machine.json", json.dumps(machine))
        fetch_programs(self.store, self.path("boot"))
        os.rename(self.path("boot/lib/bastion_vm"), self.path("boot/bastion_vm"))
        bootstrap = self.path("boot/bastion_vm/bootstrap.py")
        with open(self.path("log.txt"), "wb") as log:
            process = subprocess.Popen([*PYTHON, bootstrap, self.directory], stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_until(lambda: "host-files/manifest: not in the store yet" in self.read("log.txt"))
        return process

    def assert_sync_runs(self) -> None:
        wait_until(lambda: "sync started as process" in self.read("log.txt"), 20)
        wait_until(lambda: os.path.exists(self.path("mailbox/sync.json")))
        self.assertIn("the user", str(self.mailbox()["hostFiles"]))

    def assert_ends_on_sigterm(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)
        self.assertIn("sync stopped", self.read("log.txt"))

    def test_bootstrap_waits_for_the_programs_and_becomes_sync_which_ends_on_sigterm(self) -> None:
        aws = AwsServices()
        aws.serve_in_background()
        self.addCleanup(aws.stop)
        places = {"endpoint": aws.url, "metadata": aws.url}
        process = self.boot({"cloud": "aws", "region": "eu-central-1", "prefix": "/a", **places})
        aws.parameters = {f"/a/{name}": text for name, text in self.store.texts.items()}
        self.assert_sync_runs()
        self.assert_ends_on_sigterm(process)

    def test_on_azure_they_come_from_the_vault_and_so_does_what_is_new(self) -> None:
        azure = AzureServices()
        azure.serve_in_background()
        self.addCleanup(azure.stop)
        places = {"endpoint": azure.url, "metadata": azure.url}
        machine = {"cloud": "azure", "vault": "https://v.vault.azure.net", "clientId": CLIENT_ID}
        process = self.boot({**machine, **places})
        azure.deploy(self.store.texts)
        self.assert_sync_runs()
        document = self.release({"etc/new": "y"}, users=("root", "consumer"))
        digest = self.store.put("host-files", document)
        azure.deploy(self.store.texts)
        wait_until(lambda: digest in self.read("mailbox/sync.json"), 20)
        self.assert_ends_on_sigterm(process)

    def test_the_programs_are_unpacked_and_nothing_else(self) -> None:
        fetch_programs(self.store, self.path("boot"))
        self.assertEqual(os.listdir(self.path("boot")), ["lib"])
        self.assertEqual(
            sorted(os.listdir(self.path("boot/lib"))), ["bastion_host", "bastion_vm"]
        )
        with full_disk(3000), self.assertRaises(OSError):
            fetch_programs(self.store, self.path("boot"))
        self.assertFalse(os.path.exists(self.path("boot/lib/bastion_vm/sync.py")))


class Waiting(MachineTest):
    def setUp(self) -> None:
        super().setUp()
        self.wake, self.waker = os.pipe()
        self.addCleanup(os.close, self.wake)
        self.addCleanup(os.close, self.waker)

    def test_a_store_that_can_be_waited_for_is(self) -> None:
        waits: list[tuple[int, float]] = []
        watched = mock.Mock(spec=["read", "wait_for_change"])
        watched.wait_for_change.side_effect = lambda *wait: waits.append(wait)
        Sync(self.directory, watched, mock.Mock()).wait(self.wake, 10.0)
        self.assertEqual(waits, [(self.wake, 10.0)])

    def test_any_other_is_asked_again_later_or_when_woken(self) -> None:
        began = time.monotonic()
        self.sync.wait(self.wake, 0.2)
        self.assertGreaterEqual(time.monotonic() - began, 0.2)
        os.write(self.waker, b"x")
        self.sync.wait(self.wake, 600.0)
        self.assertLess(time.monotonic() - began, 60)


class Clouds(MachineTest):
    def test_each_has_its_own_store(self) -> None:
        os.makedirs(self.path("boot"))
        for machine, kind in (
            ({"cloud": "aws", "region": "eu-central-1", "prefix": "/a"}, "ParameterStore"),
            ({"cloud": "gcp", "project": "p", "secret": "s"}, "MetadataStore"),
            ({"cloud": "azure", "vault": "https://v", "clientId": "c"}, "VaultStore"),
        ):
            self.write("boot/machine.json", json.dumps(machine))
            self.assertEqual(type(open_store(self.directory)).__name__, kind)

    def test_what_boots_needs_no_other_cloud(self) -> None:
        for cloud, module, fields in (
            ("aws", "parameter_store", {"region": "r", "prefix": "/a"}),
            ("gcp", "metadata_store", {"project": "p", "secret": "s"}),
            ("azure", "vault_store", {"vault": "https://v", "clientId": "c"}),
        ):
            folder = self.path(f"{cloud}/boot/bastion_vm")
            os.makedirs(folder)
            for name in ("bootstrap", "document", "http_service", module):
                shutil.copy(os.path.join(PROGRAMS, "bastion_vm", f"{name}.py"), folder)
            self.write(f"{cloud}/boot/machine.json", json.dumps({"cloud": cloud, **fields}))
            run = f"import sys; sys.path.insert(0, {self.path(cloud + '/boot')!r}); " + (
                "from bastion_vm.bootstrap import open_store; "
                f"print(type(open_store({self.path(cloud)!r})).__module__)"
            )
            command = [*PYTHON, "-c", run]
            said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
            self.assertEqual(said.stdout, f"bastion_vm.{module}\n")


if __name__ == "__main__":
    unittest.main()
