"""The seccomp filter of `RuntimeDefault`, as far as a container without capabilities can tell.

Runtimes list the hundreds of calls that they allow. This lists what they refuse and the kernel has:
a call that is newer than this file is allowed here and refused there.
"""

from __future__ import annotations

import ctypes
import os
import struct

from kernel import prctl

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2

_LOAD = 0x20
_JUMP_IF_EQUAL = 0x15
_JUMP_IF_AT_LEAST = 0x35
_JUMP_IF_ANY_BIT = 0x45
_RETURN = 0x06

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000
_KILL = 0x80000000
_EPERM = 1
_ENOSYS = 38

_AT_NUMBER = 0
_AT_ARCHITECTURE = 4
_AT_FIRST_ARGUMENT = 16

# All that make a namespace.
_NAMESPACE_FLAGS = 0x7E020000
# Numbers of the x32 interface begin here.
_X32 = 0x40000000


class _Architecture:
    def __init__(self, audit: int, clone: int, names: str) -> None:
        self.audit = audit
        self.clone = clone
        self.refused = [int(entry.split(":")[1]) for entry in names.split()]


# Calls of both, with the same number everywhere since they are new.
_NEW = (
    "io_uring_setup:425 io_uring_enter:426 io_uring_register:427 open_tree:428 move_mount:429 "
    "fsopen:430 fsconfig:431 fsmount:432 fspick:433 mount_setattr:442"
)
_CLONE3 = 435
_ARCHITECTURES = {
    "x86_64": _Architecture(
        0xC000003E,
        56,
        "modify_ldt:154 pivot_root:155 acct:163 settimeofday:164 mount:165 umount2:166 swapon:167 "
        "swapoff:168 reboot:169 sethostname:170 setdomainname:171 iopl:172 ioperm:173 "
        "init_module:175 delete_module:176 quotactl:179 lookup_dcookie:212 clock_settime:227 "
        "mbind:237 set_mempolicy:238 get_mempolicy:239 kexec_load:246 add_key:248 request_key:249 "
        "keyctl:250 migrate_pages:256 unshare:272 move_pages:279 perf_event_open:298 "
        "fanotify_init:300 open_by_handle_at:304 setns:308 finit_module:313 kexec_file_load:320 "
        "bpf:321 userfaultfd:323 vhangup:153 syslog:103 " + _NEW,
    ),
    "aarch64": _Architecture(
        0xC00000B7,
        220,
        "lookup_dcookie:18 umount2:39 mount:40 pivot_root:41 vhangup:58 quotactl:60 acct:89 "
        "unshare:97 kexec_load:104 init_module:105 delete_module:106 clock_settime:112 syslog:116 "
        "reboot:142 sethostname:161 setdomainname:162 settimeofday:170 add_key:217 request_key:218 "
        "keyctl:219 swapon:224 swapoff:225 mbind:235 get_mempolicy:236 set_mempolicy:237 "
        "migrate_pages:238 move_pages:239 perf_event_open:241 fanotify_init:262 "
        "open_by_handle_at:265 setns:268 finit_module:273 bpf:280 userfaultfd:282 "
        "kexec_file_load:294 " + _NEW,
    ),
}


def install_filter() -> None:
    """Puts the filter in force, for this process and all that come of it."""
    program = _compile(_ARCHITECTURES[os.uname().machine])
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    described = Program(len(program) // 8, ctypes.addressof(code))
    prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(described))


def _compile(architecture: _Architecture) -> bytes:
    steps = [
        _step(_LOAD, _AT_ARCHITECTURE),
        _step(_JUMP_IF_EQUAL, architecture.audit, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _AT_NUMBER),
        _step(_JUMP_IF_AT_LEAST, _X32, 0, 1),
        _step(_RETURN, _REFUSE | _ENOSYS),
        # The flags of clone3 are in memory, which a filter cannot see: programs fall back to clone.
        _step(_JUMP_IF_EQUAL, _CLONE3, 0, 1),
        _step(_RETURN, _REFUSE | _ENOSYS),
    ]
    for number in architecture.refused:
        steps += [_step(_JUMP_IF_EQUAL, number, 0, 1), _step(_RETURN, _REFUSE | _EPERM)]
    steps += [
        _step(_JUMP_IF_EQUAL, architecture.clone, 0, 3),
        _step(_LOAD, _AT_FIRST_ARGUMENT),
        _step(_JUMP_IF_ANY_BIT, _NAMESPACE_FLAGS, 0, 1),
        _step(_RETURN, _REFUSE | _EPERM),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
