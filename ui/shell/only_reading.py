"""A home whose folder cannot be written is opened for reading: a bar says so, and what would write cannot be chosen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from ui.shell.action_table import TABLE
from ui.widgets.labels import label
from ui.widgets.marks import Mark
from workstation.kernel.i18n import _

_READING = frozenset(
    f"{group}.{name}" for group, names in (
        ("list", "next previous open back select extend_next extend_previous all search"),
        ("conversation", "original quoted source next_message previous_message date first_unread see_change"),
        ("case", "focus customer raw why"), ("evidence", "focus verify check_pack"),
        ("app", "palette help quit sample"),
    ) for name in names.split())


def reads(action: str) -> bool:
    """Whether an action of the table only looks."""
    return action in _READING or action.partition(".")[0] in ("go", "view")


def writing() -> tuple[str, ...]:
    """Ids of the actions that would change something."""
    return tuple(spec.id for spec in TABLE if not reads(spec.id))


def reason() -> str:
    return _("The folder of this home cannot be written.")


class OnlyReadingBar(QFrame):
    """Stands above everything for as long as the window is open."""

    def __init__(self, again: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.sentence = label(_(
            "Only for reading: the folder of this home cannot be written. Nothing is fetched, sent or changed. "
            "Let your user write it, then try again."), wrap=True)
        self.button = QPushButton(_("Try again"))
        self.button.clicked.connect(again)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(Mark("warn"))
        row.addWidget(self.sentence, 1)
        row.addWidget(self.button)
