"""The platforms' deadlines for buyers' data, and the cases that fall due: seen before anything is erased."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.inbox.words import channel_name
from ui.widgets import timetext
from ui.widgets.labels import label, set_role
from workstation.api import Core
from workstation.evidence.erasure.model import Due, Rule
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _, ngettext

MOST_SHOWN = 500
"""Cases that are listed; the sentence above counts all."""


@dataclass(frozen=True, slots=True)
class Found:
    rules: tuple[Rule, ...]
    due: tuple[Due, ...]


class ErasurePage(QWidget):
    """A page of the settings. It shows; what is to be kept is held in its case."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Erasing"))
        self.rules = _tree(_("Platforms' deadlines"), (_("Channel"), _("Days after delivery"), _("Source")))
        self.due = _tree(_("Cases that fall due"), (_("Date"), _("Conversation"), _("Why")))
        self.summary = label(role="quiet", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(label(_("Platforms' deadlines"), "title"))
        layout.addWidget(label(_(
            "When a deadline comes, everything that is kept of the buyer goes: messages, names, addresses, what orders "
            "say of them, and the keys and files of evidence. The records stay and still verify."), "quiet", wrap=True))
        layout.addWidget(self.rules, 1)
        layout.addWidget(label(_("What falls due"), "title"))
        layout.addWidget(self.summary)
        layout.addWidget(self.due, 2)
        layout.addWidget(label(_("A case that must be kept is held: open it, Evidence, Erase personal data, or hold "
                                 "it…"), "caption", wrap=True))
        bridge.call(_found, self._on_found, self, self._on_problem)

    @property
    def text(self) -> str:
        """Both lists, a line each, for tests."""
        return "\n".join(_lines(self.rules) + _lines(self.due))

    def _on_found(self, found: Found) -> None:
        for rule in found.rules:
            item = QTreeWidgetItem(self.rules, [channel_name(rule.channel), str(rule.days), rule.source])
            item.setToolTip(2, rule.source)
        for due in found.due[:MOST_SHOWN]:
            item = QTreeWidgetItem(self.due, [date(due), due.title or due.case_id, why(due)])
            item.setToolTip(1, due.title)
        self.summary.setText(summary(found.due))

    def _on_problem(self, problem: WorkstationError) -> None:
        set_role(self.summary, "error")
        self.summary.setText(str(problem))


def summary(due: tuple[Due, ...]) -> str:
    """ "3 cases fall due, the first on 24 Nov. 1 is held. Of 2 the delivery is unknown." """
    dated = [one for one in due if one.runs_at is not None]
    held, unknown = sum(one.hold is not None for one in dated), len(due) - len(dated)
    if not due:
        return _("Nothing falls due.")
    told = []
    if dated:
        first = timetext.day(dated[0].runs_at or 0)
        told.append(ngettext("{n} case falls due on {date}.", "{n} cases fall due, the first on {date}.", len(dated),
                             ).format(n=len(dated), date=first))
    if held:
        told.append(ngettext("{n} is held.", "{n} are held.", held).format(n=held))
    if unknown:
        told.append(ngettext("Of {n} case the delivery is unknown: it is not erased by itself.",
                             "Of {n} cases the delivery is unknown: they are not erased by themselves.", unknown,
                             ).format(n=unknown))
    return " ".join(told)


def date(due: Due) -> str:
    return timetext.day(due.runs_at) if due.runs_at is not None else _("unknown")


def why(due: Due) -> str:
    """The rule or the person, and what stands in the way."""
    if due.rule is None:
        asked = _("A person asked: {reason}").format(reason=due.reason) if due.reason else _("A person asked")
    elif due.runs_at is None:
        asked = _("{channel}: the delivery is unknown").format(channel=channel_name(due.rule.channel))
    else:
        days = due.rule.days
        asked = ngettext("{channel}: {n} day after delivery", "{channel}: {n} days after delivery", days).format(
            channel=channel_name(due.rule.channel), n=days)
    return asked if due.hold is None else _("{why} · held: {reason}").format(why=asked, reason=due.hold.reason or "–")


def _tree(name: str, columns: tuple[str, ...]) -> QTreeWidget:
    made = QTreeWidget()
    made.setHeaderLabels(list(columns))
    made.setAccessibleName(name)
    made.setRootIsDecorated(False)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setTextElideMode(Qt.TextElideMode.ElideRight)
    made.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    made.header().setSectionResizeMode(len(columns) - 1, QHeaderView.ResizeMode.Stretch)
    return made


def _lines(tree: QTreeWidget) -> list[str]:
    items = [tree.topLevelItem(at) for at in range(tree.topLevelItemCount())]
    return [" | ".join(item.text(column) for column in range(tree.columnCount())) for item in items if item]


async def _found(core: Core) -> Found:
    if core.erasure is None:
        return Found((), ())
    return Found(await core.erasure.rules(), await core.erasure.due())
