"""Who is where, as the hub keeps it: a place for each device, lapsing by the hub's clock, never after a revocation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workstation.hub import auth, presence
from workstation.hub.model import PRESENCE_LIFETIME
from workstation.hub.problems import HubProblem
from workstation.hub.rows import SqliteRows

NOW = 1_790_000_000_000


@pytest.fixture
def rows(tmp_path: Path) -> Any:
    kept = SqliteRows(tmp_path / "hub.db")
    for name in ("ana", "bo"):
        def enrol(conn: Any, name: str = name) -> None:
            auth.enrol(conn, auth.new_invite(conn, "agent", NOW), name, f"{name}'s", bytes(range(32)), NOW)
        kept.now(enrol)
    yield kept
    kept.close()


def say(rows: SqliteRows, who: str, where: str, doing: str = "viewing", at: int = NOW) -> list[tuple[str, str, int]]:
    found = rows.now(lambda conn: presence.say(conn, who, [where], doing, at))
    return [(one.device, one.doing, one.left) for one in found]


def test_others_are_told_with_what_is_left_and_lapse(rows: SqliteRows) -> None:
    assert say(rows, "ana", "c1") == []
    assert say(rows, "bo", "c1", at=NOW + 5_000) == [("ana", "viewing", PRESENCE_LIFETIME - 5_000)]
    assert say(rows, "bo", "c1", at=NOW + PRESENCE_LIFETIME) == []
    assert rows.now(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM presence").scalar()) == 1


def test_a_device_is_in_one_place_and_can_leave_it(rows: SqliteRows) -> None:
    say(rows, "ana", "c1", "writing")
    say(rows, "ana", "c2")
    assert say(rows, "bo", "c1") == []
    assert [one[0] for one in say(rows, "bo", "c2")] == ["ana"]
    say(rows, "ana", "c2", "")
    assert say(rows, "bo", "c2") == []


@pytest.mark.parametrize("body", [
    None, [], {}, {"conversations": [], "doing": "viewing"}, {"conversations": ["c"], "doing": "dancing"},
    {"conversations": "c", "doing": "viewing"}, {"conversations": [1], "doing": "viewing"},
    {"conversations": ["c"] * 33, "doing": "viewing"}, {"conversations": ["x" * 201], "doing": "viewing"},
    {"conversations": ["a\nb"], "doing": "viewing"}, {"conversations": ["c"], "doing": ["viewing"]},
])
def test_what_is_no_presence_is_refused(body: object) -> None:
    with pytest.raises(HubProblem):
        presence.asked(body)


def test_a_hubs_clock_that_was_set_back_keeps_nobody(rows: SqliteRows) -> None:
    say(rows, "ana", "c1", at=NOW + 3_600_000)
    assert say(rows, "bo", "c1") == []
