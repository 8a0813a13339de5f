"""The outcome of checking a pack, or the whole store, part by part: what is proved, only claimed, or wrong."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui import a11y
from ui.bridge import Bridge
from ui.conversation.buttons import WrapLabel
from ui.conversation.texts import isolated
from ui.widgets.labels import rule
from ui.widgets.marks import Mark
from ui.widgets.screen import open_within
from ui.widgets.timetext import number
from workstation.api import Core
from workstation.evidence.model import Part, State, VerifyReport
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import N_, _, ngettext

SHOWN = 100     # findings of one part in the window; the copied text has all
_MARKS = {State.PROVED: "pass", State.CLAIMED: "unknown", State.WRONG: "fail"}
_WORDS = {State.PROVED: N_("proved"), State.CLAIMED: N_("claimed"), State.WRONG: N_("wrong")}
_SIGNS = {State.PROVED: "✓", State.CLAIMED: "?", State.WRONG: "✕", State.ABSENT: "–"}


class CheckDialog(QDialog):
    """Checks a pack as soon as it is made, or shows a report that is at hand. Not modal: reading it takes a while."""

    def __init__(
        self, bridge: Bridge, pack: Path | None = None, report: VerifyReport | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._name = pack.name if pack is not None else ""
        self.setWindowTitle(_("Check of {name}").format(name=self._name) if self._name else _("Check of all evidence"))
        self.report: VerifyReport | None = None
        self.copy = QPushButton(_("Copy as text"))
        self.copy.setEnabled(False)
        self.copy.clicked.connect(self._on_copy)
        self.done_button = QPushButton(_("Close"))
        self.done_button.setDefault(True)
        self.done_button.clicked.connect(self.close)
        self.area = _scroll()
        self._lay_out()
        self._bridge = bridge
        if report is not None:
            self._on_report(report)
        elif pack is not None:
            waiting = _("Checking {name}…").format(name=isolated(self._name))
            self._show(_page([_marked("pending", _("checking"), waiting)]))
            bridge.call(partial(_verify, pack), self._on_report, self, self._on_problem, "verify")

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.area, 1)
        column.addWidget(rule())
        column.addLayout(foot)
        open_within(self, 640, 620)

    def text(self) -> str:
        """Everything the report says, to be copied."""
        return "" if self.report is None else as_text(self.report, self._name)

    def _on_report(self, report: VerifyReport) -> None:
        self.report = report
        self.copy.setEnabled(True)
        verdict = headline(report)
        rows: list[QWidget] = [WrapLabel(isolated(self._name), "caption")] if self._name else []
        rows.append(_marked("pass" if report.intact else "fail", "", verdict, "title"))
        rows.append(WrapLabel(_counted(report), "quiet"))
        for part in report.parts:
            rows += _part(part)
        absent = "; ".join(part.title for part in report.parts if part.state is State.ABSENT)
        if absent:
            rows += [rule(), WrapLabel(_("Not present, so not checked: {what}").format(what=absent), "quiet")]
        self._show(_page(rows))
        a11y.announce(self, verdict)

    def _on_problem(self, problem: WorkstationError) -> None:
        self._show(_page([
            WrapLabel(isolated(self._name), "caption"),
            _marked("fail", "", _("This could not be checked."), "title"), WrapLabel(problem.sentence),
            WrapLabel(problem.remedy, "quiet"),
        ]))
        a11y.announce(self, problem.sentence)

    def _show(self, page: QWidget) -> None:
        self.area.setWidget(page)
        self.area.setAccessibleDescription(" ".join(one.text() for one in page.findChildren(WrapLabel)))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self._bridge.notice(_("The report was copied."))


def headline(report: VerifyReport) -> str:
    """The verdict in one sentence."""
    if report.intact:
        return _("Nothing is wrong.") if report.records else _("There is no record to check.")
    n = len(report.findings)
    return ngettext("{n} thing is wrong.", "{n} things are wrong.", n).format(n=number(n))


def as_text(report: VerifyReport, name: str) -> str:
    """The report in plain lines, all findings included."""
    lines = [name, headline(report), _counted(report)]
    for part in report.parts:
        lines += ["", f"{_SIGNS[part.state]} {part.title}" + (f": {_('not present')}" if _is_absent(part) else "")]
        lines += [f"  {sign} {sentence}" for sign, sentence in _sentences(part)]
    return "\n".join(lines).strip() + "\n"


def _counted(report: VerifyReport) -> str:
    records = ngettext("{n} record", "{n} records", report.records).format(n=number(report.records))
    files = ngettext("{n} file", "{n} files", report.files).format(n=number(report.files))
    return f"{records}, {files}"


def _is_absent(part: Part) -> bool:
    return part.state is State.ABSENT


def _sentences(part: Part) -> Iterator[tuple[str, str]]:
    yield from ((_SIGNS[State.WRONG], f"{finding.where}: {finding.what}") for finding in part.findings)
    yield from ((_SIGNS[State.PROVED], sentence) for sentence in part.proved)
    yield from ((_SIGNS[State.CLAIMED], sentence) for sentence in part.claimed)


def _part(part: Part) -> list[QWidget]:
    if _is_absent(part):
        return []
    rows: list[QWidget] = [rule(), _marked(_MARKS[part.state], _(_WORDS[part.state]), part.title, "title")]
    rows += [_marked("fail", _("wrong"), f"{isolated(finding.where)}: {finding.what}")
             for finding in part.findings[:SHOWN]]
    more = len(part.findings) - SHOWN
    if more > 0:
        rows.append(WrapLabel(ngettext("{n} more; the copied text has it.", "{n} more; the copied text has them.",
                                       more).format(n=number(more)), "quiet"))
    rows += [_marked("pass", _("proved"), sentence) for sentence in part.proved]
    rows += [_marked("unknown", _("claimed"), sentence) for sentence in part.claimed]
    return rows


def _marked(state: str, word: str, text: str, role: str = "") -> QWidget:
    """A mark beside a sentence. `word` says on hover what the mark means here."""
    made, mark = QWidget(), Mark(state)
    if word:
        mark.setToolTip(word)
        mark.setAccessibleName(word)
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(WrapLabel(text, role), 1)
    return made


def _page(rows: list[QWidget]) -> QWidget:
    page = QWidget()
    page.setProperty("role", "page")
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(8)
    for row in rows:
        column.addWidget(row)
    column.addStretch(1)
    return page


def _scroll() -> QScrollArea:
    made = QScrollArea()
    made.setWidgetResizable(True)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)   # the arrows move what is longer than the window
    made.setAccessibleName(_("What was checked"))
    return made


async def _verify(pack: Path, core: Core) -> VerifyReport:
    return await core.evidence.verify(pack)
