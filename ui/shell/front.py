"""Brings the window before the others, or, where the window manager does not let it, asks for attention."""

from __future__ import annotations

import logging
import os

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

log = logging.getLogger("workstation.ui")
PATIENCE_MS = 400
"""How long a window manager may take to hand over the focus."""
ACTIVATION = "XDG_ACTIVATION_TOKEN"   # read, and cleared, by Qt when it asks a Wayland compositor for the focus


def bring(window: QWidget, token: str) -> None:
    """Restore, raise and activate a window. `token` is what the start that asks for it was given by its launcher."""
    if token and QGuiApplication.platformName().startswith("wayland"):
        os.environ[ACTIVATION] = token
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    log.info("the window was asked to the front")
    QTimer.singleShot(PATIENCE_MS, window, lambda: _ask_for_attention(window))


def _ask_for_attention(window: QWidget) -> None:
    if not window.isActiveWindow():
        QApplication.alert(window)
