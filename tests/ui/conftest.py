"""Real windows on the offscreen platform, over an in-memory core on a real core thread."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World, make_row
from tests.support.fakecore_rest import make_core
from tests.support.stage import Stage, staged
from ui.bridge import Bridge
from ui.shell.actions import Actions
from ui.shell.window import MainWindow
from ui.theme import theme
from workstation.kernel import i18n
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says what it cannot do; that is no fault of the window."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(autouse=True)
def _english_light(qapp: object) -> Iterator[None]:
    """Every test begins in English and light, and leaves no widget behind."""
    i18n.use_language("en")
    theme().apply("light")
    yield
    i18n.use_language("en")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def world() -> World:
    """Ten conversations, c000000 breaching first."""
    return World(rows=[make_row(number) for number in range(10)])


@pytest.fixture
def core_thread() -> Iterator[CoreThread]:
    thread = CoreThread()
    yield thread
    thread.stop()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def actions(qapp: object, settings: Settings) -> Iterator[Actions]:
    made = Actions(settings)
    yield made
    made.deleteLater()


@pytest.fixture
def lonely_bridge(qapp: object) -> Iterator[Bridge]:
    """A bridge without a core yet."""
    made = Bridge()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def bridge(lonely_bridge: Bridge, world: World, core_thread: CoreThread, qtbot: QtBot) -> Bridge:
    """A bridge to the in-memory core."""
    lonely_bridge.attach(make_core(world), core_thread)
    return lonely_bridge


@pytest.fixture
def window(bridge: Bridge, actions: Actions, settings: Settings, qtbot: QtBot) -> Iterator[MainWindow]:
    """The whole window over the in-memory core, its list filled and focused."""
    made = MainWindow(bridge, actions, settings)
    made.resize(1280, 800)
    qtbot.addWidget(made)
    made.show()
    made.complete()
    made.start_again()
    qtbot.waitUntil(lambda: made.inbox.model.rowCount() > 0)
    made.list.list.setFocus()
    yield made
    qtbot.wait(60)


@pytest.fixture
def stage(
    bridge: Bridge, actions: Actions, settings: Settings, core_thread: CoreThread, qtbot: QtBot,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    """Whatever of the window a test asks for, over the in-memory core."""
    with staged(bridge, actions, settings, core_thread, qtbot, tmp_path_factory.mktemp("stage")) as made:
        yield made
