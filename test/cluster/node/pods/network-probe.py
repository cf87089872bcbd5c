"""`network-probe.py tcp|http ADDRESS PORT PATH TIMEOUT_SECONDS`: probes a port from where it runs.

A connection is enough for `tcp`; `http` wants an answer from 200 to 399, as kubelet does.
"""

from __future__ import annotations

import http.client
import socket
import sys


def main() -> str | None:
    kind, address, port, path, timeout = sys.argv[1:]
    try:
        if kind == "tcp":
            socket.create_connection((address, int(port)), float(timeout)).close()
            return None
        connection = http.client.HTTPConnection(address, int(port), timeout=float(timeout))
        connection.request("GET", path, headers={"User-Agent": "kube-probe", "Connection": "close"})
        status = connection.getresponse().status
        return None if 200 <= status < 400 else f"HTTP probe failed with statuscode: {status}"
    except (OSError, http.client.HTTPException) as error:
        return str(error)


if __name__ == "__main__":
    sys.exit(main())
