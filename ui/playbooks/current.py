"""The step that is next: what is to be done and how, what proof it lacks and what gets it, and the ways to finish it.

Built once; turning to another conversation changes its words only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.texts import isolated
from ui.playbooks import words
from ui.shell.actions import Actions
from ui.theme import fonts
from ui.widgets.flow import FlowLayout
from workstation.kernel.i18n import _
from workstation.playbooks.model import LONGEST_REASON, Get, Step


class CurrentStep(QFrame):
    """Draws the first open step."""

    ticked = Signal()
    left_out = Signal(str)
    """With the reason."""
    wanted = Signal()
    """What gets the proof."""
    worded = Signal()
    """The wording is wanted in the draft."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setProperty("role", "sunken")
        self.title = WrapLabel()
        self.title.setFont(fonts.font(bold=True))
        self._how, self._lacks = WrapLabel(role="quiet"), WrapLabel(role="caption")
        self.done = flat_button(_("Done"))
        self.get = flat_button(_("Check again"))
        self.say = flat_button(_("Put the wording into the draft"))
        self.skip = flat_button(_("Leave out…"))
        self.reason = QLineEdit()
        self.reason.setMaxLength(LONGEST_REASON)
        self.reason.setPlaceholderText(_("Why? Enter leaves it out"))
        self.reason.setAccessibleName(_("Why this step is left out"))
        self._lay_out()
        self.done.clicked.connect(self._on_done)
        self.get.clicked.connect(self._on_get)
        self.say.clicked.connect(self._on_say)
        self.skip.clicked.connect(self.ask_reason)
        self.reason.returnPressed.connect(self._on_reason)

    def show_step(self, step: Step) -> None:
        """Say what this step is. A reason that is being written stays while it is the same step's."""
        self.title.setText(isolated(step.title))
        self._how.setText(isolated(step.how))
        told = " · ".join(part for part in (step.needs, isolated(step.missing)) if part)
        self._lacks.setText(told)
        self._lacks.setVisible(bool(told))
        own = step.get is Get.ASK   # the wording is what gets it
        self.get.setVisible(step.get is not Get.NOTHING)
        self.get.setText(_(words.GET[step.get]) if step.get is not Get.NOTHING else "")
        self.say.setVisible(bool(step.say) and not own)
        self._name("case.step", self.done, _("Done: {title}").format(title=step.title))
        self._name("case.proof", self.get, self.get.text())
        self._name("case.step_skip", self.skip, _("Leave out: {title}").format(title=step.title))
        self.say.setAccessibleName(_("Put the wording into the draft: {text}").format(text=step.say))
        self.say.setToolTip(step.say)
        self.setAccessibleName(_("Next step: {title}").format(title=step.title))

    def fold(self) -> None:
        """Another step: what was asked for the former is not asked any more."""
        self.reason.clear()
        self.reason.hide()

    @Slot()
    def ask_reason(self) -> None:
        self.reason.show()
        self.reason.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the field has no use for comes here."""
        if event.key() == Qt.Key.Key_Escape and not self.reason.isHidden():
            self.skip.setFocus(Qt.FocusReason.OtherFocusReason)
            self.fold()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        row = QWidget()
        buttons = FlowLayout(row, 2)
        for button in (self.done, self.get, self.say, self.skip):
            buttons.addWidget(button)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(8, 8, 8, 4)
        inside.setSpacing(4)
        for widget in (self.title, self._how, self._lacks, row, self.reason):
            inside.addWidget(widget)
        self.reason.hide()

    def _name(self, action: str, button: QWidget, name: str) -> None:
        """The name says what it is for, the tooltip its key as well."""
        hint = self._actions.hint(action)
        button.setAccessibleName(name)
        button.setToolTip(f"{name}  {hint}" if hint else name)

    def _on_done(self) -> None:
        self.ticked.emit()

    def _on_get(self) -> None:
        self.wanted.emit()

    def _on_say(self) -> None:
        self.worded.emit()

    def _on_reason(self) -> None:
        if self.reason.text().strip():
            self.left_out.emit(self.reason.text())
            self.fold()
