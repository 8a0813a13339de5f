"""What every page of the first run is: a heading, a sentence, fields, and what the buttons below may do with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.onboarding.session import Session
from ui.widgets.labels import label, set_role
from ui.widgets.marks import Mark
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

WIDEST = 760
"""A line of text that is longer is hard to read."""


class Page(QWidget):
    """One page. The assistant shows it, asks what its buttons say, and calls `proceed` for Next."""

    changed = Signal()
    """`ready`, `done` or `busy` may have changed."""
    settled = Signal()
    """The page's work is done: the keyboard goes to where it goes on."""
    go_on = Signal()
    """The work that Next began is done: show the next page."""

    def __init__(self, session: Session, title: str, about: str) -> None:
        super().__init__()
        self.session = session
        self.title = title
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        self.setProperty("role", "page")
        inner = QWidget()
        inner.setMaximumWidth(WIDEST)
        across = QHBoxLayout(self)
        across.setContentsMargins(32, 24, 32, 24)
        across.addWidget(inner, 100)
        across.addStretch(1)
        self.body = QVBoxLayout(inner)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(12)
        self.body.addWidget(label(title, "display", wrap=True))
        self.body.addWidget(label(about, "quiet", wrap=True))
        self.body.addSpacing(4)

    @property
    def ready(self) -> bool:
        """Next can be pressed."""
        return True

    @property
    def done(self) -> bool:
        """There is nothing left to skip."""
        return True

    @property
    def busy(self) -> bool:
        """Something is under way that Escape stops."""
        return False

    @property
    def next_text(self) -> str:
        return _("&Next")

    def proceed(self) -> bool:
        """Next was pressed. True: show the next page at once; False: `go_on` comes when the work is done."""
        return True

    def enter(self) -> None:
        """The page is on the screen."""

    def stop(self) -> None:
        """Stop what is under way; what was done stays done."""

    def first(self) -> QWidget | None:
        """What takes the keyboard first; None: the button Next."""
        return None


class Said(QWidget):
    """A mark and a sentence that appear when there is something to say, and are read out by a screen reader."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mark = Mark("pending")
        self.sentence = label(wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.mark, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.sentence, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What is said, with its mark; "" while nothing is."""
        return f"{self.mark.state} {self.sentence.text()}" if not self.isHidden() else ""

    def say(self, text: str, mark: str = "") -> None:
        """`mark` is one of "pass", "warn", "fail", "pending"; "" for none."""
        from ui import a11y

        self.mark.setVisible(bool(mark))
        if mark:
            self.mark.set_state(mark)
        set_role(self.sentence, {"fail": "error", "warn": "warn"}.get(mark, ""))
        self.sentence.setText(text)
        self.setAccessibleName(text)
        self.show()
        a11y.announce(self, text)

    def problem(self, problem: WorkstationError) -> None:
        self.say(str(problem), "fail")

    def clear(self) -> None:
        self.hide()


def in_the_middle(page: QWidget, inner: QWidget) -> None:
    """Lay `inner` out alone on the page, a little above its middle."""
    across = QHBoxLayout()
    across.addStretch(1)
    across.addWidget(inner, 8)
    across.addStretch(1)
    outer = QVBoxLayout(page)
    outer.setContentsMargins(32, 24, 32, 24)
    outer.addStretch(2)
    outer.addLayout(across)
    outer.addStretch(3)
