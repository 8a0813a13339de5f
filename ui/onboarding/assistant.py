"""The first-run assistant: the steps at the left, a page, and Back, Skip and Next. Closing it loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.onboarding import typed
from ui.onboarding.page import Page
from ui.onboarding.session import Session
from ui.onboarding.steps import NAMES, STEPS
from ui.widgets.labels import label, rule, set_role
from ui.widgets.marks import Mark
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

OF_MAKING = ("home", "key")
"""Steps that are taken once for a home."""
NARROW = 760
"""Below this width the list of steps becomes one line above the page."""


class Rail(QFrame):
    """The steps, each with a mark: done, skipped, or still to come."""

    def __init__(self, names: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sunken")
        self.setFixedWidth(216)
        self._marks: dict[str, Mark] = {}
        self._titles: dict[str, QLabel] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 28, 12, 20)
        column.setSpacing(14)
        for step in STEPS:
            if step.name in names:
                mark, title = Mark("pending"), label(_(step.title), wrap=True)
                self._marks[step.name], self._titles[step.name] = mark, title
                row = QHBoxLayout()
                row.setSpacing(10)
                row.addWidget(mark)
                row.addWidget(title, 1)
                column.addLayout(row)
        column.addStretch(1)

    def show_states(self, here: str, done: set[str], passed: set[str]) -> None:
        """`passed` are the steps a person has been at and left."""
        for name, mark in self._marks.items():
            mark.set_state("pass" if name in done else "pending")
            if name in passed and name not in done:
                mark.setToolTip(_("skipped"))
            set_role(self._titles[name], "title" if name == here else "" if name in passed | done else "quiet")
        spoken = [f"{title.text()}: {self._marks[name].toolTip()}" for name, title in self._titles.items()]
        self.setAccessibleDescription(", ".join(spoken))


class Assistant(QWidget):
    """Shows one page at a time. Pages are made when they are first shown, and anew in another language."""

    finished = Signal()
    """The last page was left by its button: show the inbox."""
    later = Signal()
    """The rest is done another time: show the inbox, or close."""
    sample_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.names = NAMES if session.door is not None else tuple(name for name in NAMES if name not in OF_MAKING)
        self.here = session.begun_at
        self._pages: dict[str, Page] = {}
        self._holders: dict[str, QScrollArea] = {}
        self._passed: set[str] = set()
        self._stack = QStackedWidget()
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._frame = QWidget()
        self._build()
        QShortcut(QKeySequence(Qt.Modifier.ALT | Qt.Key.Key_Left), self).activated.connect(self.back)
        session.language_changed.connect(self._speak_anew)
        session.changed.connect(self._refresh)

    @property
    def page(self) -> Page:
        """The page on the screen."""
        return self._pages[self.here]

    def go_to(self, name: str) -> None:
        """Show a step."""
        self.session.at(name)
        self._passed.add(self.here)
        if self.here == "language":
            self.session.done.add("language")
        self._passed.discard(name)
        self.here = name
        self._show()

    def next(self) -> None:
        """What the button Next does."""
        if self.next_button.isEnabled() and self.page.proceed():
            self._forward()

    def skip(self) -> None:
        self.page.stop()
        self._forward()

    def back(self) -> None:
        at = self.names.index(self.here)
        if at > 0 and not self.page.busy:
            self.page.stop()
            self.go_to(self.names[at - 1])

    def focus(self) -> None:
        """Give the keyboard to the page that is shown."""
        self._focus()

    def stop(self) -> None:
        """The assistant closes: end what is under way."""
        for page in self._pages.values():
            page.stop()

    def say_problem(self, problem: WorkstationError) -> None:
        """A known failure that no page handles."""
        self.say(str(problem))

    def say(self, sentence: str) -> None:
        """Something went wrong that is no page's own."""
        from ui import a11y

        self._trouble.setText(sentence)
        self._trouble.show()
        a11y.announce(self._trouble, sentence)

    # building

    def _build(self) -> None:
        self._frame = QWidget()
        self._rail = Rail(self.names)
        self._where = label(role="caption", wrap=True)
        self._where.setContentsMargins(32, 16, 32, 0)
        self._trouble = label(role="error", wrap=True)
        self._trouble.setContentsMargins(32, 0, 32, 8)
        self._trouble.hide()
        self._stack = QStackedWidget()
        self.sample_button = _button(_("Look around with sample data"), self.sample_asked.emit, "flat")
        self.later_button = _button(_("Finish later"), self.later.emit, "flat")
        self.back_button = _button(_("&Back"), self.back)
        self.skip_button = _button(_("&Skip"), self.skip)
        self.next_button = _button("", self.next, "primary")
        self.next_button.setDefault(True)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._where)
        right.addWidget(self._stack, 1)
        right.addWidget(self._trouble)
        right.addWidget(rule())
        right.addLayout(self._lay_out_buttons())
        row = QHBoxLayout(self._frame)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rail)
        row.addLayout(right, 1)
        self._outer.addWidget(self._frame)
        self._fold()

    def _lay_out_buttons(self) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(32, 12, 32, 12)
        buttons.setSpacing(8)
        buttons.addWidget(self.sample_button)
        buttons.addWidget(self.later_button)
        buttons.addStretch(1)
        for button in (self.back_button, self.skip_button, self.next_button):
            buttons.addWidget(button)
        return buttons

    def _speak_anew(self) -> None:
        """The same page with the same words typed, in another language."""
        kept = {name: typed.keep(page) for name, page in self._pages.items()}
        self._outer.removeWidget(self._frame)
        self._frame.hide()
        self._frame.deleteLater()
        self._pages, self._holders = {}, {}
        self._build()
        for name, words in kept.items():
            typed.give_back(self._made(name), words)
        self._show()

    def _made(self, name: str) -> Page:
        if name not in self._pages:
            page = _PAGES[name](self.session)
            page.changed.connect(self._refresh)
            page.go_on.connect(self._forward)
            page.settled.connect(self._settle)
            asked = getattr(page, "asked", None)
            if asked is not None:
                asked.connect(self.go_to)
            holder = QScrollArea(widgetResizable=True)
            holder.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            holder.setWidget(page)
            self._pages[name], self._holders[name] = page, holder
            self._stack.addWidget(holder)
        return self._pages[name]

    # what happens

    def showEvent(self, event: QShowEvent) -> None:
        if not self._pages:
            self._show()
        super().showEvent(event)

    def _forward(self) -> None:
        at = self.names.index(self.here)
        if at + 1 < len(self.names):
            self.go_to(self.names[at + 1])
        else:
            self.session.finished()
            self.finished.emit()

    def _show(self) -> None:
        page = self._made(self.here)
        self._stack.setCurrentWidget(self._holders[self.here])
        self._trouble.hide()
        page.enter()
        self._refresh()
        if page.isVisible():
            self._focus()   # at once: later it would take the keyboard from whoever types already
        else:
            QTimer.singleShot(0, self, self._focus)   # it is shown in a moment

    def _focus(self) -> None:
        first = self.page.first()
        (first or self.next_button).setFocus(Qt.FocusReason.OtherFocusReason)

    def _settle(self) -> None:
        self._refresh()
        self.next_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refresh(self) -> None:
        if self.here not in self._pages:
            return
        page, at = self.page, self.names.index(self.here)
        step = next(step for step in STEPS if step.name == self.here)
        self.next_button.setText(page.next_text)
        self.next_button.setEnabled(page.ready)
        self.back_button.setVisible(at > 0)
        self.back_button.setEnabled(not page.busy)
        self.skip_button.setVisible(step.skippable and not page.done)
        self.sample_button.setVisible(self.session.settings is None)
        self.later_button.setVisible(self.session.settings is not None and at + 1 < len(self.names))
        self._where.setText(_("Step {n} of {total}: {title}").format(
            n=at + 1, total=len(self.names), title=_(step.title)))
        self._rail.setAccessibleName(self._where.text())
        self._rail.show_states(self.here, self.session.done, self._passed)

    def _fold(self) -> None:
        narrow = self.width() < NARROW
        self._rail.setVisible(not narrow)
        self._where.setVisible(narrow)

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on wherever the focus is, Escape stops what is under way."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            focused.click() if isinstance(focused, QPushButton) else self.next()
        elif event.key() == Qt.Key.Key_Escape and self.page.busy:
            self.page.stop()
        else:
            super().keyPressEvent(event)


def _button(text: str, slot: Callable[[], None], role: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", role)
    button.setAutoDefault(False)
    button.clicked.connect(partial(_press, slot))
    return button


def _press(slot: Callable[[], None], _checked: bool = False) -> None:
    slot()


def _language(session: Session) -> Page:
    from ui.onboarding.language_page import LanguagePage

    return LanguagePage(session)


def _home(session: Session) -> Page:
    from ui.onboarding.home_page import HomePage

    return HomePage(session)


def _key(session: Session) -> Page:
    from ui.onboarding.key_page import KeyPage

    return KeyPage(session)


def _mailbox(session: Session) -> Page:
    from ui.onboarding.mailbox_page import MailboxPage

    return MailboxPage(session)


def _orders(session: Session) -> Page:
    from ui.onboarding.orders_page import OrdersPage

    return OrdersPage(session)


def _packs(session: Session) -> Page:
    from ui.onboarding.packs_page import PacksPage

    return PacksPage(session)


def _hub(session: Session) -> Page:
    from ui.onboarding.hub_page import HubPage

    return HubPage(session)


def _done(session: Session) -> Page:
    from ui.onboarding.done_page import DonePage

    return DonePage(session)


_PAGES: dict[str, Callable[[Session], Page]] = {
    "language": _language, "home": _home, "key": _key, "mailbox": _mailbox, "orders": _orders, "packs": _packs,
    "hub": _hub, "done": _done,
}
"""Each page is loaded when it is first shown: the window paints with the first one alone."""
