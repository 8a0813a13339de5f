"""From nothing to a working inbox: the real window, core and mail servers, and nothing but keys."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QRadioButton
from pytestqt.qtbot import QtBot

from tests.support.first_run import ALT, PASSPHRASE, Key, Newcomer, arriving, cheap_argon, made_home
from tests.support.mail import free_port, raw_mail
from tests.support.source import ROOT
from ui.onboarding.mailbox_page import MailboxPage
from ui.onboarding.orders_page import OrdersPage
from workstation.connectors.simulated.mail import MailServers
from workstation.kernel import i18n
from workstation.kernel.paths import Home
from workstation.kernel.settings import Settings
from workstation.store.keybox import Argon

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support", extend=True), pytest.mark.timeout(120)]
ADDRESS, PASSWORD = "help@shop.example", "a long pass phrase"


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon, "fresh", cheap_argon)


@pytest.fixture
def mail() -> Iterator[MailServers]:
    servers = MailServers({ADDRESS: PASSWORD})
    servers.start()
    servers.deliver(raw_mail("a kettle"))
    yield servers
    servers.stop()


def fill_servers(newcomer: Newcomer, imap: int, smtp: int) -> None:
    """Everything that is not guessed, by keys."""
    page = newcomer.page
    assert isinstance(page, MailboxPage)
    newcomer.tab_to(page.all_box)
    newcomer.press(Key.Key_Space)
    newcomer.see("the servers", page.form.fields.imap.host.isVisible)
    for server, port in ((page.form.fields.imap, imap), (page.form.fields.smtp, smtp)):
        newcomer.tab_to(server.security)
        for _step in range(2):
            newcomer.press(Key.Key_Down)
        newcomer.see("clear text", partial(_is_plain, server.security))
        for target, words in ((server.host, "127.0.0.1"), (server.port, str(port))):
            newcomer.tab_to(target)
            target.selectAll()
            newcomer.write(words)


def _is_plain(box: QComboBox) -> bool:
    return str(box.currentData()) == "plain"


def type_mailbox(newcomer: Newcomer, password: str = PASSWORD) -> None:
    newcomer.at("mailbox")
    page = newcomer.page
    assert isinstance(page, MailboxPage)
    newcomer.write(ADDRESS)
    newcomer.tab_to(page.form.fields.password)
    newcomer.write(password)


def test_from_nothing_to_the_first_mail_with_nothing_but_keys(
    tmp_path: Path, qtbot: QtBot, mail: MailServers, capsys: pytest.CaptureFixture[str],
) -> None:
    begun = time.monotonic()
    with arriving(tmp_path / "home", qtbot) as newcomer:
        newcomer.at("language")
        newcomer.press(Key.Key_Return)
        newcomer.choose_passphrase()
        newcomer.at("key")
        newcomer.press(Key.Key_Space)
        newcomer.name_a_file(tmp_path / "recovery key.txt")
        newcomer.see("it was read back", lambda: newcomer.page.ready)
        newcomer.press(Key.Key_M, ALT)
        type_mailbox(newcomer)
        fill_servers(newcomer, mail.imap_port, mail.smtp_port)
        newcomer.press(Key.Key_Return)
        page = newcomer.page
        assert isinstance(page, MailboxPage)
        newcomer.see("it is connected", lambda: page.addresses == [ADDRESS])
        newcomer.press(Key.Key_Return)
        newcomer.at("orders")
        newcomer.press(Key.Key_S, ALT)
        newcomer.at("packs")
        newcomer.press(Key.Key_Return)
        newcomer.at("hub")
        newcomer.press(Key.Key_S, ALT)
        newcomer.at("done")
        newcomer.see("the first mail is named", lambda: "About a kettle" in _first_row(newcomer))
        newcomer.press(Key.Key_Return)
        newcomer.see("the inbox", lambda: newcomer.arrival.running is not None)
        running = newcomer.arrival.running
        assert running is not None
        inbox = running.program.window.inbox
        newcomer.see("the first mail is in the inbox", lambda: inbox.model.rowCount() == 1)
        newcomer.see("it is online", lambda: running.program.window.status.text.startswith("online"))
        took = time.monotonic() - begun
        assert inbox.model.row(0).subject == "About a kettle"
    recovery = (tmp_path / "recovery key.txt").read_text()
    assert PASSPHRASE not in (tmp_path / "home" / "settings.json").read_text()
    assert Settings(tmp_path / "home" / "settings.json").text("setup") == ""
    assert recovery.count("-") >= 8
    with capsys.disabled():
        print(f"\nfirst run: {took:.1f} s of the machine, {newcomer.keys} keys")
    assert took < 60


def _first_row(newcomer: Newcomer) -> str:
    return str(newcomer.page.first_rows[0].full_text)  # type: ignore[attr-defined]


def test_the_language_is_chosen_first_and_everything_speaks_it(tmp_path: Path, qtbot: QtBot) -> None:
    with arriving(tmp_path / "home", qtbot) as newcomer:
        newcomer.at("language")
        newcomer.press(Key.Key_Down)
        newcomer.see("it changed", lambda: i18n.language() == "zh_CN")
        newcomer.at("language")
        assert newcomer.page.working.accessibleName() != "Language you read and write"  # type: ignore[attr-defined]
        newcomer.press(Key.Key_Return)
        newcomer.choose_passphrase()
        newcomer.at("key")
        newcomer.press(Key.Key_Left, ALT)
        newcomer.at("home")
        newcomer.press(Key.Key_Left, ALT)
        newcomer.at("language")
        shown = [button.text() for button in newcomer.page.findChildren(QRadioButton) if button.isChecked()]
        assert shown == ["简体中文"]
        newcomer.press(Key.Key_Return)
        newcomer.at("home")
        assert newcomer.page.keeper.chosen == PASSPHRASE, "what was typed stays"  # type: ignore[attr-defined]
        newcomer.press(Key.Key_Return)
        newcomer.retype_two_groups()
        newcomer.at("mailbox")
    kept = Settings(tmp_path / "home" / "settings.json")
    assert (kept.text("language"), kept.text("agent_language")) == ("zh_CN", "en")
    assert kept.text("setup").startswith("mailbox ")


def test_a_wrong_password_and_a_wrong_port_are_explained_and_mended(
    tmp_path: Path, qtbot: QtBot, mail: MailServers, monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = made_home(tmp_path)
    with unlocked(home, qtbot) as newcomer:
        type_mailbox(newcomer, "another")
        page = newcomer.page
        assert isinstance(page, MailboxPage)
        fill_servers(newcomer, mail.imap_port, free_port())
        newcomer.press(Key.Key_Return)
        newcomer.see("the test failed", lambda: bool(page.form.shown_steps()) and not page.busy)
        failed = [line for line in page.form.shown_steps() if line.startswith("fail")]
        assert len(failed) == 2
        assert all("\n" in line for line in failed), "each has a remedy"
        assert page.addresses == []
        newcomer.tab_to(page.form.fields.password)
        page.form.fields.password.selectAll()
        newcomer.write(PASSWORD)
        newcomer.tab_to(page.form.fields.smtp.port)
        page.form.fields.smtp.port.selectAll()
        newcomer.write(str(mail.smtp_port))
        newcomer.press(Key.Key_Return)
        newcomer.see("it is connected", lambda: page.addresses == [ADDRESS])
        assert newcomer.assistant.skip_button.isHidden()


def test_a_test_that_runs_is_stopped_by_escape(tmp_path: Path, qtbot: QtBot) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent, unlocked(made_home(tmp_path), qtbot) as newcomer:
        type_mailbox(newcomer)
        port = int(silent.getsockname()[1])
        fill_servers(newcomer, port, port)
        newcomer.press(Key.Key_Return)
        newcomer.see("it is tried", lambda: newcomer.page.busy)
        newcomer.press(Key.Key_Escape)
        newcomer.see("it stopped", lambda: not newcomer.page.busy)
        page = newcomer.page
        assert isinstance(page, MailboxPage)
        assert page.form.result_.text() == "Stopped; nothing was saved."
        assert page.form.fields.password.text() == PASSWORD


def test_an_order_file_is_read_and_its_bad_rows_are_listed(tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "orders.csv"
    file.write_text('order_id,total,currency\n1042,34.95,BRL\n1043,"34,95",BRL\n')
    with unlocked(made_home(tmp_path, "orders mailbox"), qtbot) as newcomer:
        newcomer.at("orders")
        newcomer.press(Key.Key_Space)
        newcomer.name_a_file(file)
        page = newcomer.page
        assert isinstance(page, OrdersPage)
        newcomer.see("it was read", lambda: page.done and not page.busy)
        assert page.view.summary.text() == "2 seen: 1 new, 0 updated, 1 could not be used."
        assert page.view.bad_rows()[0][0] == "line 3"
        assert page.hint.isVisible()
    assert Settings(tmp_path / "home" / "settings.json").text("setup") == "orders mailbox"


@pytest.mark.parametrize("step", ["mailbox", "orders", "packs", "hub", "done"])
def test_closing_asks_nothing_and_goes_on_there(step: str, tmp_path: Path, qtbot: QtBot) -> None:
    home = made_home(tmp_path, f"{step} home,key,language")
    with unlocked(home, qtbot) as newcomer:
        newcomer.at(step)
        assert newcomer.nameless() == []
        newcomer.arrival.entry.close()
        assert not newcomer.arrival.entry.isVisible()
    assert Settings(home.settings).text("setup") == f"{step} home,key,language"


@pytest.mark.parametrize("step", ["language", "home", "key"])
def test_closing_before_the_home_is_made_leaves_nothing_behind(step: str, tmp_path: Path, qtbot: QtBot) -> None:
    with arriving(tmp_path / "home", qtbot) as newcomer:
        newcomer.at("language")
        assert newcomer.nameless() == []
        if step != "language":
            newcomer.press(Key.Key_Return)
            newcomer.at("home")
            assert newcomer.nameless() == []
        if step == "key":
            newcomer.choose_passphrase()
            newcomer.at("key")
            assert newcomer.nameless() == []
            newcomer.press(Key.Key_Space)
            newcomer.name_a_file(tmp_path / "key.txt")
            newcomer.see("it was saved", (tmp_path / "key.txt").exists)
            newcomer.see("it was read back", lambda: newcomer.page.ready)
    assert not (tmp_path / "home").exists()
    assert not (tmp_path / "key.txt").exists(), "the key of a home that was never made opens nothing"


KILLED = """
import os, signal, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.support.first_run import Key, arriving, cheap_argon
from workstation.store.keybox import Argon
from workstation.kernel import i18n

Argon.fresh = cheap_argon
i18n.use_language("en")

class Bot:
    def waitUntil(self, check, timeout):
        import time
        from PySide6.QtCore import QEventLoop, QTimer
        end = time.monotonic() + timeout / 1000
        while True:
            try:
                if check() is not False:
                    return
            except AssertionError:
                if time.monotonic() > end:
                    raise
            loop = QEventLoop()
            QTimer.singleShot(10, loop.quit)
            loop.exec()

with arriving(Path(sys.argv[1]), Bot()) as newcomer:
    newcomer.at("language")
    newcomer.press(Key.Key_Return)
    newcomer.choose_passphrase()
    newcomer.retype_two_groups()
    newcomer.at("mailbox")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path, qtbot: QtBot) -> None:
    around = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path / "home")], cwd=ROOT, env=around,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with unlocked(Home(tmp_path / "home"), qtbot) as newcomer:
        newcomer.at("mailbox")
        newcomer.see("the core came", lambda: newcomer.arrival.bridge.core is not None)
        assert newcomer.assistant.session.done >= {"language", "home", "key"}


def unlocked(home: Home, qtbot: QtBot) -> _Unlocked:
    return _Unlocked(home, qtbot)


class _Unlocked:
    """A start on a home with a passphrase, typed into the window."""

    def __init__(self, home: Home, qtbot: QtBot) -> None:
        self._around = arriving(home.root, qtbot)

    def __enter__(self) -> Newcomer:
        newcomer = self._around.__enter__()
        newcomer.see("the passphrase is asked for", newcomer.repair.secret.line.hasFocus)
        newcomer.write(PASSPHRASE)
        newcomer.press(Key.Key_Return)
        newcomer.see("it opened", lambda: newcomer.arrival.entry.assistant is not None
                     or newcomer.arrival.running is not None)
        return newcomer

    def __exit__(self, *problem: object) -> None:
        self._around.__exit__(*problem)  # type: ignore[arg-type]
