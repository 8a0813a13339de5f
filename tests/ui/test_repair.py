"""A home that does not open: each known failure has its page, its words and the buttons that help."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.support.first_run import PASSPHRASE, Key, Newcomer, arriving, cheap_argon, made_home
from ui import a11y
from ui.main import FrontDoor, Seat
from ui.onboarding.repair import WAYS, trouble_of
from ui.onboarding.repair_page import RepairPage
from ui.shell.clipboard import MARK
from workstation import app
from workstation.kernel import errors
from workstation.kernel.errors import WorkstationError
from workstation.kernel.paths import Home
from workstation.store import keydescription
from workstation.store.keybox import Argon


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon, "fresh", cheap_argon)


@pytest.mark.parametrize(("name", "first"), [
    ("PassphraseNeeded", "unlock"), ("KeyringLocked", "retry"), ("KeyMissing", "recover"), ("OtherPlace", "moved"),
    ("KeyringProblem", "retry"), ("WrongKey", "recover"), ("NewerSchema", "retry"), ("DiskFull", "retry"),
    ("ReadOnly", "retry"), ("Busy", "retry"), ("StoreError", "retry"), ("InputError", "retry"),
])
def test_each_failure_has_a_page_with_what_helps(name: str, first: str, qtbot: QtBot) -> None:
    problem: WorkstationError = getattr(errors, name)("What happened.", "workstation --do-this")
    page = RepairPage(problem, "/home/ana/.local/share/workstation")
    qtbot.addWidget(page)
    page.show()
    assert next(iter(page.buttons)) == first
    assert set(page.buttons) <= set(WAYS)
    assert "quit" in page.buttons
    assert "--do-this" not in page.accessibleDescription(), "nobody is sent to a terminal"
    assert "What happened." in page.accessibleDescription()
    assert a11y.unnamed(page) == []
    page.focus()
    with qtbot.waitSignal(page.chosen) as chosen:
        QTest.keyClick(page, Key.Key_Return)
    assert chosen.args == [first]


def test_what_is_kept_is_said_for_every_failure() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, WorkstationError)]
    assert all(trouble_of(kind("x")).advice for kind in kinds)


def test_a_wrong_passphrase_is_said_and_forgotten_when_it_opens(tmp_path: Path, qtbot: QtBot) -> None:
    home = made_home(tmp_path, "")
    with arriving(home.root, qtbot) as newcomer:
        newcomer.see("it asks", newcomer.repair.secret.line.hasFocus)
        newcomer.write("not the one")
        newcomer.press(Key.Key_Return)
        newcomer.see("it says so", lambda: newcomer.repair.said.text.startswith("fail This passphrase"))
        newcomer.see("it asks again", newcomer.repair.secret.line.hasFocus)
        newcomer.write(PASSPHRASE)
        newcomer.press(Key.Key_Return)
        newcomer.see("the inbox", lambda: newcomer.arrival.running is not None)
        assert newcomer.arrival.entry._passphrase is None


def test_the_recovery_key_opens_it_under_another_passphrase(tmp_path: Path, qtbot: QtBot) -> None:
    home = made_home(tmp_path, "")
    with arriving(home.root, qtbot) as newcomer:
        newcomer.see("it asks", newcomer.repair.secret.line.hasFocus)
        newcomer.tab_to(newcomer.repair.buttons["recover"])
        newcomer.press(Key.Key_Space)
        newcomer.see("the page", lambda: newcomer.arrival.entry.recover is not None)
        page = newcomer.arrival.entry.recover
        assert page is not None
        newcomer.see("it has the keyboard", page.key.hasFocus)
        newcomer.write("u")
        assert "never occurs" in page.said.text
        newcomer.press(Key.Key_Backspace)
        page.use_file(str(tmp_path / "recovery.txt"))
        assert len(page.key.text().split()) == 9
        newcomer.tab_to(page.keeper.keyring)
        newcomer.press(Key.Key_Down)
        for field in (page.keeper.first_field, page.keeper.second_field):
            newcomer.tab_to(field.line)
            newcomer.write("quite another passphrase")
        assert a11y.unnamed(newcomer.arrival.entry) == []
        newcomer.press(Key.Key_Return)
        newcomer.see("the inbox", lambda: newcomer.arrival.running is not None)
    with arriving(home.root, qtbot) as newcomer:
        newcomer.see("it asks", newcomer.repair.secret.line.hasFocus)
        newcomer.write("quite another passphrase")
        newcomer.press(Key.Key_Return)
        newcomer.see("the inbox", lambda: newcomer.arrival.running is not None)


def test_a_copied_home_becomes_a_device_of_its_own(tmp_path: Path, qtbot: QtBot) -> None:
    home = made_home(tmp_path, "")
    copy = Home(tmp_path / "copy" / "home")
    shutil.copytree(home.root, copy.root)
    with arriving(copy.root, qtbot) as newcomer:
        newcomer.see("the choice", newcomer.repair.buttons["moved"].hasFocus)
        newcomer.tab_to(newcomer.repair.buttons["copied"])
        newcomer.press(Key.Key_Space)
        newcomer.see("it asks", lambda: newcomer.arrival.entry.repair is not None
                     and newcomer.repair.secret.line.hasFocus())
        newcomer.write(PASSPHRASE)
        newcomer.press(Key.Key_Return)
        newcomer.see("the inbox", lambda: newcomer.arrival.running is not None)
    devices = {keydescription.load(place.description).device_id for place in (home, copy)}  # type: ignore[union-attr]
    assert len(devices) == 2


def test_a_damaged_description_and_an_unusable_folder_have_a_window(tmp_path: Path, qtbot: QtBot) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "home.json").write_text("{")
    with arriving(damaged, qtbot) as newcomer:
        newcomer.see("the page", newcomer.repair.isVisible)
        assert "home.json was changed or damaged" in newcomer.repair.accessibleDescription()
        newcomer.press(Key.Key_Return)
        newcomer.see("it was tried again", lambda: newcomer.repair.said.text.startswith("fail home.json"))
        newcomer.arrival.entry.use_folder(str(tmp_path / "new"))
        newcomer.at("language")
    file = tmp_path / "file"
    file.write_text("")
    with arriving(file / "home", qtbot) as newcomer:
        newcomer.see("the page", newcomer.repair.isVisible)
        assert "folder" in newcomer.repair.buttons


def test_a_disk_that_fills_while_the_home_is_made_stores_nothing(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    with arriving(tmp_path / "home", qtbot) as newcomer:
        newcomer.at("language")
        newcomer.press(Key.Key_Return)
        newcomer.choose_passphrase()
        newcomer.at("key")
        with monkeypatch.context() as full:
            full.setattr(keydescription, "write_synced", _no_room)
            newcomer.retype_two_groups()
            newcomer.see("it is said", lambda: newcomer.page.said.text.startswith("fail"))  # type: ignore[attr-defined]
            assert not (tmp_path / "home" / "home.json").exists()
        newcomer.see("it can be tried again", newcomer.assistant.next_button.isEnabled)
        newcomer.press(Key.Key_Return)
        newcomer.at("mailbox")


def test_a_page_never_takes_the_keyboard_from_whoever_types_already(tmp_path: Path, qtbot: QtBot) -> None:
    with arriving(tmp_path / "home", qtbot) as newcomer:
        newcomer.at("language")
        newcomer.assistant.go_to("home")
        first, other = newcomer.page.first(), newcomer.page.folder_button  # type: ignore[attr-defined]
        assert QApplication.focusWidget() is first
        other.setFocus()
        QApplication.processEvents()
        assert other.hasFocus()


def open_with_passphrase(newcomer: Newcomer) -> None:
    newcomer.see("it asks", lambda: newcomer.arrival.entry.repair is not None
                 and newcomer.repair.asks_passphrase and newcomer.repair.secret.line.hasFocus())
    newcomer.write(PASSPHRASE)
    newcomer.press(Key.Key_Return)


def try_again_reaches_the_first_steps(newcomer: Newcomer) -> None:
    before = newcomer.assistant
    newcomer.press(Key.Key_Return)
    open_with_passphrase(newcomer)
    newcomer.see("the first steps", partial(_is_another, newcomer, before))
    newcomer.at("mailbox")
    newcomer.see("the core", lambda: newcomer.arrival.bridge.core is not None)


def test_a_home_that_is_taken_while_its_first_steps_begin_has_a_page_and_a_way_back(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without its core no step ends; the window must not stay as if one would come."""
    home = made_home(tmp_path)
    with arriving(home.root, qtbot) as newcomer:
        with monkeypatch.context() as taken:
            taken.setattr(FrontDoor, "sit", _taken)
            open_with_passphrase(newcomer)
            newcomer.see("the page", lambda: newcomer.arrival.entry.repair is not None
                         and isinstance(newcomer.repair.problem, errors.Busy))
        try_again_reaches_the_first_steps(newcomer)


def test_a_core_that_cannot_be_built_behind_the_first_steps_has_a_page_and_a_way_back(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = made_home(tmp_path)
    with arriving(home.root, qtbot) as newcomer:
        with monkeypatch.context() as full:
            full.setattr(app, "build", _not_built)
            open_with_passphrase(newcomer)
            newcomer.see("the page", lambda: newcomer.arrival.entry.repair is not None
                         and isinstance(newcomer.repair.problem, errors.DiskFull))
        try_again_reaches_the_first_steps(newcomer)


def test_an_inbox_whose_first_page_cannot_be_read_leaves_a_window_that_says_so(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = made_home(tmp_path, "")
    with arriving(home.root, qtbot) as newcomer:
        with monkeypatch.context() as broken:
            broken.setattr(Seat, "inbox", _no_page)
            open_with_passphrase(newcomer)
            newcomer.see("the page", lambda: newcomer.arrival.entry.repair is not None
                         and newcomer.repair.trouble.title == "Your home cannot be opened")
            assert newcomer.arrival.entry.isVisible()
        newcomer.press(Key.Key_Return)
        open_with_passphrase(newcomer)
        newcomer.see("the inbox", lambda: newcomer.arrival.running is not None)


def test_a_recovery_key_that_was_copied_does_not_stay_on_the_clipboard(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _it: True)   # the offscreen platform does not say whose
    with arriving(tmp_path / "home", qtbot) as newcomer:
        newcomer.at("language")
        newcomer.press(Key.Key_Return)
        newcomer.choose_passphrase()
        newcomer.at("key")
        newcomer.tab_to(newcomer.page.copy_button)  # type: ignore[attr-defined]
        newcomer.press(Key.Key_Space)
        clipboard = QGuiApplication.clipboard()
        assert clipboard.text().count("-") == 8
        assert clipboard.mimeData().data(MARK).data() == b"secret"
        newcomer.arrival.entry.close()
        assert clipboard.text() == ""


def _is_another(newcomer: Newcomer, before: object) -> bool:
    return newcomer.assistant is not before


def _taken(*_given: object) -> None:
    raise errors.Busy("Another program uses this home.")


def _no_page(*_given: object) -> None:
    raise errors.StoreError("The first page could not be read.")


async def _not_built(*_given: object) -> None:
    raise errors.DiskFull("The disk is full.")


def _no_room(*_given: object) -> None:
    raise OSError(28, "No space left on device")
