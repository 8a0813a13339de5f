"""One quiet line above the messages: who else is here, and who is writing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui import a11y
from ui.team.presenter import TeamPresenter
from ui.widgets.labels import ElidedLabel
from ui.widgets.marks import Mark
from workstation.kernel.i18n import _, ngettext
from workstation.team.model import Doing, Presence

NAMED = 3
"""So many are named; of the others only their number is said."""


class PresenceStrip(QFrame):
    """Gone while nobody else is here. Somebody who writes is a warning: two answers may contradict each other."""

    def __init__(self, presenter: TeamPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._mark = Mark("warn")
        self._text = ElidedLabel(role="quiet")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(6)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)
        presenter.changed.connect(self._show)
        self._show()

    @property
    def text(self) -> str:
        return self._text.full_text

    def _show(self) -> None:
        others = self._presenter.others
        writing = any(one.doing is Doing.WRITING for one in others)
        self._mark.setVisible(writing)
        said = sentence(others)
        self._text.set_full_text(said)
        self.setAccessibleName(said)
        self.setVisible(bool(others))
        if writing:
            a11y.announce(self, said)


def sentence(others: Sequence[Presence]) -> str:
    """ "Bo is writing · Cy and Di are here"; "" when nobody is."""
    writers = [one.name for one in others if one.doing is Doing.WRITING]
    viewers = [one.name for one in others if one.doing is not Doing.WRITING]
    parts = []
    if writers:
        parts.append(ngettext("{names} is writing an answer", "{names} are writing answers", len(writers)).format(
            names=_names(writers)))
    if viewers:
        parts.append(ngettext("{names} is here", "{names} are here", len(viewers)).format(names=_names(viewers)))
    return " · ".join(parts)


def _names(names: Sequence[str]) -> str:
    from ui.conversation.texts import isolated

    shown = [isolated(name) for name in names[:NAMED]]
    more = len(names) - len(shown)
    if more:
        shown.append(ngettext("{n} more", "{n} more", more).format(n=more))
    return _(", ").join(shown)
