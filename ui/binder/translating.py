"""What an exhibit says in another language, who translated it, and whether a person went over it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui import a11y
from ui.bridge import Bridge
from ui.conversation.pieces import StateLine
from ui.conversation.texts import isolated, safe_name
from ui.onboarding.languages import AGENT_LANGUAGES
from ui.widgets.choice import Choice
from ui.widgets.labels import label, rule
from ui.widgets.progress import ProgressLine
from workstation.api import Core
from workstation.evidence.claims.model import Exhibit, Translation
from workstation.kernel.errors import Unsupported, WorkstationError
from workstation.kernel.i18n import _


class TranslationDialog(QDialog):
    """`answered` carries the exhibit's language and its Translation, or None when there is none."""

    answered = Signal(str, object)

    def __init__(self, bridge: Bridge, exhibit: Exhibit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Translation of {title}").format(title=isolated(safe_name(exhibit.title))))
        self._bridge, self._exhibit = bridge, exhibit
        self._engine = exhibit.translation.engine if exhibit.translation is not None else ""
        self.language, self.target = Choice(_("The exhibit is in")), Choice(_("Translated into"))
        self.original, self.text, self.editor = QPlainTextEdit(), QPlainTextEdit(), QLineEdit()
        self.read_button = QPushButton(_("Read the text in the picture"))
        self.translate_button = QPushButton(_("Translate"))
        self.save, self.remove = QPushButton(_("Keep")), QPushButton(_("No translation"))
        self.said, self.progress = StateLine(), ProgressLine(cancellable=False)
        self._lay_out()
        self._fill(exhibit)
        self.read_button.clicked.connect(self._on_read)
        self.translate_button.clicked.connect(self._on_translate)
        self.save.clicked.connect(self._on_save)
        self.remove.clicked.connect(self._on_remove)
        self.language.activated.connect(self._show)
        for changed in (self.text.textChanged, self.editor.textChanged, self.original.textChanged):
            changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        self.save.setProperty("role", "primary")
        self.save.setDefault(True)
        for field, name in ((self.original, _("What it says, as far as it is to be translated")),
                            (self.text, _("Translation"))):
            field.setAccessibleName(name)
            field.setTabChangesFocus(True)
        self.editor.setAccessibleName(_("Translated or gone over by"))
        for button in (self.read_button, self.translate_button, self.remove):
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        column.addLayout(_row(_("The exhibit is in"), self.language, self.read_button))
        column.addWidget(label(_("What it says, as far as it is to be translated"), "caption"))
        column.addWidget(self.original, 1)
        column.addLayout(_row(_("Translated into"), self.target, self.translate_button))
        column.addWidget(self.text, 1)
        column.addLayout(_row(_("Translated or gone over by"), self.editor))
        column.addWidget(self.said)
        column.addWidget(self.progress)
        column.addWidget(rule())
        foot = QHBoxLayout()
        foot.addWidget(self.remove)
        foot.addStretch(1)
        foot.addWidget(self.save)
        column.addLayout(foot)
        self.resize(620, 560)
        a11y.tab_order([self.language, self.read_button, self.original, self.target, self.translate_button, self.text,
                        self.editor, self.remove, self.save])

    def _fill(self, exhibit: Exhibit) -> None:
        self.language.addItem(_("unknown"), "")
        for code, name in AGENT_LANGUAGES.items():
            self.language.addItem(name, code)
            self.target.addItem(name, code)
        known = exhibit.translation
        self.language.setCurrentIndex(max(0, self.language.findData(exhibit.language.partition("-")[0])))
        wanted = known.language.partition("-")[0] if known is not None else "en"
        self.target.setCurrentIndex(max(0, self.target.findData(wanted)))
        self.text.setPlainText(known.text if known is not None else "")
        self.editor.setText(known.editor if known is not None else "")
        self.read_button.setVisible(exhibit.mime.startswith("image/"))
        self.remove.setEnabled(known is not None)

    def _show(self, *_what: object) -> None:
        """Whose translation it is, as the pack will say it."""
        written = bool(self.text.toPlainText().strip())
        by = self.editor.text().strip()
        self.save.setEnabled(not written or bool(by or self._engine))
        known = bool(self.language.currentData())
        self.translate_button.setEnabled(known and bool(self.original.toPlainText().strip()))
        if not written:
            self.said.say("pending", "")
        elif self._engine and not by:
            self.said.say("warn", _("Machine translation by {engine}; nobody went over it. The pack says so.").format(
                engine=self._engine))
        elif not by:
            self.said.say("missing", _("Say who translated it: the pack names them."))
        else:
            self.said.say("pass", _("The pack names {name}.").format(name=isolated(by)))

    def _on_read(self) -> None:
        self.progress.start(_("Reading the picture…"))
        self._bridge.call(partial(_read, self._exhibit.record_id), self._on_was_read, self, self._on_failed, "read")

    def _on_was_read(self, text: str) -> None:
        self.progress.stop()
        self.original.setPlainText(text)
        if not text:
            self.said.say("warn", _("No text was found in the picture."))

    def _on_translate(self) -> None:
        self.progress.start(_("Translating…"))
        work = partial(_translate, self.original.toPlainText(), self.language.currentData(), self.target.currentData())
        self._bridge.call(work, self._on_translated, self, self._on_failed, "translate")

    def _on_translated(self, found: tuple[str, str]) -> None:
        self.progress.stop()
        text, self._engine = found
        self.editor.clear()
        self.text.setPlainText(text)
        self._show()

    def _on_failed(self, problem: WorkstationError) -> None:
        self.progress.stop()
        self.said.say("fail", str(problem))
        a11y.announce(self, str(problem))

    def _on_save(self) -> None:
        text = self.text.toPlainText().strip()
        made = Translation(self.target.currentData(), text, self._engine, self.editor.text().strip()) if text else None
        self.answered.emit(str(self.language.currentData()), made)
        self.accept()

    def _on_remove(self) -> None:
        self.answered.emit(str(self.language.currentData()), None)
        self.accept()


def _row(name: str, *widgets: QWidget) -> QLayout:
    row = QHBoxLayout()
    row.addWidget(label(name, "caption"))
    for at, widget in enumerate(widgets):
        row.addWidget(widget, 0 if at else 1)
    return row


async def _read(record_id: str, core: Core) -> str:
    """The text a machine reads in it: a help for typing, never evidence. Raises Unsupported, CannotRead."""
    if core.reading is None:
        raise Unsupported(_("This version cannot read text in pictures."), _("Type what it says."))
    found = await core.reading.read(record_id)
    return found.text


async def _translate(text: str, source: str, target: str, core: Core) -> tuple[str, str]:
    found = await core.translation.translate(text, source, target)
    return found.target, found.engine
