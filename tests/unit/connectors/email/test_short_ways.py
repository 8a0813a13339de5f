"""The short ways that common mails take tell exactly what the long ones do: over the bench's mails, over mails that
were made to be nasty, and over what hypothesis thinks of."""

from __future__ import annotations

import re
from email.utils import mktime_tz, parsedate_tz

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.bench.corpus import corpus
from tests.support import hostile
from workstation.connectors.email import body, charset, headers, mime, quotes
from workstation.connectors.email.headers import Headers, parse_exactly, parse_headers
from workstation.connectors.email.mapper import parse
from workstation.domain import clues
from workstation.store.search import words
from workstation.translation import detector

SEED = 20261122
ASKED = ("from", "to", "cc", "subject", "date", "message-id", "references", "in-reply-to", "content-type", "reply-to",
         "content-transfer-encoding", "content-disposition", "auto-submitted", "received", "x-failed-recipients")


@pytest.fixture(scope="module")
def mails() -> list[bytes]:
    return [mail.raw for mail in corpus(150)] + [hostile.case(SEED, number) for number in range(150)]


def told(found: Headers) -> object:
    names = sorted(found.fields)
    return names, found.cut, [
        (found.text(n), found.all_text(n), bool(found.raw(n)), found.kind(n), found.parameter(n, "name"),
         found.parameter(n, "charset"), found.parameter(n, "filename"), found.parameter(n, "boundary"))
        for n in {*names, *ASKED}
    ]


def same(block: bytes) -> None:
    assert told(parse_headers(block)) == told(parse_exactly(block))


def test_header_blocks_of_whole_mails(mails: list[bytes]) -> None:
    short = 0
    for raw in mails:
        block = mime.split_head(mime.with_line_ends(raw))[0][:200_000]
        same(block)
        short += headers._plainly(block) is not None
    assert short >= 150   # the short way is taken


PIECES = st.sampled_from([
    b"Subject", b"From", b"X-A", b"content-type", b":", b": ", b" :", b"\t", b" ", b"\r\n", b"\n", b"\r", b"\n ",
    b"\r\n\t", b"a",
    b"<a@b.example>", b"=?utf-8?B?w6k=?=", b"text/plain; charset=utf-8", b"\xe9", b"\x1b$B", b"\x00", b'; name="x"',
])


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=14).map(b"".join))
@example(b"garbage\n : x\nSubject: y")
@example(b"Message-ID:\r\n \r\nFrom: a")
@example(b"gar\n bage: x")
def test_header_blocks_of_any_pieces(block: bytes) -> None:
    same(block)


DATES = st.builds(
    "{}{} {} {} {}:{}:{} {}{}{}".format,
    st.sampled_from(["", "Fri, ", "Fri,  ", "fri, ", "Xyz, "]), st.integers(0, 40),
    st.sampled_from("Jan Feb Nov Dec nov Mai XXX".split()),
    st.sampled_from(["1969", "1990", "2026", "0000", "9999", "26"]),
    *(st.sampled_from(["00", "09", "23", "59", "60", "99", "7"]) for _field in range(3)),
    st.sampled_from(["+", "-"]), st.sampled_from(["0000", "0330", "1200", "9999", "00"]),
    st.sampled_from(["", " (UTC)", " (a)", " x"]),
)


@settings(max_examples=200, deadline=None)
@given(DATES)
@example("Fri, 20 Nov 2026 18:00:00 -0000")
def test_dates(text: str) -> None:
    def library() -> float | None:
        parsed = None if headers._NO_YEAR.search(text) else parsedate_tz(text)
        return mktime_tz(parsed) if parsed else None

    try:
        wanted = library()
    except (ValueError, OverflowError, TypeError, IndexError):
        wanted = None
    try:
        found = headers._seconds(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        found = None
    assert found == wanted


@pytest.mark.parametrize("year", ["0001", "0026", "0999", "-2026"])
def test_a_year_that_cannot_be_is_no_date(year: str) -> None:
    """The library reads "0001" as 2001; such a mail stands where it was received."""
    received = 1_795_000_000_000
    assert headers.date_ms(f"Mon, 1 Jan {year} 00:00:00 +0000", received) is None
    assert headers.date_ms("Thu, 1 Jan 26 00:00:00 +0000", received) == 1_767_225_600_000   # two digits were usual once


SERVER_DATES = st.builds(
    "{}{}-{}-{} {}:{}:{} {}{}".format,
    st.sampled_from(["", " ", "0", "Fri, "]), st.integers(0, 40), st.sampled_from("Jan Feb Nov nov Mai XXX".split()),
    st.sampled_from(["1969", "1996", "2026", "0000", "9999", "26"]),
    *(st.sampled_from(["00", "09", "23", "60", "7"]) for _field in range(3)),
    st.sampled_from(["+", "-", ""]), st.sampled_from(["0000", "0330", "0700", "9999", "00"]),
)


@settings(max_examples=200, deadline=None)
@given(SERVER_DATES)
@example("17-Jul-1996 02:44:25 -0700")
@example(" 7-Jul-1996 02:44:25 +0000")
@example("20-Nov-2026 18:00:00 -0000")
@example("20-Nov-2026")
@example("")
def test_dates_of_servers(text: str) -> None:
    try:
        parsed = parsedate_tz(text.strip())
        wanted = int(mktime_tz(parsed) * 1_000) if parsed else None
    except (ValueError, OverflowError, TypeError, IndexError):
        wanted = None
    assert headers.server_date_ms(text) == wanted


def test_the_usual_date_of_a_server_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "parsedate_tz", None)
    assert headers.server_date_ms("17-Jul-1996 02:44:25 -0700") == 837_596_665_000


LINES = st.lists(st.sampled_from([
    "", " ", "> quoted", ">", "-----Original Message-----", "--- Mensagem original ---:", "From: A", "Sent: today",
    "To: B", "On Monday somebody wrote:", "------ Begin message ------", "###### End message ######", "text",
    "\u3000--原始邮件--\u3000", "*Von:* x", "发件人：x", "发送时间：x", "主题：x", "-- ", "__________",
]), max_size=12)


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_no_line_is_passed_over_that_an_expression_would_match(lines: list[str]) -> None:
    for line in lines:
        if quotes._HEADING.match(line):
            assert line[-1:] in quotes._HEADING_ENDS
        if quotes._BEGIN.match(line):
            assert line[:1] in quotes._RULE_STARTS
        if quotes._FROM_LINE.match(line):
            assert ":" in line or "：" in line


def test_spaces_are_all_that_an_expression_takes_for_one() -> None:
    spaces = {chr(code) for code in range(0x110000) if re.match(r"\s", chr(code))}
    assert spaces == quotes._SPACES


def mentioned_at_length(text: str) -> tuple[clues.Mention, ...]:
    """As it is said: every rule over the whole text."""
    found = [clues.Mention(c.value, "order", c.platform) for c in clues.find_order_clues(text)]
    found += [clues.Mention(c.value, "tracking") for c in clues.find_tracking_clues(text)]
    found += [clues.Mention(m.group(0), "maybe") for m in clues._TOKEN.finditer(text)]
    by_key: dict[str, clues.Mention] = {}
    for mention in found:
        by_key.setdefault(clues.match_key(mention.value), mention)
    return tuple(by_key.values())[:64]


NUMBERS = st.sampled_from([
    "123-1234567-1234567", "#1001", "#AB-12345-C", "12-34567-89012", "240101ABCDEF12", "1234567890123456", "x_1",
    "订单123-1234567-1234567。", "word", "naïve", "B2C", "a@b1.example", "(582-8110684-3511450)", "20.11.2026",
    "RR123456785CN", "½²",
])


@settings(max_examples=200, deadline=None)
@given(st.lists(NUMBERS, max_size=10))
def test_numbers_among_words(found: list[str]) -> None:
    assert clues.find_mentions(" ".join(found)) == mentioned_at_length("\n".join(found))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab éß\u200b退货か가กи1._\u00a0ÿĀ"), max_size=40))
def test_words_of_a_text(text: str) -> None:
    assert words.prepare(text) == words.DENSE_RUN.sub(lambda m: f" {words.pairs(m.group())} ", text)
    known = [w for w in detector._words(text) if w in detector._KNOWN]
    assert sorted(known) == sorted(w for w in detector._LETTERS.findall(text) if w in detector._KNOWN)


def test_pairs_of_a_run() -> None:
    run = "退货单已收到" * 3
    assert words.pairs(run).split() == [run[i : i + 2] for i in range(len(run) - 1)]
    assert (words.pairs(""), words.pairs("退"), words.pairs("退货")) == ("", "退", "退货")


@pytest.mark.parametrize("codec", sorted(charset._ALLOWED))
def test_control_characters_come_of_control_bytes_alone(codec: str) -> None:
    """So a text whose bytes hold none needs no second look."""
    plain = [byte for byte in range(256) if byte not in body._CONTROL_BYTES]
    written = b"\n".join(bytes((first, second)) for first in plain for second in plain)
    assert not body._CONTROLS.search(written.decode(codec, "replace"))
    assert not body._CONTROLS.search(charset.decode(written, codec)[0])
    both = "".join(map(chr, body._CONTROL_BYTES))
    assert body._CONTROLS.sub("", both) == ""


def test_reading_a_mail_twice_tells_the_same(mails: list[bytes]) -> None:
    """What is remembered between mails is not changed by them."""
    first = [parse(raw, received_at=1_795_000_000_000, later=True) for raw in mails[:200]]
    again = [parse(raw, received_at=1_795_000_000_000, later=True) for raw in reversed(mails[:200])]
    assert first == again[::-1]
