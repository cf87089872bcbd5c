from __future__ import annotations

import os
import unittest
from typing import Any

from support import make_key
from workload_support import WorkloadTest, address_of, pod

_PODS = 1000
# What an API server says of a pod beside the little that is needed: some 8 KiB.
_ENV = [{"name": f"E{number}", "value": "v" * 90} for number in range(70)]
_SPEC = {"containers": [{"name": "main", "env": _ENV}]}
_MOST_MEMORY_MIB = 160


class Scale(WorkloadTest):
    """A thousand pods, each with a key of its own and one of everybody's."""

    def setUp(self) -> None:
        super().setUp()
        self.common = make_key()
        self.keys = [make_key() for _ in range(_PODS)]
        texts = [f"{key} me\n{self.common}" for key in self.keys]
        self.api.pods = [self.some_pod(number, text) for number, text in enumerate(texts)]

    def some_pod(self, number: int, text: str) -> dict[str, Any]:
        return pod(f"workload-{number:04}", address_of(number), text, spec=_SPEC)

    def test_a_rebuild_has_them_all_in_little_memory(self) -> None:
        process = self.start_offer(self.keys[777])
        assert process.stdout is not None
        output = process.stdout.read()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        self.assertRegex(output, r'"workload-0777\.team-a:2222" .* team-a/workload-0777\n$')
        self.assertLess(usage.ru_maxrss, _MOST_MEMORY_MIB * 1024)
        self.assertEqual(len(self.api.lists()), 4)
        self.assertEqual(len(self.key_lines()), _PODS + 1)
        self.assertIn("1000 pods with 1001 keys", self.log())
        self.assertEqual(self.offer(self.common).count("permitopen="), 2 * _PODS)
        self.assertEqual(len(self.api.lists()), 4)

    def test_keys_of_a_thousand_objects(self) -> None:
        self.workloads(keySource="secret")
        for number, key in enumerate(self.keys):
            self.object("secrets", f"keys-{number}", key)
        self.api.pods = [self.some_pod(n, f"keys-{n}") for n in range(_PODS)]
        self.assertIn(" team-a/workload-0999\n", self.offer(self.keys[999]))
        self.assertEqual(len(self.api.reads()), _PODS)
        self.assertEqual(len(self.key_lines()), _PODS)


if __name__ == "__main__":
    unittest.main()
