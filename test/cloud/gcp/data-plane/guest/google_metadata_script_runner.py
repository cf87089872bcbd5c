#!/usr/bin/python3
"""Runs the instance's startup script, as root, at every boot, as the guest environment's runner.

The script is the instance's attribute `startup-script`, or else the project's. What it prints goes
to the journal. How it ends is said there, and is of no consequence.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "/usr/lib/google-guest")

import metadata  # noqa: E402


def main() -> None:
    script = None
    for owner in ("instance", "project"):
        script = script or metadata.get_once_it_answers(f"{owner}/attributes/startup-script")
    if script is None:
        print("No startup scripts to run.", flush=True)
        return
    with tempfile.TemporaryDirectory(prefix="metadata-scripts") as folder:
        path = os.path.join(folder, "startup-script")
        with open(path, "w", encoding="utf-8") as file:
            file.write(script)
        os.chmod(path, 0o755)
        print("Found startup-script in metadata.", flush=True)
        command = [path] if script.startswith("#!") else ["/bin/bash", "-c", path]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as running:
            assert running.stdout is not None
            for line in running.stdout:
                print(f"startup-script: {line.decode(errors='replace').rstrip()}", flush=True)
        print(f"startup-script exit status {running.returncode}", flush=True)


main()
