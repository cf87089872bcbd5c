"""key_command.py PROGRAMS PODS: how long a login's key command takes that finds the key in a cache of so many workload
pods, and with 0 pods a bare start of Python: prints the median in milliseconds, as JSON.
"""

import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 20
PYTHON = [sys.executable, "-I", "-S"]

programs, pod_count = sys.argv[1], int(sys.argv[2])
sys.path.insert(0, programs)

from bastion_workloads import store
from bastion_workloads.moments import Moments, boot_time
from bastion_workloads.paths import Paths
from bastion_workloads.pods import KeyedPod, Pod
from bastion_workloads.rendering import render_hosts, render_key_lines


def random_key() -> str:
    name = b"ssh-ed25519"
    blob = len(name).to_bytes(4, "big") + name + (32).to_bytes(4, "big") + os.urandom(32)
    return f"{name.decode()} {base64.b64encode(blob).decode()}"


def median_ms(command: list[str]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        result = subprocess.run(command, check=True, capture_output=True)
        times.append((time.perf_counter() - started) * 1000)
        if pod_count > 0 and not result.stdout.startswith(b"restrict,"):
            raise SystemExit(f"the key was not found: {result.stderr.decode()}")
    return statistics.median(times)


with tempfile.TemporaryDirectory() as directory:
    for folder in ("etc", "run", "log", "live/workloads"):
        os.makedirs(os.path.join(directory, folder))
    paths = Paths(directory)
    pods = [
        KeyedPod(Pod("team-a", f"pod-{number}", f"uid-{number}", f"10.245.{number >> 8}.{number & 255}"), (random_key(),))
        for number in range(pod_count)
    ]
    now = boot_time()
    lines = render_key_lines(pods, [2222]).lines
    store.write_all(paths, Moments(now, now), pods, render_hosts(pod for pod, _ in pods), lines)
    key = pods[pod_count // 2].keys[0].split(" ") if pods else []
    program = os.path.join(programs, "bastion_workloads", "keys_command.py")
    command = [*PYTHON, program, paths.settings, "jump", *key, "SHA256:unused"] if pods else [*PYTHON, "-c", "pass"]
    print(json.dumps({"time": median_ms(command)}))
