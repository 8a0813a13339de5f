"""What joins a case by hand: files, pasted pictures, and attachments of its messages. One failure stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage

from ui.bridge import Bridge
from ui.composer.files import png
from workstation.api import Core, Progress
from workstation.domain.conversation import Attachment
from workstation.evidence.model import RecordView
from workstation.inbox.model import MessageCursor, MessageView
from workstation.kernel.errors import DiskFull, WorkstationError
from workstation.kernel.i18n import _, ngettext

PAGE = 200
MOST_MESSAGES = 20_000
"""Messages that are looked through for attachments."""
_Keep = Callable[[Core], Awaitable[RecordView]]


@dataclass(frozen=True, slots=True)
class Found:
    """An attachment of the conversation. `kept`: a file of its name and size is in the case."""

    message_id: str
    position: int
    attachment: Attachment
    who: str
    at: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a few things that were to be kept."""

    ids: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def sentence(self) -> str:
        n = len(self.ids)
        done = ngettext("{n} exhibit was kept.", "{n} exhibits were kept.", n).format(n=n) if n else ""
        return " ".join(part for part in (done, *self.problems[:3]) if part)


class Adding(QObject):
    """`added` carries a Kept; `found` the attachments, newest first."""

    added = Signal(object)
    found = Signal(object)
    pictured = Signal(str, object)
    progressed = Signal(int, int)
    began = Signal()

    def __init__(self, bridge: Bridge, case_id: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._case_id = bridge, case_id

    def files(self, paths: Sequence[Path]) -> None:
        self._run([partial(_keep_file, self._case_id, path) for path in paths])

    def image(self, image: QImage) -> None:
        """A pasted picture, sealed as our PNG of its pixels."""
        self._run([partial(_keep_image, self._case_id, QImage(image))])

    def attachments(self, chosen: Sequence[Found]) -> None:
        self._run([partial(_keep_attachment, one.message_id, one.position) for one in chosen])

    def pasted(self, held: QMimeData) -> bool:
        """Whether there was anything to keep in what was pasted or dropped: files first, else a picture."""
        paths = [Path(url.toLocalFile()) for url in held.urls() if url.isLocalFile()]
        if paths:
            self.files(paths)
            return True
        image = held.imageData() if held.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            self.image(image)
            return True
        return False

    def look(self, known: Sequence[tuple[str, int]]) -> None:
        """Find the conversation's attachments; `known` are names and sizes of what was kept."""
        self._bridge.call(partial(_look, self._case_id, frozenset(known)), self.found.emit, self, replaces="look")

    def picture(self, attachment: Attachment) -> None:
        """A small picture of an attachment, for the chooser."""
        shown = partial(self.pictured.emit, attachment.id)
        self._bridge.call(partial(_small, attachment), shown, self, partial(self._on_no_picture, attachment.id))

    def _run(self, keeps: Sequence[_Keep]) -> None:
        if keeps:
            self.began.emit()
            work = partial(_keep_all, tuple(keeps), self._bridge.progress(self.progressed.emit))
            self._bridge.call(work, self.added.emit, self)

    def _on_no_picture(self, attachment_id: str, _problem: WorkstationError) -> None:
        self.pictured.emit(attachment_id, QImage())


async def _keep_all(keeps: Sequence[_Keep], progress: Progress, core: Core) -> Kept:
    """One after the other; a full disk ends it, because the next would fail as well."""
    ids, problems = [], []
    for at, keep in enumerate(keeps):
        progress(at, len(keeps))
        try:
            ids.append((await keep(core)).id)
        except DiskFull as problem:
            problems.append(str(problem))
            break
        except WorkstationError as problem:
            problems.append(str(problem))
    return Kept(tuple(ids), tuple(problems))


async def _keep_file(case_id: str, path: Path, core: Core) -> RecordView:
    return await core.evidence.keep_file(case_id, path)


async def _keep_image(case_id: str, image: QImage, core: Core) -> RecordView:
    content = await asyncio.to_thread(png, image)
    return await core.evidence.keep_picture(case_id, content, _("Pasted picture"), encoded=True)


async def _keep_attachment(message_id: str, position: int, core: Core) -> RecordView:
    return await core.evidence.keep_attachment(message_id, position)


async def _look(case_id: str, known: frozenset[tuple[str, int]], core: Core) -> tuple[Found, ...]:
    found: list[Found] = []
    at = MessageCursor(position=0)
    for _page in range(MOST_MESSAGES // PAGE):
        page = await core.inbox.messages(case_id, at, PAGE)
        for message in page.messages:
            found += _files(message, known)
        if not page.later or not page.messages:
            break
        last = page.messages[-1]
        at = MessageCursor(last.at, last.seq, later=True)
    return tuple(reversed(found))


def _files(message: MessageView, known: frozenset[tuple[str, int]]) -> list[Found]:
    return [Found(message.id, position, one, message.author.shown, message.at, (one.name, one.size) in known)
            for position, one in enumerate(message.attachments)]


async def _small(attachment: Attachment, core: Core) -> QImage:
    from ui.conversation.pictures import WIDEST_INLINE, decode_inline, readable

    _name, _mime, content = await core.inbox.attachment(attachment.id)
    return await asyncio.to_thread(decode_inline, await readable(content, core, WIDEST_INLINE))
