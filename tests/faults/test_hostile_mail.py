"""Generated mails meet the product's own way from bytes to a stored conversation that can be read: nothing raises,
nothing takes long, nothing is written elsewhere, nothing is connected to.

300 cases by default, 10,000 with `--long`; the seed is in the header and `--seed` repeats a run.
"""

from __future__ import annotations

import re
import resource
import time
import tracemalloc
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support import hostile, hostile_seeds
from tests.support.store import desk
from workstation.connectors.email.archive import Archive
from workstation.connectors.email.limits import MAX_PARTS, MAX_SENTENCES, MAX_SUBJECT, MAX_TEXT
from workstation.connectors.email.mapper import parse
from workstation.connectors.email.mime import Part, Tree
from workstation.connectors.email.quotes import fold
from workstation.domain.clues import find_mentions
from workstation.inbox.model import BadItem, IncomingMail, ListQuery
from workstation.kernel.clock import FixedClock
from workstation.translation.detector import Detector

NOW = 1_795_200_000_000   # 2026-11-20T18:40:00Z
SHORT, LONG = 300, 10_000
PATIENCE = 2.0            # seconds of processor time for one mail
ROOM = 96 * 1024 * 1024   # bytes one mail may take beside six times its own size
STORED = 60               # cases that go all the way into a store

UNSEEN = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
HARMLESS = frozenset(
    "href rel src alt width height colspan rowspan align valign border cellpadding cellspacing start type dir lang "
    "title".split())
ACTIVE = frozenset("script style link meta base iframe object embed form svg math input video audio".split())


class Judge(HTMLParser):
    """Reads cleaned HTML as a browser would and refuses what could act or be fetched."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ACTIVE, tag
        for name, value in attrs:
            assert name in HARMLESS, f"{tag} {name}"
            if name == "src":
                assert re.match(r"cid:|data:image/", value or ""), value
            if name == "href":
                assert re.match(r"(?:https?|mailto|tel):", value or "", re.IGNORECASE), value


def sound(mail: IncomingMail, raw: bytes) -> None:
    """Whatever came in, this is what everything behind may rely on."""
    assert mail.raw == raw
    people = (mail.author, *mail.to, *mail.cc, *filter(None, (mail.reply_to,)))
    lines = [mail.subject, *(p.name for p in people), *(p.email for p in people), *(f.name for f in mail.attachments)]
    for line in lines:
        assert not UNSEEN.search(line), line
    for text in (*lines, mail.text, mail.html, *mail.problems, *mail.notes, *(f.mime for f in mail.attachments)):
        text.encode("utf-8")
        assert "\x00" not in text
    assert re.fullmatch(r"<[!-~]{1,995}>", mail.message_id)
    assert all(re.fullmatch(r"<[!-~]{1,995}>", one) for one in (*mail.references, *filter(None, (mail.in_reply_to,))))
    assert len(mail.subject) <= MAX_SUBJECT
    assert len(mail.text) <= MAX_TEXT
    assert len(mail.attachments) <= MAX_PARTS + 100
    assert max(len(mail.problems), len(mail.notes)) <= MAX_SENTENCES + 1
    assert 631_152_000_000 <= mail.at <= NOW + 2 * 86_400_000
    for file in mail.attachments:
        assert Path(file.name).name == file.name
        assert file.name not in ("", ".", "..")
    Judge().feed(mail.html)


def read(raw: bytes) -> IncomingMail:
    """The mail as the product reads it before it is stored."""
    mail = parse(raw, received_at=NOW)
    text, quoted = fold(mail.text)
    assert len(text) + len(quoted) <= len(mail.text)
    Detector().detect(text[:2_000] or mail.subject)
    find_mentions(f"{mail.subject}\n{text}")
    return mail


@pytest.mark.timeout(3_600)
def test_no_generated_mail_raises_hangs_or_reaches_out(seed: int, long_run: bool, tmp_path: Path) -> None:
    read(hostile_seeds.ALL[0])
    slowest, peak = (0.0, -1), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with hostile.watched(tmp_path) as watch:
        for number in range(LONG if long_run else SHORT):
            raw = hostile.case(seed, number)
            begun = time.process_time()
            try:
                mail = read(raw)
                sound(mail, raw)
            except Exception as problem:  # noqa: BLE001  the case is named, whatever it broke
                pytest.fail(f"seed {seed}, case {number}: {type(problem).__name__}: {problem}")
            slowest = max(slowest, (time.process_time() - begun, number))
            assert slowest[0] < PATIENCE, f"seed {seed}, case {slowest[1]}: {slowest[0]:.2f} s"
    assert watch.outside == [], f"seed {seed}"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert grown < 400_000, f"seed {seed}: {grown} KB"
    print(f"seed {seed}: slowest case {slowest[1]} took {slowest[0]:.3f} s; memory grew by {grown // 1024} MB")


@pytest.mark.parametrize("name", hostile_seeds.HEAVY)
def test_a_heavy_mail_is_bounded_kept_and_explained(name: str, tmp_path: Path) -> None:
    make, said = hostile_seeds.HEAVY[name]
    raw = make()
    with hostile.watched(tmp_path) as watch:
        begun = time.process_time()
        mail = read(raw)
        assert time.process_time() - begun < PATIENCE
    sound(mail, raw)
    assert watch.outside == []
    assert any(said in sentence for sentence in (*mail.problems, *mail.notes)) or not said, mail.problems


@pytest.mark.parametrize("name", ["49 levels of 30 MB", "10,000 parts", "a line of 50 MB", "10,000 tables"])
def test_a_heavy_mail_takes_bounded_memory(name: str) -> None:
    raw = hostile_seeds.HEAVY[name][0]()
    tracemalloc.start()
    try:
        parse(raw, received_at=NOW)
        assert tracemalloc.get_traced_memory()[1] < 6 * len(raw) + ROOM
    finally:
        tracemalloc.stop()


def test_what_lies_too_deep_is_attached_and_not_lost() -> None:
    mail = parse(hostile_seeds.HEAVY["200 levels"][0](), received_at=NOW)
    (file,) = mail.attachments
    assert file.content.rstrip().endswith(b"the innermost words")


def test_every_byte_of_a_nested_mail_is_in_a_part_or_between_parts() -> None:
    def leaves(part: Part) -> list[Part]:
        return [leaf for child in part.children for leaf in leaves(child)] if part.children else [part]

    raw = hostile_seeds.ALL[6]
    found = b"".join(leaf.body for leaf in leaves(Tree(raw).read()))
    assert b"see attached" in found
    assert len(leaves(Tree(raw).read())) == 3


async def test_generated_mails_become_conversations_that_can_be_read(seed: int, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    for number in range(STORED):
        (folder / f"{number:04}.eml").write_bytes(hostile.case(seed, number))
    items = list(Archive(FixedClock(NOW)).read(folder))
    bad = [item for item in items if isinstance(item, BadItem)]
    assert len(items) == STORED
    (tmp_path / "first").mkdir()
    async with desk(tmp_path / "first"):
        pass    # makes the empty store that the next is copied from, which is no mail's doing
    with hostile.watched(tmp_path) as watch:
        async with desk(tmp_path) as here:
            here.archive.items = items
            report = await here.inbox.import_mail(folder)
            again = await here.inbox.import_mail(folder)
            page = await here.inbox.page(ListQuery())
            views = [await here.inbox.conversation(row.id) for row in page.rows]
    assert watch.outside == [], f"seed {seed}"
    assert report.bad == tuple(bad), f"seed {seed}"
    assert report.seen == STORED
    assert again.new == 0, f"seed {seed}: a mail was not recognised when it came again"
    assert sum(len(view.messages) + view.earlier for view in views) == report.new


async def test_a_bounce_of_our_reply_stands_below_the_reply(tmp_path: Path) -> None:
    asked = parse(hostile_seeds.ALL[0], received_at=NOW)
    ours = (b"Message-ID: <reply-1@shop.example>\r\nIn-Reply-To: <seed@home.example>\r\nFrom: shop@seller.example\r\n"
            b"To: buyer@home.example\r\nDate: Fri, 20 Nov 2026 10:05:00 +0000\r\n\r\nIt is on its way.\r\n")
    bounce = hostile_seeds.BOUNCE.replace(b"<seed@", b"<bounce@").replace(b"10:00:00", b"10:06:00")
    async with desk(tmp_path) as here:
        here.archive.items = [asked, parse(ours, received_at=NOW, own=True), parse(bounce, received_at=NOW)]
        await here.inbox.import_mail(tmp_path)
        (row,) = (await here.inbox.page(ListQuery())).rows
        view = await here.inbox.conversation(row.id)
    assert [message.message_id for message in view.messages] == [
        "<seed@home.example>", "<reply-1@shop.example>", "<bounce@home.example>"]
    assert "was not delivered: 550" in view.messages[2].problems[0]


async def test_what_a_mail_is_and_what_its_pictures_are_called_comes_back_from_the_store(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.archive.items = [parse(hostile_seeds.ALL[5], received_at=NOW)]
        await here.inbox.import_mail(tmp_path)
        (row,) = (await here.inbox.page(ListQuery())).rows
        (message,) = (await here.inbox.conversation(row.id)).messages
    assert message.notes[0].startswith("1 remote picture was not loaded.")
    assert [file.content_id for file in message.attachments] == ["pic@x"]
