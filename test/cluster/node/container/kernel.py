"""System calls that Python 3.11 has no functions for."""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
_MNT_DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def unshare(flags: int) -> None:
    """Moves this process into new namespaces."""
    _check(_libc.unshare(flags), "unshare")


def join_namespace(path: str, flag: int) -> None:
    """Moves this process into a namespace that is there."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_libc.setns(descriptor, flag), f"setns {path}")
    finally:
        os.close(descriptor)


def mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    """Mounts a file system, or a folder once more."""
    what = (source.encode(), target.encode(), kind.encode())
    _check(_libc.mount(*what, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def make_root(folder: str) -> None:
    """Makes a mounted folder the root of this process's namespace; what was there is gone."""
    os.chdir(folder)
    _check(_libc.pivot_root(b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", _MNT_DETACH), "umount")
    os.chdir("/")


def prctl(option: int, argument: int, pointer: object = 0) -> None:
    """Changes a property of this process."""
    none = ctypes.c_ulong(0)
    second = pointer if pointer != 0 else none
    result = _libc.prctl(option, ctypes.c_ulong(argument), second, none, none)
    _check(result, f"prctl {option}")
