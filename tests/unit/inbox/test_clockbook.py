"""A seller's own clocks: kept as a file that reads back the same, holding at once for what waits, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.store import NOW, desk, mail
from workstation.inbox.clockbook import ClockBook
from workstation.inbox.clocks import own_rules
from workstation.inbox.model import ClockRule
from workstation.inbox.service import InboxService
from workstation.kernel.clock import HOUR
from workstation.kernel.errors import InputError, ReadOnly
from workstation.kernel.paths import resources

SHIPPED = resources() / "clocks" / "clocks.toml"
RULES = (
    ClockRule("email", "hours", hours=4), ClockRule("amazon", "none", ("US", "DE"), ("casa",)),
    ClockRule("line", "business_hours", hours=3, opens="09:00", closes="18:00", week=("mon", "sat"), holidays=False,
              greetings=False, zone="Asia/Tokyo"),
    ClockRule("lazada", "cutoff", received_until="17:00", answered_by="18:00", source='the "shop" says\\so, 店'),
)


def test_what_is_kept_reads_back_the_same_and_goes_before_what_ships(tmp_path: Path) -> None:
    book = ClockBook(SHIPPED, tmp_path / "clocks.toml")
    shipped = len(book)
    book.keep(RULES)
    again = ClockBook(SHIPPED, tmp_path / "clocks.toml")
    assert again.problems == ()
    assert again.own == tuple(replace(rule, own=True) for rule in RULES)
    assert len(again) == len(book) == shipped + len(RULES)
    assert list(tmp_path.iterdir()) == [tmp_path / "clocks.toml"]


@given(st.text(max_size=60))
def test_any_store_name_survives_the_file_or_is_refused(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = tmp_path_factory.mktemp("home") / "clocks.toml"
    book = ClockBook(SHIPPED, path)
    try:
        book.keep([ClockRule("email", "hours", source=name, hours=1)])
    except InputError:
        assert not name.isprintable()
        return
    assert own_rules(path)[0][0].source == name


def test_a_rule_that_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    book = ClockBook(SHIPPED, tmp_path / "clocks.toml")
    book.keep(RULES[:1])
    with pytest.raises(InputError, match="Rule 2"):
        book.keep([RULES[0], ClockRule("email", "business_hours", hours=3)])
    assert ClockBook(SHIPPED, tmp_path / "clocks.toml").own == book.own


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReadOnly):
        ClockBook(SHIPPED, tmp_path / "file" / "clocks.toml").keep(RULES)


async def test_new_rules_hold_for_what_waits_when_they_are_kept(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        book = ClockBook(SHIPPED, tmp_path / "clocks.toml")
        inbox = InboxService(
            here.database, here.blobs, here.clock, here.inbox._jobs, rules=book, archive=here.archive,
            preparer=here.inbox._receiving._preparer, clues=here.inbox._receiving._clues, views=here.inbox._views)
        await here.with_account()
        await inbox.receive("account", [mail(1, at=NOW - HOUR)])

        async def due() -> int:
            found = await here.database.read(lambda c: c.exec_driver_sql("SELECT due_at FROM conversation").scalar())
            return int(str(found))

        assert await due() == NOW + 23 * HOUR
        await inbox.keep_clock_rules(RULES[:1])
        assert await due() == NOW + 3 * HOUR
        rules, problems = await inbox.clock_rules()
        assert problems == ()
        assert [rule for rule in rules if rule.own] == [replace(RULES[0], own=True)]
