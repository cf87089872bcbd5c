"""What is wrong with single pods, in words. Pure.

The words go to logs and terminals, and some of them are others': no control character may pass.
"""

from __future__ import annotations

from collections.abc import Sequence

_LONGEST_QUOTE = 200


def quote(text: str, longest: int = _LONGEST_QUOTE) -> str:
    """Text that somebody else wrote, on one line and not without end."""
    shown = "".join(
        character if character.isprintable() else ascii(character)[1:-1]
        for character in text[:longest]
    )
    return f"{shown}…" if len(text) > longest else shown


def first(problems: Sequence[str], most: int) -> list[str]:
    """The first of them, and how many more there are."""
    more = len(problems) - most
    return [*problems[:most], f"and {more} more"] if more > 0 else list(problems)
