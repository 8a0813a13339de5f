"""What restoring a backup and saving a damaged home have in common: a page, work that can be stopped, and what came of
it, read before the inbox opens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui import a11y
from ui.onboarding.follow import Follow, GivenUp
from ui.onboarding.page import Said, in_the_middle
from ui.widgets.labels import label
from ui.widgets.progress import ProgressLine
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from ui.onboarding.background import Background
    from ui.onboarding.door import Rescued


class RescuePage(QWidget):
    """A title, what the page adds to `fields`, and two buttons; `opened` carries the new home when it was read of."""

    opened = Signal(object)
    left = Signal()
    """Back to where the person came from."""

    def __init__(self, background: Background, title: str, about: str, button: str) -> None:
        super().__init__()
        self._background = background
        self._follow: Follow | None = None
        self._made: Rescued | None = None
        self.fields = QWidget()
        self.said = Said()
        self.progress = ProgressLine(percent=True)
        self.results = QVBoxLayout()
        self.go_button = QPushButton(button)
        self.back_button = QPushButton(_("&Back"))
        self._lay_out(title, about)
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        self.progress.cancelled.connect(self.stop)

    @property
    def busy(self) -> bool:
        return self._follow is not None

    @property
    def ready(self) -> bool:
        """Everything that is needed was given."""
        return True

    def focus(self) -> None:
        """Give the keyboard to what comes first."""

    def begin(self) -> None:
        """The button was pressed."""

    def stop(self) -> None:
        """Stop what is under way; nothing is changed then."""
        if self._follow is not None:
            self._follow.stop()

    def run(self, title: str, work: Callable[[Follow], Rescued]) -> None:
        """Do it on a thread of its own, followed."""
        self._follow = follow = Follow(self)
        follow.moved.connect(self.progress.set_progress)
        self.said.clear()
        self.progress.start(title)
        a11y.announce(self, title)
        self._work(True)
        self.setFocus(Qt.FocusReason.OtherFocusReason)   # every part waits; Escape stops it
        self._background.run(partial(work, follow), self._on_made, self._on_refused, self)

    def refused(self, problem: WorkstationError) -> None:
        """It did not go; everything typed stays."""
        self.said.problem(problem)
        self.focus()

    def judge(self) -> None:
        """What was given may be enough now."""
        self.go_button.setEnabled(self._made is not None or (self.ready and not self.busy))

    def _lay_out(self, title: str, about: str) -> None:
        inner = QWidget()
        inner.setMaximumWidth(640)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.title = label(title, "display", wrap=True)
        self.about = label(about, "quiet", wrap=True)
        self.results.setSpacing(8)
        for part in (self.title, self.about, self.fields, self.said):
            column.addWidget(part)
        column.addLayout(self.results)
        column.addWidget(self.progress)
        column.addLayout(self._lay_out_buttons())
        page = QWidget()
        page.setProperty("role", "page")
        in_the_middle(page, inner)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _lay_out_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        self.go_button.setProperty("role", "primary")
        for button, slot in ((self.back_button, self._on_back), (self.go_button, self._on_go)):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
            row.addWidget(button)
        return row

    def _work(self, working: bool) -> None:
        self.fields.setEnabled(not working)
        self.back_button.setEnabled(not working)
        self.judge()

    def _on_made(self, made: Rescued) -> None:
        self._over()
        self._made = made
        lines = list(made.lines)
        if made.aside is not None:
            lines.append(_("What was there before is kept in {folder}.").format(folder=made.aside))
        for line in lines:
            self.results.addWidget(label(line, wrap=True))
        for part in (self.about, self.fields, self.back_button):
            part.hide()
        self.said.say(_("Your home is made."), "pass")
        self.setAccessibleDescription("\n".join(lines))
        self.go_button.setText(_("&Open it"))
        self.judge()
        self.go_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_refused(self, problem: WorkstationError) -> None:
        self._over()
        if isinstance(problem, GivenUp):
            self.said.say(problem.sentence, "warn")
            self.focus()
        else:
            self.refused(problem)

    def _over(self) -> None:
        self._follow = None
        self.progress.stop()
        self._work(False)

    def _on_go(self) -> None:
        if self._made is not None:
            self.opened.emit(self._made.home)
        elif self.ready and not self.busy:
            self.begin()

    def _on_back(self) -> None:
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on wherever the focus is; Escape stops what is under way, or goes back."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            (focused if isinstance(focused, QPushButton) else self.go_button).click()
        elif event.key() == Qt.Key.Key_Escape and self._made is None:
            self.stop() if self.busy else self._on_back()
        else:
            super().keyPressEvent(event)
