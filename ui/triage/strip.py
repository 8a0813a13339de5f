"""One quiet line above the messages: what it is about, how soon, what may go wrong, and why. One key opens the choices,
one more chooses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from ui.shell.actions import Actions
from ui.triage import words
from ui.triage.presenter import TriagePresenter
from ui.widgets.labels import ElidedLabel, chip, plain_tip
from workstation.kernel.i18n import _
from workstation.triage.model import Finding, Triage

ACTION = "conversation.triage"


class TriageStrip(QFrame):
    """Follows its presenter; hidden while nothing is known."""

    def __init__(self, presenter: TriagePresenter, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._actions = presenter, actions
        self.issue = QPushButton()
        self.issue.setProperty("role", "flat")
        self.urgency, self.risk = chip(""), chip("")
        self.why = ElidedLabel(role="caption")
        self.why.setMinimumWidth(32)   # room for a letter and the dots
        self.menu: QMenu | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(8)
        for widget, stretch in ((self.issue, 0), (self.urgency, 0), (self.risk, 0), (self.why, 1)):
            layout.addWidget(widget, stretch)
        self.issue.clicked.connect(self.choose)
        presenter.changed.connect(self._show)
        actions.on(ACTION, self.choose)
        self._show()

    @Slot()
    def choose(self) -> None:
        """Open the choices below the issue."""
        triage = self._presenter.triage
        if triage is None:
            return
        self.menu = self._filled(QMenu(self), triage)
        self.menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu.popup(self.issue.mapToGlobal(QPoint(0, self.issue.height())))

    @Slot()
    def _show(self) -> None:
        triage = self._presenter.triage
        self.setVisible(triage is not None)
        if triage is None:
            return
        issue, urgency, risk = (triage.of(kind) for kind in ("issue", "urgency", "risk"))
        self.issue.setText(words.issue(issue.value if issue else ""))
        self.issue.setAccessibleName(_("About: {issue}. Press to correct.").format(issue=self.issue.text()))
        self.issue.setToolTip(plain_tip("\n".join([*self._sentences(triage), self._hint()]).strip()))
        _fill(self.urgency, words.urgency(urgency.value) if urgency and urgency.value != "0" else "", urgency)
        _fill(self.risk, _("risk: {risk}").format(risk=words.risk(risk.value)) if risk and risk.value else "", risk)
        told = [finding for finding in (issue, urgency, risk) if finding and finding.reasons]
        self.why.set_full_text("; ".join(dict.fromkeys(reason for each in told for reason in each.reasons)))

    def _sentences(self, triage: Triage) -> list[str]:
        return [words.sentence(each) for each in triage.findings if each.kind in ("issue", "urgency", "risk")]

    def _hint(self) -> str:
        hint = self._actions.hint(ACTION)
        return _("Correct it: {key}").format(key=hint) if hint else ""

    def _filled(self, menu: QMenu, triage: Triage) -> QMenu:
        menu.setAccessibleName(_("What it is about"))
        self._choices(menu, "issue", {str(issue): key for issue, key in words.ISSUE_KEYS.items()}, words.issue, triage)
        menu.addSeparator()
        urgency = menu.addMenu(_("&U  How soon"))
        self._choices(urgency, "urgency", {str(int(u)): key for u, key in words.URGENCY_KEYS.items()}, words.urgency,
                      triage)
        risk = menu.addMenu(_("&K  What may go wrong"))
        self._choices(risk, "risk", {str(risk): key for risk, key in words.RISK_KEYS.items()}, words.risk, triage)
        return menu

    def _choices(
        self, menu: QMenu, kind: str, keys: dict[str, str], name: Callable[[str], str], triage: Triage
    ) -> None:
        now = triage.of(kind)
        for value, key in keys.items():
            line = QAction(f"&{key}  {name(value)}", menu)
            line.setCheckable(True)
            line.setChecked(now is not None and now.value == value)
            line.triggered.connect(partial(self._chosen, kind, value))
            menu.addAction(line)

    def _chosen(self, kind: str, value: str, _checked: bool = False) -> None:
        self._presenter.correct(kind, str(value))


def _fill(label: QLabel, text: str, finding: Finding | None) -> None:
    label.setText(text)
    label.setVisible(bool(text))
    label.setToolTip(plain_tip(words.sentence(finding)) if finding else "")
