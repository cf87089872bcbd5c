from __future__ import annotations

import base64
import os
import threading
import time
import unittest
from unittest import mock

from azure_services import CLIENT_ID, RESOURCE, VAULT, AzureServices, error
from support import PROGRAMS  # noqa: F401

from bastion_vm.document import StoreUnavailable
from bastion_vm.sync import WatchedStore
from bastion_vm.vault_store import VaultStore

URL = f"https://{VAULT}.vault.azure.net"
MANIFESTS = ["host-files/manifest", "key-set/manifest"]
USER_DATA = "/metadata/instance/compute/userData"
LONG_SECONDS = 20.0


class VaultStoreTest(unittest.TestCase):
    def setUp(self) -> None:
        self.azure = AzureServices()
        self.azure.serve_in_background()
        self.addCleanup(self.azure.stop)
        self.azure.secrets["host-keys"] = "s"
        self.store = self.open()

    def open(self, **changes: str) -> VaultStore:
        places = {"endpoint": self.azure.url, "metadata": self.azure.url}
        return VaultStore({"vault": URL, "clientId": CLIENT_ID, **places, **changes})

    def read_secret(self) -> dict[str, str]:
        return self.store.read(["host-keys"], decrypt=True)

    def assert_unavailable(self, reason: str, *names: str) -> None:
        with self.assertRaises(StoreUnavailable) as caught:
            self.store.read(names or ["host-keys"])
        self.assertEqual(str(caught.exception), reason)


class Manifests(VaultStoreTest):
    def test_come_from_the_user_data_which_is_read_once(self) -> None:
        self.azure.set_manifests({"host-files/manifest": '{"ä":1}', "key-set/manifest": "k"})
        expected = {"host-files/manifest": '{"ä":1}', "key-set/manifest": "k"}
        self.assertEqual(self.store.read(MANIFESTS), expected)
        self.assertEqual(self.azure.asked, [USER_DATA])

    def test_what_is_not_in_the_user_data_is_left_out(self) -> None:
        self.azure.set_manifests({"key-set/manifest": "k", "host-keys": "not from here"})
        self.azure.secrets["host-files-manifest"] = "not from here"
        found = self.store.read([*MANIFESTS, "host-keys"])
        self.assertEqual(found, {"key-set/manifest": "k", "host-keys": "s"})

    def test_a_machine_without_user_data_has_none(self) -> None:
        for absent in (None, "", "\n"):
            self.azure.user_data = absent
            self.assertEqual(self.store.read(MANIFESTS), {})
        self.azure.refuse_metadata = [(404, b'{"error":"Not found"}')]
        self.assertEqual(self.store.read(MANIFESTS), {})

    def test_user_data_may_come_in_lines(self) -> None:
        self.azure.set_manifests({"key-set/manifest": "k" * 100})
        whole = self.azure.user_data or ""
        self.azure.user_data = f"{whole[:76]}\r\n{whole[76:]}\r\n"
        self.assertEqual(self.store.read(MANIFESTS), {"key-set/manifest": "k" * 100})

    def test_user_data_that_is_something_else(self) -> None:
        somebodys = [b"#!/bin/sh\n", b'"k"', b"[]", b"\xff", b'{"key-set/manifest":1}', b"{"]
        for user_data in ("#!/bin/sh", "ä", *(base64.b64encode(x).decode() for x in somebodys)):
            self.azure.user_data = user_data
            reason = "instance metadata: the user data is not what a bastion is given"
            self.assert_unavailable(reason, *MANIFESTS)

    def test_refusals(self) -> None:
        for answer, reason in (
            (
                (429, b'{"error":"Too many requests"}'),
                "HTTP 429 for the user data: Too many requests",
            ),
            ((410, b"{}"), "HTTP 410 for the user data: no reason"),
            ((500, b"hush"), "HTTP 500, and nothing that can be read"),
            ((302, b""), "HTTP 302, and nothing that can be read"),
        ):
            self.azure.refuse_metadata = [answer]
            self.assert_unavailable(f"instance metadata: {reason}", *MANIFESTS)
        with mock.patch.dict("bastion_vm.vault_store._PROOF", clear=True):
            said = "Bad request. Required metadata header not specified"
            reason = f"instance metadata: HTTP 400 for the user data: {said}"
            self.assert_unavailable(reason, *MANIFESTS)


class Secrets(VaultStoreTest):
    def test_are_the_names_with_dashes(self) -> None:
        self.azure.secrets |= {"host-files-1": "ä", "key-set-12": "-", "key-set-1": "x" * 25_000}
        names = ["host-files/1", "key-set/12", "key-set/1", "key-set/13"]
        expected = {"host-files/1": "ä", "key-set/12": "-", "key-set/1": "x" * 25_000}
        self.assertEqual(self.store.read(names), expected)
        self.assertEqual(self.store.read([]), {})

    def test_need_no_user_data_and_one_token(self) -> None:
        for _ in range(3):
            self.assertEqual(self.read_secret(), {"host-keys": "s"})
        token = "/metadata/identity/oauth2/token"
        self.assertEqual(self.azure.asked, [token, *["/secrets/host-keys"] * 3])

    def test_are_left_out_where_there_is_none(self) -> None:
        self.azure.secrets.clear()
        self.assertEqual(self.read_secret(), {})

    def test_what_the_vault_says_is_passed_on(self) -> None:
        said = f"The user does not have secrets get permission on key vault '{VAULT}'."
        for answer, reason in (
            ((403, error("Forbidden", said)), f"Forbidden: {said}"),
            (
                (429, error("Throttled", "Request was not processed")),
                "Throttled: Request was not processed",
            ),
            ((404, error("VaultNotFound", "gone")), "VaultNotFound: gone"),
            ((400, b'{"error":"odd"}'), "HTTP 400: no reason"),
            ((500, b"{}"), "HTTP 500: no reason"),
            ((503, b"<html>"), "HTTP 503, and nothing that can be read"),
            ((200, b"[]"), "HTTP 200, and nothing that can be read"),
            ((200, b'{"value":null}'), "HTTP 200: no reason"),
            ((200, b"{}"), "HTTP 200: no reason"),
            ((403, error("Forbidden", "x" * 9000)), f"Forbidden: {'x' * 389}"),
        ):
            self.azure.refuse = [answer]
            self.assert_unavailable(f"Key Vault: {reason}")

    def test_no_reason_holds_a_token_or_a_secret(self) -> None:
        self.azure.secrets["host-keys"] = "hush"
        self.read_secret()
        self.azure.refuse = [(403, error("Forbidden", "no")), (500, b'{"value":"hush"}')]
        for _ in range(2):
            with self.assertRaises(StoreUnavailable) as caught:
                self.read_secret()
            self.assertNotRegex(str(caught.exception), "eyJ0|hush")


class Tokens(VaultStoreTest):
    def test_are_for_the_vaults_of_the_cloud_that_the_vault_is_of(self) -> None:
        for vault, resource in (
            (URL, RESOURCE),
            (f"{URL}/", RESOURCE),
            (f"https://{VAULT}.vault.azure.cn", "https://vault.azure.cn"),
            (f"https://{VAULT}.vault.usgovcloudapi.net", "https://vault.usgovcloudapi.net"),
        ):
            self.store = self.open(vault=vault)
            self.read_secret()
            self.assertEqual(self.azure.resources.pop(), resource)

    def test_are_used_until_shortly_before_they_end(self) -> None:
        for lifetime, handed_out in (("310", 1), ("290", 3)):
            self.azure.token_seconds = lifetime
            self.store = self.open()
            self.azure.tokens.clear()
            for _ in range(3):
                self.read_secret()
            self.assertEqual(len(self.azure.tokens), handed_out)

    def test_that_have_ended_are_replaced(self) -> None:
        self.read_secret()
        with mock.patch("time.monotonic", return_value=time.monotonic() + 86_400):
            self.read_secret()
        self.assertEqual(len(self.azure.tokens), 2)

    def test_that_were_ended_early_are_replaced_but_once_only(self) -> None:
        self.read_secret()
        self.azure.ended = set(self.azure.tokens)
        self.assertEqual(self.read_secret(), {"host-keys": "s"})
        self.assertEqual(len(self.azure.tokens), 2)
        self.azure.refuse = [(401, error("Unauthorized", "AKV10032: Invalid issuer."))] * 2
        self.assert_unavailable("Key Vault: Unauthorized: AKV10032: Invalid issuer.")
        self.assertEqual(self.azure.refuse, [])

    def test_a_machine_without_the_identity(self) -> None:
        self.azure.identities.clear()
        self.assert_unavailable("instance metadata: HTTP 400 for a token: Identity not found")
        self.azure.identities.add(CLIENT_ID)
        self.assertEqual(self.read_secret(), {"host-keys": "s"})

    def test_that_are_none(self) -> None:
        for answer, reason in (
            ((200, b"{}"), "HTTP 200, and no token"),
            ((200, b'{"access_token":"t","expires_in":"soon"}'), "HTTP 200, and no token"),
            ((200, b'{"access_token":"t","expires_in":null}'), "HTTP 200, and no token"),
            ((200, b"hush"), "HTTP 200, and nothing that can be read"),
            ((429, b'{"error":"Too many requests"}'), "HTTP 429 for a token: Too many requests"),
            ((500, b"hush"), "HTTP 500, and nothing that can be read"),
        ):
            self.azure.refuse_metadata = [answer]
            self.assert_unavailable(f"instance metadata: {reason}")


class Places(VaultStoreTest):
    def test_the_usual_ones(self) -> None:
        store = VaultStore({"vault": f"{URL}/", "clientId": CLIENT_ID})
        with mock.patch("http.client.HTTPConnection") as connection:
            connection.return_value.request.side_effect = OSError("stop here")
            with self.assertRaisesRegex(StoreUnavailable, "metadata at 169.254.169.254: stop here"):
                store.read(MANIFESTS)
        connection.assert_called_once_with("169.254.169.254", timeout=5)
        store = VaultStore({"vault": URL, "clientId": CLIENT_ID, "metadata": self.azure.url})
        with mock.patch("http.client.HTTPSConnection") as connection:
            connection.return_value.request.side_effect = OSError("stop here")
            host = f"{VAULT}.vault.azure.net"
            with self.assertRaisesRegex(StoreUnavailable, f"Key Vault at {host}: stop here"):
                store.read(["host-keys"])
        connection.assert_called_once_with(host, timeout=5)


class Waiting(VaultStoreTest):
    def setUp(self) -> None:
        super().setUp()
        self.wake, self.waker = os.pipe()
        self.addCleanup(os.close, self.wake)
        self.addCleanup(os.close, self.waker)
        self.enterContext(mock.patch("bastion_vm.vault_store._LOOK_SECONDS", 0.05))
        self.azure.set_manifests({"key-set/manifest": "1"})
        self.store.read(MANIFESTS)
        self.azure.looks.acquire()

    def wait(self, seconds: float) -> float:
        """How long that took."""
        began = time.monotonic()
        self.store.wait_for_change(self.wake, seconds)
        return time.monotonic() - began

    def while_waiting(self, act: object, looks: int = 3) -> float:
        """Acts after so many looks at what has not changed."""
        assert callable(act)

        def act_then() -> None:
            for _ in range(looks):
                self.azure.looks.acquire(timeout=LONG_SECONDS)
            act()

        thread = threading.Thread(target=act_then)
        thread.start()
        self.addCleanup(thread.join)
        return self.wait(LONG_SECONDS)

    def test_the_sync_takes_it_for_a_store_that_can_be_waited_for(self) -> None:
        self.assertIsInstance(self.store, WatchedStore)

    def test_a_change_ends_it_soon(self) -> None:
        for manifest in ("2", "3"):
            manifests = {"key-set/manifest": manifest}
            took = self.while_waiting(
                lambda manifests=manifests: self.azure.set_manifests(manifests)
            )
            self.assertLess(took, LONG_SECONDS / 2)
            self.assertEqual(self.store.read(MANIFESTS), manifests)

    def test_a_change_since_the_last_reading_is_not_missed(self) -> None:
        self.azure.user_data = None
        self.assertLess(self.wait(LONG_SECONDS), LONG_SECONDS / 2)

    def test_what_was_read_and_made_no_sense_is_no_change(self) -> None:
        self.azure.user_data = "?"
        with self.assertRaises(StoreUnavailable):
            self.store.read(MANIFESTS)
        self.assertGreaterEqual(self.wait(0.3), 0.3)

    def test_it_looks_every_two_seconds_and_not_at_once(self) -> None:
        self.assertGreaterEqual(self.wait(0.5), 0.5)
        self.assertIn(len(self.azure.asked), range(3, 11))
        with mock.patch("bastion_vm.vault_store._LOOK_SECONDS", 2.0):
            self.azure.asked.clear()
            self.wait(0.3)
        self.assertEqual(self.azure.asked, [])

    def test_a_signal_ends_it_at_once(self) -> None:
        took = self.while_waiting(lambda: os.write(self.waker, b"x"))
        self.assertLess(took, LONG_SECONDS / 2)

    def test_a_signal_ends_it_while_there_is_no_answer(self) -> None:
        self.azure.hold = threading.Event()
        self.addCleanup(self.azure.hold.set)
        with mock.patch("bastion_vm.vault_store._ANSWER_SECONDS", LONG_SECONDS):
            took = self.while_waiting(lambda: os.write(self.waker, b"x"), looks=1)
        self.assertLess(took, LONG_SECONDS / 2)

    def test_refusals_and_silence_are_no_change(self) -> None:
        self.azure.refuse_metadata = [(429, b'{"error":"Too many requests"}'), (200, b"\xff")] * 20
        self.assertGreaterEqual(self.wait(0.3), 0.3)
        self.assertLess(len(self.azure.refuse_metadata), 39)
        self.store = self.open(metadata="http://127.0.0.1:1")
        self.assertGreaterEqual(self.wait(0.3), 0.3)


if __name__ == "__main__":
    unittest.main()
