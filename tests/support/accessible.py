"""What a screen reader and a keyboard find in a window: call these on every window and dialog a test builds (R42)."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QScrollBar, QTabBar, QWidget

_PARTS_OF_QT = ("qt_", "ScrollLeftButton", "ScrollRightButton")


def focusable(root: QWidget) -> Iterator[QWidget]:
    """Every widget below `root` that can take the keyboard, without the inner parts of Qt's own widgets."""
    for widget in (root, *root.findChildren(QWidget)):
        takes_keys = widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        inner = widget.objectName().startswith(_PARTS_OF_QT) or isinstance(widget, QScrollBar)
        proxied = any(other.focusProxy() is widget for other in _ancestors(widget))
        if takes_keys and not inner and not proxied and widget.isEnabledTo(root):
            yield widget


def nameless(root: QWidget) -> list[str]:
    """The focusable widgets a screen reader cannot name, as "ClassName objectName < parent's class"."""
    return [_where(widget) for widget in focusable(root) if not spoken_name(widget)]


def spoken_name(widget: QWidget) -> str:
    """What a screen reader says first: the accessible name, or what Qt derives from a text or a buddy label."""
    interface = QAccessible.queryAccessibleInterface(widget)
    name = interface.text(QAccessible.Text.Name) if interface is not None else ""
    return (name or widget.accessibleName()).strip()


def unreachable(root: QWidget) -> list[str]:
    """Buttons that only a mouse can press: visible, enabled, never focused, and without a shortcut or an action."""
    return [
        _where(button) for button in root.findChildren(QAbstractButton)
        if button.focusPolicy() == Qt.FocusPolicy.NoFocus and button.isEnabledTo(root)
        and button.shortcut().isEmpty() and not button.actions()
        and not button.objectName().startswith(_PARTS_OF_QT) and not isinstance(button.parent(), QTabBar)
    ]


def _ancestors(widget: QWidget) -> Iterator[QWidget]:
    parent = widget.parentWidget()
    while parent is not None:
        yield parent
        parent = parent.parentWidget()


def _where(widget: QWidget) -> str:
    parent = widget.parentWidget()
    beside = f" < {type(parent).__name__}" if parent is not None else ""
    return f"{type(widget).__name__} {widget.objectName()}".strip() + beside
