"""The screens of a busy desk: choosers over the list, a search, marked rows, colleagues, the customer, the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from tests.support.fakecore import HOUR, NOW, FakeInbox, World, make_row
from tests.support.fakecore_customers import FakeCustomers
from tests.support.fakecore_stamps import FakeAuthorities, authority
from tests.support.fakecore_team import ME, FakeTeam
from tests.support.faketriage import FakeTriage, findings
from tests.support.stage import ONLINE, Stage
from ui.customers.view import CustomerSection
from ui.inbox.picker import Picker
from ui.inbox.view import ListColumn
from ui.settings.dialog import SettingsDialog
from ui.shell.window import MainWindow
from ui.team.strip import PresenceStrip
from ui.triage.strip import TriageStrip
from workstation.domain.conversation import Channel
from workstation.inbox.model import AssignmentRule, ConversationRow, ListQuery
from workstation.kernel.paging import Page
from workstation.team.model import Doing

CUT_OFF = "The search was cut off after 200 ms: more may match."
QUERY = "parcel is:unanswered before:soon -channel:ebay"


class CutOff(FakeInbox):
    """An inbox whose searches end before they are done, and say so."""

    async def page(self, query: ListQuery) -> Page[ConversationRow]:
        found = await super().page(replace(query, search=query.search.split()[0] if query.search else ""))
        return replace(found, note=CUT_OFF) if query.search else found


def team_of(stage: Stage) -> FakeTeam:
    core = stage.bridge.core
    assert core is not None
    assert isinstance(core.team, FakeTeam)
    return core.team


def busy(stage: Stage, *, cut_off: bool = False) -> MainWindow:
    """A list with people, tags, marks and clocks in every state; a team, a triage and customers behind it."""
    stage.world.rows = [*stage.world.rows, *_rows()]
    stage.parts = partial(people, cut_off=cut_off)
    return stage.window()


def _rows() -> list[ConversationRow]:
    def row(number: int, who: str, subject: str, language: str, **changes: object) -> ConversationRow:
        return make_row(number, who=who, subject=subject, language=language, **changes)

    return [
        row(10, "Bo Lindqvist", "Kortet debiterades två gånger", "sv", channel=Channel.SHOPIFY, risk="chargeback",
            urgency=2, due_at=NOW + HOUR, tags=("refund", "vip"), assignee=ME, unread=True),
        row(11, "สมชาย ใจดี", "พัสดุยังไม่มาถึง", "th", channel=Channel.LAZADA, due_at=NOW + 5 * HOUR, tags=("carrier",),
            assignee="device-2"),
        row(12, "王小明", "包裹还没有收到", "zh", channel=Channel.TIKTOK, due_at=NOW - 2 * HOUR, review=True,
            unread=True),
        row(13, "Zoë Brûlé", "Where is the parcel I ordered?", "fr", channel=Channel.EMAIL, due_at=None,
            unanswered=False, muted=True, issue="return"),
    ]


def _chosen(stage: Stage, choose: str) -> Picker:
    """A chooser over a list of which two rows are marked."""
    window = busy(stage)
    rows = window.list.list
    rows.show_row(1)
    rows.toggle()
    rows.extend(1)
    pickers = window.list.pickers()
    stage.until(lambda: bool(window.inbox.members))
    getattr(pickers, choose)()
    stage.until(lambda: pickers.picker.isVisible() and pickers.picker.list.count() > 1)
    return pickers.picker


def snoozing(stage: Stage) -> QWidget:
    return _chosen(stage, "snooze")


def tagging(stage: Stage) -> QWidget:
    """A new tag is typed; those that are known narrow to it."""
    picker = _chosen(stage, "tag")
    stage.until(lambda: len(picker.lines()) == 3)
    picker.field.setText("re")
    picker.field.textEdited.emit("re")
    return picker


def assigning(stage: Stage) -> QWidget:
    return _chosen(stage, "assign")


def searching(stage: Stage) -> QWidget:
    """Operators as chips, one that is not understood, and a search that was cut off."""
    window = busy(stage, cut_off=True)
    _type(stage, window, QUERY)
    stage.until(lambda: window.inbox.note == CUT_OFF)
    help_ = window.list.help
    assert help_ is not None
    help_.offers.hide()
    return window.list


def suggesting(stage: Stage) -> QWidget:
    """An operator is begun; its values are offered."""
    window = busy(stage)
    _type(stage, window, "is:un")
    help_ = window.list.help
    assert help_ is not None
    for place in (0, 5):
        window.list.search.setCursorPosition(place)
    stage.until(help_.offers.isVisible)
    return help_.offers


def found_nothing(stage: Stage) -> QWidget:
    window = busy(stage)
    _type(stage, window, "zebra")
    stage.until(lambda: "zebra" in window.list.empty.sentence)
    return window.list


def _type(stage: Stage, window: MainWindow, text: str) -> None:
    window.list.focus_search()
    window.list.search.setText(text)
    window.list.search.textEdited.emit(text)
    stage.until(lambda: window.inbox.search == text and not window.inbox.loading)


def marked(stage: Stage) -> QWidget:
    """Two rows are marked: what can be done to them, and the rest of the queue a press away."""
    window = busy(stage)
    window.list.list.show_row(0)
    window.list.list.toggle()
    window.list.list.extend(1)
    return _with_bar(stage, window)


def marked_all(stage: Stage) -> QWidget:
    window = busy(stage)
    window.list.list.select_all()
    return _with_bar(stage, window)


def _with_bar(stage: Stage, window: MainWindow) -> ListColumn:
    bar = window.list.bar
    assert bar is not None
    stage.until(bar.isVisible)
    return window.list


def opened(stage: Stage) -> MainWindow:
    """A conversation of the busy desk."""
    stage.parts = people
    return stage.reading()


def present(stage: Stage) -> QWidget:
    """Somebody else writes an answer, others read."""
    window = opened(stage)
    team = team_of(stage)

    async def come() -> None:
        team.come("pt", "Bo", Doing.WRITING)
        for name in ("Cy", "نورة"):
            team.come("pt", name)

    asyncio.run_coroutine_threadsafe(come(), stage.thread.loop)
    strip = window.middle.conversation.header.findChild(PresenceStrip)
    assert strip is not None
    stage.until(lambda: "نورة" in strip.text)
    return window.middle.conversation.header


def triage(stage: Stage) -> QWidget:
    """What it is about, why, and the choices of a correction."""
    strip = _strip(stage)
    strip.choose()
    assert isinstance(strip.menu, QMenu)
    stage.until(strip.menu.isVisible)
    stage.owned.append(strip.menu)
    return strip.menu


def triage_line(stage: Stage) -> QWidget:
    return _strip(stage)


def _strip(stage: Stage) -> TriageStrip:
    window = opened(stage)
    strip = window.middle.conversation.header.findChild(TriageStrip)
    assert strip is not None
    stage.until(lambda: bool(strip.why.full_text))
    return strip


def customer(stage: Stage) -> QWidget:
    """A proposal with its reasons, and the conversations before."""
    section = opened(stage).case.customer
    stage.until(lambda: "May be the same person" in section.text)
    return section


def customer_merged(stage: Stage) -> QWidget:
    """Two who were found to be one, and the way back."""
    section = customer(stage)
    assert isinstance(section, CustomerSection)
    portrait = section.presenter.portrait
    assert portrait is not None
    section.presenter.merge(portrait.proposals[0])
    stage.until(lambda: "Also" in section.text)
    return section


def rules(page: str) -> Callable[[Stage], QWidget]:
    """A page of the settings over a core that has something to say there: "languages", "clocks", "assigning"."""
    def shown(stage: Stage) -> QWidget:
        stage.parts = people
        stage.world.accounts = [ONLINE]
        stage.attach()
        core = stage.bridge.core
        assert core is not None
        assert isinstance(core.inbox, FakeInbox)
        core.inbox.assignments = [
            AssignmentRule("r1", "Chargebacks to Bo", "risk:chargeback", ("device-2",)),
            AssignmentRule("r2", "Thai and Vietnamese", "lang:th", (ME, "device-2"))]
        dialog = stage.show(SettingsDialog(stage.settings, stage.actions, None, stage.bridge))
        dialog.tabs.setCurrentWidget(getattr(dialog, f"{page}_page"))
        stage.bot.wait(50)
        return dialog
    return shown


def devices(stage: Stage) -> QWidget:
    """Whose which computer is, with an invite for another of one's own."""
    stage.world.status = replace(stage.world.status, log_key="0f1e2d3c" * 8, log_trust="first_sight")
    dialog = rules("devices")(stage)
    assert isinstance(dialog, SettingsDialog)
    page = dialog.devices_page
    page.mine_button.click()
    stage.until(page.box.isVisible)
    return dialog


def people(world: World, *, cut_off: bool = False) -> dict[str, Any]:
    """What a core of more than one person has."""
    triage_ = FakeTriage(world)
    triage_.told["pt"] = findings("late", urgency=1, risk="chargeback")
    more = {"inbox": CutOff(world)} if cut_off else {}
    stamps = FakeAuthorities([
        authority("DigiStamp"), authority("Old stamps", waiting=3, failure="Old stamps did not answer in time."),
        authority("Demo", simulated=True)])
    return {"team": FakeTeam(world), "triage": triage_, "customers": FakeCustomers(world), "authorities": stamps,
            **more}


DESK: dict[str, Callable[[Stage], QWidget]] = {
    "picker-snooze": snoozing, "picker-tag": tagging, "picker-assign": assigning,
    "search": searching, "search-offers": suggesting, "search-nothing": found_nothing,
    "marked": marked, "marked-all": marked_all,
    "presence": present, "triage": triage_line, "triage-menu": triage,
    "customer": customer, "customer-merged": customer_merged,
    "settings-languages": rules("languages"), "settings-clocks": rules("clocks"),
    "settings-assignment": rules("assigning"), "settings-stamps": rules("stamps"),
    "settings-devices": devices,
}
