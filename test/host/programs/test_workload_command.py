from __future__ import annotations

import fcntl
import os
import stat
import threading
import unittest

from support import make_key, wait_until
from workload_support import TOKEN, Reply, WorkloadTest, address_of, pod

MINUTE = 60.0


class KeyCommand(WorkloadTest):
    """The programs themselves, beside an API server that is asked over TLS."""

    def setUp(self) -> None:
        super().setUp()
        self.key, self.other = make_key(), make_key()
        self.api.pods = [pod("web", "10.244.0.7", self.key)]
        self.line = (
            'restrict,port-forwarding,permitlisten="127.0.0.1:1",permitopen="10.244.0.7:2222",'
            f'permitopen="web.team-a:2222" {self.key} team-a/web\n'
        )

    def test_the_first_login_finds_the_key_and_the_second_asks_nobody(self) -> None:
        self.assertEqual(self.offer(self.key), self.line)
        self.assertEqual(self.offer(self.key), self.line)
        self.assertEqual(
            self.api.lists(), [{"labelSelector": "reverse-bastion/ssh=enabled", "limit": "250"}]
        )
        self.assertEqual(self.api.tokens, {f"Bearer {TOKEN}"})
        self.assertEqual(self.read("hosts"), "127.0.0.1\tlocalhost\n10.244.0.7\tweb.team-a\n")
        self.assertRegex(self.log(), r"workloads: rebuilt in \S+ s: 1 pods with 1 keys\n$")
        for file in ("keys", "cache.json", "lock"):
            mode = os.stat(self.path(f"live/workloads/{file}")).st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o600)

    def test_the_key_of_nobody_is_looked_for_once(self) -> None:
        self.assertEqual(self.offer(self.other), "")
        self.assertEqual(self.offer(self.other), "")
        self.assertEqual(len(self.api.lists()), 1)

    def test_an_unknown_key_has_new_pods_looked_at_and_only_those(self) -> None:
        self.offer(self.key)
        self.age_cache(14 * MINUTE, 3 * MINUTE)
        self.api.pods = [pod("web", "10.244.0.7", make_key()), pod("db", "10.244.0.8", self.other)]
        self.assertIn('permitopen="db.team-a:2222" ', self.offer(self.other))
        # Another key of a pod that is known waits for the rebuild.
        self.assertEqual(self.offer(self.key), self.line)
        self.assertEqual(len(self.api.lists()), 2)

    def test_an_update_does_not_put_off_the_rebuild(self) -> None:
        self.offer(self.key)
        self.age_cache(14.9 * MINUTE, 3 * MINUTE)
        before = self.moments()
        self.offer(self.other)
        self.assertIn("workloads: updated in", self.log())
        self.assertEqual(self.moments().rebuilt, before.rebuilt)
        self.assertGreater(self.moments().updated, before.updated + 3 * MINUTE)

    def test_a_pod_that_is_gone_goes_with_its_keys(self) -> None:
        self.offer(self.key)
        self.age_cache(3 * MINUTE, 3 * MINUTE)
        self.api.pods = []
        self.offer(self.other)
        self.assertEqual(self.offer(self.key), "")
        self.assertEqual(self.read("hosts"), "127.0.0.1\tlocalhost\n")

    def test_a_known_key_of_an_old_cache_has_everything_rebuilt(self) -> None:
        self.offer(self.key)
        self.age_cache(16 * MINUTE, MINUTE)
        self.api.pods = [pod("web", "10.244.0.7", self.other)]
        self.assertEqual(self.offer(self.key), "")
        self.assertEqual(len(self.api.lists()), 2)

    def test_logins_at_once_share_one_listing(self) -> None:
        self.api.fault = lambda path, query: Reply(seconds=1.0)
        offers = [self.start_offer(self.key) for _ in range(20)]
        outputs = {process.communicate(timeout=60)[0] for process in offers}
        self.assertEqual(outputs, {self.line})
        self.assertEqual(len(self.api.lists()), 1)

    def test_without_the_api_the_cache_goes_on_and_the_log_says_why(self) -> None:
        self.offer(self.key)
        self.age_cache(20 * MINUTE, 20 * MINUTE)
        self.api.stop()
        self.assertEqual(self.offer(self.key), self.line)
        self.assertRegex(
            self.log(),
            r"workloads: GET https://127\.0\.0\.1:\d+/api/v1/namespaces/team-a/pods: Connection "
            r"refused; the keys of 120\d s ago hold\n$",
        )
        self.assertIn("Connection refused", self.status()["lastFailure"]["reason"])
        self.assertEqual(self.status()["pods"], 1)

    def test_without_the_api_and_without_a_cache_nobody_is_let_in(self) -> None:
        self.api.stop()
        self.assertEqual(self.offer(self.key), "")
        self.assertRegex(self.log(), "no key is known, so nobody is let in\n$")

    def test_after_a_failure_nobody_tries_again_for_ten_seconds(self) -> None:
        self.api.fault = lambda path, query: Reply(status=500)
        for _ in range(3):
            self.assertEqual(self.offer(self.key), "")
        self.assertEqual(len(self.api.lists()), 1)
        self.api.fault = lambda path, query: None
        failed_at = float(self.read("live/workloads/failure"))
        self.write("live/workloads/failure", repr(failed_at - 10))
        self.assertEqual(self.offer(self.key), self.line)
        self.assertFalse(os.path.exists(self.paths.failure))

    def test_waiting_logins_share_a_failure(self) -> None:
        self.api.fault = lambda path, query: Reply(status=500, seconds=1.0)
        offers = [self.start_offer(self.key) for _ in range(8)]
        self.assertEqual({process.communicate(timeout=60)[0] for process in offers}, {""})
        self.assertEqual(len(self.api.lists()), 1)

    def test_a_refresh_asks_for_everything_now_also_after_a_failure(self) -> None:
        self.offer(self.key)
        self.write("live/workloads/failure", self.read("live/workloads/keys").split(" ")[2])
        self.api.pods = [pod("web", "10.244.0.7", self.other), pod("bare", "10.244.0.9")]
        code, output, errors = self.refresh()
        self.assertRegex(output, r"^rebuilt in \S+ s: 1 pods with 1 keys\nteam-a/bare: it has no ")
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual(self.offer(self.key), "")

    def test_a_refresh_that_fails_says_so_and_changes_nothing(self) -> None:
        self.offer(self.key)
        said = b'{"kind":"Status","message":"pods is forbidden: no\\u001b[2Jlist"}'
        self.api.fault = lambda path, query: Reply(status=403, body=said)
        code, output, errors = self.refresh()
        self.assertEqual((code, output), (1, ""))
        self.assertEqual(
            errors,
            "failed: GET /api/v1/namespaces/team-a/pods: HTTP 403: pods is forbidden: "
            "no\\x1b[2Jlist; the keys of before hold\n",
        )
        self.assertEqual(self.offer(self.key), self.line)

    def test_a_damaged_cache_is_none(self) -> None:
        self.offer(self.key)
        self.age_cache(3 * MINUTE, 3 * MINUTE)
        self.write("live/workloads/cache.json", '{"version":1,"pods":[{}]}')
        self.api.pods.append(pod("db", "10.244.0.8", self.other))
        self.assertNotEqual(self.offer(self.other), "")
        self.assertRegex(self.log(), "rebuilt in .*\n.*the cache is made anew: .*KeyError\n$")

    def test_a_keys_file_that_says_no_moments_is_none(self) -> None:
        self.write("live/workloads/keys", self.line.replace("web", "old"))
        self.assertEqual(self.offer(self.key), self.line)

    def test_an_update_by_somebody_else_is_not_waited_for_without_end(self) -> None:
        self.offer(self.key)
        self.age_cache(20 * MINUTE, 20 * MINUTE)
        with open(self.paths.lock, "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertEqual(self.offer(self.key, wait_seconds=0.3), self.line)
        self.assertRegex(self.log(), r"another update has not ended within 0.3 s; the keys of 12")
        self.assertEqual(len(self.api.lists()), 1)

    def test_a_known_key_waits_for_nobody(self) -> None:
        self.offer(self.key)
        self.age_cache(3 * MINUTE, 3 * MINUTE)
        release = threading.Event()
        self.api.fault = lambda path, query: release.wait(60) and None
        unknown = self.start_offer(self.other)
        wait_until(lambda: len(self.api.lists()) == 2, 60)
        self.assertEqual(self.offer(self.key), self.line)
        self.assertIsNone(unknown.poll())
        release.set()
        self.assertEqual(unknown.communicate(timeout=60)[0], "")

    def test_the_settings_cannot_be_read(self) -> None:
        self.write("etc/workloads.json", "{")
        self.assertEqual(self.offer(self.key), "")
        self.assertRegex(self.log(), "workloads.json: Expecting property name")

    def test_many_broken_pods_take_few_lines_of_the_log(self) -> None:
        self.api.pods += [pod(f"bare-{n:02}", address_of(300 + n)) for n in range(30)]
        self.assertEqual(self.offer(self.key), self.line)
        self.assertEqual(self.log().count("it has no annotation"), 20)
        self.assertRegex(self.log(), r"workloads: and 10 more\n$")
        self.assertEqual(len(self.status()["problems"]), 30)


if __name__ == "__main__":
    unittest.main()
