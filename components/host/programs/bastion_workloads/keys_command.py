"""The key command of the jump user: sshd runs it for every key that is offered, and waits for it.

    AuthorizedKeysCommand /usr/bin/python3 -I -S <this file> <workloads.json> %u %t %k %f

It prints the line of the key, if a workload pod carries it, and always exits with 0. Mostly the
cache tells; only where the rules say so is the API server asked, by one of these at a time. Many
may run and wait, most of them for scanners, so nothing is imported before it is needed.
"""

from __future__ import annotations

import os
import sys
import time

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_host.authorized_keys_command import find_lines
from bastion_workloads.cache_rules import USE, decide
from bastion_workloads.moments import boot_time, read_failure, read_moments
from bastion_workloads.paths import Paths

# sshd's LoginGraceTime is 30 s.
_LONGEST_SECONDS = 20.0
_WAIT_SECONDS = 15.0
# For what is left to do when the API server has been asked for as long as possible.
_RESERVE_SECONDS = 1.0
_MOST_LOGGED_PROBLEMS = 20


class Offer:
    """A key that is offered, and what the cache says of it."""

    def __init__(self, paths: Paths, key_type: str, blob: str) -> None:
        self._paths = paths
        self._key = (key_type, blob)

    def lines(self) -> list[str]:
        try:
            return find_lines(self._paths.keys, *self._key)
        except FileNotFoundError:
            return []

    def next_step(self) -> str:
        """What has to be done for it now."""
        moments, is_known, now = read_moments(self._paths.keys), bool(self.lines()), boot_time()
        step = decide(moments, is_known, now)
        if step == USE:
            return step
        return decide(moments, is_known, now, read_failure(self._paths.failure))


def main(arguments: list[str]) -> None:
    settings_file, _user, key_type, blob, _fingerprint = arguments
    paths = Paths(os.path.dirname(os.path.dirname(settings_file)))
    offer = Offer(paths, key_type, blob)
    if offer.next_step() != USE:
        _bring_up_to_date(paths, offer)
    os.write(1, "".join(line + "\n" for line in offer.lines()).encode())


def _bring_up_to_date(paths: Paths, offer: Offer) -> None:
    """Or not: then the cache has to do."""
    from bastion_host.log import log_to, say
    from bastion_workloads.lock import hold

    started = time.monotonic()
    try:
        log_to(paths.log)
        with hold(paths.lock, _WAIT_SECONDS):
            # Whoever had the lock may have done it.
            step = offer.next_step()
            if step != USE:
                _update(paths, step, started + _LONGEST_SECONDS)
    except Exception as error:
        say(f"workloads: {error or type(error).__name__}; {_what_holds(paths)}")


def _update(paths: Paths, step: str, deadline: float) -> None:
    from bastion_host.log import say
    from bastion_workloads.lock import time_limit
    from bastion_workloads.problems import first
    from bastion_workloads.update import FETCH_SECONDS, update

    left = deadline - time.monotonic()
    with time_limit(left, f"not updated within {_LONGEST_SECONDS:g} s"):
        updated = update(paths, step, min(FETCH_SECONDS, left - _RESERVE_SECONDS))
    say(f"workloads: {updated.summary}")
    if updated.failure is not None:
        say(f"workloads: {updated.failure}; what was known of it before still holds")
    for problem in first(updated.problems, _MOST_LOGGED_PROBLEMS):
        say(f"workloads: {problem}")


def _what_holds(paths: Paths) -> str:
    moments = read_moments(paths.keys)
    if moments is None:
        return "no key is known, so nobody is let in"
    return f"the keys of {max(boot_time() - moments.updated, 0):.0f} s ago hold"


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Exception as error:
        print(f"key command: {type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(0)
