"""The mailboxes dialog: each with its state, changed without its password, removed after one more question.
And mail from a file or from a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.support.fakecore import NOW, World
from ui import a11y
from ui.bridge import Bridge
from ui.onboarding.accounts import MailboxesDialog
from ui.onboarding.importing import MailChooser
from ui.onboarding.mailbox_edit import EditMailbox
from ui.settings.dialog import SettingsDialog
from ui.shell.actions import Actions
from ui.shell.dialogs import Dialogs
from ui.shell.menus import _MENUS
from workstation.domain.conversation import Channel
from workstation.domain.events import AccountStatusChanged
from workstation.inbox.model import Account, AccountSettings, Security, ServerSettings
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import KeyringProblem
from workstation.kernel.settings import Settings

SETTINGS = AccountSettings(
    "support@loja.example", "login-7", ServerSettings("mail.loja.example", 1993, Security.TLS),
    ServerSettings("mail.loja.example", 1587, Security.STARTTLS), name="Loja Azul", channel=Channel.AMAZON,
    store="Loja Azul", market="BR", first_sync_days=90, sent_folder="Enviados", self_bcc=True, ca_file="/ca.pem")
OTHER = replace(SETTINGS, address="second@loja.example", user="second@loja.example")


@pytest.fixture
def dialog(bridge: Bridge, world: World, settings: Settings, qtbot: QtBot) -> Iterator[MailboxesDialog]:
    world.accounts = [Account("a1", SETTINGS, "online", "", NOW - 60_000),
                      Account("a2", OTHER, "refused", "The password was refused. Make an app password.")]
    made = MailboxesDialog(bridge, settings, clock=FixedClock(NOW))
    made.open()
    qtbot.waitUntil(lambda: len(made.rows) == 2)
    yield made
    if isValid(made):
        made.reject()


def test_each_mailbox_says_how_it_is(dialog: MailboxesDialog) -> None:
    first, second = (row.line for row in dialog.rows)
    assert first.startswith("pass support@loja.example: online (last read ")
    assert first.endswith(" · Amazon · Loja Azul)")
    assert second.startswith("fail second@loja.example: mailbox refused: The password was refused. Make an app")
    assert "not read yet" in second
    assert dialog.empty.isHidden()
    assert a11y.unnamed(dialog) == []


def test_it_follows_what_happens(dialog: MailboxesDialog, world: World, qtbot: QtBot) -> None:
    dialog.rows[0].remove_button.click()
    world.accounts[1] = replace(world.accounts[1], state="online", sentence="", last_sync_at=NOW)
    world.bus.publish(AccountStatusChanged("a2", "online"))
    qtbot.waitUntil(lambda: dialog.rows[1].line.startswith("pass second@loja.example: online (last read"))
    assert dialog.rows[0].question.isVisible(), "news leave an open question alone"


def test_a_mailbox_is_removed_after_one_more_question(dialog: MailboxesDialog, world: World, qtbot: QtBot) -> None:
    row = dialog.rows[0]
    row.remove_button.click()
    assert row.question.isVisible()
    row.keep_button.click()
    assert row.question.isHidden()
    assert not world.called("remove")
    row.remove_button.click()
    row.confirm_button.click()
    qtbot.waitUntil(lambda: [one.account.id for one in dialog.rows] == ["a2"])
    assert world.called("remove") == ["a1"]
    dialog.rows[0].remove_button.click()
    dialog.rows[0].confirm_button.click()
    qtbot.waitUntil(dialog.empty.isVisible)
    assert not dialog.fetch_button.isEnabled()


def test_a_removal_that_fails_can_be_tried_again(dialog: MailboxesDialog, world: World, qtbot: QtBot) -> None:
    world.failure = KeyringProblem("The keyring is locked.", "Unlock it.")
    dialog.rows[0].remove_button.click()
    dialog.rows[0].confirm_button.click()
    qtbot.waitUntil(lambda: dialog.message.text() == "The keyring is locked. Unlock it.")
    assert dialog.message.isVisible()
    assert dialog.rows[0].confirm_button.isEnabled()
    assert len(dialog.rows) == 2


def test_mail_is_fetched_at_once(dialog: MailboxesDialog, world: World, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog._bridge.noticed):
        dialog.fetch_button.click()
    assert world.called("fetch_now") == [None]


def test_a_mailbox_is_changed_without_typing_its_password_again(
    dialog: MailboxesDialog, world: World, qtbot: QtBot,
) -> None:
    dialog.rows[0].edit_button.click()
    form = dialog.form
    assert isinstance(form, EditMailbox)
    assert not form.fields.address.isEnabled()
    assert form.fields.settings() == SETTINGS
    form.fields.store.setText("Loja Verde")
    form.test_button.click()
    qtbot.waitUntil(lambda: bool(form.shown_steps()))
    with qtbot.waitSignal(form.accepted):
        form.save_button.click()
    wanted = replace(SETTINGS, store="Loja Verde")
    assert world.called("test") == [(wanted, None)]
    assert world.called("update") == [("a1", wanted, None)]


def test_what_the_form_does_not_show_stays(bridge: Bridge, settings: Settings, world: World, qtbot: QtBot) -> None:
    kept = replace(SETTINGS, folders=("Marktplatz",), mark_seen=False, sign_in="google", client_id="ours")
    form = EditMailbox(bridge, settings, Account("a1", kept))
    form.open()
    form.fields.password.setText("another")
    with qtbot.waitSignal(form.accepted):
        form.save_button.click()
    assert world.called("update") == [("a1", replace(kept, sign_in="", client_id=""), "another")], "a password instead"


def test_a_user_name_like_the_address_is_left_empty(bridge: Bridge, settings: Settings, qtbot: QtBot) -> None:
    form = EditMailbox(bridge, settings, Account("a2", OTHER))
    qtbot.addWidget(form)
    assert form.fields.user.text() == ""
    assert form.fields.settings() == OTHER


def test_one_key_fetches_mail_and_copies_upstream(
    bridge: Bridge, world: World, actions: Actions, settings: Settings, qtbot: QtBot,
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    Dialogs(bridge, actions, settings, window)
    actions.action("file.sync").trigger()
    qtbot.waitUntil(lambda: bool(world.called("sync")))
    assert world.called("fetch_now") == [None]


def test_settings_lead_to_the_mailboxes(settings: Settings, actions: Actions, qtbot: QtBot) -> None:
    made = SettingsDialog(settings, actions)
    made.open()
    with qtbot.waitSignal(actions.action("file.mailboxes").triggered):
        made.mailboxes_button.click()
    assert any("file.mailboxes" in line.split() for _title, line in _MENUS)


def test_mail_is_chosen_as_a_file_or_as_a_folder(qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("file_button", "folder_button"):
        made = MailChooser()
        made.open()
        chosen: list[str] = []
        made.chosen.connect(chosen.append)
        getattr(made, name).click()
        assert made.files
        folder = made.files.fileMode() is made.files.FileMode.Directory
        assert folder == (name == "folder_button")
        with qtbot.waitSignal(made.accepted):
            made.files.fileSelected.emit(str(tmp_path))
        assert chosen == [str(tmp_path)]
