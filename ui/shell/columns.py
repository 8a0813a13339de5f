"""The four columns: who is shown at which width, what a person hid, and the sizes that are remembered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from ui.widgets.splitter import Splitter
from workstation.kernel.settings import Settings

QUEUES, LIST, MIDDLE, CASE = range(4)
NAMES = {"queues": QUEUES, "list": LIST, "case": CASE}
MINIMUM = (168, 240, 320, 292)
DEFAULT = (184, 328, 0, 320)
"""Widths in logical pixels; the conversation takes the rest."""
WIDE, SHARE = 1_160, 5
"""From here on the window has room to spare, and a fifth of it is for the names of the queues: whole counts at 1,280
pixels, long names of stores from 1,400 on."""


@dataclass
class Kept:
    """What the setting "window" holds."""

    geometry: str = ""
    columns: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


def load(settings: Settings) -> Kept:
    """What was kept; the default for what is missing or odd."""
    try:
        stored = json.loads(settings.text("window") or "{}")
    except ValueError:
        stored = {}
    if not isinstance(stored, dict):
        return Kept()
    columns, rows = ([size for size in stored.get(name, []) if isinstance(size, int)] for name in ("columns", "rows"))
    hidden = [name for name in stored.get("hidden", []) if name in NAMES]
    return Kept(str(stored.get("geometry", "")), columns, rows, hidden)


def save(settings: Settings, geometry: QByteArray, columns: list[int], rows: list[int], hidden: list[str]) -> None:
    """Keep it; raises ReadOnly."""
    kept = {"geometry": bytes(geometry.toBase64().data()).decode(), "columns": columns, "rows": rows, "hidden": hidden}
    settings.set("window", json.dumps(kept))


class Columns:
    """Decides which columns are shown: what the person wants, less what does not fit."""

    def __init__(self, splitter: Splitter) -> None:
        self._splitter = splitter
        self.hidden: set[str] = set()
        self.reading = False
        """Whether a conversation is open, which takes the list's place in a narrow window."""
        self.wish = MINIMUM[QUEUES]
        """The width at which the names of the queues are read whole."""

    def toggle(self, name: str) -> None:
        self.hidden ^= {name}

    def shown(self, width: int) -> dict[int, bool]:
        """Which columns a window of this width shows: it folds the queues, then the case, then the list or the text."""
        fits = {QUEUES: width >= 1_024, CASE: width >= 864, LIST: True, MIDDLE: True}
        wanted = {column: name not in self.hidden for name, column in NAMES.items()} | {MIDDLE: True}
        result = {column: fits[column] and wanted[column] for column in fits}
        if width < 600:
            result |= {LIST: not self.reading, MIDDLE: self.reading}
        return result

    def fold(self, width: int) -> None:
        """Show and hide what `shown` says. Where there is room, the queues are as wide as their names."""
        spare = max(0, width - WIDE) // SHARE
        self.widget(QUEUES).setMinimumWidth(max(MINIMUM[QUEUES], min(self.wish, MINIMUM[QUEUES] + spare)))
        for column, visible in self.shown(width).items():
            self.widget(column).setVisible(visible)

    def widget(self, column: int) -> QWidget:
        """The widget of a column."""
        widget = self._splitter.widget(column)
        if widget is None:
            raise IndexError(column)
        return widget

    def sizes(self, width: int, kept: list[int]) -> list[int]:
        """Widths to begin with: those kept, or the default."""
        if len(kept) == len(MINIMUM) and all(size >= 0 for size in kept) and sum(kept) > 0:
            return kept
        wide = 1.25 if width >= 1_800 else 1.0
        sizes = [round(size * wide) for size in DEFAULT]
        if width < 1_240:
            sizes = [*MINIMUM[:MIDDLE], 0, MINIMUM[CASE]]
        sizes[MIDDLE] = max(MINIMUM[MIDDLE], width - sum(sizes) - 3)
        return sizes
