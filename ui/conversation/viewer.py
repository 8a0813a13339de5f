"""The conversation's pictures up close, one after another: for serial numbers, labels and what is broken."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from ui import a11y
from ui.bridge import Bridge
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.pictures import STEP, PictureView, decode_first, readable
from ui.conversation.saving import Saving
from ui.conversation.texts import safe_name
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.screen import open_within
from ui.widgets.timetext import size
from workstation.api import Core
from workstation.domain.conversation import Attachment
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _


class PictureWindow(QDialog):
    """Left and right go through `pictures`, Escape goes back. Only the one that is shown is decoded."""

    def __init__(
        self, bridge: Bridge, pictures: Sequence[Attachment], at: int, saving: Saving, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.view = PictureView()
        self._bridge = bridge
        self._pictures = tuple(pictures)
        self._saving = saving
        self._at = at
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._facts = label(role="quiet")
        self._note = label(role="quiet")
        self._trouble = WrapLabel()
        self._trouble.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self.view.changed.connect(self._on_changed)
        self.go(0)

    @property
    def trouble(self) -> str:
        """Why the picture is not shown, "" when it is."""
        return self._trouble.text() if self._stack.currentIndex() else ""

    @property
    def note(self) -> str:
        return self._note.text()

    @property
    def attachment(self) -> Attachment:
        return self._pictures[self._at]

    def go(self, by: int) -> None:
        """To another picture; after the last comes the first."""
        self._at = (self._at + by) % len(self._pictures)
        picture = self.attachment
        name = safe_name(picture.name)
        self.setWindowTitle(name)
        self._name.set_full_text(name)
        self.view.clear()
        self._note.setText("")
        self._facts.setText(size(picture.size))
        self._bridge.call(
            partial(_read, picture), partial(self._on_read, picture.id), self, partial(self._on_trouble, picture.id),
            "picture")

    def _on_read(self, attachment_id: str, found: tuple[QImage, int]) -> None:
        if attachment_id != self.attachment.id:
            return
        image, frames = found
        self._stack.setCurrentIndex(0)
        self.view.show_image(image, safe_name(self.attachment.name))
        if frames > 1:
            self._note.setText(_("It moves: the first picture of {n} is shown.").format(n=frames))
        self._on_changed()

    def _on_trouble(self, attachment_id: str, problem: WorkstationError) -> None:
        if attachment_id == self.attachment.id:
            self._trouble.setText(" ".join(part for part in (str(problem), problem.remedy) if part))
            self._trouble.setAccessibleName(self._trouble.text())
            self._stack.setCurrentIndex(1)
            a11y.announce(self, self._trouble.text())

    def _on_changed(self) -> None:
        count = _("{n} of {all}").format(n=self._at + 1, all=len(self._pictures))
        zoom = _("{n} %").format(n=round(self.view.zoom * 100))
        self._facts.setText(" · ".join((count, size(self.attachment.size), zoom)))

    def _lay_out(self) -> None:
        room = QWidget()
        self._stack = QStackedLayout(room)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._trouble)
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 6, 8, 6)
        bar.setSpacing(4)
        bar.addWidget(self._name, 1)
        bar.addWidget(self._note)
        bar.addWidget(self._facts)
        stops: list[QWidget] = [self.view]
        for text, tip, slot in self._buttons():
            button = flat_button(text, tip)
            button.setAutoDefault(False)
            button.clicked.connect(slot)
            bar.addWidget(button)
            stops.append(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(room, 1)
        layout.addLayout(bar)
        a11y.tab_order(stops)
        for key, slot in (("Left", self._back), ("Right", self._on), ("Ctrl+S", self._save), ("PgUp", self._back),
                          ("PgDown", self._on)):
            QShortcut(QKeySequence(key), self).activated.connect(slot)
        open_within(self, 960, 700)
        self.view.setFocus()

    def _buttons(self) -> list[tuple[str, str, object]]:
        several = len(self._pictures) > 1
        walk: list[tuple[str, str, object]] = [
            ("‹", _("Picture before"), self._back), ("›", _("Next picture"), self._on)] if several else []
        return [
            *walk, ("−", _("Farther away"), self._away), ("+", _("Closer"), self._closer),
            (_("Fit"), _("Fit the window (0)"), self.view.fit), (_("1:1"), _("Its own size (1)"), self.view.actual),
            (_("Turn"), _("Turn right (R)"), self._turn), (_("Save…"), _("Save the picture"), self._save),
        ]

    def _back(self) -> None:
        self.go(-1)

    def _on(self) -> None:
        self.go(1)

    def _closer(self) -> None:
        self.view.zoom_by(STEP)

    def _away(self) -> None:
        self.view.zoom_by(1 / STEP)

    def _turn(self) -> None:
        self.view.turn()

    def _save(self) -> None:
        self._saving.ask(self.attachment, self)


async def _read(picture: Attachment, core: Core) -> tuple[QImage, int]:
    _name, _mime, content = await core.inbox.attachment(picture.id)
    return await asyncio.to_thread(decode_first, await readable(content, core))
