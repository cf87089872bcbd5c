#!/usr/bin/python3
"""google_authorized_keys USER: the keys with which somebody may log in by OS Login."""

from __future__ import annotations

import json
import sys

sys.path.insert(0, "/usr/lib/google-guest")

import metadata  # noqa: E402

found, _ = metadata.get(f"oslogin/users?username={sys.argv[1]}")
for profile in json.loads(found)["loginProfiles"]:
    for key in profile["sshPublicKeys"].values():
        print(key["key"])
