"""Files and exhibits of a draft. Each belongs to the conversation it was given to, however long reading it takes; two
pasted pictures are two files."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, Signal
from PySide6.QtGui import QImage

from ui.bridge import Bridge
from ui.conversation.texts import safe_name
from workstation.api import Core
from workstation.drafts.model import DraftFile, Mode
from workstation.evidence.model import RecordView
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

Command = Callable[[Core], Awaitable[DraftFile]]
LARGEST = 25 * 1024 * 1024
"""Bytes of one file; common mail servers refuse more (a 25 MB message is the usual limit)."""


class Files(QObject):
    """`attached` carries the conversation id and the DraftFile."""

    attached = Signal(str, object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._pasted = 0

    def add_path(self, conversation_id: str, path: Path) -> None:
        """A file from the disk. Too large or unreadable: a message, nothing attached."""
        self._run(conversation_id, partial(_attach_path, conversation_id, path))

    def add_image(self, conversation_id: str, image: QImage) -> None:
        """A pasted picture, as PNG."""
        self._pasted += 1
        name = _("picture {n}.png").format(n=self._pasted)
        self._run(conversation_id, partial(_attach_image, conversation_id, name, QImage(image)))

    def _run(self, conversation_id: str, command: Command) -> None:
        self._bridge.call(command, partial(self._on_attached, conversation_id), self)

    def _on_attached(self, conversation_id: str, file: DraftFile) -> None:
        self.attached.emit(conversation_id, file)


def read_bounded(path: Path) -> bytes:
    """The file's content. Raises InputError when it is missing, unreadable, empty or too large."""
    try:
        if not path.is_file():       # a pipe or a device never ends
            raise InputError(_("{name} is no file and was not attached.").format(name=path.name))
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as problem:
        raise InputError(_("{name} could not be read.").format(name=path.name)) from problem
    if len(content) > LARGEST:
        raise InputError(_("{name} is larger than 25 MB and was not attached.").format(name=path.name),
                         _("Send a smaller file or a link."))
    if not content:
        raise InputError(_("{name} is empty and was not attached.").format(name=path.name))
    return content


def png(image: QImage) -> bytes:
    """The picture as PNG. Raises InputError for a null image."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image.isNull() or not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise InputError(_("The pasted picture could not be read."))
    return bytes(buffer.data().data())


async def _attach_path(conversation_id: str, path: Path, core: Core) -> DraftFile:
    content = await asyncio.to_thread(read_bounded, path)
    mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return await core.drafts.attach(conversation_id, path.name, mime, content)


async def _attach_image(conversation_id: str, name: str, image: QImage, core: Core) -> DraftFile:
    content = await asyncio.to_thread(png, image)
    return await core.drafts.attach(conversation_id, name, "image/png", content)


async def add_exhibit(conversation_id: str, record: RecordView, core: Core) -> DraftFile:
    """A sealed record joins the stored reply of its case, checked before it goes along. Raises Tampered."""
    _name, mime, content = await core.evidence.file(record.id)
    suffix = mimetypes.guess_extension(mime) or ""
    name = safe_name(record.title if record.title.lower().endswith(suffix) else f"{record.title}{suffix}")
    file = await core.drafts.attach(conversation_id, name, mime, content, record.id)
    draft = await core.drafts.load(conversation_id, Mode.REPLY)
    await core.drafts.save(replace(draft, files=(*draft.files, file)))
    return file
