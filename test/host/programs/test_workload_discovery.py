from __future__ import annotations

import contextlib
import http.server
import ipaddress
import os
import threading
import time
import unittest
from collections.abc import Callable
from typing import Any
from unittest import mock

from support import make_key
from workload_support import ApiServer, QuietServer, Reply, WorkloadTest, address_of, pod

from bastion_workloads.cache_rules import REBUILD, UPDATE
from bastion_workloads.update import Updated, UpdateFailed, update


class DiscoveryTest(WorkloadTest):
    def rebuild(self, seconds: float = 15.0) -> Updated:
        return update(self.paths, REBUILD, seconds)

    def failure(self, seconds: float = 15.0) -> str:
        with self.assertRaises(UpdateFailed) as caught:
            self.rebuild(seconds)
        return str(caught.exception)

    def pods_of(self, key: str) -> str:
        """The names of the pods that a key opens, sorted."""
        lines = [line for line in self.key_lines() if f" {key} " in line]
        names = [part.split('"')[1] for line in lines for part in line.split("permitopen=")[1:]]
        return " ".join(name.split(":")[0] for name in names if not name[0].isdigit())


class ApiFaults(DiscoveryTest):
    """What the API server may do, and what is said of it."""

    def setUp(self) -> None:
        super().setUp()
        self.key = make_key()
        self.api.pods = [pod("web", "10.244.0.7", self.key)]

    def always(self, reply: Reply) -> None:
        self.api.fault = lambda path, query: reply

    def test_says_no_or_nothing_that_can_be_read(self) -> None:
        listing = "GET /api/v1/namespaces/team-a/pods: "
        for reply, reason in (
            (Reply(401, b'{"message":"Unauthorized"}'), "HTTP 401: Unauthorized"),
            (Reply(403, b'{"message":"pods is forbidden"}'), "HTTP 403: pods is forbidden"),
            (Reply(500, b"oops"), "HTTP 500"),
            (Reply(503, b'{"message":1}'), "HTTP 503"),
            (Reply(302, b"", {"Location": "https://127.0.0.1:1/"}), "HTTP 302"),
            (Reply(200, b"<html>"), "the answer is not a JSON object"),
            (Reply(200, b"[]"), "the answer is not a JSON object"),
            (Reply(200, b"[" * 100_000), "the answer is not a JSON object"),
            (Reply(200, b"\xff\xfe\x00"), "the answer is not a JSON object"),
            (Reply(200, b'{"items":1,"metadata":{}}'), "the answer is not a list of pods"),
            (Reply(200, b'{"items":[]}'), "the answer is not a list of pods"),
        ):
            with self.subTest(reason=reason):
                self.always(reply)
                self.assertEqual(self.failure(), listing + reason)

    def test_ends_before_its_end(self) -> None:
        self.always(Reply(200, b'{"items":[', announced_bytes=100))
        self.assertRegex(self.failure(), "team-a/pods: the answer ends before its end$")

    def test_is_slow(self) -> None:
        self.always(Reply(seconds=2))
        started = time.monotonic()
        self.assertRegex(self.failure(0.5), "team-a/pods: no answer within [01] s$")
        self.assertLess(time.monotonic() - started, 2)

    def test_is_down(self) -> None:
        self.api.stop()
        self.assertRegex(self.failure(), r"^GET https://127\.0\.0\.1:\d+/.*: Connection refused$")

    def test_is_somebody_else(self) -> None:
        other = ApiServer()
        self.addCleanup(other.stop)
        self.write("run/api-server", other.address)
        self.assertRegex(self.failure(), "team-a/pods: .*certificate verify failed")
        self.assertEqual((other.asked, other.tokens), ([], set()))

    def test_what_there_is_to_ask_with_is_missing(self) -> None:
        for file, content, reason in (
            ("run/api-server", "x", "the address of the API server is 'x', not host:port"),
            ("api/token", "", f"{self.paths.token}: holds no token"),
            ("api/token", "two\nlines", f"{self.paths.token}: holds no token"),
        ):
            before = self.read(file)
            self.write(file, content)
            self.assertEqual(self.failure(), reason)
            self.write(file, before)
        self.rebuild()

    def test_the_token_is_read_anew(self) -> None:
        self.rebuild()
        self.write("api/token", "another")
        self.rebuild()
        self.assertEqual(len(self.api.tokens), 2)

    def test_too_many_requests_are_asked_again_once_when_told_when(self) -> None:
        replies = [Reply(429, b"{}", {"Retry-After": "1"})]
        self.api.fault = lambda path, query: replies.pop() if replies else None
        self.rebuild()
        self.assertEqual(len(self.api.lists()), 2)
        self.always(Reply(429, b'{"message":"too many"}', {"Retry-After": "0"}))
        self.assertRegex(self.failure(), "HTTP 429: too many$")
        self.assertEqual(len(self.api.lists()), 4)
        self.always(Reply(503, b"{}", {"Retry-After": "3600"}))
        self.assertRegex(self.failure(), "HTTP 503$")
        self.assertEqual(len(self.api.lists()), 5)

    def test_a_connection_that_was_closed_in_between_is_opened_anew(self) -> None:
        self.workloads(namespaces=["team-a", "team-b"])
        closing = [True]

        def fault(path: str, query: dict[str, str]) -> Reply | None:
            if "team-b" in path and closing:
                closing.clear()
                raise ConnectionAbortedError
            return None

        self.api.fault = fault
        self.assertEqual(self.rebuild().pods, 1)

    def test_pages(self) -> None:
        self.api.pods = [pod(f"web-{n:03}", address_of(n), self.key) for n in range(600)]
        self.assertEqual(self.rebuild().pods, 600)
        pages = [query.get("continue") for query in self.api.lists()]
        self.assertEqual(pages, [None, "250", "500"])

    def test_a_listing_that_expires_begins_again(self) -> None:
        self.api.pods = [pod(f"web-{n:03}", address_of(n), self.key) for n in range(300)]
        expired = [Reply(410, b'{"message":"expired"}')]

        def fault(path: str, query: dict[str, str]) -> Reply | None:
            if "continue" in query and expired:
                # What was listed before is not there when it is listed again.
                del self.api.pods[0]
                return expired.pop()
            return None

        self.api.fault = fault
        self.assertEqual(self.rebuild().pods, 299)
        self.assertEqual(len(self.api.lists()), 4)

    def test_but_not_for_ever(self) -> None:
        self.always(Reply(410, b'{"message":"expired"}'))
        self.assertRegex(self.failure(), "HTTP 410: expired$")
        self.assertEqual(len(self.api.lists()), 3)

    def test_a_page_that_is_too_long_is_asked_for_in_smaller_ones(self) -> None:
        self.api.pods = [pod(f"web-{n}", address_of(n), self.key) for n in range(3)]
        huge = Reply(200, b" " * ((16 << 20) + 1))
        self.api.fault = lambda path, query: huge if int(query["limit"]) > 1 else None
        self.assertEqual(self.rebuild().pods, 3)
        sizes = [query["limit"] for query in self.api.lists()]
        self.assertEqual(sizes, ["250", "10", "1", "1", "1"])
        self.always(huge)
        self.assertRegex(self.failure(), "the answer is longer than 16777216 bytes$")

    def test_one_namespace_that_refuses_is_no_loss_for_the_others(self) -> None:
        mine = make_key()
        self.workloads(namespaces=["gone", "team-a"])
        gone = pod("db", "10.244.0.9", mine, namespace="gone")
        self.api.pods = [gone, pod("web", "10.244.0.7", make_key())]
        self.rebuild()
        self.api.pods[1:] = [pod("new", "10.244.0.8", self.key)]
        self.api.fault = lambda path, query: Reply(403, b"{}") if "/gone/" in path else None
        updated = self.rebuild()
        self.assertEqual(updated.failure, "GET /api/v1/namespaces/gone/pods: HTTP 403")
        self.assertEqual((self.pods_of(self.key), self.pods_of(mine)), ("new.team-a", "db.gone"))
        self.assertEqual(self.refresh()[0], 1)


class Pods(DiscoveryTest):
    def test_a_key_opens_the_pods_that_carry_it_and_no_others(self) -> None:
        mine, yours = make_key(), make_key()
        self.api.pods = [
            pod("a", "10.244.0.1", mine),
            pod("b", "10.244.0.2", f"{mine}\n{yours}"),
            pod("c", "10.244.0.3", yours),
        ]
        self.rebuild()
        self.assertEqual(self.pods_of(mine), "a.team-a b.team-a")
        self.assertEqual(self.pods_of(yours), "b.team-a c.team-a")

    def test_broken_pods_are_told_and_nobody_else_notices(self) -> None:
        key = make_key()
        self.api.pods = [
            pod("host", "10.1.1.1", key, spec={"hostNetwork": True}),
            pod("bare", "10.244.0.2"),
            pod("twin", "10.244.0.3", key),
            pod("tw1n", "10.244.0.3", key),
            pod("broken", "10.244.0.4", 'command="sh" ' + key),
            pod("list", "10.244.0.5", metadata={"annotations": [1]}),
            pod("good", "10.244.0.6", key),
            pod("over", "10.244.0.7", key, status={"phase": "Succeeded"}),
        ]
        found = self.rebuild()
        self.assertEqual((found.pods, found.keys), (1, 1))
        self.assertEqual(self.pods_of(key), "good.team-a")
        self.assertEqual(
            [problem.split(": ")[0] for problem in found.problems],
            [f"team-a/{name}" for name in ("bare", "broken", "host", "list", "tw1n", "twin")],
        )
        self.assertEqual(self.status()["problems"], found.problems)

    def test_of_too_many_pods_the_first_count_and_those_of_other_namespaces(self) -> None:
        key = make_key()
        self.workloads(namespaces=["a", "b"])
        self.api.pods = [pod(f"p{n}", address_of(n), key, namespace="a") for n in range(4)]
        self.api.pods.append(pod("q", address_of(9), key, namespace="b"))
        with mock.patch("bastion_workloads.discovery._MOST_PODS", 3):
            found = self.rebuild()
            self.assertEqual(self.pods_of(key), "p0.a p1.a p2.a q.b")
            self.assertEqual(found.problems, ["a: only its first 3 pods count"])
            del self.api.pods[3]
            self.assertEqual(self.rebuild().problems, [])

    def test_a_pod_with_another_uid_or_address_is_another_pod(self) -> None:
        key = make_key()
        for change in ({"metadata": {"uid": "another"}}, {"status": {"podIP": "10.244.0.9"}}):
            self.api.pods = [pod("web", "10.244.0.1", make_key())]
            self.rebuild()
            self.api.pods = [pod("web", "10.244.0.1", key, **change)]
            update(self.paths, UPDATE)
            self.assertEqual(self.pods_of(key), "web.team-a")

    def test_hosts_is_the_same_file_and_keeps_nothing_of_before(self) -> None:
        before = os.stat(self.paths.hosts).st_ino
        self.api.pods = [pod(f"web-{n}", address_of(n), make_key()) for n in range(9)]
        self.rebuild()
        self.assertEqual(self.read("hosts").count("\n"), 10)
        del self.api.pods[1:]
        seen: list[str] = []
        with mock.patch("os.ftruncate", lambda *_: seen.append(self.read("hosts").rstrip("\n"))):
            self.rebuild()
        # Not even for a moment is there a rest of another line.
        self.assertEqual(seen, ["127.0.0.1\tlocalhost\n10.244.0.1\tweb-0.team-a"])
        self.rebuild()
        self.assertEqual(self.read("hosts"), "127.0.0.1\tlocalhost\n10.244.0.1\tweb-0.team-a\n")
        self.assertEqual(os.stat(self.paths.hosts).st_ino, before)


class Objects(DiscoveryTest):
    """Keys in Secrets and ConfigMaps."""

    def setUp(self) -> None:
        super().setUp()
        self.key = make_key()
        self.path_of = "/api/v1/namespaces/team-a/{}/{}".format

    def test_each_object_is_asked_for_once(self) -> None:
        for source, kind in (("secret", "secrets"), ("config-map", "configmaps")):
            with self.subTest(source=source):
                self.workloads(keySource=source)
                self.api.asked.clear()
                self.object(kind, "keys.of-us", self.key)
                self.api.pods = [pod(f"web-{n}", address_of(n), "keys.of-us") for n in range(3)]
                self.rebuild()
                self.assertEqual(self.pods_of(self.key), "web-0.team-a web-1.team-a web-2.team-a")
                self.assertEqual(self.api.reads(), [self.path_of(kind, "keys.of-us")])

    def test_what_is_wrong_with_one_is_told(self) -> None:
        self.workloads(keySource="secret", dataKey="keys")
        self.object("secrets", "good", self.key, "keys")
        self.object("secrets", "other", self.key)
        self.api.objects[self.path_of("secrets", "plain")] = {"data": {"keys": "not base64!"}}
        self.api.objects[self.path_of("secrets", "empty")] = {"kind": "Secret"}
        names = ("good", "other", "plain", "empty", "missing", "../../x", "a\nb")
        self.api.pods = [pod(f"p{n}", address_of(n), name) for n, name in enumerate(names)]
        found = self.rebuild()
        self.assertEqual(self.pods_of(self.key), "p0.team-a")
        get = "GET /api/v1/namespaces/team-a/secrets/"
        named = "its annotation reverse-bastion/authorized-keys names no object: "
        self.assertEqual(
            found.problems,
            [
                f"team-a/p1: {get}other: it has no keys",
                f"team-a/p2: {get}plain: the answer is not base64",
                f"team-a/p3: {get}empty: it has no keys",
                f"team-a/p4: {get}missing: HTTP 404: not found",
                f"team-a/p5: {named}'../../x'",
                f"team-a/p6: {named}'a\\\\nb'",
            ],
        )
        self.assertIsNone(found.failure)

    def test_an_update_asks_only_for_those_of_new_pods(self) -> None:
        self.workloads(keySource="config-map")
        self.object("configmaps", "old", make_key())
        self.object("configmaps", "new", self.key)
        self.api.pods = [pod("a", "10.244.0.1", "old")]
        self.rebuild()
        self.api.pods.append(pod("b", "10.244.0.2", "new"))
        self.api.asked.clear()
        update(self.paths, UPDATE)
        self.assertEqual(self.api.reads(), [self.path_of("configmaps", "new")])

    def test_an_outage_leaves_what_was_known_and_an_answer_does_not(self) -> None:
        self.workloads(keySource="secret")
        kept = "a.team-a"
        for status, expected in ((500, kept), (403, kept), (429, kept), (404, "")):
            self.api.fault = lambda path, query: None
            self.object("secrets", "keys", self.key)
            self.api.pods = [pod("a", "10.244.0.1", "keys")]
            self.rebuild()
            reply = Reply(status, b'{"message":"no"}')
            self.api.fault = lambda path, query: None if path.endswith("/pods") else reply
            self.api.pods.append(pod("b", "10.244.0.2", "keys"))
            found = self.rebuild()
            self.assertEqual(self.pods_of(self.key), expected, status)
            path = self.path_of("secrets", "keys")
            said = f"GET {path}: HTTP {status}: no (and 1 more like this)"
            self.assertEqual(found.failure, None if status == 404 else said)
            self.assertEqual(len(found.problems), 2 if status == 404 else 0)

    def test_what_could_not_be_had_is_asked_for_by_the_next_update(self) -> None:
        self.workloads(keySource="secret")
        self.object("secrets", "keys", self.key)
        self.api.pods = [pod("a", "10.244.0.1", "keys")]
        self.api.fault = lambda path, query: None if path.endswith("/pods") else Reply(500, b"{}")
        self.rebuild()
        self.assertEqual(self.pods_of(self.key), "")
        self.api.fault = lambda path, query: None
        update(self.paths, UPDATE)
        self.assertEqual(self.pods_of(self.key), "a.team-a")


class Http(DiscoveryTest):
    """Keys that the pods give themselves. They are on loopback here, where no pod could be."""

    def setUp(self) -> None:
        super().setUp()
        patch = mock.patch.object(ipaddress.IPv4Address, "is_loopback", False)
        patch.start()
        self.addCleanup(patch.stop)
        self.key = make_key()
        self.server = _PodServer()
        self.addCleanup(self.server.stop)
        self.workloads(keySource="http", httpPort=self.server.port)

    def test_only_a_plain_answer_counts_and_only_an_outage_is_one(self) -> None:
        answers = {
            "good": (200, self.key.encode()),
            "binary": (200, b"\xff"),
            "missing": (404, b""),
            "moved": (302, b""),
            "broken": (500, b""),
            "long": (200, b"#" * (64 * 1024 + 1)),
        }
        self.api.pods = [pod(name, f"127.0.1.{n}") for n, name in enumerate(answers, 1)]
        self.server.answer = lambda address: (200, self.key.encode())
        self.assertEqual(self.rebuild().pods, 6)
        by_address = dict(zip((one["status"]["podIP"] for one in self.api.pods), answers.values()))
        self.server.answer = by_address.__getitem__
        found = self.rebuild()
        self.assertEqual(self.pods_of(self.key), "broken.team-a good.team-a")
        get = f"GET http://{{}}:{self.server.port}/authorized_keys: ".format
        self.assertEqual(
            found.problems,
            [
                "team-a/binary: line 1: does not begin with a permitted type of key (options are "
                "not allowed)",
                f"team-a/broken: {get('127.0.1.5')}HTTP 500",
                f"team-a/long: {get('127.0.1.6')}the answer is longer than 65536 bytes",
                f"team-a/missing: {get('127.0.1.3')}HTTP 404",
                f"team-a/moved: {get('127.0.1.4')}HTTP 302",
            ],
        )
        self.assertIsNone(found.failure)
        self.assertEqual(self.server.strange, [])

        self.server.stop()
        found = self.rebuild()
        self.assertEqual(self.pods_of(self.key), "broken.team-a good.team-a")
        self.assertIn(f"team-a/good: {get('127.0.1.1')}Connection refused", found.problems)

    def test_pods_that_do_not_answer_keep_nobody_waiting_and_no_keys_of_others(self) -> None:
        self.api.pods = [pod(f"web-{n:03}", f"127.0.1.{n + 1}") for n in range(200)]
        hang = threading.Event()
        self.addCleanup(hang.set)

        def answer(address: str) -> tuple[int, bytes]:
            if int(address.split(".")[3]) <= 20:
                hang.wait(60)
            return 200, self.key.encode()

        self.server.answer = answer
        started = time.monotonic()
        found = self.rebuild()
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(found.pods, 180)
        self.assertEqual(len(found.problems), 20)
        self.assertRegex(found.problems[0], "web-000: GET http://.*: no answer within 2 s$")

    def test_an_answer_that_comes_byte_by_byte_has_an_end(self) -> None:
        self.api.pods = [pod("web", "127.0.1.1")]
        self.server.pause_seconds = 0.1
        self.server.answer = lambda address: (200, b"#" * 1000)
        self.assertRegex(self.rebuild().problems[0], "no answer within 2 s$")


class _PodServer:
    """Gives each pod's answer, by the address it is asked at."""

    def __init__(self) -> None:
        self.answer: Callable[[str], tuple[int, bytes]]
        self.pause_seconds = 0.0
        self.strange: list[str] = []
        """Requests that are not what a pod may be asked."""
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path != "/authorized_keys" or "Authorization" in self.headers:
                    outer.strange.append(f"{self.path}\n{self.headers}")
                status, body = outer.answer(self.connection.getsockname()[0])
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                step = 1 if outer.pause_seconds else len(body) or 1
                with contextlib.suppress(OSError):
                    for start in range(0, len(body), step):
                        self.wfile.write(body[start : start + step])
                        time.sleep(outer.pause_seconds)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = QuietServer(("0.0.0.0", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


if __name__ == "__main__":
    unittest.main()
