"""An OpenSSH user certificate, as sshd hands it to the key command (PROTOCOL.certkeys). Pure.

sshd has verified the authority's signature before it asks, so what a certificate says is what the
authority signed; whether the authority is one of ours is told by the key set. The rest is sshd's
to judge: what it is going to refuse is told here only so that it is not taken for a login.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Iterable
from typing import NamedTuple

SUFFIX = "-cert-v01@openssh.com"
"""How the type of every certificate ends."""

AUTHORITY_OPTIONS = 'cert-authority,principals="'
"""How the line of an authority begins, so that its principals are found without parsing it."""

_USER = 1
# Fields of the certified key itself, between the nonce and the serial number.
_KEY_FIELDS = {
    "ssh-ed25519": 1,
    "ssh-rsa": 2,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
    "sk-ssh-ed25519": 2,
    "sk-ecdsa-sha2-nistp256": 3,
}


class CertificateError(ValueError):
    """Nobody can log in with it. The message repeats nothing that the certificate says."""


class Certificate(NamedTuple):
    """What an authority has signed about a key."""

    key_id: str
    serial: int
    principals: tuple[str, ...]
    valid_after: int
    """Epoch seconds, like `valid_before`; valid from the one until just before the other."""
    valid_before: int
    sources: tuple[str, ...]
    """CIDR blocks it may be used from; empty means anywhere."""
    authority_type: str
    authority_blob: str
    """The authority's public key, base64, as it stands in an `authorized_keys` line."""

    def is_valid(self, now: float) -> bool:
        return self.valid_after <= now < self.valid_before

    def allows_address(self, address: str) -> bool:
        if not self.sources:
            return True
        # Slow to load, and an unknown authority's certificate is looked at without.
        import ipaddress

        client = ipaddress.ip_address(address)
        try:
            return any(client in ipaddress.ip_network(source) for source in self.sources)
        except ValueError:
            # sshd refuses the certificate as a whole.
            return False


def is_certificate(key_type: str) -> bool:
    return key_type.endswith(SUFFIX)


def parse_certificate(key_type: str, blob: str) -> Certificate:
    """Reads the blob of a user certificate, or raises CertificateError."""
    try:
        return _parse(key_type, binascii.a2b_base64(blob))
    except CertificateError:
        raise
    except (ValueError, struct.error):
        raise CertificateError("is damaged") from None


def lines_for(lines: Iterable[str], certificate: Certificate) -> list[str]:
    """Of the lines that contain the authority's key those by which this certificate logs in."""
    wanted = set(certificate.principals)
    key = [certificate.authority_type, certificate.authority_blob]
    found: list[str] = []
    for line in lines:
        if not line.startswith(AUTHORITY_OPTIONS):
            continue
        principals, _, rest = line[len(AUTHORITY_OPTIONS) :].partition('"')
        # No option that is permitted has a space in it.
        if rest.split(" ", 3)[1:3] == key and not wanted.isdisjoint(principals.split(",")):
            found.append(line)
    return found


class _Fields:
    """Reads fields one after the other (RFC 4251, 5)."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def is_at_end(self) -> bool:
        return self._at >= len(self._content)

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._content, self._at)
        self._at += struct.calcsize(form)
        return int(value)

    def string(self) -> bytes:
        length = self.number(">I")
        field = self._content[self._at : self._at + length]
        if len(field) != length:
            raise CertificateError("is damaged")
        self._at += length
        return field


def _parse(key_type: str, content: bytes) -> Certificate:
    plain_type = key_type[: -len(SUFFIX)]
    fields = _Fields(content)
    if fields.string() != key_type.encode() or plain_type not in _KEY_FIELDS:
        raise CertificateError("is of an unknown type")
    # The nonce, then the key.
    for _ in range(1 + _KEY_FIELDS[plain_type]):
        fields.string()
    serial = fields.number(">Q")
    if fields.number(">I") != _USER:
        raise CertificateError("is not a user's certificate")
    key_id = _text(fields.string())
    principals = _list(fields.string())
    valid_after, valid_before = fields.number(">Q"), fields.number(">Q")
    options = _Fields(fields.string())
    sources: tuple[str, ...] = ()
    while not options.is_at_end():
        name, data = options.string(), options.string()
        if name == b"source-address":
            sources = tuple(_text(_Fields(data).string()).split(","))
    # Extensions and what is reserved: sshd judges them.
    fields.string(), fields.string()
    authority = fields.string()
    return Certificate(
        key_id=key_id,
        serial=serial,
        principals=principals,
        valid_after=valid_after,
        valid_before=valid_before,
        sources=sources,
        authority_type=_text(_Fields(authority).string()),
        authority_blob=binascii.b2a_base64(authority, newline=False).decode("ascii"),
    )


def _list(content: bytes) -> tuple[str, ...]:
    fields = _Fields(content)
    found: list[str] = []
    while not fields.is_at_end():
        found.append(_text(fields.string()))
    return tuple(found)


def _text(content: bytes) -> str:
    """sshd logs a key id as it is: one with a line of its own could pass for another message."""
    text = content.decode()
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise CertificateError("contains a control character")
    return text
