"""Records the viewer cannot show: what they are, and opening them with the system's program after a warning.

What is opened is a copy outside the store: in a folder only this user can read, until the viewer closes. That a file
went out of the store is on record. Programs, pages and scripts are never opened.
"""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.conversation.buttons import WrapLabel, flat_button
from ui.theme import current, icons
from ui.widgets.labels import label
from ui.widgets.timetext import size
from workstation.api import Core
from workstation.evidence.model import Handed, RecordView
from workstation.kernel.i18n import _

_EXTENSIONS = {
    "application/pdf": "pdf", "text/plain": "txt", "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm",
    "video/3gpp": "3gp", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/ogg": "ogg", "audio/wav": "wav",
    "image/heic": "heic", "image/heif": "heif", "image/tiff": "tif", "image/avif": "avif", "image/png": "png",
    "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/bmp": "bmp", "video/x-msvideo": "avi",
    "video/x-matroska": "mkv",
}
"""What is opened, and under which ending: the name a stranger gave decides nothing."""


def openable(mime: str) -> bool:
    """Whether a file of this type may be handed to another program at all."""
    return mime in _EXTENSIONS


class FilePage(QWidget):
    """Name, type, size and hash of what cannot be shown."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.asked: QMessageBox | None = None
        self._bridge = bridge
        self._record: RecordView | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._name, self._facts, self._why = WrapLabel(role="title"), WrapLabel(role="quiet"), WrapLabel()
        self.button = flat_button(_("Open with another program…"), _("Open with the system's program"))
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self.ask)
        sheet = label()
        sheet.setPixmap(icons.pixmap("file", current().text_quiet, icons.LARGE))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        for part in (sheet, self._name, self._facts, self._why):
            layout.addWidget(part)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeading)
        layout.addStretch(1)

    def show_file(self, record: RecordView, why: str) -> None:
        """Say what it is and why it is not shown."""
        self._record = record
        self._name.setText(record.title)
        self._facts.setText("\n".join(part for part in (record.mime, size(record.size), record.sha256) if part))
        self._why.setText(why)
        there = bool(record.sha256) and record.erased_at is None
        self.button.setVisible(there and openable(record.mime))
        if there and not openable(record.mime):
            self._why.setText(f"{why}\n{_('Files of this type are not opened from here. Export the record instead.')}")

    def ask(self) -> None:
        """A warning first: the file is a stranger's, and the copy is outside the store."""
        if self._record is None:
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(_("Open with another program"))
        box.setText(_("This file may come from a stranger. Open it only if you expect it."))
        box.setInformativeText(_(
            "Another program will read it. A copy is laid outside the sealed store until you close this window, and it "
            "is recorded that it was handed out."))
        box.addButton(_("Open it"), QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        box.accepted.connect(partial(self._open, self._record))
        self.asked = box
        box.open()

    def close_files(self) -> None:
        """Take the copies away."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _open(self, record: RecordView) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="workstation-", ignore_cleanup_errors=True)
        target = Path(self._folder.name) / f"{record.sequence:06d}.{_EXTENSIONS[record.mime]}"
        self._bridge.call(partial(_lay_out, record.id, target), self._on_laid_out, self, replaces="open")

    def _on_laid_out(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._why.setText(_("No program of this system opens files of this type."))


async def _lay_out(record_id: str, target: Path, core: Core) -> Path:
    """A copy of the file, checked, read-only and for this user alone."""
    _name, _mime, content = await core.evidence.file(record_id, Handed.PROGRAM)
    await asyncio.to_thread(_write, target, content)
    return target


def _write(target: Path, content: bytes) -> None:
    target.unlink(missing_ok=True)
    target.touch(0o600)
    target.write_bytes(content)
    target.chmod(0o400)
