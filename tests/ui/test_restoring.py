"""A backup becomes a home in the first steps, a damaged home has two ways out: by keys alone, over real stores."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.first_run import PASSPHRASE, Key, Newcomer, arriving, cheap_argon, made_home
from ui import a11y
from ui.errors.again import AT_THE_DOOR, wanted_door
from ui.main import FrontDoor
from ui.onboarding.repair_page import RepairPage
from ui.onboarding.restore_page import RestorePage
from ui.onboarding.salvage_page import SalvagePage
from workstation import app
from workstation.kernel.errors import DiskFull
from workstation.kernel.failing import damaged
from workstation.kernel.paths import Home
from workstation.store import backup, keydescription
from workstation.store.database import make_engine
from workstation.store.keybox import Argon
from workstation.store.migrate import upgrade

OTHER = "quite another passphrase"
NOW = 1_790_000_000_000


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon, "fresh", cheap_argon)


@pytest.fixture
def lost(tmp_path: Path) -> Path:
    """The folder of a backup of a home that is gone; its recovery key's file is beside it."""
    before = tmp_path / "before"
    before.mkdir()
    home = made_home(before, "")
    opened = app.unlock_home(home, PASSPHRASE)
    engine = make_engine(home.database, opened.vault.key, size=1)
    upgrade(engine)
    engine.dispose()
    backup.make(home, opened.vault.key, tmp_path / "backup", NOW, lambda _done, _total: None)
    shutil.rmtree(home.root)
    return tmp_path / "backup"


def restore_page(newcomer: Newcomer) -> RestorePage:
    page = newcomer.arrival.entry.rescue
    assert isinstance(page, RestorePage)
    return page


def to_restore(newcomer: Newcomer) -> RestorePage:
    """From the first page, with the keyboard."""
    newcomer.at("language")
    newcomer.tab_to(newcomer.page.restore_button)  # type: ignore[attr-defined]
    newcomer.press(Key.Key_Space)
    newcomer.see("the page", lambda: newcomer.arrival.entry.rescue is not None)
    page = restore_page(newcomer)
    newcomer.see("it has the keyboard", page.backup.button.hasFocus)
    return page


def choose(newcomer: Newcomer, page: RestorePage, folder: Path) -> None:
    newcomer.tab_to(page.backup.button)
    page.backup.use(str(folder))
    newcomer.see("it was looked at", lambda: page._found is not None or page.said.text.startswith("fail"))


def new_passphrase(newcomer: Newcomer, page: RestorePage) -> None:
    newcomer.tab_to(page.keeper.keyring)
    newcomer.press(Key.Key_Down)
    for field in (page.keeper.first_field, page.keeper.second_field):
        newcomer.tab_to(field.line)
        newcomer.write(OTHER)


def words(page: RestorePage | SalvagePage) -> str:
    return page.accessibleDescription()


def test_a_backup_becomes_a_home_with_its_recovery_key(lost: Path, tmp_path: Path, qtbot: QtBot) -> None:
    with arriving(tmp_path / "home", qtbot) as newcomer:
        page = to_restore(newcomer)
        assert not page.go_button.isEnabled()
        choose(newcomer, page, lost)
        assert "2026" in page.about_backup.text()
        newcomer.see("the key is asked for", page.recovery.line.hasFocus)
        page.recovery.use_file(str(tmp_path / "before" / "recovery.txt"))
        new_passphrase(newcomer, page)
        assert a11y.unnamed(newcomer.arrival.entry) == []
        newcomer.press(Key.Key_Return)
        newcomer.see("it is made", lambda: page.said.text.startswith("pass"))
        newcomer.see("the button has the keyboard", page.go_button.hasFocus)
        assert "a device of its own" in words(page)
        assert "not sent again" in words(page)
        newcomer.press(Key.Key_Return)
        newcomer.see("the inbox", lambda: newcomer.arrival.running is not None)
    assert app.unlock_home(Home(tmp_path / "home"), OTHER).vault.keeper == "passphrase"


def test_a_backup_becomes_a_home_with_the_passphrase_it_had(lost: Path, tmp_path: Path, qtbot: QtBot) -> None:
    with arriving(tmp_path / "home", qtbot) as newcomer:
        page = to_restore(newcomer)
        choose(newcomer, page, lost)
        newcomer.tab_to(page.by_recovery)
        newcomer.press(Key.Key_Down)
        newcomer.tab_to(page.old.line)
        newcomer.write(PASSPHRASE)
        new_passphrase(newcomer, page)
        newcomer.press(Key.Key_Return)
        newcomer.see("it is made", lambda: page.said.text.startswith("pass"))
    assert Home(tmp_path / "home").description.exists()


def _empty(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _cut(folder: Path) -> None:
    store = next(folder.glob("store-*.db"))
    store.write_bytes(store.read_bytes()[:-100])


def _newer(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 99'))


@pytest.mark.parametrize(("harm", "told"), [
    (_empty, "no finished backup"), (_newer, "newer version"), (_cut, "was changed or damaged"),
    (None, "does not open the backup"),
])
def test_what_is_wrong_with_a_backup_is_said_and_nothing_is_left(
    harm: Callable[[Path], None] | None, told: str, lost: Path, tmp_path: Path, qtbot: QtBot,
) -> None:
    if harm is not None:
        harm(lost)
    with arriving(tmp_path / "home", qtbot) as newcomer:
        page = to_restore(newcomer)
        choose(newcomer, page, lost)
        if page._found is not None:
            newcomer.tab_to(page.by_recovery)
            newcomer.press(Key.Key_Down)
            newcomer.tab_to(page.old.line)
            newcomer.write(PASSPHRASE if harm is not None else "not the one at all")
            new_passphrase(newcomer, page)
            newcomer.press(Key.Key_Return)
        newcomer.see("it is said", lambda: page.said.text.startswith("fail"))
        assert told in page.said.text
        assert not page.busy
        newcomer.press(Key.Key_Escape)
        newcomer.at("language")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "before"]


def test_a_full_disk_is_said_and_everything_typed_stays(
    lost: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_given: Any) -> None:
        raise DiskFull("The backup needs 9 MB.", "Free some space, or choose another disk.")

    with arriving(tmp_path / "home", qtbot) as newcomer:
        page = to_restore(newcomer)
        choose(newcomer, page, lost)
        page.recovery.use_file(str(tmp_path / "before" / "recovery.txt"))
        new_passphrase(newcomer, page)
        monkeypatch.setattr(FrontDoor, "restore", full)
        newcomer.press(Key.Key_Return)
        newcomer.see("it is said", lambda: "choose another disk" in page.said.text)
        assert page.go_button.isEnabled()
        assert len(page.recovery.text.split()) == 9


def test_it_is_stopped_by_escape_and_nothing_is_left(
    lost: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    real = backup.copy_checked

    def slow(*given: Any) -> bool:
        begun.set()
        go_on.wait(30)
        return real(*given)

    monkeypatch.setattr(backup, "copy_checked", slow)
    with arriving(tmp_path / "home", qtbot) as newcomer:
        page = to_restore(newcomer)
        choose(newcomer, page, lost)
        page.recovery.use_file(str(tmp_path / "before" / "recovery.txt"))
        new_passphrase(newcomer, page)
        newcomer.press(Key.Key_Return)
        newcomer.see("it copies", begun.is_set)
        newcomer.press(Key.Key_Escape)
        go_on.set()
        newcomer.see("it stopped", lambda: page.said.text.startswith("warn Stopped"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "before"]


def test_the_page_of_a_damaged_home_offers_both_ways(qtbot: QtBot) -> None:
    page = RepairPage(damaged(), "/home/ana")
    qtbot.addWidget(page)
    page.show()
    page.focus()
    assert list(page.buttons)[:2] == ["restore", "salvage"]
    with qtbot.waitSignal(page.chosen) as chosen:
        QTest.keyClick(page, Key.Key_Return)
    assert chosen.args == ["restore"]


@pytest.fixture
def harmed(tmp_path: Path) -> Home:
    """A home whose store was opened once; what is damaged in it is told by the caller."""
    home = made_home(tmp_path, "")
    engine = make_engine(home.database, app.unlock_home(home, PASSPHRASE).vault.key, size=1)
    upgrade(engine)
    engine.dispose()
    return home


def at_the_door(newcomer: Newcomer, way: str) -> None:
    """As the window that ran before left it."""
    newcomer.arrival.entry.show_problem(damaged())
    newcomer.tab_to(newcomer.repair.buttons[way])
    newcomer.press(Key.Key_Space)
    newcomer.see("the page", lambda: newcomer.arrival.entry.rescue is not None)


def test_a_restored_home_takes_the_place_of_the_damaged_one_which_is_kept(
    lost: Path, harmed: Home, tmp_path: Path, qtbot: QtBot,
) -> None:
    old = keydescription.load(harmed.description)
    assert old is not None
    with arriving(harmed.root, qtbot) as newcomer:
        at_the_door(newcomer, "restore")
        page = restore_page(newcomer)
        assert page.about_target.isVisible(), "it says that the home that is there is kept"
        choose(newcomer, page, lost)
        page.recovery.use_file(str(tmp_path / "before" / "recovery.txt"))
        new_passphrase(newcomer, page)
        newcomer.press(Key.Key_Return)
        newcomer.see("it is made", lambda: page.said.text.startswith("pass"))
        assert "home-before" in words(page)
        newcomer.press(Key.Key_Return)
        newcomer.see("the inbox", lambda: newcomer.arrival.running is not None)
    kept = keydescription.load(Home(tmp_path / "home-before").description)
    assert kept == old
    assert app.unlock_home(harmed, OTHER).vault.home_id != old.home_id
    assert not (tmp_path / "home-new").exists()


def test_what_can_be_read_of_a_damaged_home_takes_its_place(harmed: Home, tmp_path: Path, qtbot: QtBot) -> None:
    with arriving(harmed.root, qtbot) as newcomer:
        at_the_door(newcomer, "salvage")
        page = newcomer.arrival.entry.rescue
        assert isinstance(page, SalvagePage)
        newcomer.see("the button has the keyboard", page.go_button.hasFocus)
        newcomer.press(Key.Key_Return)
        newcomer.see("its passphrase is asked for", page.secret.line.hasFocus)
        newcomer.write("not the one")
        newcomer.press(Key.Key_Return)
        newcomer.see("it is said", lambda: page.said.text.startswith("fail"))
        page.secret.clear()
        newcomer.write(PASSPHRASE)
        assert a11y.unnamed(newcomer.arrival.entry) == []
        newcomer.press(Key.Key_Return)
        newcomer.see("it is made", lambda: page.said.text.startswith("pass"))
        assert "fetched again" in words(page)
        newcomer.press(Key.Key_Return)
        newcomer.see("the inbox", lambda: newcomer.arrival.running is not None)
    one, other = (keydescription.load(Home(place).description) for place in (harmed.root, tmp_path / "home-before"))
    assert one is not None
    assert other is not None
    assert one.device_id != other.device_id, "it is a device of its own"
    assert app.unlock_home(harmed, PASSPHRASE).warnings == ()


def test_a_new_start_begins_with_the_page_that_was_asked_for(
    harmed: Home, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(AT_THE_DOOR, "salvage")
    with arriving(harmed.root, qtbot) as newcomer:
        newcomer.see("the page", partial(_is_salvage, newcomer))
        newcomer.press(Key.Key_Escape)
        newcomer.see("back", lambda: newcomer.arrival.entry.repair is not None)
    assert wanted_door() == ""


def _is_salvage(newcomer: Newcomer) -> bool:
    return isinstance(newcomer.arrival.entry.rescue, SalvagePage)
