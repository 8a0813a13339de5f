"""Names, roles and the order of the Tab key: what a screen reader says and where the focus goes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QLayout, QMenuBar, QScrollBar, QTabBar, QWidget


def name(widget: QWidget, text: str, description: str = "") -> None:
    """Give a widget the name a screen reader says."""
    widget.setAccessibleName(text)
    if description:
        widget.setAccessibleDescription(description)


def tab_order(widgets: Iterable[QWidget]) -> None:
    """Tab goes through `widgets` in this order."""
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)


def reading_order(root: QWidget) -> None:
    """What was put in late is read, and reached with Tab, where it is seen: in the order of `root`'s layout."""
    placed = list(_placed(root.layout()))
    for widget in placed:
        widget.raise_()
    tab_order([root, *stops(placed)] if _stops_at(root) else stops(placed))


def stops(parts: Iterable[QWidget]) -> list[QWidget]:
    """Where Tab stops in `parts` and in what is in them."""
    return [stop for part in parts for stop in (part, *part.findChildren(QWidget)) if _stops_at(stop)]


def _placed(layout: QLayout | None) -> Iterator[QWidget]:
    for at in range(layout.count() if layout is not None else 0):
        item = layout.itemAt(at) if layout is not None else None
        widget = item.widget() if item is not None else None
        if widget is not None:
            yield widget
        elif item is not None:
            yield from _placed(item.layout())


def _stops_at(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say a sentence that appeared without the focus moving."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


def unnamed(root: QWidget) -> list[str]:
    """Focusable widgets below `root` that a screen reader could not name, for the test that wants none."""
    shown = [widget for widget in root.findChildren(QWidget) if widget.isVisibleTo(root)]
    return [_describe(widget) for widget in shown if _focusable(widget) and not _named(widget)]


def _focusable(widget: QWidget) -> bool:
    own = not isinstance(widget, QMenuBar | QScrollBar | QTabBar) and not widget.objectName().startswith("qt_")
    internal = widget.focusProxy() is not None or type(widget.parentWidget()).__name__ in _COMPOSITE
    return own and not internal and widget.focusPolicy() != Qt.FocusPolicy.NoFocus


def _named(widget: QWidget) -> bool:
    text = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
    interface = QAccessible.queryAccessibleInterface(widget)
    said = interface.text(QAccessible.Text.Name) if interface else ""
    return bool(widget.accessibleName() or text or said)


def _describe(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()} in {type(widget.parentWidget()).__name__}"


_COMPOSITE = ("QSpinBox", "QComboBox", "QKeySequenceEdit", "QComboBoxPrivateContainer", "QFontComboBox")
