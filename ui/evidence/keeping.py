"""Ways for what is no capture into the case: a file that is chosen, pasted or dropped, a pasted picture, answers.

What the clipboard gives as a file, or as the bytes of one, is kept byte for byte; only of bare pixels is a PNG made
here, and its record says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QMimeData, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFileDialog, QWidget

from ui.bridge import Bridge
from ui.evidence.presenter import EvidencePresenter
from ui.shell.actions import Actions
from workstation.api import Core
from workstation.evidence.model import RecordView
from workstation.kernel.i18n import _, ngettext

MOST_FILES = 50
"""Files of one choice or drop; a folder full of them was hardly meant."""
ORIGINALS = ("image/png", "image/jpeg", "image/webp", "image/gif")
"""Formats in which the clipboard may hold a picture's own bytes."""


class Keeping(QObject):
    """Adds to the case of `presenter`. `strip` takes drops, `target` a paste by its own key."""

    def __init__(
        self, bridge: Bridge, presenter: EvidencePresenter, actions: Actions, strip: QWidget, target: QWidget
    ) -> None:
        super().__init__(strip)
        self._bridge, self._presenter, self._strip, self._target = bridge, presenter, strip, target
        self.dialog: QFileDialog | None = None
        strip.setAcceptDrops(True)
        strip.installEventFilter(self)
        target.installEventFilter(self)
        actions.on("evidence.add_file", self.choose)
        actions.on("evidence.paste", self.paste)
        actions.on("evidence.answers", self.answers)

    def choose(self) -> None:
        """Ask for files; each joins the case as it is."""
        if case_id := self._case():
            self.dialog = QFileDialog(self._strip, _("Add files as evidence"))
            self.dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
            self.dialog.filesSelected.connect(partial(self._on_chosen, case_id))
            self.dialog.open()

    def paste(self) -> None:
        """Keep what the clipboard holds: files, or a picture."""
        case_id = self._case()
        held = QGuiApplication.clipboard().mimeData()
        if case_id and not (held is not None and self._take(held, case_id)):
            self._bridge.notice(_("The clipboard holds no file and no picture."), tone="warn")

    def answers(self) -> None:
        """Keep what stands behind the checks."""
        if case_id := self._case():
            self._bridge.call(partial(_answers, case_id), self._on_kept, self, self._presenter.fail)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent | QDropEvent) and watched is self._strip:
            return self._dropped(event)
        if watched is self._target and isinstance(event, QKeyEvent) and _pastes(event):
            self.paste()
            return True
        return super().eventFilter(watched, event)

    def _dropped(self, event: QDragEnterEvent | QDropEvent) -> bool:
        case_id, held = self._presenter.conversation_id, event.mimeData()
        fits = case_id and held is not None and (_files(held) or _original(held) or held.hasImage())
        if not case_id or held is None or not fits:
            return False
        if event.type() == QEvent.Type.Drop:
            self._take(held, case_id)
        event.acceptProposedAction()
        return True

    def _take(self, held: QMimeData, case_id: str) -> bool:
        """Whether it held anything that can be kept."""
        if files := _files(held):
            self._keep(case_id, files)
        elif content := _original(held):
            self._bridge.call(partial(_original_picture, case_id, content), self._on_one, self, self._presenter.fail)
        elif held.hasImage() and isinstance(image := held.imageData(), QImage) and not image.isNull():
            work = partial(_picture, case_id, image.copy())
            self._bridge.call(work, self._on_one, self, self._presenter.fail)
        else:
            return False
        return True

    def _on_chosen(self, case_id: str, names: list[str]) -> None:
        self._keep(case_id, [Path(name) for name in names])

    def _keep(self, case_id: str, files: Sequence[Path]) -> None:
        if len(files) > MOST_FILES:
            text = _("{n} files are too many at a time: at most {most}.")
            self._bridge.notice(text.format(n=len(files), most=MOST_FILES), tone="warn")
            return
        self._presenter.begin(ngettext("Keeping {n} file…", "Keeping {n} files…", len(files)).format(n=len(files)))
        self._bridge.call(partial(_keep, case_id, tuple(files)), self._on_kept, self, self._presenter.fail)

    def _on_one(self, record: RecordView) -> None:
        self._on_kept((record,))

    def _on_kept(self, records: tuple[RecordView, ...]) -> None:
        self._presenter.end()
        self._presenter.reload()
        if not records:
            self._bridge.notice(_("No answer stands behind the checks of this case."), tone="warn")
            return
        text = ngettext("Kept and sealed: {title}.", "Kept and sealed: {title} and others, {n} in all.", len(records))
        self._bridge.notice(text.format(title=records[0].title, n=len(records)))

    def _case(self) -> str:
        """The open case; without one the person is told."""
        case_id = self._presenter.conversation_id or ""
        if not case_id:
            self._bridge.notice(_("Open a conversation first: an exhibit joins its case."), tone="warn")
        return case_id


def _pastes(event: QKeyEvent) -> bool:
    return event.type() == QEvent.Type.KeyPress and event.matches(QKeySequence.StandardKey.Paste)


def _files(held: QMimeData) -> list[Path]:
    """Files on this computer; an address elsewhere is not fetched."""
    return [Path(url.toLocalFile()) for url in held.urls() if url.isLocalFile()] if held.hasUrls() else []


def _original(held: QMimeData) -> bytes:
    """A picture's own bytes, b"" when there are only pixels (which Qt calls application/x-qt-image)."""
    found = next((name for name in ORIGINALS if held.hasFormat(name)), "")
    return bytes(held.data(found).data()) if found else b""


def _png(image: QImage) -> bytes:
    room = QByteArray()
    buffer = QBuffer(room)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(room.data())


async def _keep(case_id: str, files: tuple[Path, ...], core: Core) -> tuple[RecordView, ...]:
    """One after another; the first that cannot be kept says so, those before it are kept."""
    return tuple([await core.evidence.keep_file(case_id, file) for file in files])


async def _original_picture(case_id: str, content: bytes, core: Core) -> RecordView:
    return await core.evidence.keep_picture(case_id, content, _("Pasted picture"))


async def _picture(case_id: str, image: QImage, core: Core) -> RecordView:
    content = await asyncio.to_thread(_png, image)
    return await core.evidence.keep_picture(case_id, content, _("Pasted picture"), encoded=True)


async def _answers(case_id: str, core: Core) -> tuple[RecordView, ...]:
    return await core.evidence.keep_answers(case_id)
