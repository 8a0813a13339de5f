"""What came with a message: looked at in the window or saved where the person says; nothing is ever run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui.bridge import Bridge
from ui.conversation.buttons import flat_button
from ui.conversation.pictures import LARGEST_FILE, MOST_INLINE, WIDEST_INLINE, decode_inline, readable
from ui.conversation.saving import Saving
from ui.conversation.texts import safe_name
from ui.conversation.viewer import PictureWindow
from ui.conversation.windows import TextWindow
from ui.theme import current, icons, theme
from ui.widgets.labels import ElidedLabel
from ui.widgets.timetext import size
from workstation.api import Core
from workstation.domain.conversation import Attachment
from workstation.evidence.model import RecordView
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _, ngettext


class AttachmentRow(QWidget):
    """Name, size, and what can be done with it."""

    def __init__(self, attachment: Attachment, files: AttachmentFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = safe_name(attachment.name)
        picture = drawable(attachment)
        self._icon = "image" if picture else "file"
        self._mark = QLabel()
        theme().changed.connect(self._on_theme)
        self._on_theme()
        label = ElidedLabel(name, mode=Qt.TextElideMode.ElideMiddle)
        label.setMinimumWidth(48)   # a bubble is never so narrow that a name is nothing but dots
        view = flat_button(_("View"), _("View {name}").format(name=name))
        save = flat_button(_("Save…"), _("Save {name}").format(name=name))
        view.clicked.connect(partial(files.view, attachment))
        save.clicked.connect(partial(files.save, attachment))
        self.keep = keep = flat_button(_("Keep"), _("Keep {name} as evidence").format(name=name))
        keep.clicked.connect(partial(files.keep, attachment))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._mark)
        said = " · ".join(part for part in (kind(attachment), size(attachment.size)) if part)
        about = ElidedLabel(said, role="quiet")
        about.setMinimumWidth(48)
        layout.addWidget(label, 2)
        layout.addWidget(about, 1)
        layout.addWidget(view)
        layout.addWidget(save)
        layout.addWidget(keep)
        self._wide = layout.minimumSize().width()
        view.setVisible(picture or attachment.mime == "text/plain")  # in its place: shown before, it is a window

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow bubble the message's menu and its key keep the file; two words and a name have the room."""
        super().resizeEvent(event)
        self.keep.setVisible(event.size().width() >= self._wide)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._wide - self.keep.sizeHint().width(), super().minimumSizeHint().height())

    def _on_theme(self) -> None:
        self._mark.setPixmap(icons.pixmap(self._icon, current().text_quiet))


class AttachmentFiles(QObject):
    """Fetches attachments for a view: to look at, or to save."""

    def __init__(self, bridge: Bridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self.saving = Saving(bridge, window)
        self.pictures: Callable[[], Sequence[Attachment]] = tuple
        """The pictures of the conversation in time order, for walking through them."""
        self.place: Callable[[Attachment], tuple[str, int] | None] = _nowhere
        """The message of a file, and which of its files it is, from 0."""
        self.shown: PictureWindow | TextWindow | None = None

    def view(self, attachment: Attachment) -> None:
        """Show a picture, among the others of the conversation, or a text, in a window of its own."""
        if drawable(attachment):
            every = [one for one in self.pictures() if drawable(one)]
            every = every if attachment in every else [attachment]
            self.shown = PictureWindow(self._bridge, every, every.index(attachment), self.saving, self._window)
            self.shown.show()
        else:
            shown = partial(self._on_text, safe_name(attachment.name))
            self._bridge.call(partial(_fetch, attachment), shown, self)

    def inline(self, attachments: Sequence[Attachment], shown: Callable[[dict[str, QImage]], None], owner: QObject
               ) -> None:
        """Hand the pictures that a mail's own text names to `shown`, by content id; those beyond the limits are left
        out. Nothing is asked for when there are none."""
        named = tuple(a for a in attachments if a.content_id and a.mime.startswith("image/") and a.size <= LARGEST_FILE)
        if named:
            self._bridge.call(partial(_inline, named[:MOST_INLINE]), shown, owner)

    def save(self, attachment: Attachment) -> None:
        """Ask where to, then write it there."""
        self.saving.ask(attachment)

    def keep(self, *attachments: Attachment) -> None:
        """Let files join their case as evidence, byte for byte."""
        places = [place for place in map(self.place, attachments) if place is not None]
        if places:
            self._bridge.call(partial(_keep, tuple(places)), self._on_kept, self)

    def save_to(self, attachment: Attachment, path: str) -> None:
        """Write the attachment to `path`."""
        self.saving.to(attachment, path)

    def _on_kept(self, records: Sequence[RecordView]) -> None:
        text = ngettext("Kept as evidence: {title}.", "Kept as evidence: {title} and others, {n} in all.", len(records))
        self._bridge.notice(text.format(title=records[0].title, n=len(records)))

    def _on_text(self, name: str, content: bytes) -> None:
        self.shown = TextWindow(name, content, self._window)
        self.shown.show()


def drawable(attachment: Attachment) -> bool:
    """Whether it says to be a picture of a kind that is shown. SVG can point at files and grow without end. Phones
    often send their photos as files of no type."""
    untyped = attachment.mime in ("", "application/octet-stream")
    named = untyped and attachment.name.lower().endswith((".heic", ".heif"))
    return named or (attachment.mime.startswith("image/") and "svg" not in attachment.mime)


def kind(attachment: Attachment) -> str:
    """A short word for what a file says to be: "JPEG", "PDF"; its extension where the type says nothing."""
    subtype = attachment.mime.partition("/")[2].partition(";")[0].lower()
    plain = subtype.removeprefix("x-").rpartition(".")[2]
    ending = safe_name(attachment.name).rpartition(".")[2]
    named = ending if subtype in ("", "octet-stream") or len(plain) > 8 else plain
    return named.upper() if named.isalnum() and len(named) <= 8 else ""


def _nowhere(_attachment: Attachment) -> tuple[str, int] | None:
    return None


async def _keep(places: Sequence[tuple[str, int]], core: Core) -> tuple[RecordView, ...]:
    return tuple([await core.evidence.keep_attachment(*place) for place in places])


async def _fetch(attachment: Attachment, core: Core) -> bytes:
    _name, _mime, content = await core.inbox.attachment(attachment.id)
    return content


async def _inline(attachments: Sequence[Attachment], core: Core) -> dict[str, QImage]:
    """Pictures one after another, so that only one is held undecoded."""
    found: dict[str, QImage] = {}
    for attachment in attachments:
        _name, _mime, content = await core.inbox.attachment(attachment.id)
        try:
            plain = await readable(content, core, WIDEST_INLINE * 2)
            found[attachment.content_id] = await asyncio.to_thread(decode_inline, plain)
        except InputError:      # its file stands below the text, where looking at it says what is wrong
            continue
    return found
