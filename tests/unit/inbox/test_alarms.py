"""Clocks that come near raise two alarms, once each, and follow their rules when these change."""

from __future__ import annotations

from pathlib import Path

from tests.support.store import NOW, Desk, desk, mail
from workstation.domain.events import ClockNearing, ConversationsChanged
from workstation.inbox.alarms import Alarms
from workstation.inbox.model import ClockRule
from workstation.kernel.clock import HOUR, MINUTE


async def begun(here: Desk, written: int) -> str:
    """A conversation that began at `written`, under the shipped rule of one day."""
    await here.with_account()
    await here.inbox.receive("account", [mail(1, at=written)])
    await here.inbox.look_at_clocks()          # the rules are those it was stored under
    await here.inbox.look_at_clocks()
    here.events.clear()
    changed = await here.database.read(lambda c: c.exec_driver_sql("SELECT id FROM conversation").scalar())
    return str(changed)


def near(here: Desk) -> list[tuple[tuple[str, ...], bool]]:
    return [(event.ids, event.last) for event in here.events if isinstance(event, ClockNearing)]


async def test_a_clock_alarms_at_its_last_quarter_and_its_last_tenth_and_not_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one = await begun(here, NOW - 17 * HOUR)
        await here.inbox.look_at_clocks()
        assert near(here) == []
        here.clock.advance(HOUR + MINUTE)      # 18 h of 24 are over
        await here.inbox.look_at_clocks()
        await here.inbox.look_at_clocks()
        assert near(here) == [((one,), False)]
        here.clock.advance(4 * HOUR)           # 22 h: the last tenth began at 21.6
        await here.inbox.look_at_clocks()
        await here.inbox.look_at_clocks()
        assert near(here) == [((one,), False), ((one,), True)]


async def test_nobody_is_alarmed_by_what_is_muted_answered_or_put_off(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one = await begun(here, NOW - 17 * HOUR)
        await here.inbox.snooze([one], NOW + 48 * HOUR)
        here.clock.advance(2 * HOUR)
        await here.inbox.look_at_clocks()
        assert near(here) == []
        await here.inbox.reopen([one])
        await here.database.write(lambda unit: unit.conn.exec_driver_sql("UPDATE conversation SET muted = 1"))
        here.clock.advance(4 * HOUR)
        await here.inbox.look_at_clocks()
        assert near(here) == []


async def test_a_clock_that_was_set_back_alarms_once_when_its_time_comes(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one = await begun(here, NOW - 17 * HOUR)
        here.clock.advance(-30 * HOUR)
        await here.inbox.look_at_clocks()
        here.clock.advance(32 * HOUR)
        await here.inbox.look_at_clocks()
        assert near(here) == [((one,), False)]


async def test_changed_rules_reach_what_already_waits_in_steps_that_survive_an_end(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await begun(here, NOW - HOUR)
        rules = (ClockRule("email", "hours", hours=4, own=True),)
        assert await Alarms(here.database, here.clock, rules).step() > 0        # one step, then the program ends
        again = Alarms(here.database, here.clock, rules)
        await again.step()
        due = await here.database.read(lambda c: c.exec_driver_sql("SELECT due_at, warn_at FROM conversation").one())
        assert tuple(due) == (NOW + 3 * HOUR, NOW + 2 * HOUR)
        assert sum(isinstance(event, ConversationsChanged) for event in here.events) == 1
