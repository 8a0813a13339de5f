"""Qt's own buttons speak the interface's language."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from ui.bridge import Bridge
from ui.main import FrontDoor
from ui.onboarding.entry import Entry
from ui.onboarding.language_page import LanguagePage
from ui.shell.qttexts import QtTexts


def close() -> str:
    return QCoreApplication.translate("QPlatformTheme", "Close")


def choose(entry: Entry, language: str) -> None:
    assert entry.assistant is not None
    page = entry.assistant.page
    assert isinstance(page, LanguagePage)
    page.choices[language].click()


def test_qt_speaks_chinese_and_english_again(qtbot: QtBot) -> None:
    owner = QObject()
    texts = QtTexts(owner)
    assert texts.use("zh_CN")
    assert close() == "关闭"
    assert texts.use("en")
    assert close() == "Close"
    assert not texts.use("xx")
    assert close() == "Close"


def test_the_first_steps_choose_the_language_of_their_file_dialogs_too(
    lonely_bridge: Bridge, qtbot: QtBot, tmp_path: Path
) -> None:
    entry = Entry(FrontDoor(None), tmp_path / "home", lonely_bridge)
    qtbot.addWidget(entry)
    entry.show()
    entry.begin()
    choose(entry, "zh_CN")
    assert close() == "关闭"
    assert entry.windowTitle() == "Workstation：开始使用"
    choose(entry, "en")
    assert close() == "Close"
    entry.close()
