"""An erased message stands in the timeline with its place, who wrote which way, and when and why its words went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.support.fakecore import NOW, make_message
from ui.bridge import Bridge
from ui.conversation.attachments import AttachmentFiles
from ui.conversation.bubble import Bubble
from ui.conversation.presenter import Entry
from workstation.domain.conversation import Address
from workstation.kernel.clock import FixedClock
from workstation.store.erased import erased_words


@pytest.fixture
def files(lonely_bridge: Bridge) -> Iterator[AttachmentFiles]:
    window = QWidget()
    yield AttachmentFiles(lonely_bridge, window)
    window.deleteLater()


def test_an_erased_message_says_when_and_by_which_rule(qtbot: QtBot, files: AttachmentFiles) -> None:
    words = erased_words(NOW, "amazon-30-days")
    gone = replace(make_message(1, "pt"), text="", quoted="", html="", translation=None, attachments=(),
                   author=Address(""), notes=(words,), erased_at=NOW)
    bubble = Bubble(Entry(gone), files, FixedClock(NOW))
    qtbot.addWidget(bubble)
    bubble.show()
    assert bubble.shown_texts() == ()
    assert words in bubble.accessibleName() + "."
