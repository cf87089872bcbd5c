"""When the keys of workload pods are asked for, and when the cache has to do. Pure."""

from __future__ import annotations

from .moments import Moments

REBUILD_AFTER_SECONDS = 15 * 60
"""A cache whose last full rebuild is longer ago is rebuilt at the next login."""
UPDATE_AFTER_SECONDS = 2 * 60
"""An unknown key is looked for in new pods if the last update of any kind is longer ago."""
PAUSE_SECONDS = 10
"""For so long nobody tries again after a failure."""

USE = "use"
UPDATE = "update"
REBUILD = "rebuild"


def decide(
    moments: Moments | None, is_known: bool, now: float, failed_at: float | None = None
) -> str:
    """What a login with a key has to do first: USE the cache, UPDATE it or REBUILD it."""
    wanted = _wanted(moments, is_known, now)
    if wanted != USE and failed_at is not None and 0 <= now - failed_at < PAUSE_SECONDS:
        return USE
    return wanted


def _wanted(moments: Moments | None, is_known: bool, now: float) -> str:
    # A moment that is yet to come is of before the machine was started.
    if moments is None or max(moments.rebuilt, moments.updated) > now:
        return REBUILD
    if now - moments.rebuilt > REBUILD_AFTER_SECONDS:
        return REBUILD
    if not is_known and now - moments.updated > UPDATE_AFTER_SECONDS:
        return UPDATE
    return USE
