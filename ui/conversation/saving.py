"""Files of messages written where the person says, and the folder shown afterwards. Nothing is ever run."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from ui.bridge import Bridge, Notice
from ui.conversation.texts import safe_name
from workstation.api import Core
from workstation.domain.conversation import Attachment
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

SECONDS = 12


class Saving(QObject):
    """Asks where to, writes, says so, and offers the folder."""

    def __init__(self, bridge: Bridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window

    def ask(self, attachment: Attachment, over: QWidget | None = None) -> None:
        """Ask where to, then write it there."""
        dialog = QFileDialog(over or self._window, _("Save attachment"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.selectFile(safe_name(attachment.name))
        dialog.fileSelected.connect(partial(self.to, attachment))
        dialog.open()

    def to(self, attachment: Attachment, path: str) -> None:
        """Write the attachment to `path`."""
        self._bridge.call(partial(_write, attachment.id, Path(path)), self._on_saved, self)

    def _on_saved(self, path: Path) -> None:
        self._bridge.noticed.emit(Notice(
            _("Saved as {name}.").format(name=path.name), seconds=SECONDS, remedy=_("Open the folder"),
            act=partial(_show_folder, path.parent)))


def _show_folder(folder: Path) -> None:
    """The folder, in the system's own file manager; never the file, which might be a program."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


async def _write(attachment_id: str, path: Path, core: Core) -> Path:
    _name, _mime, content = await core.inbox.attachment(attachment_id)
    try:
        await asyncio.to_thread(path.write_bytes, content)
    except OSError as problem:
        sentence = _("{name} could not be written.").format(name=path.name)
        raise InputError(sentence, _("Choose another folder.")) from problem
    return path
