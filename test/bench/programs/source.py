"""source.py HOST PORT: sends without end to whoever connects, one at a time; prints "ready".

It shares the CPU with what is measured, so it leaves the sending to the kernel: sendfile copies nothing.
"""

import contextlib
import os
import socket
import sys
import tempfile

LENGTH = 1 << 20

host, port = sys.argv[1:]
with tempfile.TemporaryFile() as block, socket.create_server((host, int(port))) as server:
    block.truncate(LENGTH)
    print("ready", flush=True)
    while True:
        connection, _ = server.accept()
        with connection, contextlib.suppress(ConnectionError):
            while True:
                os.sendfile(connection.fileno(), block.fileno(), 0, LENGTH)
