"""Whether words have their room: nothing visible is cut without saying so, and nothing lies over its neighbour."""

from __future__ import annotations

from itertools import combinations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)

SLACK = 1
"""Pixels: a scale of 125 or 150 % rounds."""


def cut(root: QWidget) -> list[str]:
    """Labels and buttons that are smaller than their words need."""
    return [f"{type(widget).__name__} {_words(widget)[:60]!r}: {widget.width()}×{widget.height()}, needs {need}"
            for widget in _shown(root) if (need := _lacks(widget))]


def overlapping(root: QWidget) -> list[str]:
    """Pairs of visible siblings with words that lie over each other."""
    found = []
    parents = {parent for widget in _shown(root) if (parent := widget.parentWidget()) is not None}
    for parent in parents:
        children = [child for child in _shown(parent) if child.parentWidget() is parent]
        found += [f"{_words(one)[:40]!r} over {_words(other)[:40]!r}" for one, other in combinations(children, 2)
                  if not _within(one.geometry(), other.geometry())]
    return found


def _within(one: QRect, other: QRect) -> bool:
    both = one.intersected(other)
    return both.width() <= SLACK or both.height() <= SLACK


def _shown(root: QWidget) -> list[QWidget]:
    kinds = (QLabel, QAbstractButton, QComboBox)
    return [widget for widget in root.findChildren(QWidget) if isinstance(widget, kinds) and widget.isVisible()
            and _words(widget) and widget.parentWidget() is not None]


def _words(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton):
        return widget.text()
    return widget.currentText() if isinstance(widget, QComboBox) else ""


def _lacks(widget: QWidget) -> str:
    """What it would need, "" when it has it, or when it shows less on purpose and the whole in a tooltip."""
    if isinstance(widget, QLabel):
        return _label_lacks(widget)
    if isinstance(widget, QPushButton | QToolButton | QCheckBox | QRadioButton) and type(widget).sizeHint:
        shown = not isinstance(widget, QToolButton) or widget.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly
        need = widget.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, widget.text())
        narrow = shown and need.width() > widget.width() + SLACK and "…" not in widget.text()
        return f"{need.width()}×{need.height()}" if narrow or need.height() > widget.height() + SLACK else ""
    return ""


def _label_lacks(label: QLabel) -> str:
    room = label.contentsRect()
    if label.wordWrap():
        need = label.heightForWidth(label.width())
        return f"height {need}" if need > label.height() + SLACK else ""
    if label.text().endswith("…") and label.toolTip():
        return ""
    if label.textFormat() == Qt.TextFormat.RichText:
        return ""
    need_width = label.fontMetrics().size(0, label.text()).width()
    return f"width {need_width}" if need_width > room.width() + SLACK else ""
