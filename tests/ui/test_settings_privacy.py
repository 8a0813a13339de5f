"""Keys and privacy in the settings: what is shown, what is asked, and that nothing typed stays."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tests.support.evidence_x11 import xvfb
from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from tests.support.source import ROOT
from ui.a11y import unnamed
from ui.bridge import Bridge
from ui.settings.dialog import SettingsDialog
from ui.settings.key_forms import CheckForm, PassphraseForm, RenewForm
from ui.settings.privacy_page import PrivacyPage
from ui.shell.actions import Actions
from workstation.api import KeyState
from workstation.kernel.errors import InputError, WrongKey
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread

RIGHT = "AAAA-BBBB"


@dataclass
class Renewal:
    keys: Keys
    recovery: str = "NEWK-EYNE"
    saved: list[Path] = field(default_factory=list)

    async def save_to(self, path: Path) -> None:
        self.saved.append(path)

    async def finish(self, proof: str) -> None:
        if proof != self.recovery:
            raise WrongKey("This is not the new recovery key; the old one stays.", "Type the key that is shown.")
        self.keys.recovery = proof

    async def abandon(self) -> None:
        self.keys.abandoned.append(self)


@dataclass
class Keys:
    """A home's keys, in memory."""

    keeper: str = "passphrase"
    recovery: str = RIGHT
    passphrase: str = "old passphrase"
    tested: int = 0
    abandoned: list[Renewal] = field(default_factory=list)

    async def state(self) -> KeyState:
        name = "Secret Service" if self.keeper == "keyring" else ""
        return KeyState(self.keeper, name, "h", "d", Path("/home/of/data"), "desk-7", 1_790_000_000_000, self.tested)

    async def change_passphrase(self, old: str, new: str) -> None:
        if old != self.passphrase:
            raise WrongKey("This passphrase does not open the home; nothing was changed.", "Type it again.")
        self.passphrase = new

    async def check_recovery(self, text: str) -> None:
        if text.strip() != self.recovery:
            raise InputError("This is not a recovery key.", "Type it again from your copy.")
        self.tested = 1_790_000_100_000

    async def renew_recovery(self) -> Renewal:
        return Renewal(self)

    async def unlock_keyring(self) -> None:
        raise AssertionError("nobody asked for it here")


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def page(
    settings: Settings, actions: Actions, lonely_bridge: Bridge, world: World, core_thread: CoreThread, keys: Keys,
    qtbot: QtBot,
) -> PrivacyPage:
    dialog = SettingsDialog(settings, actions, None, lonely_bridge)
    qtbot.addWidget(dialog)
    dialog.show()
    lonely_bridge.attach(replace(make_core(world), keys=keys), core_thread)
    qtbot.waitUntil(lambda: dialog.privacy_page.facts["machine"].text() == "desk-7")
    return dialog.privacy_page


def type_in(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    line.setFocus()
    qtbot.keyClicks(line, text)  # type: ignore[no-untyped-call]


def test_it_says_where_the_key_is(page: PrivacyPage) -> None:
    said = {name: value.text() for name, value in page.facts.items()}
    assert said["keeper"] == "a passphrase"
    assert said["folder"] == "/home/of/data"
    assert "last check not noted" in said["recovery"]
    assert page.buttons["passphrase"].isVisibleTo(page)


def test_a_keyring_home_has_no_passphrase_to_change(page: PrivacyPage, keys: Keys, qtbot: QtBot) -> None:
    keys.keeper = "keyring"
    page._on_done()
    qtbot.waitUntil(lambda: "Secret Service" in page.facts["keeper"].text())
    assert not page.buttons["passphrase"].isVisibleTo(page)


def test_a_passphrase_is_changed_by_keyboard_and_leaves_the_fields(
    page: PrivacyPage, keys: Keys, qtbot: QtBot
) -> None:
    page.buttons["passphrase"].click()
    form = page.forms["passphrase"]
    assert isinstance(form, PassphraseForm)
    type_in(qtbot, form.old, "wrong one")
    type_in(qtbot, form.new, "a new passphrase")
    type_in(qtbot, form.again, "another one")
    qtbot.keyClick(form.again, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert "differ" in form.said.text()
    form.again.clear()
    type_in(qtbot, form.again, "a new passphrase")
    qtbot.keyClick(form.again, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: "does not open the home" in form.said.text())
    assert form.said.text().endswith("Type it again.")
    form.old.clear()
    type_in(qtbot, form.old, "old passphrase")
    form.go.click()
    qtbot.waitUntil(lambda: keys.passphrase == "a new passphrase")
    qtbot.waitUntil(lambda: "from now on" in form.said.text())
    assert [line.text() for line in form.findChildren(QLineEdit)] == ["", "", ""]


def test_a_recovery_key_is_checked_from_hand_or_file(
    page: PrivacyPage, keys: Keys, qtbot: QtBot, tmp_path: Path
) -> None:
    page.buttons["check"].click()
    form = page.forms["check"]
    assert isinstance(form, CheckForm)
    type_in(qtbot, form.key, "XXXX")
    form.go.click()
    qtbot.waitUntil(lambda: "not a recovery key" in form.said.text())
    assert form.said.property("role") == "error"
    file = tmp_path / "recovery"
    file.write_text(RIGHT)
    form.read(str(file))
    qtbot.waitUntil(lambda: "opens your home" in form.said.text())
    qtbot.waitUntil(lambda: "not noted" not in page.facts["recovery"].text())
    form.read(str(tmp_path / "none"))
    assert "could not be read" in form.said.text()


def test_a_new_recovery_key_needs_its_proof(page: PrivacyPage, keys: Keys, qtbot: QtBot) -> None:
    page.buttons["renew"].click()
    form = page.forms["renew"]
    assert isinstance(form, RenewForm)
    assert not form.proof.isVisibleTo(form)
    form.go.click()
    qtbot.waitUntil(lambda: form.shown.text() == "NEWK-EYNE")
    type_in(qtbot, form.proof, "NEWK-OLDE")
    form.go.click()
    qtbot.waitUntil(lambda: "not the new recovery key" in form.said.text())
    assert keys.recovery == RIGHT
    form.proof.clear()
    type_in(qtbot, form.proof, "NEWK-EYNE")
    form.go.click()
    qtbot.waitUntil(lambda: keys.recovery == "NEWK-EYNE")
    qtbot.waitUntil(lambda: "Destroy the old copy" in form.said.text())
    assert form.shown.text() == ""


def test_a_saved_key_proves_itself_and_leaving_forgets_it(
    page: PrivacyPage, keys: Keys, qtbot: QtBot, tmp_path: Path
) -> None:
    form = page.forms["renew"]
    assert isinstance(form, RenewForm)
    for _round in range(2):
        page.buttons["renew"].click()
        form.go.click()
        qtbot.waitUntil(lambda: form.shown.text() == "NEWK-EYNE")
        if _round == 0:
            page.buttons["check"].click()
            assert form.shown.text() == ""
            assert keys.recovery == RIGHT
    form.save_to(str(tmp_path / "saved"))
    qtbot.waitUntil(lambda: "Saved and read back" in form.said.text())
    form.go.click()
    qtbot.waitUntil(lambda: keys.recovery == "NEWK-EYNE")
    qtbot.waitUntil(lambda: form.shown.text() == "")
    assert len(keys.abandoned) == 1, "the first one, and not the one that took place"


def test_closing_the_settings_gives_up_a_key_that_was_only_saved(
    page: PrivacyPage, keys: Keys, qtbot: QtBot, tmp_path: Path
) -> None:
    """Its file opens nothing, and looks like the key of this home."""
    form = page.forms["renew"]
    assert isinstance(form, RenewForm)
    page.buttons["renew"].click()
    form.go.click()
    qtbot.waitUntil(lambda: form.shown.text() == "NEWK-EYNE")
    form.save_to(str(tmp_path / "saved"))
    qtbot.waitUntil(lambda: "Saved and read back" in form.said.text())
    page.window().close()
    qtbot.waitUntil(lambda: [one.saved for one in keys.abandoned] == [[tmp_path / "saved"]])
    assert keys.recovery == RIGHT


def test_every_field_has_a_name(page: PrivacyPage) -> None:
    assert list(unnamed(page)) == []


def test_what_notifications_show_is_kept(page: PrivacyPage, settings: Settings) -> None:
    page.shows.setCurrentIndex(page.shows.findData("sender"))
    page.clears.setChecked(False)
    kept = Settings(settings._path)
    assert (kept.text("notification_shows"), kept.flag("clear_clipboard")) == ("sender", False)


CLIPBOARD = """
    import sys
    from pathlib import Path
    from PySide6.QtGui import QGuiApplication
    from ui.shell.clipboard import CLEAR_MS, MARK, ClipboardGuard
    from workstation.kernel.settings import Settings
    app = QGuiApplication(sys.argv[:1])
    settings = Settings(Path(sys.argv[1]))
    guard, clipboard = ClipboardGuard(settings), app.clipboard()
    def look():
        held = clipboard.mimeData()
        print(repr(clipboard.text()), bytes(held.data(MARK).data()), guard.waiting)
    clipboard.setText("where is my parcel")
    look()
    assert guard._timer.interval() == CLEAR_MS == 60_000
    guard._timer.timeout.emit()
    look()
    clipboard.setText("ours")
    clipboard.blockSignals(True)
    clipboard.setText("copied later, and the signal was lost")
    clipboard.blockSignals(False)
    guard.clear()
    look()
    settings.set("clear_clipboard", False)
    clipboard.setText("free")
    look()
"""


def test_a_copy_is_marked_and_cleared_after_a_minute(tmp_path: Path) -> None:
    """On X11: the offscreen platform does not say whose the clipboard is."""
    with xvfb() as screen:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(CLIPBOARD), str(tmp_path / "settings.json")], cwd=ROOT,
            env={**os.environ, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}, capture_output=True, text=True, timeout=60,
            check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "'where is my parcel' b'secret' True", "'' b'' False",
        "'copied later, and the signal was lost' b'' False", "'free' b'' False",
    ]
