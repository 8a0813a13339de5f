"""The playbook in the case column: how far it is, the next step first, the others folded, and to whom the case goes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from ui import a11y
from ui.bridge import Bridge
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.texts import isolated
from ui.playbooks import words
from ui.playbooks.current import CurrentStep
from ui.playbooks.presenter import PlaybookPresenter
from ui.playbooks.step_row import StepRow
from ui.shell.actions import Actions
from ui.triage.words import ISSUE_KEYS
from ui.widgets.labels import label, rule
from workstation.kernel.i18n import _
from workstation.playbooks.model import Course, Get, State, Step, Title


class PlaybookSection(QFrame):
    """Draws the presenter's course; hidden until it is known. `worded` carries words for the draft."""

    worded = Signal(str)

    def __init__(self, bridge: Bridge, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = PlaybookPresenter(bridge, self)
        self._actions = actions
        self.headline = WrapLabel()
        self.choice = flat_button(_("Choose…"))
        self.current = CurrentStep(actions)
        self._lines = WrapLabel(role="caption")
        self.fold = flat_button(_("All steps"))
        self.fold.setCheckable(True)
        self._all = QWidget()
        self._inside = QVBoxLayout(self._all)
        self.menu: QMenu | None = None
        self._shown: tuple[str, str] = ("", "")   # the conversation, and the step that is next in it
        self.setAccessibleName(_("Playbook"))
        self._lay_out()
        self._wire()
        self._show()

    def show_conversation(self, conversation_id: str | None) -> None:
        """Turn to a conversation, or to none."""
        self.presenter.show(conversation_id)

    @property
    def text(self) -> str:
        """What is shown, a line each, for tests and for a person without a screen."""
        shown = [one for one in self.findChildren(WrapLabel) if one.isVisibleTo(self)]
        return words.plain("\n".join(one.text() for one in shown if one.text()))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The focus goes on to what can be done."""
        super().focusInEvent(event)
        (self.current.done if self.current.isVisible() else self.choice).setFocus(event.reason())

    @Slot()
    def tick(self) -> None:
        """The next step is done."""
        if step := self._step():
            self.presenter.mark(step.id, State.DONE)

    @Slot()
    def skip(self) -> None:
        """Ask why the next step is left out."""
        if self._step() is not None:
            self.current.ask_reason()

    @Slot()
    def prove(self) -> None:
        """Get the proof that the next step lacks."""
        step = self._step()
        if step is None or step.get is Get.NOTHING:
            return
        if step.get is Get.KEEP:
            self.presenter.keep_pictures()
        elif step.get is Get.ASK:
            self.worded.emit(step.say)
        else:
            self._actions.action(words.ACTIONS[step.get]).trigger()

    @Slot()
    def choose(self) -> None:
        """Offer every playbook; they are read first."""
        if self.presenter.course is not None:
            self.presenter.read_titles()

    @Slot()
    def toggle(self) -> None:
        """Show or fold all steps."""
        if self.fold.isVisible():
            self.fold.toggle()
            self.fold.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _step(self) -> Step | None:
        return self.presenter.course.current if self.presenter.course is not None else None

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(_("Playbook"), "title"))
        head.addStretch(1)
        head.addWidget(self.choice)
        folded = QHBoxLayout()
        folded.addWidget(self.fold)
        folded.addStretch(1)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(0)
        self._all.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.setSpacing(4)
        layout.addWidget(rule())
        layout.addLayout(head)
        for widget in (self.headline, self.current, self._lines):
            layout.addWidget(widget)
        layout.addLayout(folded)
        layout.addWidget(self._all)

    def _wire(self) -> None:
        self.presenter.changed.connect(self._show)
        self.presenter.titles_read.connect(self._offer)
        self.choice.clicked.connect(self.choose)
        self.current.ticked.connect(self.tick)
        self.current.left_out.connect(self._on_left_out)
        self.current.wanted.connect(self.prove)
        self.current.worded.connect(self._on_worded)
        self.fold.toggled.connect(self._fill)
        on = self._actions.on
        on("case.step", self.tick)
        on("case.step_skip", self.skip)
        on("case.proof", self.prove)
        on("case.playbook", self.choose)
        on("case.steps", self.toggle)

    @Slot()
    def _show(self) -> None:
        """What was pressed may be gone with this: the focus stays in the section."""
        course = self.presenter.course
        inside = self._focused()
        self.setVisible(course is not None)
        if course is None:
            return
        step = course.current
        now = (course.conversation_id, step.id if step is not None else "")
        if now != self._shown:
            self._shown = now
            self.current.fold()
        self.headline.setText(words.headline(course))
        self._show_choice(course)
        self.current.setVisible(step is not None)
        if step is not None:
            self.current.show_step(step)
        lines = (*course.notes, *course.escalate)
        self._lines.setText("\n".join(isolated(line) for line in lines))
        self._lines.setVisible(bool(lines))
        self.fold.setVisible(bool(course.steps))
        self._fill()
        if inside and not self._focused():
            (self.current.done if step is not None else self.choice).setFocus(Qt.FocusReason.OtherFocusReason)

    def _focused(self) -> bool:
        """Whether the keys go to something in here that is shown."""
        window = self.window()
        focus = window.focusWidget() if window is not None else None
        return focus is not None and self.isAncestorOf(focus) and focus.isVisibleTo(self)

    def _show_choice(self, course: Course) -> None:
        none = course.playbook is None
        self.choice.setText(_("Choose a playbook") if none else _("Change…"))
        name = _("Choose a playbook") if none else _("Follow another playbook")
        hint = self._actions.hint("case.playbook")
        self.choice.setAccessibleName(name)
        self.choice.setToolTip(f"{name}  {hint}" if hint else name)

    @Slot()
    def _fill(self) -> None:
        """All steps, while they are unfolded. They are made only then."""
        course = self.presenter.course
        open_ = self.fold.isChecked() and course is not None and bool(course.steps)
        focused = next((at for at, row in enumerate(self.rows) if row.hasFocus()), -1)
        while item := self._inside.takeAt(0):
            if widget := item.widget():
                widget.hide()   # now: what is deleted later would be painted once more
                widget.deleteLater()
        if open_ and course is not None:
            self._draw(course)
        self._all.setVisible(open_)
        if open_ and 0 <= focused < len(self.rows):
            self.rows[focused].setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def rows(self) -> list[StepRow]:
        """The steps that are shown now, in their order."""
        items = (self._inside.itemAt(at) for at in range(self._inside.count()))
        found = (item.widget() for item in items if item is not None)
        return [widget for widget in found if isinstance(widget, StepRow)]

    def _draw(self, course: Course) -> None:
        for place, step in enumerate(course.steps, 1):
            row = StepRow(place, len(course.steps), step)
            row.clicked.connect(partial(self._on_row, step))
            self._inside.addWidget(row)
            row.show()   # at once: a layout shows what is added to it only when Qt is next idle
        for line in course.never:
            told = WrapLabel(isolated(line), "caption")
            told.setContentsMargins(8, 2, 8, 2)
            self._inside.addWidget(told)
            told.show()
        a11y.tab_order([self.fold, *self.rows])

    def _offer(self, titles: tuple[Title, ...]) -> None:
        course = self.presenter.course
        if course is None or not titles:
            return
        self.menu = QMenu(self)
        self.menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu.setAccessibleName(_("Playbooks"))
        keys = {str(issue): key for issue, key in ISSUE_KEYS.items() if issue}
        for title in titles:
            key = keys.get(title.id, "")
            self._line(f"&{key}  {title.title}" if key else title.title.replace("&", "&&"), title.id,
                       course.playbook is not None and course.playbook.id == title.id)
        if course.chosen:
            self.menu.addSeparator()
            self._line(_("&0  As it is about"), "", checked=False)
        self.menu.popup(self.choice.mapToGlobal(QPoint(0, self.choice.height())))

    def _line(self, text: str, playbook_id: str, checked: bool) -> None:
        if self.menu is None:
            return
        line = QAction(text, self.menu)
        line.setCheckable(True)
        line.setChecked(checked)
        line.triggered.connect(partial(self._on_chosen, playbook_id))
        self.menu.addAction(line)

    def _on_chosen(self, playbook_id: str, _checked: bool = False) -> None:
        self.presenter.choose(playbook_id)

    def _on_row(self, step: Step) -> None:
        taken = step.state in (State.DONE, State.SKIPPED)
        self.presenter.mark(step.id, State.OPEN if taken else State.DONE)

    def _on_left_out(self, reason: str) -> None:
        if step := self._step():
            self.presenter.mark(step.id, State.SKIPPED, reason)

    def _on_worded(self) -> None:
        if step := self._step():
            self.worded.emit(step.say)
