"""The rest of the work by the keyboard alone: a region of the screen, a refused reply tried again from the problem
panel, fetching mail, the settings. At each step the focus is on something visible that a screen reader can name."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.support.accessible import spoken_name
from tests.support.window import CTRL, PLAIN, SHIFT, Key, Person, at_the_window
from ui.evidence.region import RegionOverlay
from ui.problems.view import ProblemsPanel
from ui.settings.dialog import SettingsDialog
from workstation.connectors.simulated.mail import _Taker
from workstation.demo import script
from workstation.kernel.actions import Action

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support", extend=True), pytest.mark.timeout(150)]
REPLY = "Hello, we will refund R$ 34,95 for order #1042."
REFUSAL = "550 5.7.1 not from here today"


@pytest.mark.long
def test_capture_refusal_retry_sync_and_settings_with_nothing_but_keys(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    with at_the_window(tmp_path, qtbot) as person:
        person.stray.meant += (RegionOverlay,)
        waiting = sum(each.letters[-1].author == "buyer" for each in script.scripts())
        person.see(f"{waiting} conversations", lambda: len(person.rows()) >= waiting)
        person.see("the core has settled", lambda: person.status.startswith("online"))
        wanted = [each for each in script.scripts() if each.reply][1]
        subject = script.fill(wanted.subject, person.now, wanted.language)
        row = person.walk_to(lambda row: row.subject == subject)
        person.see("it is open", lambda: person.window.conversation_id == row.id)
        heard(person)
        a_region_joins_the_case(person)
        with monkeypatch.context() as refusing:
            refusing.setattr(_Taker, "handle_DATA", refused)
            a_reply_is_refused(person, row.id)
        the_problem_panel_tries_it_again(person)
        mail_is_fetched(person)
        a_setting_is_changed(person)


async def refused(*_of_the_server: object) -> str:
    return REFUSAL


def heard(person: Person) -> QWidget:
    """What has the focus: on the screen, and with a name."""
    focused = QApplication.focusWidget()
    assert focused is not None, "nothing has the focus"
    assert focused.isVisible()
    assert spoken_name(focused), f"{type(focused).__name__} has no name"
    return focused


def step(person: Person, key: Key, modifier: object = PLAIN) -> None:
    """A key, with the focus somewhere a person can tell before it."""
    heard(person)
    person.press(key, modifier)  # type: ignore[arg-type]


def a_region_joins_the_case(person: Person) -> None:
    strip = person.window.case.panel.evidence
    step(person, Key.Key_X, CTRL | SHIFT)
    person.see("the region is chosen on the picture", lambda: isinstance(QApplication.activeWindow(), RegionOverlay)
               and isinstance(QApplication.focusWidget(), RegionOverlay))
    overlay = heard(person)
    assert isinstance(overlay, RegionOverlay)
    before, said = overlay.selection, overlay.accessibleDescription()
    step(person, Key.Key_Right, CTRL)
    step(person, Key.Key_Down, CTRL | SHIFT)
    assert (overlay.selection.x, overlay.selection.height) == (before.x + 10, before.height + 10)
    assert overlay.accessibleDescription() != said
    step(person, Key.Key_Return)
    person.see("the region is in the strip", lambda: strip.list.count() == 1)
    person.return_to_the_window()
    heard(person)


def a_reply_is_refused(person: Person, conversation_id: str) -> None:
    composer = person.window.middle.composer
    person.see("the draft is open", lambda: bool(composer.presenter.draft) and composer.presenter.row is not None)
    step(person, Key.Key_R)
    assert heard(person) is composer.body
    person.write(REPLY)
    person.see("translated", lambda: bool(composer.target.toPlainText()) and not composer.presenter.unsaved
               and not composer.presenter.blockers)
    step(person, Key.Key_Return, CTRL)
    person.see("the reply is held", lambda: "leaves in" in person.toast and not composer.body.toPlainText())
    person.see("the server refused it", lambda: state_of(person, conversation_id) == "failed")
    assert person.world.mail.received == []


def the_problem_panel_tries_it_again(person: Person) -> None:
    if not isinstance(heard(person), type(person.window.list.list)):
        step(person, Key.Key_Escape)
    step(person, Key.Key_G)
    step(person, Key.Key_P)
    panel = person.window.drawer.panel
    assert panel is not None
    person.see("the refusal is listed", lambda: replies(panel) == 1)
    for _press in range(10):
        if panel.list.hasFocus():
            break
        step(person, Key.Key_Tab)
    assert heard(person) is panel.list
    step(person, Key.Key_Home)
    for _line in panel.lines:
        current = panel.current()
        if current is not None and Action.RETRY in current.actions and current.id.startswith("reply:"):
            break
        step(person, Key.Key_Down)
    person.see("its button is there", panel.detail.buttons[Action.RETRY].isVisible)
    step(person, Key.Key_Return)
    button = heard(person)
    assert isinstance(button, QPushButton)
    assert button is panel.detail.buttons[Action.RETRY]
    step(person, Key.Key_Space)
    person.see("it left", lambda: len(person.world.mail.received) == 1)
    person.see("nothing about it is listed", lambda: replies(panel) == 0)
    assert b"#1042" in person.world.mail.received[0][1] or b"1042" in person.world.mail.received[0][1]
    step(person, Key.Key_Escape)
    assert not person.window.drawer.isVisible()


def replies(panel: ProblemsPanel) -> int:
    """How many replies that were not sent the panel lists."""
    listed = [panel.model.row(at) for at in range(panel.model.rowCount())]
    return sum(one is not None and one.id.startswith("reply:") for one in listed)


def mail_is_fetched(person: Person) -> None:
    before = person.window.status_presenter.state.read_at
    step(person, Key.Key_F5)
    person.see("every mailbox was read again", lambda: (person.window.status_presenter.state.read_at or 0)
               > (before or 0))
    heard(person)


def a_setting_is_changed(person: Person) -> None:
    step(person, Key.Key_Comma, CTRL)
    person.see("the settings are open", lambda: isinstance(QApplication.activeWindow(), SettingsDialog))
    dialog = QApplication.activeWindow()
    assert isinstance(dialog, SettingsDialog)
    field = dialog.fields["undo_seconds"]
    for _step in range(30):
        if heard(person) is field:
            break
        person.press(Key.Key_Tab)
    assert heard(person) is field
    before = person.run.program.settings.number("undo_seconds")
    step(person, Key.Key_Up)
    assert person.run.program.settings.number("undo_seconds") == before + 1
    step(person, Key.Key_Escape)
    person.see("the settings are gone", lambda: not dialog.isVisible())
    person.return_to_the_window()
    heard(person)


def state_of(person: Person, conversation_id: str) -> str:
    row = person.row(conversation_id)
    return row.delivery.value if row else ""
