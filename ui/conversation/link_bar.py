"""Where a link really leads, said before anything is opened."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.conversation.buttons import flat_button
from ui.conversation.texts import safe_target
from ui.widgets.labels import ElidedLabel, plain_tip
from ui.widgets.marks import Mark
from workstation.domain.lookalikes import imitates, readable
from workstation.kernel.i18n import _


class LinkBar(QFrame):
    """Shows an address; opens it, copies it, or goes away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sunken")
        self.target = ""
        self._mark = Mark("warn")
        self._text = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._open = flat_button(_("Open"), _("Open this address in the browser"))
        self._copy = flat_button(_("Copy"), _("Copy this address"))
        self._close = flat_button(_("Close"), _("Leave the link closed"))
        self._open.clicked.connect(self._on_open)
        self._copy.clicked.connect(self._on_copy)
        self._close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)
        for button in (self._open, self._copy, self._close):
            layout.addWidget(button)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.full_text

    def show_link(self, address: str) -> None:
        """Say where `address` leads; only web and mail addresses can be opened."""
        self.target = safe_target(address)
        host = urlsplit(self.target).hostname or ""
        if not self.target:
            closed = _("Not a web or mail address, so it stays closed: {address}")
            self._text.set_full_text(closed.format(address=address[:500]))
        elif host:
            self._text.set_full_text(_leads(host, self.target[:2_000]))
        else:
            self._text.set_full_text(_("Writes to {address}").format(address=self.target[:500]))
        self._text.setToolTip(plain_tip(self._text.full_text))
        self._open.setVisible(bool(self.target))
        self._copy.setVisible(bool(self.target))
        self.show()
        (self._open if self.target else self._close).setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_open(self) -> None:
        if self.target:
            QDesktopServices.openUrl(QUrl(self.target))
        self.hide()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.target)
        self.hide()


def _leads(host: str, address: str) -> str:
    """The sentence for a host; one that imitates another is called so, with the letters a person would see."""
    like, shown = imitates(host), readable(host)
    if like:
        said = _("Careful: {shown} is made to look like {like}. Leads to {host}: {address}")
        return said.format(shown=shown, like=like, host=host, address=address)
    if shown != host:
        return _("Leads to {shown}, which is {host}: {address}").format(shown=shown, host=host, address=address)
    return _("Leads to {host}: {address}").format(host=host, address=address)
