"""One line of an authorized_keys file: what it is, what it grants, to whom and until when. Pure.

Only the options a bastion's keys are made of are known. A line with any other (`command=`, `pty`,
…) is refused, because these programs could not say what it would grant.
"""

from __future__ import annotations

import binascii
import ipaddress
import re
from datetime import datetime, timezone
from typing import NamedTuple

from .certificate import AUTHORITY_OPTIONS

KEY_TYPES = frozenset(
    (
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    )
)

# A value is never escaped: no permitted value contains a quote or a backslash.
_OPTION = re.compile(r'([a-z-]+)(?:="([^"\\]*)")?')
_HOST_AND_PORT = re.compile(r"(?:(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._*-]+):)?([0-9]{1,5})")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
# One that sshd compares as a whole: no comma, no quote, no pattern.
_PRINCIPAL = re.compile(r"[A-Za-z0-9._@:/+-]+")
_EXPIRY = re.compile(r"([0-9]{8})(?:([0-9]{4})([0-9]{2})?)?Z?")


class KeyLineError(ValueError):
    """The line cannot be used. The message never contains key material."""


class KeyLine(NamedTuple):
    """A parsed line."""

    text: str
    key_type: str
    blob: str
    comment: str
    permit_listen: tuple[str, ...]
    permit_open: tuple[str, ...]
    sources: tuple[str, ...]
    """CIDR blocks a client may come from; empty means anywhere."""
    expires_at: int | None
    """Epoch seconds; None means never."""
    principals: tuple[str, ...] = ()
    """For whom the key, an authority's, signs certificates; empty for a key that logs in itself."""

    @property
    def fingerprint(self) -> str:
        """`SHA256:…`, as OpenSSH prints it."""
        # Loads OpenSSL, which takes as long as all the rest of the key command: sshd tells that
        # the fingerprint, so it never comes here.
        import hashlib

        digest = hashlib.sha256(binascii.a2b_base64(self.blob)).digest()
        return "SHA256:" + binascii.b2a_base64(digest, newline=False).decode("ascii").rstrip("=")

    def is_expired(self, now: float) -> bool:
        # sshd still accepts the key in the second that is named.
        return self.expires_at is not None and now >= self.expires_at + 1

    def allows_address(self, address: str) -> bool:
        if not self.sources:
            return True
        client = ipaddress.ip_address(address)
        return any(client in ipaddress.ip_network(source) for source in self.sources)


def parse_key_line(text: str) -> KeyLine:
    """Parses one line, or raises KeyLineError."""
    # A control character could hide one line in another, or forge a line of the log.
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise KeyLineError("contains a control character")
    options, rest = _take_options(text)
    fields = rest.split(" ", 2)
    if len(fields) < 2 or fields[0] not in KEY_TYPES:
        raise KeyLineError("has no key of a permitted type after its options")
    key_type, blob = fields[0], fields[1]
    _check_blob(key_type, blob)
    if ("restrict", None) not in options:
        raise KeyLineError("lacks the option restrict")
    permit_listen = tuple(value for name, value in options if name == "permitlisten" and value)
    permit_open = tuple(value for name, value in options if name == "permitopen" and value)
    for value in permit_listen + permit_open:
        parse_host_and_port(value)
    # sshd takes the absence of either as permission for everything of that kind.
    if ("port-forwarding", None) in options and not (permit_listen and permit_open):
        raise KeyLineError("has port-forwarding without both permitlisten and permitopen")
    return KeyLine(
        text=text,
        key_type=key_type,
        blob=blob,
        comment=fields[2] if len(fields) > 2 else "",
        permit_listen=permit_listen,
        permit_open=permit_open,
        sources=_sources([value for name, value in options if name == "from"]),
        expires_at=_expiry([value for name, value in options if name == "expiry-time"]),
        principals=_principals(text, options),
    )


def parse_host_and_port(value: str) -> tuple[str, int]:
    """`15000` → (`*`, 15000); `localhost:8080` → (`localhost`, 8080)."""
    match = _HOST_AND_PORT.fullmatch(value)
    if match is None or not 1 <= int(match.group(2)) <= 65535:
        raise KeyLineError(f"has a permitlisten or permitopen that is not [host:]port: {value!r}")
    return match.group(1) or "*", int(match.group(2))


def _check_blob(key_type: str, blob: str) -> None:
    """The key in base64 must be of the type it is said to be."""
    if _BASE64.fullmatch(blob) is None:
        raise KeyLineError("has a key that is not base64")
    try:
        key = binascii.a2b_base64(blob)
    except binascii.Error:
        raise KeyLineError("has a key that is not base64") from None
    name = key_type.encode("ascii")
    if not key.startswith(len(name).to_bytes(4, "big") + name):
        raise KeyLineError(f"has a key that is not of type {key_type}")


def _take_options(text: str) -> tuple[list[tuple[str, str | None]], str]:
    """Splits off the options: everything up to the first space outside quotes."""
    options: list[tuple[str, str | None]] = []
    position = 0
    while True:
        match = _OPTION.match(text, position)
        if match is None:
            raise KeyLineError("has options that cannot be read")
        name, value = match.group(1), match.group(2)
        takes_value = name in ("permitlisten", "permitopen", "from", "expiry-time", "principals")
        if not takes_value and name not in ("restrict", "port-forwarding", "cert-authority"):
            raise KeyLineError(f"has an option that is not permitted: {name}")
        if takes_value != (value is not None):
            raise KeyLineError(f"has an option with a missing or a needless value: {name}")
        options.append((name, value))
        position = match.end()
        following = text[position : position + 1]
        position += 1
        if following == " ":
            return options, text[position:].lstrip(" ")
        if following != ",":
            raise KeyLineError("has options that cannot be read")


def _sources(values: list[str | None]) -> tuple[str, ...]:
    if len(values) > 1:
        raise KeyLineError("has from= more than once")
    sources = tuple((values[0] or "").split(",")) if values else ()
    for source in sources:
        try:
            # Strict on purpose: sshd lets a block with host bits match nothing at all.
            ipaddress.ip_network(source)
        except ValueError:
            raise KeyLineError(
                f"has a from= that is not a list of CIDR blocks: {source!r}"
            ) from None
    return sources


def _principals(text: str, options: list[tuple[str, str | None]]) -> tuple[str, ...]:
    """Without principals sshd would take certificates for anybody of the user's name."""
    values = [value for name, value in options if name == "principals"]
    authorities = [name for name, _ in options if name == "cert-authority"]
    if not values and not authorities:
        return ()
    if len(values) != 1 or len(authorities) != 1 or not text.startswith(AUTHORITY_OPTIONS):
        raise KeyLineError("has cert-authority and principals otherwise than once, and first")
    principals = tuple((values[0] or "").split(","))
    if not all(_PRINCIPAL.fullmatch(principal) for principal in principals):
        raise KeyLineError("has principals that are not names with commas between")
    return principals


def _expiry(values: list[str | None]) -> int | None:
    """Reads sshd's three forms. Without the Z it is local time, which on a bastion is UTC."""
    if len(values) > 1:
        raise KeyLineError("has expiry-time= more than once")
    if not values:
        return None
    match = _EXPIRY.fullmatch(values[0] or "")
    if match is None:
        raise KeyLineError("has an expiry-time that is not YYYYMMDD[HHMM[SS]][Z]")
    date, clock, second = match.group(1), match.group(2) or "0000", match.group(3) or "00"
    year, month, day = int(date[:4]), int(date[4:6]), int(date[6:])
    hour, minute = int(clock[:2]), int(clock[2:])
    try:
        moment = datetime(year, month, day, hour, minute, int(second), tzinfo=timezone.utc)
    except ValueError:
        raise KeyLineError("has an expiry-time that is no time") from None
    return int(moment.timestamp())
