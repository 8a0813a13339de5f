"""The window over a home that cannot be written: it says so, and offers nothing that would write."""

from __future__ import annotations

from tests.support.stage import Stage
from ui.shell import only_reading
from ui.shell.action_table import BY_ID
from ui.shell.only_reading import OnlyReadingBar
from ui.shell.window import READ_AFTER_MS


def test_it_is_said_and_nothing_that_writes_can_be_chosen(stage: Stage) -> None:
    window = stage.reading()
    asked: list[bool] = []
    window.only_read(lambda: asked.append(True))
    bar = window.findChild(OnlyReadingBar)
    assert bar is not None
    stage.until(bar.isVisible)
    assert "cannot be written" in bar.sentence.text()
    bar.button.click()
    assert asked == [True]
    assert window.middle.composer.isHidden()
    stage.actions.enable("composer.send", True)      # whatever a pane finds later
    enabled = {name for name in BY_ID if stage.actions.action(name).isEnabled()}
    assert enabled.isdisjoint(only_reading.writing())
    assert {"list.next", "list.search", "go.all", "case.raw", "conversation.source", "app.quit"} <= enabled
    assert stage.actions.reason("composer.send") == only_reading.reason()


def test_reading_marks_nothing_as_read(stage: Stage) -> None:
    window = stage.window()
    window.only_read(window.quit)
    stage.world.rows[0] = stage.world.rows[0]._replace(unread=True)
    window.inbox.reload()
    stage.until(lambda: window.inbox.model.row(0).unread)
    window.list.list.show_row(0)
    stage.bot.wait(READ_AFTER_MS + 150)
    assert stage.world.called("mark_read") == []


def test_what_is_new_in_the_table_is_taken_for_writing() -> None:
    assert only_reading.reads("go.anything")
    assert not only_reading.reads("conversation.anything")
    assert not any(only_reading.reads(name) for name in (
        "composer.send", "file.sync", "evidence.capture", "conversation.resolve", "list.save_view", "app.settings"))
