"""The key command: sshd runs it for every key that a client offers, and waits for it.

    AuthorizedKeysCommand /usr/bin/python3 -I -S <this file> <bastion.json> %u %t %k %f

It prints the line of the key, if the user has it, and always exits with 0. Then, with the answer
already given, it registers the session and takes back the client's bind ports from dead sessions;
sshd goes on when it exits. A scanner's unknown keys must cost little, so nothing is imported and
no JSON is read before a key is found.

Of a certificate sshd gives the type and the whole blob, and the fingerprint of the key in it. Its
line is that of its authority with one of its principals.
"""

from __future__ import annotations

import os
import sys

_CERTIFICATE_SUFFIX = "-cert-v01@openssh.com"
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
    keys_file = os.path.join(directory, "live", "keys", user)
    if key_type.endswith(_CERTIFICATE_SUFFIX):
        lines = _find_authority_line(keys_file, key_type, blob, fingerprint)
    else:
        lines = find_lines(keys_file, key_type, blob)
    if not lines:
        return
    # Before anything that could fail: losing the rest is no reason to refuse a login.
    os.write(1, "".join(line + "\n" for line in lines).encode())
    _after_answer(settings_file, user, (key_type, blob, fingerprint), lines)


def _find_authority_line(
    keys_file: str, key_type: str, blob: str, fingerprint: str
) -> list[str]:
    """The line by which a certificate logs in, or nothing."""
    _find_modules()
    from bastion_host.certificate import CertificateError, lines_for, parse_certificate

    try:
        certificate = parse_certificate(key_type, blob)
    except CertificateError as error:
        _complain(f"the certificate of {fingerprint} {error}")
        return []
    candidates = find_lines(keys_file, certificate.authority_type, certificate.authority_blob)
    lines = lines_for(candidates, certificate)
    # sshd would take the first line that matches: which client it is could not be told.
    if len(lines) > 1:
        _complain(f"the certificate of {fingerprint} names principals of several clients")
        return []
    return lines


def _after_answer(
    settings_file: str, user: str, key: tuple[str, str, str], lines: list[str]
) -> None:
    import signal

    _find_modules()
    from bastion_host.log import say
    from bastion_host.login import register_login

    # sshd waits without a limit of its own but LoginGraceTime.
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(_LONGEST_SECONDS)
    try:
        register_login(settings_file, user, key, lines, os.getppid())
    except Exception as error:
        say(f"login of {key[2]}: {type(error).__name__}: {error}")


def _find_modules() -> None:
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _complain(problem: str) -> None:
    # The key command inherits sshd's standard error, so the supervisor logs this.
    print(f"key command: {problem}", file=sys.stderr)


def _give_up(*_: object) -> None:
    raise TimeoutError(f"not done after {_LONGEST_SECONDS} s")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Exception as error:
        _complain(f"{type(error).__name__}: {error}")
    sys.exit(0)
