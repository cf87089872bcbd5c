from __future__ import annotations

import json
import unittest
from unittest import mock

from aws_services import AwsServices, error
from support import PROGRAMS  # noqa: F401

from bastion_vm.document import StoreUnavailable
from bastion_vm.parameter_store import ParameterStore


class ParameterStoreTest(unittest.TestCase):
    def setUp(self) -> None:
        self.aws = AwsServices()
        self.aws.serve_in_background()
        self.addCleanup(self.aws.stop)
        self.store = self.open()

    def open(self, **changes: str) -> ParameterStore:
        places = {"endpoint": self.aws.url, "metadata": self.aws.url}
        return ParameterStore({"region": "eu-central-1", "prefix": "/a/b", **places, **changes})

    def assert_unavailable(self, reason: str) -> None:
        with self.assertRaises(StoreUnavailable) as caught:
            self.store.read(["x"])
        self.assertEqual(str(caught.exception), reason)


class Reading(ParameterStoreTest):
    def test_what_there_is_and_nothing_for_what_there_is_not(self) -> None:
        self.aws.parameters = {"/a/b/x": "1", "/a/b/c/d": "ä", "/other/x": "2"}
        self.assertEqual(self.store.read(["x", "c/d", "gone"]), {"x": "1", "c/d": "ä"})
        self.assertEqual(self.store.read([]), {})

    def test_more_names_than_one_call_takes(self) -> None:
        names = [f"p/{number}" for number in range(21)]
        self.aws.parameters = {f"/a/b/{name}": name for name in names}
        self.assertEqual(self.store.read(names), {name: name for name in names})
        self.assertEqual([len(call) for call in self.aws.calls], [10, 10, 1])
        self.assertEqual(self.aws.handed_out, 1)

    def test_secrets_are_decrypted_only_on_demand(self) -> None:
        self.aws.parameters, self.aws.secrets = {"/a/b/x": "s"}, {"/a/b/x"}
        self.assertEqual(self.store.read(["x"], decrypt=True), {"x": "s"})
        self.assertNotEqual(self.store.read(["x"]), {"x": "s"})

    def test_the_usual_place_of_a_region(self) -> None:
        for region, host in (
            ("eu-central-1", "ssm.eu-central-1.amazonaws.com"),
            ("cn-north-1", "ssm.cn-north-1.amazonaws.com.cn"),
        ):
            store = ParameterStore({"region": region, "prefix": "/a", "metadata": self.aws.url})
            with mock.patch("http.client.HTTPSConnection") as connection:
                connection.return_value.request.side_effect = OSError("stop here")
                with self.assertRaisesRegex(StoreUnavailable, f"SSM at {host}: stop here"):
                    store.read(["x"])
            connection.assert_called_once_with(host, timeout=5)


class Credentials(ParameterStoreTest):
    def test_are_renewed_five_minutes_before_they_end(self) -> None:
        for lifetime, handed_out in ((310, 1), (290, 3)):
            self.aws.key_lifetime_seconds = lifetime
            self.store = self.open()
            self.aws.handed_out = 0
            for _ in range(3):
                self.store.read(["x"])
            self.assertEqual(self.aws.handed_out, handed_out)

    def test_are_read_again_when_they_were_ended_early(self) -> None:
        self.store.read(["x"])
        self.aws.revoked = set(self.aws.keys)
        self.assertEqual(self.store.read(["x"]), {})
        self.assertEqual(self.aws.handed_out, 2)

    def test_are_read_again_when_access_is_denied_but_once_only(self) -> None:
        self.store.read(["x"])
        said = error("AccessDeniedException", "User: arn:x is not authorized")
        self.aws.refuse = [(400, said)]
        self.assertEqual(self.store.read(["x"]), {})
        self.aws.refuse = [(400, said)] * 2
        self.assert_unavailable("SSM: AccessDeniedException: User: arn:x is not authorized")
        self.assertEqual(self.aws.refuse, [])

    def test_a_machine_without_a_role(self) -> None:
        self.aws.has_role = False
        self.assert_unavailable("instance metadata: this instance has no role")

    def test_a_role_without_credentials(self) -> None:
        failed = {"Code": "AssumeRoleUnauthorizedAccess"}
        with mock.patch.object(self.aws, "new_credentials", return_value=failed):
            self.assert_unavailable(
                "instance metadata: acme-bastion has no credentials: AssumeRoleUnauthorizedAccess"
            )

    def test_metadata_is_never_asked_without_a_token(self) -> None:
        self.aws.tokens = mock.MagicMock(spec=set)
        self.aws.tokens.__contains__.return_value = False
        self.aws.tokens.__len__.return_value = 0
        path = "/latest/meta-data/iam/security-credentials/"
        self.assert_unavailable(f"instance metadata: HTTP 401 for {path}")


class WrongClock(ParameterStoreTest):
    def test_hours_off_in_either_direction(self) -> None:
        self.aws.parameters = {"/a/b/x": "1"}
        for hours in (-13, 0.2, 7):
            self.aws.clock_offset_seconds = hours * 3600
            self.assertEqual(self.open().read(["x"]), {"x": "1"})

    def test_a_clock_that_jumps_later(self) -> None:
        self.aws.parameters = {"/a/b/x": "1"}
        self.store.read(["x"])
        for hours in (5, -30):
            self.aws.clock_offset_seconds = hours * 3600
            self.assertEqual(self.store.read(["x"]), {"x": "1"})

    def test_the_service_does_refuse_what_is_signed_at_the_wrong_time(self) -> None:
        self.aws.clock_offset_seconds = 3600
        with mock.patch.object(ParameterStore, "_learn_time"):
            with self.assertRaisesRegex(StoreUnavailable, "InvalidSign.*: Signature expired: "):
                self.store.read(["x"])


class Trouble(ParameterStoreTest):
    def test_what_ssm_says_is_passed_on(self) -> None:
        throttled = error("ThrottlingException", "Rate exceeded")
        for answer, reason in (
            ((400, throttled), "ThrottlingException: Rate exceeded"),
            ((400, error("com.amazonaws.ssm#InvalidKeyId", "no")), "InvalidKeyId: no"),
            ((500, error("InternalServerError")), "InternalServerError: no reason given"),
            ((503, b"<html>"), "HTTP 503, and nothing that can be read"),
            ((200, b"[]"), "HTTP 200, and nothing that can be read"),
        ):
            self.aws.refuse = [answer]
            self.assert_unavailable(f"SSM: {reason}")

    def test_a_service_that_cannot_be_reached(self) -> None:
        self.store.read(["x"])
        self.aws.stop()
        with self.assertRaisesRegex(StoreUnavailable, r"SSM at 127.0.0.1:\d+: .*[Rr]efused"):
            self.store.read(["x"])
        self.aws = AwsServices()
        self.aws.serve_in_background()

    def test_no_reason_holds_a_credential(self) -> None:
        self.store.read(["x"])
        self.aws.keys = {key: ("other", token) for key, (_, token) in self.aws.keys.items()}
        with mock.patch.object(self.aws, "new_credentials", return_value=json.loads("{}")):
            with self.assertRaises(StoreUnavailable) as caught:
                self.store.read(["x"])
        self.assertNotRegex(str(caught.exception), "secret|session|ASIA")


if __name__ == "__main__":
    unittest.main()
