from __future__ import annotations

import json
import unittest

from workload_support import WorkloadTest

from bastion_host.settings import SettingsError
from bastion_workloads.settings import WorkloadSettings, load_workload_settings


class Load(WorkloadTest):
    def test_reads_what_the_deploying_side_has_written(self) -> None:
        self.assertEqual(
            load_workload_settings(self.paths.settings),
            WorkloadSettings(
                directory=self.directory,
                user="jump",
                namespaces=("team-a",),
                label_selector="reverse-bastion/ssh=enabled",
                ssh_ports=(2222,),
                key_source="annotation",
                annotation="reverse-bastion/authorized-keys",
                data_key="authorized_keys",
                http_port=8080,
                http_path="/authorized_keys",
            ),
        )

    def test_says_what_it_dislikes(self) -> None:
        ports = "sshPorts: must be a non-empty list of ports between 1 and 65535"
        path = "httpPath: must begin with / and be printable ASCII without spaces"
        for changes, problem in (
            ({"user": 1}, "user: must be of type str"),
            ({"httpPort": True}, "httpPort: must be of type int"),
            ({"new": 1}, "new: unknown field"),
            ({"labelSelector": ""}, "labelSelector: must not be empty"),
            ({"namespaces": []}, "namespaces: must be a non-empty list of namespaces"),
            ({"namespaces": ["../secrets"]}, "namespaces: must be a non-empty list of namespaces"),
            ({"namespaces": [1]}, "namespaces: must be a non-empty list of namespaces"),
            ({"sshPorts": []}, ports),
            ({"sshPorts": [0]}, ports),
            ({"sshPorts": ["1"]}, ports),
            ({"httpPort": 65536}, "httpPort: must be between 1 and 65535"),
            ({"keySource": "file"}, "keySource: must be annotation, secret, config-map or http"),
            ({"httpPath": "x"}, path),
            ({"httpPath": "/a b"}, path),
        ):
            with self.subTest(**changes):
                self.workloads(**changes)
                with self.assertRaises(SettingsError) as caught:
                    load_workload_settings(self.paths.settings)
                self.assertEqual(str(caught.exception), f"{self.paths.settings}: {problem}")

    def test_every_field_is_needed(self) -> None:
        document = json.loads(self.read("etc/workloads.json"))
        for name in document:
            self.write("etc/workloads.json", json.dumps({**document, name: None}))
            with self.assertRaisesRegex(SettingsError, f": {name}: must be of type"):
                load_workload_settings(self.paths.settings)
        self.write("etc/workloads.json", "[]")
        with self.assertRaisesRegex(SettingsError, ": not a JSON object$"):
            load_workload_settings(self.paths.settings)


if __name__ == "__main__":
    unittest.main()
