"""What came of making a pack: each file and what it was made of, what did not fit and why, the texts ready to paste."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.binder import words
from ui.binder.scrolling import PageScroll
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.texts import isolated
from ui.widgets.labels import label, rule
from ui.widgets.marks import Mark
from ui.widgets.timetext import number, size
from workstation.evidence.claims.model import CompiledFile, CompileReport, Exhibit, TextValue
from workstation.kernel.i18n import _, ngettext


class ResultSheet(QFrame):
    """Draws a CompileReport. `left` when the person goes back, `copied` title and text, `folder_wanted` a Path."""

    left = Signal()
    copied = Signal(str, str)
    folder_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report: CompileReport | None = None
        self.back = QPushButton(_("Back to the binder"))
        self.folder = QPushButton(_("Open the folder"))
        self.folder.setProperty("role", "primary")
        for button in (self.back, self.folder):
            button.setAutoDefault(True)
        self.back.clicked.connect(self.left)
        self.folder.clicked.connect(self._on_folder)
        self._page = QWidget()
        self._scroll = PageScroll()
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.addWidget(self.back)
        foot.addStretch(1)
        foot.addWidget(self.folder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._scroll, 1)
        column.addWidget(rule())
        column.addLayout(foot)

    @property
    def lines(self) -> list[str]:
        """What is said, for tests and for a person without a screen."""
        shown = [one for one in self._page.findChildren(WrapLabel) if one.isVisibleTo(self._page)]
        return [one.text() for one in shown]

    def show_report(self, report: CompileReport, titles: dict[str, str]) -> None:
        """`titles`: what each exhibit of the binder is called, by record id."""
        self.report = report
        page = QWidget()
        page.setProperty("role", "page")
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        self._head(column, report)
        self._files(column, report, titles)
        self._left_out(column, report)
        self._texts(column, report)
        column.addStretch(1)
        self._page = page
        self._scroll.setWidget(page)
        a11y.tab_order([*a11y.stops([page]), self.back, self.folder])
        a11y.announce(self, " ".join(self.lines[:2]))

    def _head(self, column: QVBoxLayout, report: CompileReport) -> None:
        column.addWidget(WrapLabel(_("The pack is written"), "title"))
        n = len(report.files)
        text = ngettext("{n} file, {size}, in {name}", "{n} files, {size}, in {name}", n)
        column.addWidget(WrapLabel(text.format(n=number(n), size=size(report.size), name=isolated(report.path.name))))
        if report.pack is not None:
            column.addWidget(WrapLabel(_("The full pack with every proof lies beside it: {name}").format(
                name=isolated(report.pack.name)), "quiet"))
        for warning in report.warnings:
            column.addWidget(_marked("warn", warning))

    def _files(self, column: QVBoxLayout, report: CompileReport, titles: dict[str, str]) -> None:
        if report.files:
            column.addWidget(label(_("Files for the form"), "title"))
        for file in report.files:
            column.addWidget(WrapLabel(isolated(file.name)))
            column.addWidget(WrapLabel(_about(file), "quiet"))
            made = [titles[one] for one in file.record_ids if one in titles]
            if made:
                column.addWidget(WrapLabel(_("Made of {exhibits}").format(exhibits="; ".join(made)), "quiet"))
            for change in file.changed:
                column.addWidget(WrapLabel(f"• {change}", "quiet"))
            column.addWidget(rule())

    def _left_out(self, column: QVBoxLayout, report: CompileReport) -> None:
        if not report.left_out:
            column.addWidget(_marked("pass", _("Everything that was included went in.")))
            return
        n = len(report.left_out)
        column.addWidget(label(ngettext("{n} exhibit did not go in", "{n} exhibits did not go in", n).format(n=n),
                               "title"))
        for one in report.left_out:
            column.addWidget(_marked("missing", f"{isolated(one.title)}: {one.reason}"))

    def _texts(self, column: QVBoxLayout, report: CompileReport) -> None:
        filled = [value for value in report.texts if value.text]
        if filled:
            column.addWidget(label(_("Texts to paste"), "title"))
        for value in filled:
            head = QHBoxLayout()
            head.addWidget(WrapLabel(value.slot.title), 1)
            button = flat_button(_("Copy"), _("Copy {what}").format(what=value.slot.title))
            button.clicked.connect(partial(self._on_copy, value))
            head.addWidget(button)
            column.addLayout(head)
            most = value.slot.characters
            too_long = most is not None and len(value.text) > most
            column.addWidget(WrapLabel(words.counter(len(value.text), most), "error" if too_long else "caption"))
            column.addWidget(WrapLabel(_beginning(value.text), "quiet"))

    def _on_copy(self, value: TextValue, _checked: bool = False) -> None:
        self.copied.emit(value.slot.title, value.text)

    def _on_folder(self) -> None:
        if self.report is not None:
            self.folder_wanted.emit(self.report.path)


SHOWN = 300
"""Characters of a text that are shown in the sheet; all of it is copied."""


def _beginning(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()} …"


def _about(file: CompiledFile) -> str:
    pages = ngettext("{n} page", "{n} pages", file.pages).format(n=number(file.pages)) if file.pages else ""
    shape = f"{number(file.width)} × {number(file.height)}" if file.width and not file.pages else ""
    field = _("field {name}").format(name=file.field) if file.field else ""
    return " · ".join(part for part in (size(file.size), pages, shape, field) if part)


def _marked(state: str, text: str) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(Mark(state), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(WrapLabel(text), 1)
    return made


def titles(numbered: Iterable[tuple[int, Exhibit]]) -> dict[str, str]:
    """What exhibits are called in the sheet, by record id."""
    return {one.record_id: _("exhibit {n}, {title}").format(n=at, title=isolated(one.title))
            for at, one in numbered if at}
