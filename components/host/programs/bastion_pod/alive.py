"""Whether the supervisor is at work: `alive.py`, a probe that exits with 0 if it is.

The supervisor writes its status anew every few seconds, whatever else goes wrong. One that does not
will not recover by itself; to start the container anew costs the tunnels, so there is patience.
"""

from __future__ import annotations

import os
import sys
import time

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_host.settings import Settings, SettingsError, load_settings
from bastion_pod import SETTINGS_FILE

_OLDEST_SECONDS = 30.0


class NotAlive(Exception):
    """What speaks against the supervisor being at work."""


def check_status(settings: Settings, now: float) -> None:
    try:
        written = os.stat(settings.status).st_mtime
    except OSError as error:
        raise NotAlive(f"{settings.status}: {error.strerror}") from None
    # Of the future is as bad: the clock was set back, and nobody has written since.
    if abs(now - written) > _OLDEST_SECONDS:
        raise NotAlive(f"{settings.status}: written {now - written:.0f} s ago")


def main() -> int:
    try:
        check_status(load_settings(SETTINGS_FILE), time.time())
    except (NotAlive, SettingsError) as error:
        print(f"not alive: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
