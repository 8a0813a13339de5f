"""Devices of the team in the settings: whose they are, an invite for one's own or a colleague's, the key of the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from tests.support.fakecore_team import FakeTeam
from ui import a11y
from ui.bridge import Bridge
from ui.team.devices_page import DevicesPage
from workstation.domain.events import MembersChanged
from workstation.kernel.errors import Refused
from workstation.runtime.thread import CoreThread

KEY = "0123456789abcdef" * 4


@pytest.fixture
def world() -> World:
    made = World()
    made.status = replace(made.status, log_key=KEY, log_trust="invite")
    return made


@pytest.fixture
def team(world: World) -> FakeTeam:
    return FakeTeam(world)


@pytest.fixture
def page(world: World, team: FakeTeam, qtbot: QtBot) -> Iterator[DevicesPage]:
    thread, bridge = CoreThread(), Bridge()
    bridge.attach(replace(make_core(world), team=team), thread)
    made = DevicesPage(bridge)
    qtbot.addWidget(made)
    made.resize(760, 520)
    made.show()
    qtbot.waitUntil(lambda: bool(made.key.text() or made.message.text()))
    yield made
    bridge.close()
    thread.stop()


def test_ones_own_devices_stand_first_and_an_owner_sees_everybodys(page: DevicesPage) -> None:
    lines = [line.rpartition(" | ")[0] for line in page.text.split("\n")]
    assert lines == ["Wei (you) | wei-desktop (this one) | Owner", "Wei (you) | wei-laptop | Owner",
                     "Bo | bo-desktop | Agent", "Bo | bo-old | shut out"]
    assert page.key.text() == "Key of the hub's log (SHA-256), named by the invite: " + "0123 4567 89ab cdef " * 3 + (
        "0123 4567 89ab cdef")
    assert a11y.unnamed(page) == []


def test_an_invite_for_another_device_of_ones_own_is_shown_and_copied(
    page: DevicesPage, world: World, qtbot: QtBot
) -> None:
    assert page.box.isHidden()
    page.mine_button.click()
    qtbot.waitUntil(page.box.isVisible)
    assert page.invite.text().startswith("https://hub.example:8787/#")
    assert "whoever has it becomes you" in page.about.text()
    page.copy_button.click()
    assert QGuiApplication.clipboard().text() == page.invite.text()
    assert world.called("team invite") == [""]


def test_an_owner_invites_a_colleague_of_a_role(page: DevicesPage, world: World, qtbot: QtBot) -> None:
    page.role.setCurrentIndex(page.role.findData("supervisor"))
    page.colleague_button.click()
    qtbot.waitUntil(page.box.isVisible)
    assert "Supervisor" in page.about.text()
    assert world.called("team invite") == ["supervisor"]


def test_who_is_no_owner_invites_only_for_themselves(page: DevicesPage, team: FakeTeam, world: World,
                                                     qtbot: QtBot) -> None:
    team.owner, team.seats = False, team.seats[:2]
    world.status = replace(world.status, log_trust="first_sight")
    world.bus.publish(MembersChanged())
    qtbot.waitUntil(page.colleague_button.isHidden)
    assert page.role.isHidden()
    assert page.mine_button.isEnabled()
    assert "trusted at first sight" in page.key.text()


def test_a_hub_that_knows_no_members_is_said_and_nothing_is_offered(page: DevicesPage, world: World,
                                                                    qtbot: QtBot) -> None:
    world.failure = Refused("This hub is of an older version and knows no members yet.", "Ask for an update.")
    page.refresh()
    qtbot.waitUntil(lambda: "older version" in page.message.text())
    assert page.message.property("role") == "error"


@pytest.mark.parametrize("connected", [False])
def test_without_a_hub_there_is_this_one_device(page: DevicesPage, world: World, qtbot: QtBot, connected: bool) -> None:
    world.status = replace(world.status, connected=connected, log_key="", log_trust="")
    page.refresh()
    qtbot.waitUntil(lambda: page.message.text() == "Without a hub there is this one device.")
    assert (page.text, page.mine_button.isEnabled(), page.key.text()) == ("", False, "")
