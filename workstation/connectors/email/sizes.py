"""Sizes in words."""

from __future__ import annotations

from workstation.kernel.i18n import _

_UNITS = ("KB", "MB", "GB", "TB", "PB")


def shown(size: int) -> str:
    """ "1.2 MB" for a number of bytes, powers of 1,024."""
    if size < 1_024:
        return _("{n} B").format(n=size)
    value, step = size / 1_024, 0
    while value >= 1_000 and step < len(_UNITS) - 1:
        value, step = value / 1_024, step + 1
    return f"{value:.1f} {_UNITS[step]}" if value < 10 else f"{value:,.0f} {_UNITS[step]}"
