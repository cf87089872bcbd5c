"""The key command: sshd runs it for every key that a client offers, and waits for it.

    AuthorizedKeysCommand /usr/bin/python3 -I -S <this file> <bastion.json> %u %t %k %f

It prints the line of the key, if the user has it, and always exits with 0. Then, with the answer
already given, it registers the session and takes back the key's bind ports from dead sessions;
sshd goes on when it exits. A scanner's unknown keys must cost little, so nothing is imported and
no JSON is read before a key is found.
"""

from __future__ import annotations

import os
import sys

_LONGEST_SECONDS = 10


def find_lines(keys_file: str, key_type: str, blob: str) -> list[str]:
    """The lines of a file that contain this key: at most one holds it, others may mention it."""
    with open(keys_file, "rb") as file:
        content = file.read()
    key = f"{key_type} {blob}".encode("ascii")
    found: list[str] = []
    position = content.find(key)
    while position >= 0:
        start = content.rfind(b"\n", 0, position) + 1
        end = content.find(b"\n", position)
        end = len(content) if end < 0 else end
        found.append(content[start:end].decode())
        position = content.find(key, end)
    return found


def main(arguments: list[str]) -> None:
    settings_file, user, key_type, blob, fingerprint = arguments
    directory = os.path.dirname(os.path.dirname(settings_file))
    lines = find_lines(os.path.join(directory, "live", "keys", user), key_type, blob)
    if not lines:
        return
    # Before anything that could fail: losing the rest is no reason to refuse a login.
    os.write(1, "".join(line + "\n" for line in lines).encode())
    _after_answer(settings_file, user, blob, fingerprint, lines)


def _after_answer(
    settings_file: str, user: str, blob: str, fingerprint: str, lines: list[str]
) -> None:
    import signal

    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from bastion_host.log import say
    from bastion_host.login import register_login

    # sshd waits without a limit of its own but LoginGraceTime.
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(_LONGEST_SECONDS)
    try:
        register_login(settings_file, user, blob, fingerprint, lines, os.getppid())
    except Exception as error:
        say(f"login of {fingerprint}: {type(error).__name__}: {error}")


def _give_up(*_: object) -> None:
    raise TimeoutError(f"not done after {_LONGEST_SECONDS} s")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Exception as error:
        # The key command inherits sshd's standard error, so the supervisor logs this.
        print(f"key command: {type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(0)
