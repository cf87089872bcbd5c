"""The container's first process: `start.py`.

Sees to it that the supervisor finds what it needs, says what is missing in words for whoever wrote
the pod, and becomes the supervisor. A container that is started again finds the key set that was
in force, as its directory is the pod's.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_host.log import say
from bastion_host.settings import Settings, SettingsError, load_settings
from bastion_pod import SETTINGS_FILE

_OWN_FOLDERS = ("live", "run", "log")
# What the key command says belongs to the container's log: that of the first process.
_CONTAINER_LOG = "/proc/1/fd/2"


class CannotStart(Exception):
    """What the pod lacks; the message says what to do about it."""


def prepare(settings: Settings, container_log: str = _CONTAINER_LOG) -> None:
    """Makes the folders of the bastion's own, closed to everybody else."""
    for name in _OWN_FOLDERS:
        folder = os.path.join(settings.directory, name)
        try:
            os.makedirs(folder, exist_ok=True)
            # A volume hands its group down, and the right to write with it.
            os.chmod(folder, 0o700)
        except OSError as error:
            raise CannotStart(
                f"{folder}: {error.strerror}; mount an emptyDir at {settings.directory}, and set "
                f"fsGroup to {os.getgid()}"
            ) from None
    with contextlib.suppress(FileExistsError):
        os.symlink(container_log, settings.log)


def check_accounts(settings: Settings) -> None:
    """sshd logs in only the user it runs as, so that is who all login users have to be."""
    for user in settings.users:
        try:
            found = pwd.getpwnam(user).pw_uid
        except KeyError:
            raise CannotStart(f"/etc/passwd has no user {user!r}; mount one that does") from None
        if found != os.getuid():
            raise CannotStart(
                f"/etc/passwd gives {user!r} the id {found}, and this container runs as "
                f"{os.getuid()}: sshd could not log it in; set runAsUser to {found}"
            )


def main() -> int:
    try:
        settings = load_settings(SETTINGS_FILE)
        check_accounts(settings)
        prepare(settings)
    except (SettingsError, CannotStart) as error:
        say(f"cannot start: {error}")
        return 1
    programs = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    supervisor = os.path.join(programs, "bastion_host", "supervise.py")
    os.execv(sys.executable, [sys.executable, "-I", "-S", supervisor, SETTINGS_FILE])


if __name__ == "__main__":
    sys.exit(main())
