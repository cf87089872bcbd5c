"""Putting a key set in force: staged, swapped file by file, tested by sshd, undone as a whole.

In force are `live/keys/<user>` (read by the key command at every login), `live/sshd/<user>.conf`
(included by sshd's configuration) and `live/key-set.json` (the document itself, written last: it
says which set the other files are of). Whatever goes wrong, a full disk too, the set that was in
force still is, because everything that needs space happens before the first file is swapped.
"""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

from . import files
from .key_set import KeySet, KeySetRefused, UserKeys
from .settings import Settings
from .sshd_process import configuration_complaint

_NOBODY = UserKeys(keys={}, permit_listen=(), permit_open=())


class InstallFailed(Exception):
    """The set may be good, but this machine could not install it now."""


class Installed(NamedTuple):
    changed: bool
    needs_reload: bool
    """Whether sshd has to read its configuration anew."""


class _Swap(NamedTuple):
    path: str
    staged: str
    previous: str
    """Where the replaced file is kept until the installation is complete."""


def install(settings: Settings, key_set: KeySet) -> Installed:
    """Puts the set in force. Raises KeySetRefused when sshd does not like the configuration that
    follows from it, InstallFailed when a file cannot be written; nothing has changed then."""
    includes, others = _renderings(settings, key_set)
    swaps: list[_Swap] = []
    swapped: list[_Swap] = []
    try:
        for path, content in {**includes, **others}.items():
            if files.read_if_there(path) != content:
                swaps.append(_Swap(path, files.stage(path, content, 0o600), path + ".previous"))
        configuration = [swap for swap in swaps if swap.path in includes]
        for swap in configuration:
            _swap_in(swap, swapped)
        if configuration:
            _check_configuration(settings)
        for swap in swaps:
            if swap not in configuration:
                _swap_in(swap, swapped)
        for directory in {os.path.dirname(swap.path) for swap in swaps}:
            files.sync_directory(directory)
    except OSError as error:
        _undo(swaps, swapped)
        raise InstallFailed(f"{error.strerror}: {error.filename or 'live'}") from error
    except BaseException:
        _undo(swaps, swapped)
        raise
    for swap in swaps:
        files.remove(swap.previous)
    return Installed(changed=bool(swaps), needs_reload=bool(configuration))


def _renderings(settings: Settings, key_set: KeySet) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The content of every file: those sshd includes, and the rest, the document last."""
    includes: dict[str, bytes] = {}
    others: dict[str, bytes] = {}
    for user in settings.users:
        keys = key_set.users.get(user, _NOBODY)
        includes[settings.include_file(user)] = render_include(keys).encode()
        lines = "".join(key.text + "\n" for key in keys.lines)
        others[settings.keys_file(user)] = lines.encode()
    others[settings.live_key_set] = key_set.document
    return includes, others


def render_include(keys: UserKeys) -> str:
    """sshd takes only the first line of each keyword, so all ports go on one."""
    listen = " ".join(keys.permit_listen) or "none"
    reach = " ".join(keys.permit_open) or "none"
    return f"PermitListen {listen}\nPermitOpen {reach}\n"


def _check_configuration(settings: Settings) -> None:
    complaint = configuration_complaint(settings)
    if complaint is not None:
        raise KeySetRefused(f"sshd refuses the configuration: {complaint}")


def _swap_in(swap: _Swap, swapped: list[_Swap]) -> None:
    """Renames the staged file into place, keeping the old one under a second name: a hard link
    takes no space, so that undoing works on a full disk."""
    files.remove(swap.previous)
    with contextlib.suppress(FileNotFoundError):
        os.link(swap.path, swap.previous)
    os.rename(swap.staged, swap.path)
    swapped.append(swap)


def _undo(swaps: list[_Swap], swapped: list[_Swap]) -> None:
    for swap in swapped:
        try:
            os.rename(swap.previous, swap.path)
        except FileNotFoundError:
            os.unlink(swap.path)
    for swap in swaps:
        files.remove(swap.staged)
        files.remove(swap.previous)
