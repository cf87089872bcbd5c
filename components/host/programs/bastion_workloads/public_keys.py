"""The public keys that a workload pod carries: lines of an `authorized_keys` file, without options.

Pure. Whoever can change the pod writes these lines, so nothing of them is handed on but keys.
"""

from __future__ import annotations

import base64
import struct
from typing import NamedTuple

from bastion_host.key_line import KEY_TYPES, KeyLineError, parse_key_line

MOST_KEYS = 50
LONGEST_TEXT_BYTES = 64 * 1024
LEAST_RSA_BITS = 3072
"""RequiredRSASize of the bastion's sshd."""
_MOST_PROBLEMS = 3
# Beside the type: curve and point, or key; of hardware keys, the application too.
_FIELDS = {
    "ssh-ed25519": 1,
    "ssh-rsa": 2,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
    "sk-ssh-ed25519@openssh.com": 2,
    "sk-ecdsa-sha2-nistp256@openssh.com": 3,
}


class PublicKeys(NamedTuple):
    keys: tuple[str, ...]
    """Each as `type base64`, once."""
    problems: tuple[str, ...]
    """What is wrong with the other lines. No key material is in them."""


def parse_public_keys(text: str) -> PublicKeys:
    """A line that is no good costs its author that line only."""
    if len(text.encode("utf-8", "replace")) > LONGEST_TEXT_BYTES:
        return PublicKeys((), (f"has more than {LONGEST_TEXT_BYTES // 1024} KiB of keys",))
    keys: dict[str, None] = {}
    problems: list[str] = []
    lines = [
        (number, line)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    for number, line in lines[:MOST_KEYS]:
        try:
            keys[_parse_line(line)] = None
        except KeyLineError as error:
            problems.append(f"line {number}: {error}")
    more = len(problems) - _MOST_PROBLEMS
    if more > 0:
        problems[_MOST_PROBLEMS:] = [f"and {more} more lines"]
    if len(lines) > MOST_KEYS:
        problems.append(f"only the first {MOST_KEYS} of its {len(lines)} keys count")
    return PublicKeys(tuple(keys), tuple(problems))


def _parse_line(line: str) -> str:
    fields = line.split(None, 2)
    if len(fields) < 2 or fields[0] not in KEY_TYPES:
        raise KeyLineError("does not begin with a permitted type of key (options are not allowed)")
    key_type, blob = fields[0], fields[1]
    parse_key_line(f"restrict {key_type} {blob}")
    try:
        key = base64.b64decode(blob, validate=True)
    except ValueError:
        raise KeyLineError("has a key that is not base64") from None
    parts = _split(key)
    if parts is None or len(parts) != 1 + _FIELDS[key_type]:
        raise KeyLineError("has a key that is not whole")
    if key_type == "ssh-rsa":
        bits = int.from_bytes(parts[2], "big").bit_length()
        if bits < LEAST_RSA_BITS:
            raise KeyLineError(f"has an RSA key of {bits} bits, fewer than {LEAST_RSA_BITS}")
    # As every client writes it: sshd's key is looked for by its text.
    return f"{key_type} {base64.b64encode(key).decode('ascii')}"


def _split(key: bytes) -> list[bytes] | None:
    """The fields of a key as it is sent: each with its length before it."""
    parts = []
    position = 0
    while position < len(key):
        if position + 4 > len(key):
            return None
        (length,) = struct.unpack_from(">I", key, position)
        position += 4
        if position + length > len(key):
            return None
        parts.append(key[position : position + length])
        position += length
    return parts
