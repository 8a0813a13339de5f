"""The crash dialog: what happened, what was kept, and a report without private data that can be read before it is
copied. One at most; it never stops the window. The same dialog shows the report of a run before this one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ui.theme import fonts
from ui.widgets.labels import label
from ui.widgets.screen import open_within
from workstation.kernel.i18n import _, ngettext


class _Dialog(QDialog):
    """Words above, the report in the middle, Copy and Save below; the rest of the buttons are the subclass's."""

    def __init__(self, title: str, sentences: tuple[str, ...], report: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = report
        self.said = label("", "quiet", wrap=True)
        self.said.hide()
        self._view = QPlainTextEdit(report, readOnly=True)
        self._view.setFont(fonts.fixed(fonts.CAPTION))
        self._view.setAccessibleName(_("The report, in technical words"))
        self._view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._view.setTabChangesFocus(True)
        self.buttons = QHBoxLayout()
        self.add_button(_("Copy the report"), self._copy)
        self.add_button(_("Save the report…"), self._choose)
        self.buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(label(title, "title", wrap=True))
        for sentence in sentences:
            layout.addWidget(label(sentence, wrap=True))
        layout.addWidget(self._view, 1)
        layout.addWidget(self.said)
        layout.addLayout(self.buttons)
        self.setAccessibleDescription(" ".join(sentences))
        open_within(self, 680, 480)

    def add_button(self, text: str, slot: object, *, default: bool = False) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(default)
        button.setDefault(default)
        if default:
            button.setProperty("role", "primary")
        button.clicked.connect(slot)
        self.buttons.addWidget(button)
        return button

    def show_report(self, report: str) -> None:
        """Another report in place of this one; what a person selected in it stays readable."""
        self.text = report
        self._view.setPlainText(report)

    def save(self, name: str) -> None:
        """Write the report there, and say whether that worked."""
        try:
            Path(name).write_text(self.text, encoding="utf-8")
        except OSError:
            self.say(_("The report could not be saved there. Choose another folder, or copy it."))
        else:
            self.say(_("The report is saved."))

    def say(self, sentence: str) -> None:
        self.said.setText(sentence)
        self.said.show()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self.say(_("The report is in the clipboard."))

    def _choose(self) -> None:
        dialog = QFileDialog(self, _("Save the report"), "workstation-report.txt")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save)
        dialog.open()


class CrashDialog(_Dialog):
    """Shows one bug of this run. `restart` when the person wants the program begun anew."""

    restart = Signal()

    def __init__(self, report: str, waiting: int, parent: QWidget | None = None) -> None:
        """`waiting`: replies that have not left yet."""
        kept = _("Everything saved up to now is on the disk, and what was typed is saved as a draft.")
        if waiting:
            n = waiting
            kept += " " + ngettext("{n} reply waits and is sent as before.",
                                   "{n} replies wait and are sent as before.", n).format(n=n)
        private = _("You can go on working. If it happens again, send us the report below: no buyer's text, address, "
                    "name, folder or key is in it.")
        super().__init__(_("Something went wrong in the program. It is not your fault."), (kept, private), report,
                         parent)
        self.again = label("", "warn", wrap=True)
        self.again.hide()
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(1, self.again)
        self.add_button(_("Start the program again"), self._on_restart)
        self.add_button(_("Go on working"), self.reject, default=True).setFocus()

    def count(self, times: int, others: int) -> None:
        """It happened again, or something else did meanwhile. Nothing opens for that."""
        parts = []
        if times > 1:
            parts.append(ngettext("It happened {n} time.", "It happened {n} times.", times).format(n=times))
        if others:
            parts.append(ngettext("{n} other fault followed; it is in the log.",
                                  "{n} other faults followed; they are in the log.", others).format(n=others))
        self.again.setText(" ".join(parts))
        self.again.setVisible(bool(parts))

    def _on_restart(self) -> None:
        self.restart.emit()
        self.accept()


class ReportDialog(_Dialog):
    """The report of the run before this one, as it was kept in a file."""

    def __init__(self, file: Path, parent: QWidget | None = None) -> None:
        try:
            report = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            report = _("The report is not there any more.")
        super().__init__(
            _("The program ended unexpectedly the last time"),
            (_("Everything saved before is here. A reply that was just being sent is shown as of unknown outcome."),
             _("If it happens again, send us the report below: no buyer's text, address, name, folder or key is in "
               "it.")),
            report, parent)
        self.add_button(_("Close"), self.reject, default=True).setFocus()
