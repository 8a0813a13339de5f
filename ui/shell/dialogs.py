"""Opens the dialogs behind the File menu. None of them stops the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from ui.bridge import Bridge
from ui.onboarding.accounts import MailboxesDialog
from ui.onboarding.hub import HubDialog
from ui.onboarding.importing import ImportDialog, MailChooser, import_mail, import_orders
from ui.onboarding.mailbox import MailboxDialog
from ui.onboarding.source import SourceDialog
from ui.settings.dialog import SettingsDialog
from ui.shell.actions import Actions
from workstation.api import Core
from workstation.evidence.model import VerifyReport
from workstation.kernel.i18n import _, ngettext
from workstation.kernel.settings import Settings
from workstation.sync.model import SyncReport


class Dialogs(QObject):
    """One slot for each dialog; `changed` carries the name of a setting that changed."""

    changed = Signal(str)

    def __init__(self, bridge: Bridge, actions: Actions, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._bridge, self._actions, self._settings, self._window = bridge, actions, settings, window
        for name, slot in (
            ("file.connect", self.mailbox), ("file.source", self.source), ("file.hub", self.hub),
            ("file.mailboxes", self.mailboxes), ("file.import_mail", self.choose_mail),
            ("file.import_orders", self.choose_orders), ("file.backup", self.backup),
            ("app.settings", self.settings), ("file.sync", self.sync), ("evidence.verify", self.verify),
            ("evidence.check_pack", self.choose_pack),
        ):
            actions.on(name, slot)

    def mailbox(self) -> None:
        MailboxDialog(self._bridge, self._settings, self._window).open()

    def mailboxes(self) -> None:
        MailboxesDialog(self._bridge, self._settings, self._window).open()

    def source(self) -> None:
        SourceDialog(self._bridge, self._window).open()

    def hub(self) -> None:
        HubDialog(self._bridge, self._window).open()

    def backup(self) -> None:
        from ui.settings.backup import BackupDialog

        BackupDialog(self._bridge, self._window).open()

    def settings(self) -> None:
        self._settings_dialog().open()

    def languages(self) -> None:
        """The settings, where a language is added."""
        dialog = self._settings_dialog()
        dialog.open()
        dialog.show_languages()

    def _settings_dialog(self) -> SettingsDialog:
        dialog = SettingsDialog(self._settings, self._actions, self._window, self._bridge)
        dialog.changed.connect(self.changed)
        return dialog

    def choose_mail(self) -> None:
        chooser = MailChooser(self._window)
        chooser.chosen.connect(self.import_mail)
        chooser.open()

    def choose_orders(self) -> None:
        chooser = self._chooser(_("Import orders"), _("Order files (*.tsv *.csv *.txt);;Every file (*)"))
        chooser.fileSelected.connect(self.import_orders)
        chooser.open()

    def import_mail(self, path: str) -> None:
        ImportDialog(self._bridge, _("Import mail"), Path(path), import_mail, self._window).open()

    def import_orders(self, path: str) -> None:
        ImportDialog(self._bridge, _("Import orders"), Path(path), import_orders, self._window).open()

    def sync(self) -> None:
        """Fetch mail, and copy upstream if there is a hub, now."""
        self._bridge.call(_sync, self._on_synced, self, replaces="sync")

    def verify(self) -> None:
        self._bridge.call(_verify, self._on_verified, self, replaces="verify")

    def choose_pack(self) -> None:
        """A pack to check: its zip, or bagit.txt of an unpacked one."""
        chooser = self._chooser(_("Check a pack"), _("Evidence packs (*.zip bagit.txt);;Every file (*)"))
        chooser.fileSelected.connect(self.check_pack)
        chooser.open()

    def check_pack(self, path: str) -> None:
        from ui.evidence.checking import CheckDialog

        chosen = Path(path)
        pack = chosen.parent if chosen.name == "bagit.txt" else chosen
        CheckDialog(self._bridge, pack, parent=self._window).show()

    def _chooser(self, title: str, kinds: str) -> QFileDialog:
        chooser = QFileDialog(self._window, title, "", kinds)
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        return chooser

    def _on_synced(self, report: SyncReport | None) -> None:
        if report is not None and report.refused:
            n = report.refused
            text = ngettext(
                "The hub refused {n} entry; it is kept here.", "The hub refused {n} entries; they are kept here.", n)
            self._bridge.notice(text.format(n=n), tone="warn")

    def _on_verified(self, report: VerifyReport) -> None:
        if report.intact:
            n = report.records
            text = ngettext("{n} record verified: intact.", "{n} records verified: all intact.", n).format(n=n)
            self._bridge.notice(text)
        else:
            from ui.evidence.checking import CheckDialog

            CheckDialog(self._bridge, report=report, parent=self._window).show()


async def _sync(core: Core) -> SyncReport | None:
    await core.accounts.fetch_now()
    status = await core.sync.status()
    return await core.sync.run() if status.connected else None


async def _verify(core: Core) -> VerifyReport:
    return await core.evidence.verify()
