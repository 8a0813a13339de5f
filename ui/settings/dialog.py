"""Every preference of the table that a person may change here, and the keys. Changes work at once."""

from __future__ import annotations

from functools import partial
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QPushButton,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.onboarding.languages import AGENT_LANGUAGES
from ui.settings import hotkey_field
from ui.settings.assigning_page import AssigningPage
from ui.settings.clocks_page import ClocksPage
from ui.settings.erasure_page import ErasurePage
from ui.settings.hotkey_field import HotKeyField
from ui.settings.keys_page import KeysPage
from ui.settings.languages_page import LanguagesPage
from ui.settings.name_field import NameField
from ui.settings.privacy_page import PrivacyPage
from ui.settings.stamps_page import StampsPage
from ui.shell.actions import Actions
from ui.shell.menus import THEMES
from ui.team.devices_page import DevicesPage
from ui.widgets.choice import Choice
from ui.widgets.labels import label
from ui.widgets.number_field import NumberField
from ui.widgets.screen import open_within
from workstation.kernel.i18n import LANGUAGES, N_, _
from workstation.kernel.settings import TABLE, Settings

_MEANINGS = {setting.name: setting.meaning for setting in TABLE}
_CHOICES = {"language": {"": N_("As the system"), **LANGUAGES}, "theme": THEMES, "agent_language": AGENT_LANGUAGES}
_NUMBERS = {"undo_seconds": (0, 120), "first_sync_days": (0, 3_650)}
_FLAGS = ("notifications", "translate_side_by_side")


W = TypeVar("W", bound=QWidget)


class SettingsDialog(QDialog):
    """Opened with `.open()`."""

    changed = Signal(str)
    """This setting has a new value, which is on disk."""

    def __init__(
        self, settings: Settings, actions: Actions, parent: QWidget | None = None, bridge: Bridge | None = None,
    ) -> None:
        """Without a `bridge` neither the keys of the home nor its languages are shown."""
        super().__init__(parent)
        self.setWindowTitle(_("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = settings
        self.fields: dict[str, QWidget] = {}
        self._actions = actions
        self._bridge = bridge
        self.keys_page = KeysPage(actions)
        self.tabs = tabs = QTabWidget()
        tabs.setAccessibleName(_("Settings"))
        tabs.addTab(self._general(), _("General"))
        tabs.addTab(self.keys_page, _("Shortcuts"))
        self.privacy_page = PrivacyPage(settings, bridge)
        self.privacy_page.changed.connect(self.changed)
        self.finished.connect(self._on_finished)
        tabs.addTab(self.privacy_page, _("Keys and privacy"))
        self.languages_page: LanguagesPage | None = None
        if bridge is not None:
            self.languages_page = LanguagesPage(bridge)
            tabs.addTab(self.languages_page, _("Translation"))
            self.clocks_page = ClocksPage(bridge)
            tabs.addTab(self.clocks_page, _("Response clocks"))
            self.assigning_page = AssigningPage(bridge)
            tabs.addTab(self.assigning_page, _("Assignment"))
            self.stamps_page = StampsPage(bridge)
            tabs.addTab(self.stamps_page, _("Time stamps"))
            self.erasure_page = ErasurePage(bridge)
            tabs.addTab(self.erasure_page, _("Erasing"))
            self.devices_page = DevicesPage(bridge)
            tabs.addTab(self.devices_page, _("Devices"))
        tabs.setDocumentMode(True)
        tabs.tabBar().setDrawBase(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(tabs, 1)
        layout.addWidget(buttons)
        open_within(self, 1_000, 600)

    def show_languages(self) -> None:
        """Turn to the page where languages are added."""
        if self.languages_page is not None:
            self.tabs.setCurrentWidget(self.languages_page)
            self.languages_page.file_button.setFocus()

    def _general(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(16, 16, 16, 16)
        form.setVerticalSpacing(12)
        form.setHorizontalSpacing(24)
        if self._bridge is not None:
            form.addRow(label(_("Your name, as colleagues read it"), "quiet"), NameField(self._bridge))
        for name, texts in _CHOICES.items():
            form.addRow(label(_(_MEANINGS[name]), "quiet"), self._choice(name, texts))
        for name, (least, most) in _NUMBERS.items():
            form.addRow(label(_(_MEANINGS[name]), "quiet"), self._number(name, least, most))
        for name in _FLAGS:
            form.addRow("", self._flag(name))
        meaning = _(_MEANINGS[hotkey_field.SETTING])
        self.hotkey_field = HotKeyField(self._settings, meaning)
        self.hotkey_field.changed.connect(self.changed)
        form.addRow(label(meaning, "quiet"), self.hotkey_field)
        self.mailboxes_button = QPushButton(_("Mailboxes…"))
        self.mailboxes_button.setAutoDefault(False)
        self.mailboxes_button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.mailboxes_button.clicked.connect(self._show_mailboxes)
        form.addRow(label(_("Connected mailboxes"), "quiet"), self.mailboxes_button)
        return page

    def _choice(self, name: str, texts: dict[str, str]) -> QComboBox:
        box = Choice(_(_MEANINGS[name]))
        for value, text in texts.items():
            box.addItem(_(text), value)
        box.setCurrentIndex(max(0, box.findData(self._settings.text(name))))
        box.currentIndexChanged.connect(partial(self._on_choice, name))
        return self._named(name, box)

    def _number(self, name: str, least: int, most: int) -> NumberField:
        box = NumberField(least, most, self._settings.number(name))
        box.value_changed.connect(partial(self._set, name))
        return self._named(name, box)

    def _flag(self, name: str) -> QCheckBox:
        box = QCheckBox(_(_MEANINGS[name]))
        box.setChecked(self._settings.flag(name))
        box.toggled.connect(partial(self._set, name))
        return self._named(name, box)

    def _named(self, name: str, field: W) -> W:
        field.setAccessibleName(_(_MEANINGS[name]))
        self.fields[name] = field
        return field

    def _on_finished(self, _result: int) -> None:
        self.privacy_page.leave()

    def _show_mailboxes(self) -> None:
        self.accept()
        self._actions.action("file.mailboxes").trigger()

    def _on_choice(self, name: str, _index: int) -> None:
        box = self.fields[name]
        if isinstance(box, QComboBox):
            self._set(name, str(box.currentData()))

    def _set(self, name: str, value: str | int | bool) -> None:
        self._settings.set(name, value)
        self.changed.emit(name)
