"""The demo's script holds together: situations, verdicts, real mails, readable exports, replies that survive."""

from __future__ import annotations

import re
import struct
import zlib
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

import pytest

from workstation.connectors.email.quotes import fold
from workstation.connectors.http import make_client
from workstation.connectors.orderfiles.reader import OrderFiles
from workstation.connectors.seventeentrack.client import SeventeenTrack
from workstation.connectors.seventeentrack.settings import SeventeenTrackSettings
from workstation.connectors.shopify.client import ShopifyOrders
from workstation.connectors.shopify.settings import ShopifySettings
from workstation.connectors.simulated.carrier import SimulatedCarrier
from workstation.connectors.simulated.shop import SimulatedShop
from workstation.demo.script import (
    MAILBOXES,
    SITUATIONS,
    Script,
    carrier_faults,
    fill,
    mails,
    message_id,
    orders_csv,
    orders_tsv,
    parcels,
    reply_text,
    scripts,
    shop_faults,
    shop_orders,
    store_of,
)
from workstation.demo.script.loader import alias, read
from workstation.demo.script.mails import conversation
from workstation.demo.script.photo import damaged_box
from workstation.domain.clues import find_order_clues, find_tracking_clues, s10_is_valid
from workstation.domain.money import Money
from workstation.domain.order import ParcelState
from workstation.kernel.clock import DAY, HOUR, FixedClock
from workstation.kernel.errors import BadAnswer
from workstation.orders.model import Answer
from workstation.translation.detector import Detector
from workstation.translation.engines import local_engines
from workstation.translation.pipeline import translate_text
from workstation.translation.survival import check
from workstation.verification.model import CHECKS, Verdict

NOW = 1_795_302_000_000
ALL = scripts()
WITH_ORDERS = [(script, script.order) for script in ALL if script.order is not None]
ids = [script.id for script in ALL]
# Which verdicts each check can give (the other two do not exist for it).
POSSIBLE = {
    "order": {"pass", "fail", "unknown"}, "delivery": {"pass", "warn", "unknown"},
    "tracking": {"pass", "warn", "unknown"}, "promise": {"pass", "fail", "unknown"},
    "return_window": {"pass", "fail", "unknown"}, "refund": {"pass", "warn", "fail", "unknown"},
}


def parsed(script: Script) -> list[Message]:
    return [message_from_bytes(raw) for raw in conversation(script, NOW)]


def plain(message: Message) -> str:
    part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode().replace("\r\n", "\n").rstrip("\n")


def test_enough_conversations_languages_and_every_situation() -> None:
    assert len(ALL) >= 24
    assert len(set(ids)) == len(ids)
    assert {script.language for script in ALL} >= {"pt", "en", "es", "de", "ja", "ar", "zh", "fr"}
    assert {script.situation for script in ALL} == set(SITUATIONS)
    assert sum(len(script.letters) > 1 for script in ALL) >= 4


def test_each_check_shows_each_verdict_it_can_give() -> None:
    for check_id in CHECKS:
        shown = {script.expect[check_id] for script in ALL if check_id in script.expect}
        assert shown == POSSIBLE[check_id], check_id
    assert {verdict for script in ALL for verdict in script.expect.values()} == {verdict.value for verdict in Verdict}


@pytest.mark.parametrize("script", ALL, ids=ids)
def test_expectations_follow_from_the_facts(script: Script) -> None:
    order, expect = script.order, script.expect
    if order is None:
        assert expect.get("order") in (None, "fail", "unknown")
        return
    if order.trouble:
        assert set(expect.values()) == {"unknown"}
        return
    assert expect["order"] == "pass"
    assert expect["delivery"] == ("warn" if order.shipped_days is None else "pass")
    assert expect["refund"] == _refund(script)
    if "promise" in expect:
        assert expect["promise"] == _promise(script)
    if order.parcel is not None and order.parcel.trouble:
        assert expect["tracking"] == "unknown"


def _refund(script: Script) -> str:
    order = script.order
    assert order is not None
    if order.platform == "amazon":
        return "unknown"
    back = sum(Money.parse(refund.amount, order.currency).minor for refund in order.refunds)
    total = sum(Money.parse(line.price, order.currency).minor * line.quantity for line in order.lines)
    return "pass" if not back else "fail" if back >= total else "warn"


def _promise(script: Script) -> str:
    """Only the marketplace's report tells a promised day."""
    order = script.order
    assert order is not None
    if order.platform != "amazon" or order.promised_days is None:
        return "unknown"
    if order.parcel and order.parcel.trouble and order.promised_days < 0:
        return "unknown"  # nobody can tell whether it arrived in time
    arrived = order.parcel.delivered_days if order.parcel and order.parcel.delivered_days is not None else 0
    return "pass" if arrived <= order.promised_days else "fail"


@pytest.mark.parametrize("script", ALL, ids=ids)
def test_people_addresses_and_links_are_invented(script: Script) -> None:
    texts = [letter.text for letter in script.letters] + [script.reply]
    addresses = [script.address, *script.cc, *re.findall(r"[\w.+-]+@[\w.-]+\w", " ".join(texts))]
    hosts = re.findall(r"https?://([\w.-]+)", " ".join(texts))
    assert all(name.endswith(".example") for name in (*addresses, *hosts))
    assert script.address == alias(script.id) or script.mailbox.key == "shop"


@pytest.mark.parametrize("script", ALL, ids=ids)
def test_the_first_message_is_in_its_language_and_names_its_order(script: Script) -> None:
    text = f"{script.subject}\n{script.letters[0].text}"
    assert Detector().detect(fill(script.letters[0].text, NOW, script.language)) == script.language
    if script.order is not None:
        assert script.order.id in {clue.value for clue in find_order_clues(text)}
        named = {clue.value for clue in find_tracking_clues(text)}
        assert named <= {script.order.tracking}


def test_tracking_numbers_are_valid_and_belong_to_one_order() -> None:
    numbers = [order.tracking for _script, order in WITH_ORDERS if order.tracking]
    assert len(set(numbers)) == len(numbers) >= 15
    assert all(s10_is_valid(number) for number in numbers)
    for _script, order in WITH_ORDERS:
        if order.parcel is not None:
            assert order.parcel.events[-1].state in (order.parcel.state, ParcelState(order.parcel.state))
            days = [step.days for step in order.parcel.events]
            assert days == sorted(days)
            assert days[0] >= order.placed_days


@pytest.mark.parametrize("script", ALL, ids=ids)
def test_mails_are_threaded_dated_and_addressed(script: Script) -> None:
    made = parsed(script)
    known: list[str] = []
    for number, (letter, message) in enumerate(zip(script.letters, made, strict=True)):
        author = getaddresses([message["From"]])[0][1]
        assert author == (script.address if letter.author == "buyer" else script.mailbox.address)
        assert message["Message-ID"] == message_id(script, number, NOW)
        assert message.get("In-Reply-To", "") == (known[-1] if known else "")
        assert message.get("References", "").split() == known
        assert parsedate_to_datetime(message["Date"]).timestamp() * 1000 == pytest.approx(
            NOW - letter.hours_ago * HOUR, abs=1000)
        assert not message.defects
        known.append(message["Message-ID"])


@pytest.mark.parametrize("script", ALL, ids=ids)
def test_quoted_history_folds_away_and_nothing_is_left_unfilled(script: Script) -> None:
    for letter, message in zip(script.letters, parsed(script), strict=True):
        new, quoted = fold(plain(message))
        assert new == fill(letter.text, NOW, script.language)
        assert bool(quoted) == letter.quote
        assert "{" not in plain(message)


def test_html_attachment_copy_and_sent_folder_appear() -> None:
    made = [message_from_bytes(raw) for raw, _folder in mails(NOW)]
    kinds = [part.get_content_type() for message in made for part in message.walk()]
    assert kinds.count("text/html") >= 3
    assert kinds.count("image/png") >= 2
    assert any(message["Cc"] for message in made)
    assert {folder for _raw, folder in mails(NOW)} == {"INBOX", "Sent"}
    names = {part.get_filename() for message in made for part in message.walk() if part.get_filename()}
    assert "破損.png" in names
    assert mails(NOW) == mails(NOW)
    assert sum(len(mails(NOW, mailbox.key)) for mailbox in MAILBOXES) == len(made)


def test_clocks_are_spread_over_breached_close_and_quiet() -> None:
    waiting = [script.letters[-1].hours_ago for script in ALL if script.letters[-1].author == "buyer"]
    assert sum(hours > 24 for hours in waiting) >= 3
    assert sum(18 < hours < 24 for hours in waiting) >= 4
    assert sum(hours < 12 for hours in waiting) >= 6


def test_the_photo_is_a_png_with_whole_chunks() -> None:
    picture, at, kinds = damaged_box(), 8, []
    while at < len(picture):
        length, kind = struct.unpack_from(">I4s", picture, at)
        data = picture[at + 8:at + 8 + length]
        assert struct.unpack_from(">I", picture, at + 8 + length)[0] == zlib.crc32(kind + data)
        kinds.append(kind)
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def _imported(tmp_path: Path, name: str, content: bytes) -> dict[str, Answer]:
    (tmp_path / name).write_bytes(content)
    answers = list(OrderFiles().read(tmp_path / name, NOW))
    assert all(isinstance(answer, Answer) for answer in answers)
    return {a.order.ref.order_id: a for a in answers if isinstance(a, Answer) and a.order is not None}


def test_the_marketplace_report_reads_back_as_the_script_says(tmp_path: Path) -> None:
    found = _imported(tmp_path, "orders.txt", orders_tsv(NOW))
    wanted = {order.id: (script, order) for script, order in WITH_ORDERS if order.platform == "amazon"}
    assert set(found) == set(wanted)
    for order_id, (script, order) in wanted.items():
        read_back = found[order_id].order
        assert read_back is not None
        assert (read_back.ref.store, read_back.buyer_email) == (store_of(order), script.address)
        assert read_back.tracking_number == order.tracking
        assert read_back.shipped_at == (None if order.shipped_days is None else NOW + order.shipped_days * DAY)
        assert read_back.promised_at == NOW + (order.promised_days or 0) * DAY
        assert not read_back.refunds_known


def test_the_shops_export_and_its_own_answers_agree(tmp_path: Path) -> None:
    found = _imported(tmp_path, "orders.csv", orders_csv(NOW))
    asked = {order.ref.order_id: order for order in shop_orders(NOW)}
    assert set(asked) - set(found) == set(shop_faults())
    for order_id, answer in found.items():
        exported, own = answer.order, asked[order_id]
        assert exported is not None
        assert (exported.total, exported.country, exported.ref) == (own.total, own.country, own.ref)
        assert [line.sku for line in exported.lines] == [line.sku for line in own.lines]
        assert sum(r.amount.minor for r in exported.refunds) == sum(r.amount.minor for r in own.refunds)


def test_parcels_and_faults_name_what_exists() -> None:
    known = {parcel.tracking_number: parcel for parcel in parcels(NOW)}
    assert set(carrier_faults()) < set(known)
    assert {fault.value for fault in (*carrier_faults().values(), *shop_faults().values())} == {"timeout", "shape"}
    assert all(event.at <= NOW for parcel in known.values() for event in parcel.events)
    for parcel in known.values():
        assert (parcel.state is ParcelState.DELIVERED) == (parcel.delivered_at is not None)


async def test_the_simulated_shop_and_carrier_tell_the_script_over_http() -> None:
    shop, carrier = SimulatedShop(shop_orders(NOW), shop_faults()), SimulatedCarrier(parcels(NOW), carrier_faults())
    shop.start()
    carrier.start()
    async with make_client() as client:
        settings = ShopifySettings("lumenharbor.example", origin=shop.origin, simulated=True)
        source = ShopifyOrders(client, FixedClock(NOW), settings, "token")
        tracking = SeventeenTrack(
            client, FixedClock(NOW), SeventeenTrackSettings(origin=carrier.origin, pause=0, simulated=True), "token")
        for order in shop_orders(NOW):
            if order.ref.order_id not in shop_faults():
                answer = await source.fetch(order.ref.order_id)
                assert answer is not None
                assert answer.order is not None
                assert (answer.order.total, answer.order.tracking_number) == (order.total, order.tracking_number)
                assert [r.amount for r in answer.order.refunds] == [r.amount for r in order.refunds]
        for parcel in parcels(NOW):
            if parcel.tracking_number not in carrier_faults():
                told = await tracking.track(parcel.tracking_number, parcel.carrier)
                assert told is not None
                assert told.parcel is not None
                assert told.parcel.state is parcel.state
                assert [event.at for event in told.parcel.events] == [event.at for event in parcel.events]
        with pytest.raises(BadAnswer):
            await source.fetch("#1076")
    shop.stop()
    carrier.stop()


async def test_replies_hold_id_amount_date_and_link_and_all_survive_translation(tmp_path: Path) -> None:
    engines = local_engines(tmp_path)
    route = await engines.route("en", "pt")
    replies = [(script, reply_text(script, NOW)) for script in ALL if script.reply]
    assert sum(script.language == "pt" for script, _text in replies) >= 2
    for script, text in replies:
        assert script.order is not None
        assert script.order.id in text
        assert re.search(r"R\$ \d+,\d\d", text)
        assert re.search(r"\d\d/\d\d/20\d\d", text)
        assert "https://" in text
        names = (script.buyer.split()[0], "Mei Lin")
        assert check(text, await translate_text(text, route.translate, names), names).lost == ()
    await engines.shutdown()


def test_a_wrong_script_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    head = 'language = "en"\n[[conversation]]\nid = "x"\nsituation = "late"\nbuyer = "B"\nsubject = "S"\n'
    letter = '[[conversation.message]]\nhours_ago = 1\ntext = "t"\n'
    file.write_text(head + 'mailbox = "shop"\n' + letter)
    assert read(file)[0].subject == "S"
    file.write_text(head + 'mailbox = "nowhere"\n' + letter)
    with pytest.raises(ValueError, match="no mailbox"):
        read(file)
    file.write_text(head + 'mailbox = "shop"\nmood = "bad"\n' + letter)
    with pytest.raises(TypeError, match="mood"):
        read(file)
