"""Whether sshd takes logins: `ready.py`, a probe that exits with 0 if it does.

Reads sshd's greeting. That a port accepts says nothing: sshd also accepts those whom it then sends
away, and a kernel accepts for an sshd that hangs.
"""

from __future__ import annotations

import os
import socket
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_host.settings import SettingsError, load_settings
from bastion_host.sshd_log import PROBE_ADDRESS
from bastion_pod import SETTINGS_FILE

_SECONDS = 3.0
_GREETING = b"SSH-2.0-"
# One that leaves without a word is logged by sshd in words that do not tell it from others.
_ANSWER = b"SSH-2.0-probe\r\n"
# RFC 4253, section 4.2.
_LONGEST_GREETING = 255


class NotReady(Exception):
    """Why no client could log in now."""


def read_greeting(port: int, seconds: float = _SECONDS) -> bytes:
    """What sshd says first; raises NotReady when that is no greeting."""
    received = b""
    try:
        with socket.create_connection(
            ("127.0.0.1", port), timeout=seconds, source_address=(PROBE_ADDRESS, 0)
        ) as connection:
            while b"\n" not in received and len(received) < _LONGEST_GREETING:
                more = connection.recv(_LONGEST_GREETING)
                if not more:
                    break
                received += more
            connection.sendall(_ANSWER)
    except TimeoutError:
        raise NotReady(f"sshd says nothing within {seconds:g} s") from None
    except OSError as error:
        raise NotReady(f"sshd cannot be reached: {error.strerror}") from None
    if not received.startswith(_GREETING):
        raise NotReady(f"sshd says {received.decode('ascii', 'replace').strip()!r}")
    return received


def main() -> int:
    try:
        read_greeting(load_settings(SETTINGS_FILE).ssh_port)
    except (NotReady, SettingsError) as error:
        print(f"not ready: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
