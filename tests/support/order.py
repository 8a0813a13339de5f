"""Where Tab goes, in the geometry of the screen: never back up or to the left without having gone on to the right."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QRadioButton, QTabBar, QWidget


def stops(root: QWidget) -> list[QWidget]:
    """The visible widgets below `root` where Tab stops, in the order of Tab."""
    found: list[QWidget] = []
    widget: QWidget | None = root
    while widget is not None:
        if widget is not root and root.isAncestorOf(widget) and _stops(widget):
            found.append(widget)
        widget = widget.nextInFocusChain()
        if widget is root:
            break
    return found


def steps_back(root: QWidget) -> list[str]:
    """Each step of Tab that goes against the order of reading, as "from → to". Once around it has to go back once."""
    wrong, around = [], stops(root)
    for before, after in pairwise([*around, *around[:1]]):
        one, other = _place(before, root), _place(after, root)
        up = other.bottom() <= one.top() and other.left() < one.right()
        back = other.right() <= one.left() and other.top() < one.bottom()
        if (up or back) and not before.isAncestorOf(after):  # from a message into it
            wrong.append(f"{_name(before)} → {_name(after)}")
    return wrong if len(wrong) > 1 else []


def _stops(widget: QWidget) -> bool:
    takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.isEnabled() and widget.isVisible()
    inner = widget.focusProxy() is not None or widget.objectName().startswith("qt_") or isinstance(widget, QTabBar)
    unchosen = isinstance(widget, QRadioButton) and not widget.isChecked()
    return takes and not inner and not unchosen and not widget.visibleRegion().isEmpty()


def _place(widget: QWidget, root: QWidget) -> QRect:
    """The part of it that can be seen."""
    seen = widget.rect()
    around: QWidget | None = widget
    while around is not None and around is not root:
        seen.translate(around.pos())
        around = around.parentWidget()
        seen = seen.intersected(around.rect() if around is not None else seen)
    return seen


def _name(widget: QWidget) -> str:
    text = widget.accessibleName() or getattr(widget, "text", lambda: "")()
    return f"{type(widget).__name__} {str(text)[:40]!r}"
