"""Documents of a cloud's store: cut into parts, each small enough for one entry of it.

`<name>/manifest` says how many parts there are and what the whole must hash to; `<name>/1` … hold
it, compressed and in base64. A document is taken whole or not at all: while a deployment is
replacing the entries one by one, what is read fits no manifest.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from typing import NamedTuple, Protocol

VERSION = 1
LONGEST_BYTES = 8 << 20
"""No document is as long; a small one that unpacks to gigabytes must not fill the memory."""
MOST_PARTS = 512
_GZIP = 16 + zlib.MAX_WBITS


class Store(Protocol):
    """What a cloud keeps for its machines: texts by name."""

    def read(self, names: Sequence[str], decrypt: bool = False) -> dict[str, str]:
        """The texts; names that do not exist are left out. `decrypt` is needed for secrets."""


class StoreUnavailable(Exception):
    """The store cannot be read now; the message says why, for people, and holds no secret."""


class DocumentError(Exception):
    """What is in the store is no whole document; the message says what is wrong."""


class Manifest(NamedTuple):
    digest: str
    parts: int


def parse_manifest(name: str, text: str | None) -> Manifest:
    if text is None:
        raise DocumentError(f"{name}: not in the store yet")
    try:
        fields = json.loads(text)
        version, digest, parts = fields["version"], fields["digest"], fields["parts"]
    except (ValueError, TypeError, KeyError):
        raise DocumentError(f"{name}: the manifest cannot be read") from None
    if version != VERSION:
        raise DocumentError(f"{name}: version {version!r} is not known here, only {VERSION}")
    if not isinstance(digest, str) or not isinstance(parts, int) or not 1 <= parts <= MOST_PARTS:
        raise DocumentError(f"{name}: the manifest makes no sense")
    return Manifest(digest, parts)


def read_document(store: Store, name: str, manifest: Manifest) -> bytes:
    """Fetches the parts that a manifest tells of, and unpacks them."""
    names = [f"{name}/{number}" for number in range(1, manifest.parts + 1)]
    found = store.read(names)
    missing = [part for part in names if part not in found]
    if missing:
        raise DocumentError(f"{missing[0]}: not in the store yet")
    return unpack(name, [found[part] for part in names], manifest.digest)


def unpack(name: str, parts: Sequence[str], digest: str) -> bytes:
    try:
        packed = base64.b64decode("".join(parts), validate=True)
        unpacker = zlib.decompressobj(_GZIP)
        document = unpacker.decompress(packed, LONGEST_BYTES)
    except (ValueError, zlib.error) as error:
        raise DocumentError(f"{name}: cannot be unpacked: {error}") from None
    if unpacker.unconsumed_tail:
        raise DocumentError(f"{name}: longer than {LONGEST_BYTES} bytes")
    if not unpacker.eof:
        raise DocumentError(f"{name}: cut off after {len(document)} bytes")
    if hashlib.sha256(document).hexdigest() != digest:
        raise DocumentError(f"{name}: the parts are not those of the manifest (yet)")
    return document


def parse_files(document: bytes) -> dict[str, tuple[int, bytes]]:
    """Mode and content of every file of a host files document, by a path that stays inside."""
    try:
        fields = json.loads(document)
        version = fields["version"]
        files = {
            str(file["path"]): (int(file["mode"]) & 0o755, file["content"].encode())
            for file in fields["files"]
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        problem = f"{type(error).__name__} {error}"
        raise DocumentError(f"host-files: not as expected: {problem}") from None
    if version != VERSION:
        raise DocumentError(f"host-files: version {version!r} is not known here, only {VERSION}")
    for path in files:
        folder, *rest = path.split("/")
        if folder not in ("lib", "etc", "units") or not rest or {"", ".", ".."} & set(rest):
            raise DocumentError(f"host-files: the path {path!r} is not allowed")
    return files
