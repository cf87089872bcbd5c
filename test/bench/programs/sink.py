"""sink.py HOST PORT WARM_UP SECONDS: receives for WARM_UP seconds, then counts for SECONDS; prints {"rate": N, "cores": N}:
Gbit/s, and how many cores it kept busy meanwhile.

It shares the CPU with what is measured, so on Linux it has the kernel drop what arrives (MSG_TRUNC, tcp(7)).
"""

import json
import socket
import sys
import time

DROP = socket.MSG_TRUNC if sys.platform == "linux" else 0

host, port, warm_up, duration = sys.argv[1:]
buffer = bytearray(1 << 20)


def receive(connection: socket.socket, seconds: float) -> dict[str, float]:
    received = 0
    start, start_cpu = time.monotonic(), time.process_time()
    while time.monotonic() < start + seconds:
        count = connection.recv_into(buffer, len(buffer), DROP)
        if count == 0:
            sys.exit("the source closed the connection")
        received += count
    passed = time.monotonic() - start
    return {"rate": received * 8 / 1e9 / passed, "cores": (time.process_time() - start_cpu) / passed}


with socket.create_connection((host, int(port))) as connection:
    receive(connection, float(warm_up))
    print(json.dumps(receive(connection, float(duration))))
