"""What came with a message: looked at in the window or saved where the person says; nothing is ever run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QWidget

from ui.bridge import Bridge
from ui.conversation.buttons import flat_button
from ui.conversation.pictures import LARGEST_FILE, MOST_INLINE, decode, decode_inline
from ui.conversation.texts import safe_name
from ui.conversation.windows import PictureWindow, TextWindow
from ui.theme import current, icons
from ui.widgets.labels import ElidedLabel, quiet
from ui.widgets.timetext import size
from workstation.api import Core
from workstation.domain.conversation import Attachment
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _


class AttachmentRow(QWidget):
    """Name, size, and what can be done with it."""

    def __init__(self, attachment: Attachment, files: AttachmentFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = safe_name(attachment.name)
        picture = attachment.mime.startswith("image/")
        mark = QLabel()
        mark.setPixmap(icons.pixmap("image" if picture else "file", current().text_quiet))
        label = ElidedLabel(name, mode=Qt.TextElideMode.ElideMiddle)
        view = flat_button(_("View"), _("View {name}").format(name=name))
        save = flat_button(_("Save…"), _("Save {name}").format(name=name))
        view.clicked.connect(partial(files.view, attachment))
        save.clicked.connect(partial(files.save, attachment))
        drawn = picture and "svg" not in attachment.mime
        view.setVisible((drawn and attachment.size <= LARGEST_FILE) or attachment.mime == "text/plain")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(mark)
        layout.addWidget(label, 1)
        layout.addWidget(quiet(size(attachment.size)))
        layout.addWidget(view)
        layout.addWidget(save)


class AttachmentFiles(QObject):
    """Fetches attachments for a view: to look at, or to save."""

    def __init__(self, bridge: Bridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self.shown: PictureWindow | TextWindow | None = None

    def view(self, attachment: Attachment) -> None:
        """Show a picture or a text in a window of its own."""
        self._bridge.call(partial(_fetch, attachment), partial(self._on_fetched, safe_name(attachment.name)), self)

    def inline(self, attachments: Sequence[Attachment], shown: Callable[[dict[str, QImage]], None], owner: QObject
               ) -> None:
        """Hand the pictures that a mail's own text names to `shown`, by content id; those beyond the limits are left
        out. Nothing is asked for when there are none."""
        named = tuple(a for a in attachments if a.content_id and a.mime.startswith("image/") and a.size <= LARGEST_FILE)
        if named:
            self._bridge.call(partial(_inline, named[:MOST_INLINE]), shown, owner)

    def save(self, attachment: Attachment) -> None:
        """Ask where to, then write it there."""
        dialog = QFileDialog(self._window, _("Save attachment"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.selectFile(safe_name(attachment.name))
        dialog.fileSelected.connect(partial(self.save_to, attachment))
        dialog.open()

    def save_to(self, attachment: Attachment, path: str) -> None:
        """Write the attachment to `path`."""
        self._bridge.call(partial(_write, attachment.id, Path(path)), self._on_saved, self)

    def _on_fetched(self, name: str, content: QImage | bytes) -> None:
        if isinstance(content, QImage):
            self.shown = PictureWindow(name, content, self._window)
        else:
            self.shown = TextWindow(name, content, self._window)
        self.shown.show()

    def _on_saved(self, path: Path) -> None:
        self._bridge.notice(_("Saved as {name}.").format(name=path.name))


async def _fetch(attachment: Attachment, core: Core) -> QImage | bytes:
    _name, mime, content = await core.inbox.attachment(attachment.id)
    return await asyncio.to_thread(decode, content) if mime.startswith("image/") else content


async def _inline(attachments: Sequence[Attachment], core: Core) -> dict[str, QImage]:
    """Pictures one after another, so that only one is held undecoded."""
    found: dict[str, QImage] = {}
    for attachment in attachments:
        _name, _mime, content = await core.inbox.attachment(attachment.id)
        try:
            found[attachment.content_id] = await asyncio.to_thread(decode_inline, content)
        except InputError:      # its file stands below the text, where looking at it says what is wrong
            continue
    return found


async def _write(attachment_id: str, path: Path, core: Core) -> Path:
    _name, _mime, content = await core.inbox.attachment(attachment_id)
    try:
        await asyncio.to_thread(path.write_bytes, content)
    except OSError as problem:
        sentence = _("{name} could not be written.").format(name=path.name)
        raise InputError(sentence, _("Choose another folder.")) from problem
    return path
