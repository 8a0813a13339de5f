"""Keys and privacy: where the home's key is, what may be done about it, and what others may see of the buyers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.settings.key_forms import CheckForm, KeyForm, PassphraseForm, RenewForm
from ui.widgets import timetext
from ui.widgets.choice import Choice
from ui.widgets.labels import label, rule
from workstation.kernel.i18n import N_, _
from workstation.kernel.settings import Settings

if TYPE_CHECKING:
    from workstation.api import BackupState, Core, KeyState

NOTIFICATIONS = {"subject": N_("Sender and subject"), "sender": N_("Sender only"),
                 "nothing": N_("Nothing but “a new message”")}


class PrivacyPage(QScrollArea):
    """A page of the settings; it scrolls where the text is large. `changed` names a setting that has a new value."""

    changed = Signal(str)

    def __init__(self, settings: Settings, bridge: Bridge | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings, self._bridge = settings, bridge
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Keys and privacy"))
        inner = QWidget()
        self._layout = QVBoxLayout(inner)
        self._layout.setContentsMargins(16, 16, 16, 16)
        self._layout.setSpacing(12)
        self._privacy()
        self.buttons: dict[str, QPushButton] = {}
        self.forms: dict[str, KeyForm] = {}
        if bridge is not None:
            self._layout.addWidget(rule())
            self._keys(bridge)
        self._layout.addStretch(1)
        self.setWidget(inner)

    def _privacy(self) -> None:
        self._layout.addWidget(label(_("What others may see"), "title"))
        form = QFormLayout()
        form.setVerticalSpacing(12)
        form.setHorizontalSpacing(24)
        self.shows = Choice(_("What a notification shows"))
        for value, text in NOTIFICATIONS.items():
            self.shows.addItem(_(text), value)
        self.shows.setCurrentIndex(self.shows.findData(self._settings.text("notification_shows")))
        self.shows.currentIndexChanged.connect(self._on_shows)
        form.addRow(label(_("Notifications"), "quiet"), self.shows)
        self.clears = QCheckBox(_("Clear what was copied from a conversation after 60 seconds"))
        self.clears.setChecked(self._settings.flag("clear_clipboard"))
        self.clears.toggled.connect(self._on_clears)
        form.addRow("", self.clears)
        self.reads = QCheckBox(_("Read text in captures and pictures, so that it can be searched"))
        self.reads.setToolTip(_("On this computer, after everything else, and not on battery. Nothing is sent."))
        self.reads.setChecked(self._settings.flag("read_pictures"))
        self.reads.toggled.connect(self._on_reads)
        form.addRow("", self.reads)
        self._layout.addLayout(form)
        self._layout.addWidget(label(_(
            "Clipboard histories are asked not to keep it, either. The window's own log holds no message, name or "
            "address."), "caption", wrap=True))

    def _keys(self, bridge: Bridge) -> None:
        self._layout.addWidget(label(_("The key of your data"), "title"))
        facts = QFormLayout()
        facts.setVerticalSpacing(8)
        facts.setHorizontalSpacing(24)
        self.facts = {}
        for name, title in (("keeper", _("Kept by")), ("machine", _("This computer")), ("folder", _("Folder")),
                            ("recovery", _("Recovery key")), ("backup", _("Backup"))):
            value = label("…", wrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAccessibleName(title)
            self.facts[name] = value
            facts.addRow(label(title, "quiet"), value)
        self._layout.addLayout(facts)
        self._actions(bridge)
        bridge.call(_state, self._on_state, self, replaces="state")
        bridge.call(_backup, self._on_backup, self, replaces="backup")

    def _actions(self, bridge: Bridge) -> None:
        self.forms = {"passphrase": PassphraseForm(bridge), "check": CheckForm(bridge), "renew": RenewForm(bridge)}
        titles = {"passphrase": _("Change the passphrase…"), "check": _("Check the recovery key…"),
                  "renew": _("New recovery key…")}
        row = QHBoxLayout()
        row.setSpacing(8)
        self._stack = QStackedLayout()
        self._stack.addWidget(QWidget(self))   # without a place of its own it would flash as a window
        for name, form in self.forms.items():
            button = QPushButton(titles[name])
            button.setAutoDefault(False)
            button.setCheckable(True)
            button.clicked.connect(self._on_button)
            form.done.connect(self._on_done)
            self.buttons[name] = button
            row.addWidget(button)
            self._stack.addWidget(form)
        row.addStretch(1)
        self.buttons["passphrase"].hide()
        self._layout.addLayout(row)
        self._layout.addLayout(self._stack)
        self._layout.addWidget(label(_(
            "To move the key between the keyring and a passphrase, or to replace it: workstation key move, workstation "
            "key rekey, while this window is closed."), "caption", wrap=True))

    def _on_button(self) -> None:
        pressed = next(name for name, button in self.buttons.items() if button is self.sender())
        opened = self.buttons[pressed].isChecked()
        for name, form in self.forms.items():
            self.buttons[name].setChecked(opened and name == pressed)
            form.give_up() if isinstance(form, RenewForm) else form.empty()
        self._stack.setCurrentIndex(1 + list(self.forms).index(pressed) if opened else 0)
        if opened:
            first = self.forms[pressed].focusWidget() or self.forms[pressed].nextInFocusChain()
            if first is not None:
                first.setFocus()
            self.ensureWidgetVisible(self.forms[pressed])

    def leave(self) -> None:
        """The settings are closed: a recovery key that was shown and not proved is forgotten."""
        for form in self.forms.values():
            form.give_up() if isinstance(form, RenewForm) else form.empty()

    def _on_done(self) -> None:
        if self._bridge is not None:
            self._bridge.call(_state, self._on_state, self, replaces="state")

    def _on_state(self, state: KeyState | None) -> None:
        if state is None:
            return
        kept = _("the system's keyring ({name})").format(name=state.keeper_name) if state.keeper == "keyring" else \
            _("a passphrase")
        texts = {
            "keeper": kept, "machine": state.machine, "folder": str(state.folder),
            "recovery": _("made {made}, last check {tested}").format(
                made=_day(state.recovery_made), tested=_day(state.recovery_tested)),
        }
        for name, text in texts.items():
            self.facts[name].setText(text)
        self.buttons["passphrase"].setVisible(state.keeper == "passphrase")

    def _on_backup(self, state: BackupState | None) -> None:
        from ui.settings.backup import last_words

        self.facts["backup"].setText(last_words(state) if state is not None else "")

    def _on_shows(self, _index: int) -> None:
        self._set("notification_shows", str(self.shows.currentData()))

    def _on_clears(self, on: bool) -> None:
        self._set("clear_clipboard", on)

    def _on_reads(self, on: bool) -> None:
        self._set("read_pictures", on)

    def _set(self, name: str, value: str | bool) -> None:
        self._settings.set(name, value)
        self.changed.emit(name)


async def _state(core: Core) -> KeyState | None:
    return None if core.keys is None else await core.keys.state()


async def _backup(core: Core) -> BackupState | None:
    return None if core.store is None else await core.store.backup_state()


def _day(at: int) -> str:
    return timetext.day(at) if at else _("not noted")
