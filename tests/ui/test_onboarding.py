"""Connecting and importing: each step with its remedy, bad rows listed, nothing lost when something fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.support.fakecore import World
from ui.bridge import Bridge
from ui.onboarding.hub import HubDialog, HubForm
from ui.onboarding.importing import ImportDialog, import_mail, import_orders
from ui.onboarding.mailbox import MailboxDialog
from ui.onboarding.source import SourceDialog
from workstation.domain.conversation import Channel
from workstation.inbox.model import (
    AccountSettings,
    ConnectionReport,
    ConnectionStep,
    Provider,
    Security,
    ServerSettings,
)
from workstation.kernel.errors import AuthFailed, InputError
from workstation.kernel.settings import Settings


@pytest.fixture
def dialog(bridge: Bridge, settings: Settings, qtbot: QtBot) -> Iterator[MailboxDialog]:
    made = MailboxDialog(bridge, settings)
    made.open()
    yield made
    if isValid(made):
        made.reject()


def fill(dialog: MailboxDialog) -> None:
    fields = dialog.fields
    fields.address.setText("support@loja.example")
    fields.address.textEdited.emit(fields.address.text())
    fields.password.setText("secret")


def test_the_form_becomes_settings(dialog: MailboxDialog, world: World, qtbot: QtBot) -> None:
    fill(dialog)
    fields = dialog.fields
    fields.channel.setCurrentIndex(fields.channel.findData("amazon"))
    fields.smtp.security.setCurrentIndex(fields.smtp.security.findData("starttls"))
    fields.store.setText("Loja Azul")
    fields.market.setText("br")
    fields.days.set_value(90)
    with qtbot.waitSignal(dialog.accepted):
        dialog.save_button.click()
    assert world.called("add") == [(AccountSettings(
        "support@loja.example", "support@loja.example", ServerSettings("imap.loja.example", 993, Security.TLS),
        ServerSettings("smtp.loja.example", 587, Security.STARTTLS), channel=Channel.AMAZON, store="Loja Azul",
        market="BR", first_sync_days=90), "secret")]


def type_address(dialog: MailboxDialog, address: str) -> None:
    dialog.fields.address.clear()
    QTest.keyClicks(dialog.fields.address, address)


def test_a_known_provider_fills_the_servers_and_says_what_to_do_first(dialog: MailboxDialog, qtbot: QtBot) -> None:
    fields = dialog.fields
    type_address(dialog, "mei@post.example")
    qtbot.waitUntil(lambda: fields.hint.isVisible() and fields.hint.text() == "Post: Make an app password first.")
    assert fields.settings().imap == ServerSettings("in.post.example", 143, Security.STARTTLS)
    assert fields.settings().smtp == ServerSettings("out.post.example", 465, Security.TLS)
    type_address(dialog, "mei@loja.example")
    qtbot.waitUntil(fields.hint.isHidden)
    assert fields.settings().imap == ServerSettings("imap.loja.example", 993, Security.TLS)


def test_servers_a_person_named_are_never_replaced(dialog: MailboxDialog, qtbot: QtBot) -> None:
    fields = dialog.fields
    fields.imap.host.clear()
    QTest.keyClicks(fields.imap.host, "mail.own.example")
    type_address(dialog, "mei@post.example")
    qtbot.waitUntil(fields.hint.isVisible)
    assert fields.imap.host.text() == "mail.own.example"
    assert fields.imap.port.value == 993


def test_a_test_shows_each_step_with_its_remedy(dialog: MailboxDialog, world: World, qtbot: QtBot) -> None:
    world.report = ConnectionReport((
        ConnectionStep("Reach", True, "It answers."),
        ConnectionStep("Log in", False, "Refused.", "Make an app password."),
        ConnectionStep("SMTP", None, "")))
    fill(dialog)
    dialog.test_button.click()
    qtbot.waitUntil(lambda: bool(dialog.shown_steps()))
    assert dialog.shown_steps() == [
        "pass Reach: It answers.", "fail Log in: Refused.\nMake an app password.", "pending SMTP"]
    assert dialog.result_.text() == "One step failed; nothing was saved."
    assert dialog.isVisible()
    assert not world.called("add")


def test_what_is_missing_is_said_before_anything_is_asked(dialog: MailboxDialog, world: World) -> None:
    dialog.fields.address.setText("nobody")
    dialog.save_button.click()
    assert dialog.result_.text() == "The address is not complete. Write it like support@example.com."
    fill(dialog)
    dialog.fields.imap.host.clear()
    dialog.test_button.click()
    assert dialog.result_.text() == "The incoming mail server is missing. Your provider names it."
    assert not world.called("add")
    assert not world.called("test")


def test_a_refusal_stays_in_the_form(dialog: MailboxDialog, world: World, qtbot: QtBot) -> None:
    world.failure = AuthFailed("The server refused the password.", "Check it.")
    fill(dialog)
    dialog.save_button.click()
    qtbot.waitUntil(lambda: dialog.result_.text() == "The server refused the password. Check it.")
    assert dialog.isVisible()
    assert dialog.fields.password.text() == "secret"
    assert dialog.save_button.isEnabled()


def test_guessing_stops_when_the_person_names_a_server(dialog: MailboxDialog) -> None:
    dialog.fields.imap.host.setText("mail.own.example")
    dialog.fields.imap.host.textEdited.emit("mail.own.example")
    fill(dialog)
    assert dialog.fields.imap.host.text() == "mail.own.example"


def test_imports_report_and_list_bad_rows(bridge: Bridge, world: World, qtbot: QtBot, tmp_path: Path) -> None:
    orders = ImportDialog(bridge, "Import orders", tmp_path / "orders.csv", import_orders)
    mail = ImportDialog(bridge, "Import mail", tmp_path / "mail.mbox", import_mail)
    for made in (orders, mail):
        qtbot.addWidget(made)
        made.open()
    qtbot.waitUntil(lambda: bool(orders.bad_rows()) and bool(mail.bad_rows()))
    assert orders.bad_rows() == [("line 4", "The amount is not a number.")]
    assert orders.summary.text() == "5 seen: 4 new, 0 updated, 1 could not be used."
    assert mail.bad_rows() == [("mail 3", "It has no end.")]
    assert world.called("import_mail") == [tmp_path / "mail.mbox"]


def test_a_file_that_cannot_be_used_says_why(bridge: Bridge, world: World, qtbot: QtBot, tmp_path: Path) -> None:
    world.failure = InputError("No known column was found.", "See the documented columns.")
    made = ImportDialog(bridge, "Import orders", tmp_path / "x.csv", import_orders)
    qtbot.addWidget(made)
    made.open()
    qtbot.waitUntil(lambda: made.summary.text() == "No known column was found. See the documented columns.")
    assert made.summary.property("role") == "error"


def test_an_invite_connects_and_a_wrong_one_says_so(bridge: Bridge, world: World, qtbot: QtBot) -> None:
    made = HubDialog(bridge)
    made.open()
    assert not made.connect_button.isEnabled()
    made.invite.setText("http://127.0.0.1:9/")
    made.connect_button.click()
    qtbot.waitUntil(lambda: made.message.text() == "That is not an invite. Paste the whole line.")
    made.invite.setText(" http://127.0.0.1:9/#token ")
    with qtbot.waitSignal(made.accepted):
        made.connect_button.click()
    assert world.called("connect")[-1] == "http://127.0.0.1:9/#token"


def test_an_invite_that_named_no_key_is_told_to_be_trusted_at_first_sight(
    bridge: Bridge, world: World, qtbot: QtBot
) -> None:
    made = HubForm(bridge)
    qtbot.addWidget(made)
    made.invite.setText("http://127.0.0.1:9/#token")
    for trust, said in (("", True), ("first_sight", True), ("invite", False), ("person", False)):
        world.status = replace(world.status, log_trust=trust)
        with qtbot.waitSignal(made.connected) as told:
            made.send()
        assert ("trusted at first sight" in str(told.args)) is said


def test_a_shop_and_a_carrier_are_connected(bridge: Bridge, world: World, qtbot: QtBot) -> None:
    shop = SourceDialog(bridge)
    shop.open()
    shop.token.setText(" shp-token ")
    assert not shop.connect_button.isEnabled(), "a shop has an address"
    shop.store.setText("loja.example")
    shop.connect_button.click()
    qtbot.waitUntil(lambda: "loja.example is not a Shopify store" in shop.message.text())
    assert shop.token.text() == " shp-token "
    shop.store.setText("Loja-Azul.myshopify.com")
    assert shop.message.isHidden()
    with qtbot.waitSignal(shop.accepted):
        shop.connect_button.click()
    carrier = SourceDialog(bridge)
    carrier.open()
    qtbot.waitUntil(lambda: carrier.connected.text() == "Connected now: Shopify (loja-azul.myshopify.com)")
    carrier.kind.setCurrentIndex(carrier.kind.findData("17track"))
    assert carrier.store.isHidden()
    carrier.token.setText("track-token")
    with qtbot.waitSignal(carrier.accepted):
        carrier.connect_button.click()
    assert world.called("connect_source") == [
        ("shopify", "loja-azul.myshopify.com", "shp-token"), ("17track", "", "track-token")]


def test_a_provider_with_a_sign_in_of_its_own_needs_no_password(
    dialog: MailboxDialog, world: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    browsed: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: browsed.append(url.toString()))
    server = ServerSettings("in.post.example", 993)
    dialog.fields.address.setText("mei@post.example")
    dialog.fields.show_provider(Provider("Post", server, server, sign_in="google"))
    assert dialog.fields.sign_in_button.text() == "Sign in with Post…"
    dialog.fields.client_id.setText("our-client")
    dialog.fields.sign_in_button.click()
    qtbot.waitUntil(lambda: dialog.result_.text() == "Signed in. The connection can be tested now.")
    assert browsed == ["https://sign-in.example/google"]
    with qtbot.waitSignal(dialog.accepted):
        dialog.save_button.click()
    assert added(world)[1] == "a grant"
    assert (added(world)[0].sign_in, added(world)[0].client_id) == ("google", "our-client")


def test_a_password_that_is_typed_replaces_the_sign_in(dialog: MailboxDialog, world: World, qtbot: QtBot) -> None:
    fill(dialog)
    dialog.fields.signed_in = "google"
    dialog.fields.password.clear()
    QTest.keyClicks(dialog.fields.password, "mine")
    with qtbot.waitSignal(dialog.accepted):
        dialog.save_button.click()
    assert (added(world)[0].sign_in, added(world)[1]) == ("", "mine")


def added(world: World) -> tuple[AccountSettings, str]:
    """What was saved first."""
    settings, password = cast("tuple[AccountSettings, str]", world.called("add")[0])
    return settings, password


def test_each_step_is_shown_as_soon_as_it_was_tried(dialog: MailboxDialog, world: World, qtbot: QtBot) -> None:
    world.report = ConnectionReport((
        ConnectionStep("Reach", True, "It answers."), ConnectionStep("Log in", False, "Refused."),
        ConnectionStep("SMTP", None, "")))
    world.testing.clear()
    fill(dialog)
    dialog.test_button.click()
    qtbot.waitUntil(lambda: dialog.shown_steps() == ["pass Reach: It answers.", "fail Log in: Refused."])
    assert dialog.form.busy
    world.testing.set()
    qtbot.waitUntil(lambda: not dialog.form.busy)
    assert [line.split(":")[0] for line in dialog.shown_steps()] == ["pass Reach", "fail Log in", "pending SMTP"]
    assert dialog.form.steps.count() == 6


def test_a_step_of_a_test_that_was_stopped_is_not_shown(dialog: MailboxDialog, world: World, qtbot: QtBot) -> None:
    world.testing.clear()
    fill(dialog)
    dialog.test_button.click()
    stopped = dialog.form._test_number
    dialog.form.cancel()
    dialog.form._step_came.emit(stopped, ConnectionStep("Late", True, ""))
    dialog.test_button.click()
    dialog.form._step_came.emit(stopped, ConnectionStep("Late", True, ""))
    assert not any("Late" in line for line in dialog.shown_steps())
    dialog.form.cancel()
    world.testing.set()


def sign_in(dialog: MailboxDialog, qtbot: QtBot) -> None:
    server = ServerSettings("in.post.example", 993)
    dialog.fields.address.setText("mei@post.example")
    dialog.fields.show_provider(Provider("Post", server, server, sign_in="google"))
    dialog.fields.client_id.setText("our-client")
    dialog.fields.sign_in_button.click()


def test_a_grant_is_never_sent_to_another_address_as_its_password(
    dialog: MailboxDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: None)
    sign_in(dialog, qtbot)
    qtbot.waitUntil(lambda: dialog.fields.password.text() == "a grant")
    dialog.fields.address.selectAll()
    QTest.keyClicks(dialog.fields.address, "m")
    assert dialog.fields.password.text() == ""
    assert dialog.fields.signed_in == ""
    type_address(dialog, "mei@loja.example")


def test_a_sign_in_that_was_given_up_leaves_the_password_a_password(
    dialog: MailboxDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: None)
    QTest.keyClicks(dialog.fields.password, "mine")
    sign_in(dialog, qtbot)
    dialog.form.cancel()
    assert (dialog.fields.signed_in, dialog.fields.password.text()) == ("", "mine")


def test_a_grant_of_an_address_that_was_changed_meanwhile_is_not_taken(
    dialog: MailboxDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: None)
    sign_in(dialog, qtbot)
    dialog.fields.address.setText("ana@loja.example")
    qtbot.waitUntil(lambda: dialog.result_.text() == "Stopped; nothing was saved.")
    assert (dialog.fields.signed_in, dialog.fields.password.text()) == ("", "")
