"""The two columns of the composer: the agent's words, and what the buyer will read with its way back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.composer import rules
from ui.composer.editors import body_editor, target_editor
from ui.composer.isolating import Isolating
from ui.composer.previews import Previews, State
from ui.composer.strips import ROW, KeptLine
from ui.conversation.buttons import flat_button
from ui.widgets.labels import ElidedLabel, set_role
from workstation.drafts.model import Draft
from workstation.kernel.actions import Action, title
from workstation.kernel.i18n import _

BACK = 48
"""Height in pixels of the text that was translated back: two lines, in any script, and no scroll bar for them."""
NARROWEST = 120


class AgentPane(QWidget):
    """Where the agent writes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = body_editor()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.editor, 1)
        self.setMinimumWidth(NARROWEST)
        self.setMinimumHeight(64)

    def show_mode(self, note: bool) -> None:
        set_role(self.editor, "bare" if note else "")
        self.editor.setPlaceholderText(_("A note for your team") if note else _("Write in your language"))
        self.editor.setAccessibleName(_("Your note") if note else _("Your text"))


class BuyerPane(QWidget):
    """What the buyer will read: written by the engine, or by hand. `foot` goes below both columns: how it reads back,
    and what was kept."""

    again = Signal()
    language_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = target_editor()
        self.foot = QWidget()
        self.kept = KeptLine()
        self._state = ElidedLabel(role="caption")
        self._again = flat_button(_("Translate again"))
        self._again.clicked.connect(self.again)
        self._add = flat_button(title(Action.INSTALL_LANGUAGE))
        self._add.clicked.connect(self.language_wanted)
        self._back = _back_field()
        self._lay_out()

    @property
    def state_text(self) -> str:
        return self._state.full_text

    @property
    def back_text(self) -> str:
        return self._back.toPlainText()

    def show_state(self, draft: Draft, previews: Previews) -> None:
        words = _state_words(draft, previews)
        self._state.set_full_text(words)
        self._state.setVisible(bool(words))
        self._again.setVisible(draft.edited and previews.state is not State.MISSING)
        self._add.setVisible(previews.absent)
        self._show_back(draft, previews)
        kept = previews.items if draft.translated.strip() else ()
        self.kept.show_items(kept, draft.lost if draft.translated.strip() else (), draft.accepted_lost)

    def _show_back(self, draft: Draft, previews: Previews) -> None:
        current = bool(previews.back) and previews.back_of == draft.translated
        words = _("Reads back: {text}").format(text=previews.back) if current else ""
        if previews.state is State.MISSING:
            words = _("{problem} You can write the buyer's text by hand.").format(problem=previews.problem)
        if words != self._back.toPlainText():
            self._back.setPlainText(words)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.editor, 1)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.kept, 3)
        row.addWidget(self._state, 2)
        row.addWidget(self._again)
        row.addWidget(self._add)
        below = QVBoxLayout(self.foot)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(2)
        below.addWidget(self._back)
        below.addLayout(row)
        self.setMinimumWidth(NARROWEST)
        self.kept.setFixedHeight(ROW)


def _back_field() -> Isolating:
    """Two lines that scroll: however long the text is, the fields above keep their place."""
    field = Isolating()
    field.setReadOnly(True)
    field.setProperty("role", "bare")
    field.setAccessibleName(_("Translated back"))
    field.setPlaceholderText(_("How it reads back appears here"))
    field.setTabChangesFocus(True)
    field.setFixedHeight(BACK)
    return field


def _state_words(draft: Draft, previews: Previews) -> str:
    if previews.state is State.MISSING:
        return _("Changed by hand") if draft.edited else _("Not translated")
    if rules.is_stale(draft):
        return _("Out of date") if draft.edited else _("Translating…")
    if draft.edited:
        return _("Changed by hand")
    return ""
