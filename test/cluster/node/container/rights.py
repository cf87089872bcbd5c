"""Gives up what a container must not have."""

from __future__ import annotations

import os
from pathlib import Path

from kernel import prctl
from plan import Rights
from seccomp import install_filter

_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4

_CAPABILITIES = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
    "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO "
    "SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME "
    "SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG "
    "WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split()


def last_capability() -> int:
    """The highest one that this kernel knows. To be read before `/proc` is the container's."""
    return int(Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="ascii"))


def take_rights(rights: Rights, last: int) -> None:
    """Makes this process what the container's are to be, and so is the program that it becomes."""
    kept = {_CAPABILITIES.index(name) for name in rights.capabilities}
    # A filter that comes without no_new_privs needs a right that is gone afterwards.
    if rights.seccomp and not rights.no_new_privileges:
        install_filter()
    for capability in range(last + 1):
        if capability not in kept:
            prctl(_PR_CAPBSET_DROP, capability)
    prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    os.setgroups(rights.groups)
    os.setresgid(rights.gid, rights.gid, rights.gid)
    os.setresuid(rights.uid, rights.uid, rights.uid)
    if rights.no_new_privileges:
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if rights.seccomp:
            install_filter()
