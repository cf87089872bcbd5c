"""Writing files so that a reader sees the old content or the new one, never a mixture."""

from __future__ import annotations

import contextlib
import os


def stage(path: str, content: bytes, mode: int, durable: bool = True) -> str:
    """Writes the content beside `path` and returns the temporary name, to be renamed over it.

    Everything that can fail for want of space fails here, with nothing changed. `durable` waits
    until the disk has it: wanted for what must survive a power cut, too slow for what need not.
    """
    # The process id keeps two writers of one file from sharing a temporary file.
    temporary = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        os.fchmod(descriptor, mode)
        remaining = memoryview(content)
        while remaining:
            remaining = remaining[os.write(descriptor, remaining) :]
        if durable:
            os.fsync(descriptor)
    except BaseException:
        os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)
    return temporary


def replace(path: str, content: bytes, mode: int) -> None:
    """Replaces a file whose loss in a power cut would not matter (`run/`)."""
    os.rename(stage(path, content, mode, durable=False), path)


def sync_directory(path: str) -> None:
    """Makes the renames in a directory survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: str) -> None:
    """Removes the file if it exists."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def read_if_there(path: str) -> bytes | None:
    """The content, or None for a file that does not exist."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
