"""An update of the cache: the pods are listed, keys asked for, and all files written."""

from __future__ import annotations

import contextlib
import time
from typing import NamedTuple

from bastion_host.log import iso_time
from bastion_host.settings import SettingsError

from . import store
from .api import Api, ApiError
from .cache_rules import REBUILD, UPDATE
from .discovery import discover
from .key_sources import remote_source
from .moments import Moments, boot_time, read_moments
from .paths import Paths
from .pods import KeyedPod
from .problems import first
from .rendering import render_hosts, render_key_lines
from .settings import load_workload_settings

FETCH_SECONDS = 15.0
"""The longest that is asked, for all together."""
_MOST_STATUS_PROBLEMS = 100


class UpdateFailed(Exception):
    """The cache is as it was; the message says why."""


class Updated(NamedTuple):
    """What an update has come to."""

    kind: str
    """REBUILD or UPDATE."""
    pods: int
    """Pods that have a key."""
    keys: int
    """Different ones."""
    problems: list[str]
    failure: str | None
    """What the API server did not tell; what it concerns is as it was before."""
    seconds: float

    @property
    def summary(self) -> str:
        done = "rebuilt" if self.kind == REBUILD else "updated"
        return f"{done} in {self.seconds:.2f} s: {self.pods} pods with {self.keys} keys"


def update(paths: Paths, kind: str, longest_seconds: float = FETCH_SECONDS) -> Updated:
    """For whoever holds the lock. Raises UpdateFailed, whatever it is that fails; then nobody who
    logs in tries again for a while."""
    started = boot_time()
    try:
        return _update(paths, kind, started, time.monotonic() + longest_seconds)
    except Exception as error:
        is_expected = isinstance(error, (ApiError, SettingsError, TimeoutError))
        reason = str(error) if is_expected else f"{type(error).__name__}: {error}"
        store.write_failure(paths.failure, boot_time())
        store.write_status(paths.status, {"lastFailure": _failure(reason)})
        raise UpdateFailed(reason) from error


def _update(paths: Paths, kind: str, started: float, deadline: float) -> Updated:
    settings = load_workload_settings(paths.settings)
    problems: list[str] = []
    known = _known_pods(paths, problems)
    moments = read_moments(paths.keys)
    if known is None or moments is None:
        kind = REBUILD
    api = Api(_api_server(paths), paths.authorities, paths.token, deadline)
    with contextlib.closing(api):
        source = remote_source(settings, api, deadline)
        found = discover(settings, api, source, known or [], ask_all=kind == REBUILD)
    rendered = render_key_lines(found.pods, settings.ssh_ports)
    rebuilt = moments.rebuilt if moments is not None and kind == UPDATE else started
    store.write_all(
        paths,
        Moments(rebuilt, started),
        found.pods,
        render_hosts(pod for pod, _ in found.pods),
        rendered.lines,
    )
    store.remove_failure(paths.failure)
    updated = Updated(
        kind,
        len(found.pods),
        len(rendered.lines),
        [*problems, *found.problems, *rendered.problems],
        found.failure,
        boot_time() - started,
    )
    store.write_status(paths.status, _status(updated))
    return updated


def _known_pods(paths: Paths, problems: list[str]) -> list[KeyedPod] | None:
    try:
        return store.read_pods(paths.cache)
    except store.CacheDamaged as error:
        problems.append(f"the cache is made anew: {error}")
        return None


def _api_server(paths: Paths) -> str:
    try:
        with open(paths.api_server, encoding="ascii") as file:
            return file.read().strip()
    except OSError as error:
        raise ApiError(f"{paths.api_server}: {error.strerror}") from None


def _status(updated: Updated) -> dict[str, object]:
    moment = iso_time(time.time())
    return {
        "pods": updated.pods,
        "keys": updated.keys,
        **({"rebuiltAt": moment} if updated.kind == REBUILD else {}),
        "updatedAt": moment,
        "problems": first(updated.problems, _MOST_STATUS_PROBLEMS),
        "lastFailure": _failure(updated.failure) if updated.failure is not None else None,
    }


def _failure(reason: str) -> dict[str, str]:
    return {"at": iso_time(time.time()), "reason": reason}
