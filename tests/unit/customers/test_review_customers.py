"""Buyers without an address are not one person, an undo that failed can be tried again, and looking writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.store import NOW
from tests.unit.customers.test_service import MAIL, OTHER, office
from workstation.customers.service import CustomersService
from workstation.kernel.errors import Busy


async def test_conversations_without_an_address_are_not_one_person(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        one, two = await here.wrote(1, MAIL, "Ana"), await here.wrote(2, OTHER, "Bo")
        await here.desk.database.write(lambda unit: unit.conn.exec_driver_sql(
            "UPDATE conversation SET customer_address = '', customer_name = '', customer_id = ''") and None)
        first, second = await here.customers.of(one), await here.customers.of(two)
        assert first.id != second.id
        assert [each.conversation_id for each in (await here.customers.history(first.id)).rows] == [one]


async def test_an_undo_that_could_not_be_written_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as here:
        ids = [(await here.customers.of(each)).id for each in (
            await here.wrote(1, MAIL, "Ana"), await here.wrote(2, OTHER, "Bo"))]
        undo = await here.customers.merge(*ids)

        async def busy(_work: object) -> None:
            raise Busy("busy", "later")

        with monkeypatch.context() as patched:
            patched.setattr(here.desk.database, "write", busy)
            with pytest.raises(Busy):
                await here.customers.undo(undo.id)
        await here.customers.undo(undo.id)
        merged = await here.desk.database.read(lambda c: c.exec_driver_sql(
            "SELECT count(*) FROM customer_link WHERE verdict = 'one'").scalar())
        assert merged == 0


async def test_a_look_at_nobody_new_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as here:
        await here.wrote(1, MAIL, "Ana")
        await here.customers.step()

        async def fail(_work: object) -> None:
            raise AssertionError("a write")

        monkeypatch.setattr(here.desk.database, "write", fail)
        assert await here.customers.step() > 1


async def test_another_desktops_odd_word_is_passed_over(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        for odd in ({"a": "a", "b": "b", "verdict": "one", "at": 10 ** 30},
                    {"a": "a", "b": "b" * 5_000, "verdict": "one", "at": NOW},
                    {"a": "", "b": "b", "verdict": "one", "at": NOW}):
            def apply(unit: object, body: dict[str, object] = odd, service: CustomersService = here.customers) -> None:
                service.apply(unit, "x", body)  # type: ignore[arg-type]

            await here.desk.database.write(apply)
        kept = await here.desk.database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM customer_link").scalar())
        assert kept == 0
