from __future__ import annotations

import os
import threading
import time
import unittest
from unittest import mock

from gcp_services import PROJECT, SECRET, GcpServices, error
from support import PROGRAMS  # noqa: F401

from bastion_vm.document import StoreUnavailable
from bastion_vm.metadata_store import MetadataStore

PATH = f"/v1/projects/{PROJECT}/secrets/{SECRET}"
LONG_SECONDS = 20.0


class MetadataStoreTest(unittest.TestCase):
    def setUp(self) -> None:
        self.gcp = GcpServices()
        self.gcp.serve_in_background()
        self.addCleanup(self.gcp.stop)
        self.gcp.secrets[PATH] = "s"
        self.store = self.open()

    def open(self, **changes: str) -> MetadataStore:
        places = {"endpoint": self.gcp.url, "metadata": self.gcp.url}
        return MetadataStore({"project": PROJECT, "secret": SECRET, **places, **changes})

    def assert_unavailable(self, reason: str, decrypt: bool = False) -> None:
        with self.assertRaises(StoreUnavailable) as caught:
            self.store.read(["x"], decrypt)
        self.assertEqual(str(caught.exception), reason)


class Attributes(MetadataStoreTest):
    def test_what_there_is_and_nothing_for_what_there_is_not(self) -> None:
        self.gcp.set_attributes(
            {"reverse-bastion-key-set-1": "ä", "reverse-bastion-x": "", "startup-script": "no"}
        )
        names = ["key-set/1", "x", "key-set/2", "startup-script"]
        self.assertEqual(self.store.read(names), {"key-set/1": "ä", "x": ""})
        self.assertEqual(self.store.read([]), {})

    def test_no_token_is_asked_for(self) -> None:
        self.store.read(["x"])
        expected = ["/computeMetadata/v1/instance/attributes/reverse-bastion-x"]
        self.assertEqual(self.gcp.paths, expected)

    def test_an_answer_of_somebody_else(self) -> None:
        self.gcp.set_attributes({"reverse-bastion-x": "evil"})
        self.gcp.flavor = "Other"
        reason = "instance metadata: the answer is not that of Google's metadata server"
        self.assert_unavailable(reason)
        self.assert_unavailable(reason, decrypt=True)

    def test_trouble(self) -> None:
        self.gcp.refuse_metadata = [(503, b"")]
        self.assert_unavailable("instance metadata: HTTP 503 for reverse-bastion-x")
        with mock.patch.dict("bastion_vm.metadata_store._FLAVOR", clear=True):
            self.assert_unavailable("instance metadata: HTTP 403 for reverse-bastion-x")

    def test_a_service_that_cannot_be_reached(self) -> None:
        self.store = self.open(metadata="http://127.0.0.1:1")
        with self.assertRaisesRegex(StoreUnavailable, "^instance metadata at 127.0.0.1:1: .*refus"):
            self.store.read(["x"])

    def test_a_service_that_does_not_answer(self) -> None:
        with mock.patch("bastion_vm.http_service._TIMEOUT_SECONDS", 0.05):
            held = threading.Event()
            self.addCleanup(held.set)
            silent = mock.patch.object(GcpServices, "attribute", lambda *_: held.wait(LONG_SECONDS))
            with silent:
                with self.assertRaisesRegex(StoreUnavailable, "instance metadata at .*: timed out"):
                    self.store.read(["x"])
                held.set()

    def test_the_usual_places(self) -> None:
        store = MetadataStore({"project": PROJECT, "secret": SECRET})
        with mock.patch("http.client.HTTPConnection") as connection:
            connection.return_value.request.side_effect = OSError("stop here")
            with self.assertRaisesRegex(StoreUnavailable, "169.254.169.254: stop here"):
                store.read(["x"])
        connection.assert_called_once_with("169.254.169.254", timeout=5)
        store = MetadataStore({"project": PROJECT, "secret": SECRET, "metadata": self.gcp.url})
        with mock.patch("http.client.HTTPSConnection") as connection:
            connection.return_value.request.side_effect = OSError("stop here")
            with self.assertRaisesRegex(StoreUnavailable, "secretmanager.googleapis.com: stop"):
                store.read(["x"], decrypt=True)
        connection.assert_called_once_with("secretmanager.googleapis.com", timeout=5)


class Secret(MetadataStoreTest):
    def read(self) -> dict[str, str]:
        return self.store.read(["host-keys"], decrypt=True)

    def test_its_latest_version(self) -> None:
        self.gcp.secrets[PATH] = '{"ä": "-----BEGIN"}'
        self.assertEqual(self.read(), {"host-keys": '{"ä": "-----BEGIN"}'})

    def test_one_that_does_not_exist_yet(self) -> None:
        self.gcp.secrets.clear()
        self.assertEqual(self.read(), {})

    def test_a_token_is_used_until_shortly_before_it_ends(self) -> None:
        for lifetime, handed_out in ((250, 1), (230, 3)):
            self.gcp.token_seconds = lifetime
            self.store = self.open()
            self.gcp.tokens.clear()
            for _ in range(3):
                self.read()
            self.assertEqual(len(self.gcp.tokens), handed_out)

    def test_a_token_that_has_ended_is_replaced(self) -> None:
        self.read()
        with mock.patch("time.monotonic", return_value=time.monotonic() + 3601):
            self.read()
        self.assertEqual(len(self.gcp.tokens), 2)

    def test_a_token_that_was_ended_early_is_replaced_but_once_only(self) -> None:
        self.read()
        self.gcp.ended = set(self.gcp.tokens)
        self.assertEqual(self.read(), {"host-keys": "s"})
        self.assertEqual(len(self.gcp.tokens), 2)
        refusal = (401, error("UNAUTHENTICATED", "Request had invalid credentials."))
        self.gcp.refuse = [refusal] * 2
        reason = "Secret Manager: UNAUTHENTICATED: Request had invalid credentials."
        self.assert_unavailable(reason, decrypt=True)
        self.assertEqual(self.gcp.refuse, [])

    def test_what_secret_manager_says_is_passed_on(self) -> None:
        said = "Permission 'secretmanager.versions.access' denied"
        denied = error("PERMISSION_DENIED", said)
        for answer, reason in (
            ((403, denied), f"PERMISSION_DENIED: {said}"),
            ((429, error("RESOURCE_EXHAUSTED", "Quota")), "RESOURCE_EXHAUSTED: Quota"),
            ((500, b"{}"), "HTTP 500: no reason"),
            ((503, b"<html>"), "HTTP 503, and nothing that can be read"),
            ((200, b"[]"), "HTTP 200, and nothing that can be read"),
            ((200, b'{"payload": {}}'), "the answer has no payload"),
            ((200, b'{"payload": {"data": "%"}}'), "the answer has no payload"),
        ):
            self.gcp.refuse = [answer]
            self.assert_unavailable(f"Secret Manager: {reason}", decrypt=True)

    def test_a_machine_without_an_account(self) -> None:
        self.gcp.has_account = False
        reason = "instance metadata: this instance has no service account"
        self.assert_unavailable(reason, decrypt=True)

    def test_a_token_that_is_none(self) -> None:
        for answer, reason in (
            ((200, b"{}"), "HTTP 200, and no token"),
            ((500, b"hush"), "HTTP 500, and nothing that can be read"),
        ):
            self.gcp.refuse_metadata = [answer]
            self.assert_unavailable(f"instance metadata: {reason}", decrypt=True)

    def test_no_reason_holds_a_token(self) -> None:
        self.read()
        self.gcp.refuse = [(403, error("PERMISSION_DENIED", "no"))]
        with self.assertRaises(StoreUnavailable) as caught:
            self.read()
        self.assertNotIn("ya29", str(caught.exception))


class Waiting(MetadataStoreTest):
    def setUp(self) -> None:
        super().setUp()
        self.wake, self.waker = os.pipe()
        self.addCleanup(os.close, self.wake)
        self.addCleanup(os.close, self.waker)
        # The first time, it is not known whether there was a change, and it is taken for one.
        self.assertLess(self.wait(LONG_SECONDS), LONG_SECONDS / 2)

    def wait(self, seconds: float) -> float:
        """How long that took."""
        began = time.monotonic()
        self.store.wait_for_change(self.wake, seconds)
        return time.monotonic() - began

    def while_waiting(self, act: object) -> float:
        assert callable(act)

        def act_then() -> None:
            self.gcp.waiting.acquire(timeout=LONG_SECONDS)
            act()

        thread = threading.Thread(target=act_then)
        thread.start()
        self.addCleanup(thread.join)
        return self.wait(LONG_SECONDS)

    def test_a_change_ends_it_at_once(self) -> None:
        for value in ("1", "2"):
            took = self.while_waiting(lambda value=value: self.gcp.set_attributes({"a": value}))
            self.assertLess(took, LONG_SECONDS / 2)

    def test_a_change_since_the_last_time_is_not_missed(self) -> None:
        self.gcp.set_attributes({"a": "1"})
        self.assertLess(self.wait(LONG_SECONDS), LONG_SECONDS / 2)

    def test_a_signal_ends_it_at_once(self) -> None:
        self.assertLess(self.while_waiting(lambda: os.write(self.waker, b"x")), LONG_SECONDS / 2)

    def test_without_a_change_it_takes_the_time_it_was_given(self) -> None:
        self.assertGreaterEqual(self.wait(1.2), 1.2)
        self.assertIn("timeout_sec=1", self.gcp.paths[-1])

    def test_refusals_and_silence_do_not_make_it_shorter(self) -> None:
        self.gcp.refuse_metadata = [(503, b"")]
        self.assertGreaterEqual(self.wait(0.3), 0.3)
        self.store = self.open(metadata="http://127.0.0.1:1")
        self.assertGreaterEqual(self.wait(0.3), 0.3)

    def test_it_asks_for_what_came_after_the_last_change(self) -> None:
        self.gcp.set_attributes({"a": "1"})
        self.wait(LONG_SECONDS)
        self.wait(0.1)
        self.assertTrue(self.gcp.paths[-1].startswith("/computeMetadata/v1/instance/attributes/?"))
        for part in ("recursive=true", "wait_for_change=true", f"last_etag={self.gcp.etag}"):
            self.assertIn(part, self.gcp.paths[-1])


if __name__ == "__main__":
    unittest.main()
