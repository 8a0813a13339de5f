"""The first page: the language of the interface, which changes at once, and the language a person reads and writes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QPushButton, QRadioButton, QVBoxLayout, QWidget

from ui.onboarding.languages import AGENT_LANGUAGES
from ui.onboarding.page import Page
from ui.onboarding.session import Session
from ui.widgets.choice import Choice
from ui.widgets.labels import label
from workstation.kernel import i18n
from workstation.kernel.i18n import LANGUAGES, _


class LanguagePage(Page):
    """The system's language is chosen already; both can be changed later in the settings."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("Welcome to Workstation"), _(
            "A few steps to a working inbox; each can be skipped and done later. Nothing leaves this computer until "
            "you send it. Everything is stored encrypted, and works offline."))
        self.choices = {name: QRadioButton(text) for name, text in LANGUAGES.items()}
        self.working = Choice(_("Language you read and write"))
        self.restore_button = QPushButton(_("I have a backup…"))
        self._group = QButtonGroup(self)
        self._lay_out()
        self.choices[i18n.language()].setChecked(True)
        self.working.setCurrentIndex(max(0, self.working.findData(session.agent_language)))
        self._group.buttonToggled.connect(self._on_language)
        self.working.currentIndexChanged.connect(self._on_working)
        self.restore_button.setAutoDefault(False)
        self.restore_button.clicked.connect(session.restore_asked)
        self.restore_button.setVisible(session.door is not None and session.settings is None)

    def first(self) -> QWidget | None:
        return self.choices[i18n.language()]

    def _lay_out(self) -> None:
        self.body.addWidget(label(_("Language of this program"), "title"))
        ways = QVBoxLayout()
        ways.setSpacing(4)
        for name, choice in self.choices.items():
            choice.setAccessibleDescription(_("Language of this program"))
            choice.setProperty("language", name)
            self._group.addButton(choice)
            ways.addWidget(choice)
        self.body.addLayout(ways)
        self.body.addSpacing(8)
        title = label(_("Language you read and write"), "title")
        title.setBuddy(self.working)
        self.body.addWidget(title)
        self.body.addWidget(label(_(
            "Buyers' messages are translated into it on this computer, and your answers from it."), "quiet", wrap=True))
        for code, name in AGENT_LANGUAGES.items():
            self.working.addItem(name, code)
        self.working.setMaximumWidth(320)
        self.body.addWidget(self.working)
        self.body.addSpacing(8)
        self.body.addWidget(self.restore_button, alignment=Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)

    def _on_language(self, choice: QRadioButton, checked: bool) -> None:
        if checked:
            self.session.use_language(str(choice.property("language")))

    def _on_working(self, _index: int) -> None:
        self.session.use_agent_language(str(self.working.currentData()))
