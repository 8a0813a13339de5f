"""What a search finds, in which order, and how it says what matched: any script, both languages, every part."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.store import NOW, OWN, Desk, desk, mail
from workstation.domain.conversation import Address
from workstation.drafts.model import Draft
from workstation.inbox.model import IncomingAttachment, ListQuery
from workstation.kernel.clock import DAY
from workstation.store import search


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        await made.with_account()
        yield made


async def subjects(here: Desk, text: str, queue: str = "all", *, relevance: bool = False) -> list[str]:
    page = await here.inbox.page(ListQuery(queue=queue, search=text, relevance=relevance))
    return [row.subject for row in page.rows]


async def found(here: Desk, text: str) -> str:
    (row,) = (await here.inbox.page(ListQuery(queue="all", search=text))).rows
    return row.found.replace("\x02", "[").replace("\x03", "]")


SCRIPTS = [
    ("我要退货单，谢谢你们", "货单", "我要退[货单]，谢谢你们"),
    ("我要退货单，谢谢你们", "退", "我要[退]货单，谢谢你们"),
    ("注文した商品がまだ届きません", "商品", "注文した[商品]がまだ届きません"),
    ("サイズが違います", "サイズ", "[サイズ]が違います"),
    ("พัสดุยังไม่มาถึงเลยค่ะ", "ไม่มา", "พัสดุยัง[ไม่มา]ถึงเลยค่ะ"),
    ("상품이 아직 도착하지 않았어요", "도착", "상품이 아직 [도착]하지 않았어요"),
    ("Onde está a devolução?", "devolucao", "Onde está a [devolução]?"),
    ("Where is the kettle", "KETT", "Where is the [kett]le"),
    ("أين الطرد من فضلك", "الطرد", "أين [الطرد] من فضلك"),
    ("Die Größe passt nicht", "grosse", ""),
    ("Die Größe passt nicht", "größe", "Die [Größe] passt nicht"),
    ("order 702-1234567-7654321 is late", "702-1234", "order [702-1234]567-7654321 is late"),
    ("order 702-1234567-7654321 is late", "7654321", "order 702-1234567-[7654321] is late"),
]


async def test_every_script_is_found_and_marked(here: Desk) -> None:
    texts = dict.fromkeys(text for text, _asked, _marked in SCRIPTS)
    await here.inbox.receive("account", [mail(n, text=text) for n, text in enumerate([*texts, "something else 别的"])])
    for text, asked, marked in SCRIPTS:
        assert (await found(here, asked) == marked) if marked else (await subjects(here, asked) == []), (text, asked)


async def test_every_two_characters_that_like_finds_are_found(here: Desk) -> None:
    texts = ["退货单和发票在盒子里", "发票在哪里？盒子坏了", "单和 发票", "货物退回", "没有"]
    await here.inbox.receive("account", [mail(n, text=text) for n, text in enumerate(texts)])
    pairs = {text[at : at + 2] for text in texts for at in range(len(text) - 1) if text[at : at + 2].isalpha()}
    for pair in pairs:
        expected = sorted(f"Question {n}" for n, text in enumerate(texts) if pair in text)
        assert sorted(await subjects(here, f'"{pair}"')) == expected, pair


async def test_subject_people_files_and_the_whole_word(here: Desk) -> None:
    file = IncomingAttachment("Rechnung Märchen.pdf", "application/pdf", b"%PDF")
    await here.inbox.receive("account", [
        mail(1, subject="Blue kettle", author=Address("zoe@shop.example", "Zoë Quartz"), attachments=(file,)),
        mail(2, subject="Green", to=(OWN, Address("legal@firm.example", "Firm Legal")))])
    assert await subjects(here, "blue ") == ["Blue kettle"]
    assert await subjects(here, "blu ") == []           # a word that ended is the whole word
    assert await subjects(here, "zoe quartz") == ["Blue kettle"]
    assert await subjects(here, "from:zoe") == ["Blue kettle"]
    assert await subjects(here, "from:firm") == []
    assert await subjects(here, "to:legal@firm.example") == ["Green"]
    assert await subjects(here, "file:rechnung") == ["Blue kettle"]
    assert await found(here, "marchen") == "Rechnung [Märchen].pdf"
    assert await subjects(here, "subject:rechnung") == []


async def test_phrases_and_what_is_not_wanted(here: Desk) -> None:
    await here.inbox.receive("account", [mail(1, text="the blue kettle broke"), mail(2, text="the kettle is blue")])
    assert await subjects(here, '"blue kettle"') == ["Question 1"]
    assert await subjects(here, "kettle -broke") == ["Question 2"]
    assert await subjects(here, 'kettle -"is blue"') == ["Question 1"]
    assert sorted(await subjects(here, "-broke")) == ["Question 2"]
    assert await subjects(here, '" OR NOT ( * : ^') == []
    assert await subjects(here, 'kettle" AND (') == []


async def test_newest_first_also_after_old_mail_was_imported(here: Desk) -> None:
    await here.inbox.receive("account", [mail(1, at=NOW - 5 * DAY), mail(2, at=NOW - DAY)])
    await here.inbox.receive("account", [mail(3, at=NOW - 900 * DAY), mail(4, at=NOW - 2 * DAY)])
    assert await subjects(here, "parcel") == ["Question 2", "Question 4", "Question 1", "Question 3"]


async def test_messages_of_one_second_keep_their_own_places(here: Desk) -> None:
    await here.inbox.receive("account", [mail(n, at=NOW) for n in range(30)])
    await here.inbox.receive("account", [mail(n, at=NOW - 5_000) for n in range(30, 60)])
    rows = (await here.inbox.page(ListQuery(queue="all", search="parcel"))).rows
    assert len({row.id for row in rows}) == 60
    places = await here.database.read(lambda c: c.exec_driver_sql("SELECT count(*), count(DISTINCT place) "
                                                                  "FROM message_place").one())
    assert tuple(places) == (60, 60)


async def test_pages_follow_each_other_and_no_conversation_comes_twice(here: Desk) -> None:
    await here.inbox.receive("account", [mail(n, at=NOW - n * 60_000) for n in range(40)])
    answers = [mail(100 + n, references=(f"<{n}@buyer.example>",), in_reply_to=f"<{n}@buyer.example>",
                    at=NOW - 60 * 60_000 - n) for n in range(0, 40, 2)]
    await here.inbox.receive("account", answers)
    for relevance in (False, True):
        query: ListQuery | None = ListQuery(queue="all", search="parcel", limit=7, relevance=relevance)
        ids: list[str] = []
        while query is not None:
            page = await here.inbox.page(query)
            ids += [row.id for row in page.rows]
            query = ListQuery("all", "parcel", page.cursor, 7, relevance) if page.cursor else None
        assert len(ids) == len(set(ids)) == 40


async def test_the_best_are_those_with_the_word_in_the_subject(here: Desk) -> None:
    await here.inbox.receive("account", [
        mail(1, subject="Kettle", at=NOW - DAY), mail(2, text="a kettle among very many other words " * 9, at=NOW)])
    assert await subjects(here, "kettle") == ["Question 2", "Kettle"]
    assert await subjects(here, "kettle", relevance=True) == ["Kettle", "Question 2"]


async def test_the_row_says_which_message_it_was(here: Desk) -> None:
    await here.inbox.receive("account", [
        mail(1, text="first"), mail(2, text="second kettle", in_reply_to="<1@buyer.example>",
                                    references=("<1@buyer.example>",))])
    (row,) = (await here.inbox.page(ListQuery(queue="all", search="kettle"))).rows
    view = await here.inbox.conversation(row.id)
    assert row.found_message == next(each.id for each in view.messages if "kettle" in each.text)


async def test_words_read_from_a_picture_are_found_later(here: Desk) -> None:
    await here.inbox.receive("account", [mail(1, text="see the picture")])
    assert await subjects(here, "crackline") == []
    message = await here.database.read(lambda c: c.exec_driver_sql("SELECT id FROM message").scalar())
    await here.database.write(lambda unit: search.put_extra(unit.conn, str(message), "photo", "serial CRACKLINE 7"))
    assert await found(here, "crackline") == "In a picture: serial [CRACKLINE] 7"
    assert await subjects(here, "picture") == ["Question 1"]
    await here.database.write(lambda unit: search.put_extra(unit.conn, str(message), "photo", ""))
    assert await subjects(here, "crackline") == []


async def test_a_reply_that_is_taken_back_is_not_found(here: Desk) -> None:
    await here.inbox.receive("account", [mail(1)])
    (row,) = (await here.inbox.page(ListQuery(queue="all", search="parcel"))).rows
    held = await here.drafts.send(Draft(row.id, body="We sent a marmalade"))
    assert await subjects(here, "marmalade") == ["Question 1"]
    await here.drafts.undo_send(held.id)
    assert await subjects(here, "marmalade") == []
