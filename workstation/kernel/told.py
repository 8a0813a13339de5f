"""Words of somebody else's, as they may stand in a line of ours."""

from __future__ import annotations


def in_a_line(told: str, looked_at: int) -> str:
    """Without control characters and marks that turn the direction of what follows, and on one line. Of `told` no more
    than `looked_at` characters are looked at."""
    plain = "".join(letter if letter.isprintable() else " " for letter in told[:looked_at])
    return " ".join(plain.split())
