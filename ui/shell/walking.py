"""F6: from one area of the window to the next that is shown and can take the focus."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def walk(window: QWidget, every: Sequence[QWidget], step: int) -> None:
    """Move the focus `step` areas on from where it is, around the end."""
    areas = [area for area in every if area.isVisible()]
    focused = window.focusWidget() or window
    here = next((at for at, area in enumerate(areas) if area.isAncestorOf(focused) or area is focused),
                -1 if step > 0 else 0)
    if not areas:
        return
    target = areas[(here + step) % len(areas)]
    target.setFocus(Qt.FocusReason.OtherFocusReason)
    if not target.hasFocus() and not target.isAncestorOf(window.focusWidget() or window):
        _focus_first(target)


def _focus_first(area: QWidget) -> None:
    tabs = Qt.FocusPolicy.TabFocus
    inside = [child for child in area.findChildren(QWidget) if child.focusPolicy() & tabs and child.isVisible()]
    if inside:
        inside[0].setFocus(Qt.FocusReason.OtherFocusReason)
