"""Qt's own buttons speak the interface's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from ui.shell.qttexts import QtTexts


def close() -> str:
    return QCoreApplication.translate("QPlatformTheme", "Close")


def test_qt_speaks_chinese_and_english_again(qtbot: QtBot) -> None:
    owner = QObject()
    texts = QtTexts(owner)
    assert texts.use("zh_CN")
    assert close() == "关闭"
    assert texts.use("en")
    assert close() == "Close"
    assert not texts.use("xx")
    assert close() == "Close"
