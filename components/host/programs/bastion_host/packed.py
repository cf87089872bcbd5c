"""Documents that were compressed to fit where they are kept."""

from __future__ import annotations

import zlib

LONGEST_BYTES = 8 << 20
"""No document is as long; a small one that unpacks to gigabytes must not fill the memory."""
_GZIP = 16 + zlib.MAX_WBITS


class UnpackError(Exception):
    """The bytes are no document that was compressed by gzip; the message says what is wrong."""


def unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        document = unpacker.decompress(packed, LONGEST_BYTES)
    except zlib.error as error:
        raise UnpackError(f"cannot be unpacked: {error}") from None
    if unpacker.unconsumed_tail:
        raise UnpackError(f"longer than {LONGEST_BYTES} bytes")
    if not unpacker.eof:
        raise UnpackError(f"cut off after {len(document)} bytes")
    return document
