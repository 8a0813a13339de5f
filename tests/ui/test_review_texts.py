"""Foreign words in tooltips stay words; a palette outlives what it was opened from; a changed rule keeps the rest."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ui.settings.clocks_page import RuleForm
from ui.shell.window import MainWindow
from ui.widgets.labels import ElidedLabel, plain_tip
from workstation.inbox.model import ClockRule

HOSTILE = 'Re: order <img src="//attacker.example/x.png"> <b>now</b> &lt;'


def test_what_somebody_wrote_is_no_markup_in_a_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.resize(40, 20)
    label.set_full_text(HOSTILE)
    assert GuiQt.mightBeRichText(HOSTILE)
    assert "<img" not in label.toolTip()
    assert "&lt;img" in label.toolTip()
    assert plain_tip("plain & simple, 3 < 4") == "plain & simple, 3 < 4"


def test_the_palette_leaves_when_what_had_the_focus_is_gone(window: MainWindow, qtbot: QtBot) -> None:
    button = QPushButton("Gone soon", window)
    button.show()
    button.setFocus()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.palette_.isVisible()
    window.palette_._before = button
    with qtbot.waitSignal(button.destroyed):
        button.deleteLater()
    window.palette_.leave()
    assert not window.palette_.isVisible()


@pytest.mark.parametrize("rule", [
    ClockRule("email", "cutoff", received_until="18:00", answered_by="19:00", zone="Europe/Berlin", own=True),
    ClockRule("email", "business_days", days=2, holidays=False, runs_from="last", own=True, source="ours"),
])
def test_a_rule_that_is_changed_keeps_what_the_form_does_not_ask(qtbot: QtBot, rule: ClockRule) -> None:
    form = RuleForm()
    qtbot.addWidget(form)
    form.fill(rule)
    assert form.rule() == rule
