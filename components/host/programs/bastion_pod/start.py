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
from collections.abc import Iterable, Mapping

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bastion_host import files
from bastion_host.log import say
from bastion_host.settings import Settings, SettingsError, load_settings
from bastion_pod import SETTINGS_FILE
from bastion_workloads.paths import Paths
from bastion_workloads.settings import WorkloadSettings, load_workload_settings

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


def load_workloads(directory: str) -> WorkloadSettings | None:
    """None if the bastion is no way into workload pods."""
    path = Paths(directory).settings
    return load_workload_settings(path) if os.path.exists(path) else None


def prepare_workloads(directory: str, environment: Mapping[str, str]) -> None:
    """Makes what the discovery of keys needs, in folders that `prepare` has made."""
    paths = Paths(directory)
    os.makedirs(paths.folder, mode=0o700, exist_ok=True)
    host = environment.get("KUBERNETES_SERVICE_HOST")
    port = environment.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise CannotStart(
            "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: where the API server "
            "is, a pod of a cluster is always told"
        )
    # sshd runs the key command without any environment.
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    files.replace(paths.api_server, f"{address}\n".encode(), 0o600)


def check_accounts(users: Iterable[str]) -> None:
    """sshd logs in only the user it runs as, so that is who all login users have to be."""
    for user in users:
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
        workloads = load_workloads(settings.directory)
        check_accounts([*settings.users, *([workloads.user] if workloads else [])])
        prepare(settings)
        if workloads:
            prepare_workloads(settings.directory, os.environ)
    except (SettingsError, CannotStart) as error:
        say(f"cannot start: {error}")
        return 1
    programs = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    supervisor = os.path.join(programs, "bastion_host", "supervise.py")
    os.execv(sys.executable, [sys.executable, "-I", "-S", supervisor, SETTINGS_FILE])


if __name__ == "__main__":
    sys.exit(main())
