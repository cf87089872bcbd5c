"""Makes the file system that a container sees."""

from __future__ import annotations

import os
from pathlib import Path

from kernel import (
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
    make_root,
    mount,
)
from plan import Mount, Plan

_PLACE = Path("/mnt")
_NOTHING_RUNS = MS_NOSUID | MS_NODEV | MS_NOEXEC
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {
    "ptmx": "pts/ptmx",
    "fd": "/proc/self/fd",
    "stdin": "fd/0",
    "stdout": "fd/1",
    "stderr": "fd/2",
}
_READ_ONLY_PROC = ("bus", "fs", "irq", "sys", "sysrq-trigger")
_HIDDEN_PROC = ("kcore", "keys", "timer_list", "sched_debug")


def make_file_system(plan: Plan) -> None:
    """Makes it, in a mount namespace of its own, and the root of this process."""
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    mount("tmpfs", str(_PLACE), "tmpfs", 0, "mode=755")
    root = _PLACE / "root"
    layers = {"lowerdir": plan.image, "upperdir": f"{_PLACE}/upper", "workdir": f"{_PLACE}/work"}
    for folder in (str(root), layers["upperdir"], layers["workdir"]):
        os.mkdir(folder, 0o755)
    options = ",".join(f"{name}={value}" for name, value in layers.items())
    mount("overlay", str(root), "overlay", 0, options)
    _mount_system(root)
    for wanted in sorted(plan.mounts, key=lambda each: each.target.rstrip("/").count("/")):
        _mount_volume(root, wanted)
    working_directory = root / plan.working_directory.lstrip("/")
    if not working_directory.exists():
        working_directory.mkdir(parents=True)
    if plan.is_root_read_only:
        mount("none", str(root), "", MS_REMOUNT | MS_BIND | MS_RDONLY)
    make_root(str(root))


def _mount_system(root: Path) -> None:
    for folder in ("proc", "sys", "dev"):
        (root / folder).mkdir(exist_ok=True)
    mount("proc", f"{root}/proc", "proc", _NOTHING_RUNS)
    for entry in _READ_ONLY_PROC:
        _bind_read_only(f"{root}/proc/{entry}")
    mount("sysfs", f"{root}/sys", "sysfs", _NOTHING_RUNS | MS_RDONLY)
    mount("tmpfs", f"{root}/dev", "tmpfs", MS_NOSUID, "mode=755,size=64k")
    for device in _DEVICES:
        (root / "dev" / device).touch()
        mount(f"/dev/{device}", f"{root}/dev/{device}", "", MS_BIND)
    for entry in _HIDDEN_PROC:
        if (root / "proc" / entry).exists():
            mount("/dev/null", f"{root}/proc/{entry}", "", MS_BIND)
    for folder in ("pts", "shm", "mqueue"):
        (root / "dev" / folder).mkdir()
    terminals = "newinstance,ptmxmode=666,mode=620,gid=5"
    mount("devpts", f"{root}/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, terminals)
    mount("tmpfs", f"{root}/dev/shm", "tmpfs", _NOTHING_RUNS, "mode=1777,size=64m")
    mount("mqueue", f"{root}/dev/mqueue", "mqueue", _NOTHING_RUNS)
    for name, target in _LINKS.items():
        (root / "dev" / name).symlink_to(target)


def _bind_read_only(path: str) -> None:
    if not os.path.exists(path):
        return
    mount(path, path, "", MS_BIND | MS_REC)
    mount("none", path, "", MS_REMOUNT | MS_BIND | MS_RDONLY | _NOTHING_RUNS)


def _mount_volume(root: Path, wanted: Mount) -> None:
    target = root / wanted.target.lstrip("/")
    if os.path.isdir(wanted.source):
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.touch()
    mount(wanted.source, str(target), "", MS_BIND)
    if wanted.is_read_only:
        mount("none", str(target), "", MS_REMOUNT | MS_BIND | MS_RDONLY)
