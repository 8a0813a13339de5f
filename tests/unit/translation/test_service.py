"""The service on a real store with the real engine: read once, keep, preview, and say what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.fresh import fresh
from tests.support.translation import Messages
from workstation.domain.events import TranslationStored
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import InputError, NoEngine, NotFound
from workstation.kernel.events import Event
from workstation.store.database import Database
from workstation.translation import repo
from workstation.translation.engines import Engines, local_engines
from workstation.translation.ports import MessageText
from workstation.translation.service import TranslationService

PORTUGUESE = "Olá Mariana, meu pedido 702-1234567-1234567 de R$ 129,90 não chegou."

KEY = bytes(range(32))


@dataclass
class Desk:
    service: TranslationService
    database: Database
    messages: Messages
    events: list[Event] = field(default_factory=list)
    language: str = "en"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    events: list[Event] = []
    fresh(tmp_path / "store.db", KEY)
    database = Database(tmp_path / "store.db", KEY, events.append)
    messages = Messages({
        "m1": MessageText(PORTUGUESE, "pt", "c1", ("Mariana",)), "m2": MessageText("Where is it, please?", "", "c1"),
        "m3": MessageText("荷物がまだ届きません。", "ja", "c2"), "m4": MessageText("???", "", "c2"),
    })
    made = Desk.__new__(Desk)
    service = TranslationService(database, FixedClock(5), local_engines(tmp_path), messages, lambda: made.language)
    made.__init__(service, database, messages, events)  # type: ignore[misc]
    yield made
    await service.shutdown()
    await asyncio.to_thread(database.close)


async def test_a_message_is_translated_once_kept_and_announced(desk: Desk) -> None:
    first, second = await asyncio.gather(desk.service.read_message("m1"), desk.service.read_message("m1"))
    assert first == second
    assert first is not None
    assert {"702-1234567-1234567", "R$ 129,90", "Mariana"} <= set(first.survived)
    assert (first.lost, first.engine, first.pivot) == ((), "firefox", "")
    assert "arrive" in first.target
    assert desk.events == [TranslationStored("c1", "m1")]
    kept = await desk.database.read(lambda c: repo.stored(c, ["m1", "m2", "gone"], "en"))
    assert kept["m1"].text == first.target
    assert kept["m1"].source_hash == repo.source_hash(PORTUGUESE)
    assert list(kept) == ["m1"]
    await desk.service.shutdown()
    assert await desk.service.read_message("m1") == first


async def test_a_changed_message_is_translated_again(desk: Desk) -> None:
    await desk.service.read_message("m1")
    desk.messages.texts["m1"] = MessageText("Obrigado, chegou em 12/11/2026.", "pt", "c1")
    again = await desk.service.read_message("m1")
    assert again is not None
    assert "12/11/2026" in again.survived
    kept = await desk.database.read(lambda c: repo.stored(c, ["m1"], "en"))
    assert kept["m1"].text == again.target


async def test_own_language_missing_engine_and_missing_message(desk: Desk) -> None:
    assert await desk.service.read_message("m2") is None
    with pytest.raises(NoEngine, match="Japanese → English"):
        await desk.service.read_message("m3")
    with pytest.raises(NoEngine, match="could not be told"):
        await desk.service.read_message("m4")
    with pytest.raises(NotFound):
        await desk.service.read_message("gone")
    assert desk.events == []


async def test_the_agents_language_is_asked_each_time(desk: Desk) -> None:
    desk.language = "pt_BR"
    assert await desk.service.read_message("m1") is None
    translated = await desk.service.read_message("m2")
    assert translated is not None
    assert translated.target_language == "pt"


async def test_preview_goes_forward_and_back_from_what_the_buyer_reads(desk: Desk) -> None:
    text = "Hello Mariana,\n\nwe refunded R$ 129,90 for order 702-1234567-1234567 on 20/11/2026.\nSee https://t.example/a1."
    preview = await desk.service.preview(text, "en", "pt")
    assert preview.forward.lost == ()
    assert {"R$ 129,90", "702-1234567-1234567", "20/11/2026", "https://t.example/a1"} <= set(preview.forward.survived)
    assert "reembols" in preview.forward.target
    assert preview.back == (await desk.service.translate(preview.forward.target, "pt", "en")).target
    assert "702-1234567-1234567" in preview.back
    assert preview.back_engine == "firefox"


async def test_a_damaging_engine_is_reported_not_hidden(desk: Desk, tmp_path: Path) -> None:
    from workstation.translation.model import Engine

    class Careless:
        name = "careless"

        def pairs(self) -> tuple[Engine, ...]:
            return (Engine("careless", "en", "fr"),)

        async def translate(self, texts: list[str], _source: str, _target: str) -> tuple[str, ...]:
            return tuple("neuf et 99" for _text in texts)

        async def shutdown(self) -> None: ...

    service = TranslationService(
        desk.database, FixedClock(5), Engines([Careless()]), desk.messages, lambda: "en")  # type: ignore[list-item]
    result = await service.translate("Order #1042 costs €12.50.", "en", "fr")
    assert {"#1042", "€12.50"} <= set(result.survived)
    assert result.lost == ("99 (not in the original)",)
    assert (await service.preview("Hi there", "en", "fr")).back == ""


async def test_engines_bounds_and_same_language(desk: Desk) -> None:
    assert {(e.name, e.source, e.target) for e in await desk.service.engines()} == {
        ("firefox", "en", "pt"), ("firefox", "pt", "en")}
    with pytest.raises(InputError, match="too long"):
        await desk.service.translate("a" * 100_001, "en", "pt")
    assert (await desk.service.translate("as it is", "en", "EN")).target == "as it is"
    assert (await desk.service.translate("Onde está o meu pacote?", "", "en")).source_language == "pt"


async def test_forgetting_a_message_forgets_its_translations(desk: Desk) -> None:
    await desk.service.read_message("m1")
    await desk.database.write(lambda unit: repo.forget(unit.conn, ["m1"]))
    assert await desk.database.read(lambda c: repo.stored(c, ["m1"], "en")) == {}
