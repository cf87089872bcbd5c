#!/usr/bin/python3
"""A stand-in for `launchctl`: hands its arguments to the stand-in for launchd."""

import json
import socket
import sys

with socket.socket(socket.AF_UNIX) as connection:
    connection.connect("/stand-in/launchd.socket")
    connection.sendall(json.dumps(sys.argv[1:]).encode() + b"\n")
    answer = json.loads(connection.makefile().readline())
sys.stdout.write(answer["out"])
sys.stderr.write(answer["err"])
sys.exit(answer["status"])
