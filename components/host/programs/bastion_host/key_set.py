"""A key set: every login user's keys, as one document that is taken whole or refused whole.

A set that is half good is refused, because installing the good half would silently cut off the
clients in the other half. The reason given never contains key material, only fingerprint and
comment, since it ends up in logs and on the terminal of whoever deployed it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Callable, NamedTuple

from .key_line import KeyLine, KeyLineError, parse_host_and_port, parse_key_line

VERSION = 1

_KEYGEN_SECONDS = 20


class KeySetRefused(Exception):
    """The document is not installed; the message says why."""


class UserKeys(NamedTuple):
    """What one login user's clients may do."""

    keys: dict[str, KeyLine]
    """By fingerprint, in the order of the document."""
    permit_listen: tuple[str, ...]
    permit_open: tuple[str, ...]
    authorities: Mapping[tuple[str, str], KeyLine] = MappingProxyType({})
    """By fingerprint of a certificate authority and principal: one authority may sign for several
    clients, told apart by principal."""

    @property
    def lines(self) -> list[KeyLine]:
        """Every line of the document once."""
        return [*self.keys.values(), *dict.fromkeys(self.authorities.values())]


class Tunnel(NamedTuple):
    """What a bind port is called. It grants nothing: the status is told in these names."""

    name: str
    bind_port: int
    bind_address: str
    """`all`, `loopback`, or one address."""


class KeySet(NamedTuple):
    """A checked document."""

    document: bytes
    users: dict[str, UserKeys]
    tunnels: tuple[Tunnel, ...] = ()

    @property
    def digest(self) -> str:
        """Names the document: the deploying side waits until it reads the digest it wrote."""
        return digest_of(self.document)

    def find(self, user: str, fingerprint: str) -> KeyLine | None:
        return self.users[user].keys.get(fingerprint) if user in self.users else None

    def find_authority(
        self, user: str, fingerprint: str, principals: Iterable[str]
    ) -> KeyLine | None:
        """The line that takes certificates of this authority for one of the principals; for any,
        where those of the certificate are not known."""
        authorities = self.users[user].authorities if user in self.users else {}
        wanted = tuple(principals)
        if wanted:
            found = (authorities.get((fingerprint, principal)) for principal in wanted)
        else:
            found = (key for (known, _), key in authorities.items() if known == fingerprint)
        return next((key for key in found if key is not None), None)


Confirm = Callable[[Sequence[KeyLine]], None]
"""Raises KeySetRefused unless every one of the lines holds a real public key."""


def digest_of(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def closed_key_set() -> bytes:
    """The document that lets nobody in: what is in force before the first deployment arrives."""
    return json.dumps({"version": VERSION, "users": {}}).encode()


def parse_key_set(document: bytes, known_users: Iterable[str], confirm: Confirm) -> KeySet:
    """Checks a document from the mailbox; raises KeySetRefused."""
    try:
        content = json.loads(document)
    except ValueError as error:
        # A JSON error names a position; a decoding error would quote bytes of the document.
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise KeySetRefused(f"not a JSON document{where}") from None
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise KeySetRefused(f"not a key set of version {VERSION}")
    users = content.get("users")
    if not isinstance(users, dict):
        raise KeySetRefused("users: must be an object")
    known = set(known_users)
    unknown = sorted(user for user in users if user not in known)
    if unknown:
        raise KeySetRefused(f"users: unknown login user {', '.join(map(repr, unknown))}")
    parsed = {user: _parse_user(user, value) for user, value in users.items()}
    confirm([key for user in parsed.values() for key in user.lines])
    # A set of before there were names in it is as good as ever.
    tunnels = _parse_tunnels(content.get("tunnels", []))
    return KeySet(document=document, users=parsed, tunnels=tunnels)


def _parse_tunnels(value: object) -> tuple[Tunnel, ...]:
    entries = value if isinstance(value, list) else [None]
    tunnels: list[Tunnel] = []
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or set(entry) != {"name", "bindPort", "bindAddress"}:
            raise KeySetRefused(f"tunnels[{number}]: must have name, bindPort and bindAddress")
        name, port, address = entry["name"], entry["bindPort"], entry["bindAddress"]
        if not isinstance(name, str) or not isinstance(address, str):
            raise KeySetRefused(f"tunnels[{number}]: name and bindAddress must be strings")
        if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
            raise KeySetRefused(f"tunnels[{number}].bindPort: must be between 1 and 65535")
        tunnels.append(Tunnel(name, port, address))
    return tuple(tunnels)


def _parse_user(user: str, value: object) -> UserKeys:
    if not isinstance(value, dict) or set(value) != {"keys", "permitListen", "permitOpen"}:
        raise KeySetRefused(f"{user}: must have keys, permitListen and permitOpen, nothing else")
    for field in value:
        texts = value[field]
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise KeySetRefused(f"{user}.{field}: must be a list of strings")
    keys: dict[str, KeyLine] = {}
    authorities: dict[tuple[str, str], KeyLine] = {}
    for number, text in enumerate(value["keys"]):
        try:
            key = parse_key_line(text)
        except KeyLineError as error:
            raise KeySetRefused(f"{user}.keys[{number}]: {error}") from None
        # sshd would take the first line that matches: which one holds could not be told.
        fingerprint = key.fingerprint
        taken = [authorities.get((fingerprint, principal)) for principal in key.principals]
        taken.append(keys.get(fingerprint))
        if not key.principals:
            taken += [line for (known, _), line in authorities.items() if known == fingerprint]
        other = next((line.comment for line in taken if line is not None), None)
        if other is not None:
            raise KeySetRefused(
                f"{user}.keys[{number}]: {fingerprint} ({key.comment}) is also {other!r}"
            )
        authorities.update({(fingerprint, principal): key for principal in key.principals})
        if not key.principals:
            keys[fingerprint] = key
    for field in ("permitListen", "permitOpen"):
        for text in value[field]:
            try:
                parse_host_and_port(text)
            except KeyLineError as error:
                raise KeySetRefused(f"{user}.{field}: {error}") from None
    return UserKeys(
        keys=keys,
        permit_listen=tuple(value["permitListen"]),
        permit_open=tuple(value["permitOpen"]),
        authorities=authorities,
    )


def confirm_with(ssh_keygen: str) -> Confirm:
    """Asks ssh-keygen about all keys at once: one process for a set of thousands."""

    def confirm(keys: Sequence[KeyLine]) -> None:
        # ssh-keygen calls an empty file an error.
        if not keys:
            return
        result = subprocess.run(
            [ssh_keygen, "-l", "-f", "-"],
            input="".join(key.text + "\n" for key in keys).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_KEYGEN_SECONDS,
            check=False,
        )
        # `256 SHA256:… comment (ED25519)`; a line that holds no key is left out without a word.
        confirmed = {line.split(b" ", 2)[1].decode() for line in result.stdout.splitlines()}
        for key in keys:
            if key.fingerprint not in confirmed:
                raise KeySetRefused(
                    f"ssh-keygen finds no valid key in {key.fingerprint} ({key.comment})"
                )

    return confirm
