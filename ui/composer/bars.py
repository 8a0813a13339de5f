"""The composer's upper bar (which mode, which languages, what to add) and lower bar (what stops it, and Send)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from ui.composer.strips import BlockersLine
from ui.conversation import words
from ui.shell.actions import Actions
from ui.theme import icons, theme
from ui.widgets.labels import ElidedLabel, label
from workstation.drafts.model import Draft
from workstation.kernel.i18n import _


class TopBar(QWidget):
    """[Reply | Note], the direction of translation, and buttons for Cc, files and earlier drafts."""

    reply_chosen = Signal()
    note_chosen = Signal()
    cc_toggled = Signal(bool)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reply = _choice(_("Reply"), actions.hint("composer.reply"))
        self._note = _choice(_("Note"), actions.hint("composer.note"))
        self._group = QButtonGroup(self)
        self._group.addButton(self._reply)
        self._group.addButton(self._note)
        self._only_us = ElidedLabel(_("Only your team sees this"), "warn")
        self._pair = label(role="quiet")
        self._cc = _choice(_("Cc"), "")
        self._cc.setMinimumWidth(0)
        self._cc.setAccessibleName(_("Copy to (Cc)"))
        self._reply.clicked.connect(self.reply_chosen)
        self._note.clicked.connect(self.note_chosen)
        self._cc.toggled.connect(self.cc_toggled)
        self._lay_out(actions)

    @property
    def cc_open(self) -> bool:
        return self._cc.isChecked()

    def show_mode(self, note: bool, translated: Draft | None) -> None:
        """`translated` is the draft when the buyer reads another language."""
        (self._note if note else self._reply).setChecked(True)
        self._only_us.setVisible(note)
        self._cc.setVisible(not note)
        self._pair.setVisible(translated is not None)
        if translated:
            self._pair.setText(words.pair(translated.source_language, translated.target_language))
            self._pair.setToolTip(words.pair_names(translated.source_language, translated.target_language))

    def _lay_out(self, actions: Actions) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._reply)
        layout.addWidget(self._note)
        layout.addSpacing(8)
        layout.addWidget(self._only_us, 1)
        layout.addStretch(0)
        layout.addWidget(self._pair)
        layout.addSpacing(4)
        layout.addWidget(self._cc)
        layout.addWidget(actions.button("composer.attach"))
        layout.addWidget(actions.button("composer.history"))


class BottomBar(QWidget):
    """What stops the send, the length where the channel has a limit, and the button that says what it does."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.blockers = BlockersLine()
        self._actions = actions
        self._count = label(role="caption")
        self._send = QPushButton()
        self._send.setProperty("role", "primary")
        self._send.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._send.clicked.connect(actions.action("composer.send").trigger)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.blockers, 1)
        layout.addWidget(self._count)
        layout.addWidget(self._send)
        self._note = False
        self.show_mode(False)
        theme().changed.connect(self._repaint)
        actions.keys_changed.connect(self._repaint)

    def show_mode(self, note: bool) -> None:
        self._note = note
        words_ = _("Add note") if note else _("Send")
        key = self._actions.hint("composer.send")
        self._send.setText(f"{words_}   {key}" if key else words_)
        self._send.setAccessibleName(words_)
        self._repaint()

    def show_state(self, reasons: tuple[str, ...], state: str, count: str, editable: bool) -> None:
        self.blockers.show_reasons(reasons, state, self._actions.hint("composer.blocker"))
        self._count.setText(count)
        self._send.setEnabled(editable)

    def _repaint(self) -> None:
        colour = theme().tokens.accent_text
        self._send.setIcon(icons.icon("note" if self._note else "send", colour))


def _choice(text: str, key: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setCheckable(True)
    button.setMinimumWidth(56)
    button.setAccessibleName(text)
    button.setToolTip(f"{text}  {key}" if key else text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
