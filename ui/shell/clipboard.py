"""What was copied here does not stay on the clipboard, and clipboard histories are asked not to keep it.

The marks are what password managers set: KDE's Klipper leaves out what has x-kde-passwordManagerHint "secret"; Windows
leaves out of its history and its cloud what has the three formats of "Cloud clipboard and clipboard history formats".
Qt gives macOS' org.nspasteboard.ConcealedType no way in: there only the clearing helps.
"""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication

from workstation.kernel.settings import Settings

CLEAR_MS = 60_000
MARK = "x-kde-passwordManagerHint"
_WINDOWS = 'application/x-qt-windows-mime;value="{name}"'
_MARKS = {
    MARK: b"secret",
    _WINDOWS.format(name="ExcludeClipboardContentFromMonitorProcessing"): b"\0",
    _WINDOWS.format(name="CanIncludeInClipboardHistory"): b"\0\0\0\0",
    _WINDOWS.format(name="CanUploadToCloudClipboard"): b"\0\0\0\0",
}


class ClipboardGuard(QObject):
    """Marks every text this program copies and clears it after a minute, if it is still the one that was copied."""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._clipboard = QGuiApplication.clipboard()
        self._copied = ""
        self._timer = QTimer(self, singleShot=True, interval=CLEAR_MS)
        self._timer.timeout.connect(self.clear)
        self._clipboard.dataChanged.connect(self._on_changed)

    @property
    def waiting(self) -> bool:
        """Whether something is about to be cleared."""
        return self._timer.isActive()

    def clear(self) -> None:
        """Clear the clipboard if it still holds what was copied here."""
        self._timer.stop()
        if self._copied and self._clipboard.ownsClipboard() and self._clipboard.text() == self._copied:
            self._clipboard.clear(QClipboard.Mode.Clipboard)
        self._copied = ""

    def _on_changed(self) -> None:
        if not self._clipboard.ownsClipboard():
            self._timer.stop()   # another program's text is not ours to clear
            self._copied = ""
            return
        held = self._clipboard.mimeData()
        if held is None or not held.hasText() or not self._settings.flag("clear_clipboard"):
            return
        if not held.hasFormat(MARK):
            self._clipboard.setMimeData(_marked(held), QClipboard.Mode.Clipboard)
            return   # and comes here again
        self._copied = held.text()
        self._timer.start()


def _marked(held: QMimeData) -> QMimeData:
    marked = QMimeData()
    marked.setText(held.text())
    if held.hasHtml():
        marked.setHtml(held.html())
    for name, value in _MARKS.items():
        marked.setData(name, value)
    return marked
