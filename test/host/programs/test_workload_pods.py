from __future__ import annotations

import socket
import unittest
from typing import Any

from support import make_key
from workload_support import pod

from bastion_workloads.pods import (
    KeyedPod,
    Pod,
    PodProblem,
    label_of,
    parse_pod,
    sharing_addresses,
    take_turns,
)
from bastion_workloads.rendering import host_name, render_hosts, render_key_lines


class ParsePod(unittest.TestCase):
    def parse(self, **changes: Any) -> Pod | None:
        return parse_pod(pod("web", **changes), "team-a")

    def test_a_pod_that_runs_or_is_about_to(self) -> None:
        expected = Pod("team-a", "web", "uid-of-web", "10.244.0.1")
        self.assertEqual(self.parse(), expected)
        self.assertEqual(self.parse(status={"phase": "Pending"}), expected)

    def test_pods_that_are_not_there_yet_or_no_more(self) -> None:
        for changes in (
            {"address": None},
            {"status": {"phase": "Succeeded"}},
            {"status": {"phase": "Failed"}},
            {"status": {"phase": "Unknown"}},
            {"status": {"phase": None}},
            {"status": {"podIP": ""}},
            {"metadata": {"deletionTimestamp": "2027-01-01T00:00:00Z"}},
        ):
            self.assertIsNone(self.parse(**changes), changes)

    def test_of_two_addresses_the_one_of_ipv4(self) -> None:
        both = {"podIP": "fd00::1", "podIPs": [{"ip": "fd00::1"}, {"ip": "10.0.0.1"}]}
        found = self.parse(status=both)
        self.assertEqual(found and found.address, "10.0.0.1")

    def test_pods_that_nobody_can_be_let_into(self) -> None:
        no_address = "it has no IPv4 address"
        not_valid = "the API describes it without a valid name, namespace and uid"
        for changes, reason in (
            ({"spec": {"hostNetwork": True}}, "it uses the node's network"),
            ({"address": "fd00::1"}, no_address),
            ({"address": "10.0.0.1\npermitopen"}, no_address),
            ({"address": "127.0.0.1"}, no_address),
            ({"address": "169.254.169.254"}, no_address),
            ({"address": "0.0.0.0"}, no_address),
            ({"address": "224.0.0.1"}, no_address),
            ({"status": {"podIP": ["10.0.0.1"]}}, no_address),
            ({"metadata": {"name": 'a"b'}}, not_valid),
            ({"metadata": {"name": "a" * 254}}, not_valid),
            ({"metadata": {"name": None}}, not_valid),
            ({"metadata": {"uid": "a b"}}, not_valid),
            ({"metadata": {"uid": None}}, not_valid),
            ({"metadata": {"namespace": "team-b"}}, not_valid),
        ):
            with self.subTest(**changes), self.assertRaises(PodProblem) as caught:
                self.parse(**changes)
            self.assertIn(reason, str(caught.exception))

    def test_anything_at_all_is_a_problem_and_no_crash(self) -> None:
        for document in (None, 1, [], {}, {"metadata": []}, {"metadata": None, "status": 1}):
            with self.assertRaises(PodProblem):
                parse_pod(document, "team-a")
            self.assertEqual(label_of(document, "team-a"), "team-a/?")
        self.assertEqual(label_of(pod("a\nb"), "team-a"), "team-a/?")


def some_pod(name: str, namespace: str = "team-a", address: str = "10.0.0.1") -> Pod:
    return Pod(namespace, name, f"uid-{name}", address)


class Together(unittest.TestCase):
    def test_addresses_of_more_than_one(self) -> None:
        pods = [some_pod("a"), some_pod("b", address="10.0.0.2"), some_pod("c")]
        self.assertEqual(sharing_addresses(pods), {"10.0.0.1"})

    def test_namespaces_take_turns(self) -> None:
        many = [some_pod(name, "a") for name in "4312"]
        taken = take_turns([*many, some_pod("x", "b"), some_pod("z", "c"), some_pod("y", "c")])
        labels = " ".join(one.label for one in taken)
        self.assertEqual(labels, "a/1 b/x c/y a/2 c/z a/3 a/4")


class HostName(unittest.TestCase):
    def test_is_pod_and_namespace(self) -> None:
        self.assertEqual(host_name(some_pod("web.x", "team-a")), "web.x.team-a")

    def test_none_that_a_resolver_would_take_for_an_address(self) -> None:
        for name, namespace in (("10.0.0", "5"), ("10", "5"), ("10.0.0", "0x5"), ("1.2", "3")):
            self.assertIsNone(host_name(some_pod(name, namespace)), name)
            socket.inet_aton(f"{name}.{namespace}")


class Render(unittest.TestCase):
    def test_hosts_are_sorted_and_addresses_no_names(self) -> None:
        pods = [some_pod("b", address="10.0.0.2"), some_pod("a"), some_pod("9.9.9", "9")]
        self.assertEqual(
            render_hosts(pods), "127.0.0.1\tlocalhost\n10.0.0.1\ta.team-a\n10.0.0.2\tb.team-a\n"
        )

    def test_a_key_of_several_pods_has_one_line_with_all_of_them(self) -> None:
        key, other = sorted([make_key(), make_key()])
        pods = [
            KeyedPod(some_pod("b", address="10.0.0.2"), (key, other)),
            KeyedPod(some_pod("a"), (key,)),
        ]
        rendered = render_key_lines(pods, (22, 2222))
        start = 'restrict,port-forwarding,permitlisten="127.0.0.1:1"'
        of_a = ["10.0.0.1:22", "10.0.0.1:2222"], ["a.team-a:22", "a.team-a:2222"]
        of_b = ["10.0.0.2:22", "10.0.0.2:2222"], ["b.team-a:22", "b.team-a:2222"]
        both = [*of_a[0], *of_b[0], *of_a[1], *of_b[1]]
        self.assertEqual(
            rendered.lines,
            [
                start + "".join(f',permitopen="{one}"' for one in both) + f" {key} team-a/a",
                start
                + "".join(f',permitopen="{one}"' for one in [*of_b[0], *of_b[1]])
                + f" {other} team-a/b",
            ],
        )
        self.assertEqual(rendered.problems, [])

    def test_no_line_has_more_than_sshd_takes_and_no_namespace_takes_it_all(self) -> None:
        key = make_key()
        many = [
            KeyedPod(some_pod(f"p-{n:04}", "a", f"10.{n // 250}.{n % 250}.1"), (key,))
            for n in range(2500)
        ]
        mine = KeyedPod(some_pod("mine", "z", "10.99.0.1"), (key,))
        rendered = render_key_lines([*many, mine], (2222,))
        (line,) = rendered.lines
        self.assertEqual(line.count("permitopen="), 4096)
        self.assertIn('permitopen="mine.z:2222"', line)
        self.assertEqual(
            rendered.problems,
            [
                "a/p-0000: a key of it is in 2501 pods, more than sshd can permit: 453 of them "
                "are left out"
            ],
        )


if __name__ == "__main__":
    unittest.main()
