from __future__ import annotations

import unittest

import support  # noqa: F401 - makes the programs importable

from bastion_workloads.pods import KeyedPod, Pod
from bastion_workloads.room import keep_what_fits


def keyed(namespace: str, name: str, keys: int = 1, key_bytes: int = 100) -> KeyedPod:
    pod = Pod(namespace, name, f"uid-of-{name}", "10.244.0.1")
    return KeyedPod(pod, tuple(f"{number:0{key_bytes}}" for number in range(keys)))


# A key, the pod's label and, for each port, two permits: 100 + 9 + (9 + 10 + 48).
_BYTES_OF_ONE = 176


class KeepWhatFits(unittest.TestCase):
    def names(self, *pods: KeyedPod, namespaces: int, ports: int = 1, most: int) -> list[str]:
        return [kept.pod.name for kept in keep_what_fits(pods, namespaces, ports, most).pods]

    def test_all_where_there_is_room_to_the_last_byte(self) -> None:
        pods = [keyed("team-a", "p1"), keyed("team-a", "p2")]
        self.assertEqual(self.names(*pods, namespaces=1, most=2 * _BYTES_OF_ONE), ["p1", "p2"])
        self.assertEqual(self.names(*pods, namespaces=1, most=2 * _BYTES_OF_ONE - 1), ["p1"])

    def test_more_keys_and_more_ports_take_more(self) -> None:
        two_keys, two_ports = 2 * _BYTES_OF_ONE, _BYTES_OF_ONE + 67
        pod = keyed("team-a", "p1", keys=2)
        self.assertEqual(self.names(pod, namespaces=1, most=two_keys), ["p1"])
        self.assertEqual(self.names(pod, namespaces=1, most=two_keys - 1), [])
        pod = keyed("team-a", "p1")
        self.assertEqual(self.names(pod, namespaces=1, ports=2, most=two_ports), ["p1"])
        self.assertEqual(self.names(pod, namespaces=1, ports=2, most=two_ports - 1), [])

    def test_no_namespace_takes_the_share_of_another(self) -> None:
        pods = [*(keyed("team-a", f"p{number}") for number in range(5)), keyed("team-b", "q0")]
        kept = keep_what_fits(pods, 2, 1, 4 * _BYTES_OF_ONE)
        self.assertEqual([one.pod.name for one in kept.pods], ["p0", "p1", "q0"])
        self.assertEqual(
            kept.problems,
            [
                f"team-a/p{number}: there is no room for its keys; those of a namespace may take "
                f"{2 * _BYTES_OF_ONE} bytes"
                for number in (2, 3, 4)
            ],
        )

    def test_a_small_pod_has_room_after_one_that_has_none(self) -> None:
        pods = [keyed("team-a", "p1", keys=9), keyed("team-a", "p2")]
        self.assertEqual(self.names(*pods, namespaces=1, most=_BYTES_OF_ONE), ["p2"])


if __name__ == "__main__":
    unittest.main()
