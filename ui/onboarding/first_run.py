"""What a person sees first: one page with the ways to a working inbox."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui.shell.actions import Actions
from ui.theme import current, icons, theme
from ui.widgets.labels import label
from workstation.kernel.i18n import N_, _

_WAYS = (
    ("file.connect", "mail", N_("Connect a mailbox"),
     N_("Mail from your shop or your marketplace arrives here and is answered from here."), N_("Connect…")),
    ("file.import_mail", "import", N_("Import mail"),
     N_("Open .eml files, an mbox or a Maildir that you already have."), N_("Import…")),
    ("file.import_orders", "order", N_("Import orders"),
     N_("Amazon's order report, Shopify's order export, or any CSV."), N_("Import…")),
    ("file.hub", "hub", N_("Connect to a hub"),
     N_("Paste the invite your team gave you. Evidence is copied there."), N_("Connect…")),
)


class FirstRun(QWidget):
    """Shown while there is neither a mailbox nor a conversation."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("First steps"))
        self._signs: list[tuple[QLabel, str]] = []
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(label(_("Every conversation, checked and proved, in one window"), "display", wrap=True))
        column.addWidget(label(_(
            "Nothing leaves this computer until you send it. Everything is stored encrypted, and works offline."),
            "quiet", wrap=True))
        column.addSpacing(12)
        for name, icon, title, text, button in _WAYS:
            column.addWidget(self._card(actions, name, icon, _(title), _(text), _(button)))
        column.addLayout(_row(actions))
        self._lay_out(column)
        self._paint()
        theme().changed.connect(self._paint)

    def _lay_out(self, column: QVBoxLayout) -> None:
        inner = QWidget()
        inner.setMaximumWidth(620)
        inner.setLayout(column)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(inner, 8)
        across.addStretch(1)
        page = QWidget()
        page.setProperty("role", "page")
        middle = QVBoxLayout(page)
        middle.addStretch(2)
        middle.addLayout(across)
        middle.addStretch(3)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _card(self, actions: Actions, name: str, icon: str, title: str, text: str, button: str) -> QFrame:
        card = QFrame()
        card.setProperty("role", "raised")
        sign = QLabel()
        self._signs.append((sign, icon))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title, "title"))
        words.addWidget(label(text, "quiet", wrap=True))
        push = QPushButton(button)
        push.setAccessibleName(title)
        push.setMinimumWidth(104)
        push.clicked.connect(actions.action(name).trigger)
        if name == "file.connect":
            push.setProperty("role", "primary")
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(16)
        row.addWidget(sign)
        row.addLayout(words, 1)
        row.addWidget(push, alignment=Qt.AlignmentFlag.AlignVCenter)
        return card

    def _paint(self) -> None:
        for sign, icon in self._signs:
            sign.setPixmap(icons.pixmap(icon, current().accent, icons.LARGE, 2))


def _row(actions: Actions) -> QHBoxLayout:
    """The same things step by step, and invented buyers to look around with."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for name, text in (("app.first_steps", _("Go through the first steps…")),
                       ("app.sample", _("Look around with sample data…"))):
        button = QPushButton(text)
        button.setProperty("role", "flat")
        button.clicked.connect(actions.action(name).trigger)
        row.addWidget(button)
    row.addStretch(1)
    return row
