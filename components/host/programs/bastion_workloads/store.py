"""The cache, and what is made of it. Only whoever holds the lock writes."""

from __future__ import annotations

import json
import os
from typing import Any

from bastion_host import files

from .moments import Moments, render_moments
from .paths import Paths
from .pods import KeyedPod, Pod

_VERSION = 1
_MODE = 0o600
HOSTS_MODE = 0o644


class CacheDamaged(Exception):
    """The cache is there and cannot be used."""


def write_failure(path: str, moment: float) -> None:
    files.replace(path, repr(moment).encode(), _MODE)


def remove_failure(path: str) -> None:
    files.remove(path)


def read_pods(cache_file: str) -> list[KeyedPod] | None:
    """The pods of the cache; None without one. Raises CacheDamaged."""
    content = files.read_if_there(cache_file)
    if content is None:
        return None
    try:
        document = json.loads(content)
        if document["version"] != _VERSION:
            raise CacheDamaged(f"{cache_file}: not of version {_VERSION}")
        return [_parse_pod(entry) for entry in document["pods"]]
    except (ValueError, LookupError, TypeError) as error:
        raise CacheDamaged(f"{cache_file}: {type(error).__name__}") from None


def write_pods(cache_file: str, pods: list[KeyedPod]) -> None:
    entries = [{**pod._asdict(), "keys": keys} for pod, keys in pods]
    document = {"version": _VERSION, "pods": entries}
    files.replace(cache_file, json.dumps(document, separators=(",", ":")).encode(), _MODE)


def write_keys(keys_file: str, moments: Moments, lines: list[str]) -> None:
    text = render_moments(moments) + "".join(f"{line}\n" for line in lines)
    files.replace(keys_file, text.encode("ascii"), _MODE)


def write_hosts(path: str, text: str) -> None:
    """In place: the container sees this very file at /etc/hosts."""
    content = text.encode("ascii")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, HOSTS_MODE)
    try:
        length = os.fstat(descriptor).st_size
        if os.pread(descriptor, length + 1, 0) == content:
            return
        # A rest of the old content could be read as another line: the end of an address is one.
        padded = content.ljust(length, b"\n")
        position = 0
        while position < len(padded):
            position += os.pwrite(descriptor, padded[position:], position)
        os.ftruncate(descriptor, len(content))
    finally:
        os.close(descriptor)


def write_status(path: str, changes: dict[str, Any]) -> None:
    """Changes some of what people read; the rest stays."""
    try:
        document = json.loads(files.read_if_there(path) or b"{}")
    except ValueError:
        document = {}
    text = json.dumps({**document, **changes}, indent=2, ensure_ascii=False) + "\n"
    files.replace(path, text.encode("utf-8", "replace"), _MODE)


def write_all(
    paths: Paths, moments: Moments, pods: list[KeyedPod], hosts: str, key_lines: list[str]
) -> None:
    """Keys last: only they say of when all of it is, and whoever they let in finds the names."""
    write_pods(paths.cache, pods)
    write_hosts(paths.hosts, hosts)
    write_keys(paths.keys, moments, key_lines)


def _parse_pod(entry: dict[str, Any]) -> KeyedPod:
    keys = entry["keys"]
    pod = Pod(*(entry[field] for field in Pod._fields))
    if not isinstance(keys, list) or not all(isinstance(text, str) for text in [*pod, *keys]):
        raise TypeError
    return KeyedPod(pod, tuple(keys))
