"""Text arrives as it was meant, whatever the mail says about its charset. The texts are our own."""

from __future__ import annotations

import base64
import quopri
from urllib.parse import quote_from_bytes

import pytest

from tests.support import hostile_seeds as seeds
from workstation.connectors.email.guess import guess
from workstation.connectors.email.mapper import parse
from workstation.inbox.model import IncomingMail

NOW = 1_795_200_000_000
CHINESE = "您好，我的包裹还没有到，请帮我查一下物流信息。"
TRADITIONAL = "您好，我的包裹還沒有到，請幫我查一下物流資訊。"
JAPANESE = "荷物がまだ届きません。いつ頃届きますか。"
KOREAN = "안녕하세요 소포가 아직 도착하지 않았습니다 확인 부탁드립니다"
RUSSIAN = "Здравствуйте, моя посылка до сих пор не пришла, когда ее ждать?"
PORTUGUESE = "Olá, a encomenda não chegou. Está atrasada há três dias – 5 €."
FRENCH = "Où est mon colis ? Il a été expédié à la mi-août, naïvement, je l’espérais."


def body(content: bytes, charset: str = "", extra: str = "") -> IncomingMail:
    kind = f'Content-Type: text/plain; charset="{charset}"\r\n' if charset else "Content-Type: text/plain\r\n"
    return parse(seeds.HEAD.encode() + kind.encode() + extra.encode() + b"\r\n" + content, received_at=NOW)


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("gb2312", "gb18030", "包裹编号𠮷镕"),                # beyond GB 2312, under its name
        ("gbk", "gb18030", CHINESE),
        ("iso-8859-1", "gb18030", CHINESE),                  # a Western label on Chinese bytes
        ("us-ascii", "gb18030", CHINESE),
        ("", "gb18030", CHINESE),
        ("utf-8", "gb18030", CHINESE),
        ("windows-1252", "big5", TRADITIONAL),
        ("", "big5", TRADITIONAL),
        ("iso-8859-1", "shift_jis", JAPANESE),
        ("", "shift_jis", JAPANESE),
        ("", "euc_jp", JAPANESE),
        ("utf-8", "euc_jp", JAPANESE),
        ("iso-8859-1", "euc_kr", KOREAN),
        ("", "euc_kr", KOREAN),
        ("iso-8859-1", "cp1251", RUSSIAN),
        ("windows-1252", "koi8-r", RUSSIAN),
        ("", "cp1251", RUSSIAN),
        ("iso-8859-1", "cp1252", PORTUGUESE),
        ("iso-8859-1", "cp1252", FRENCH),
        ("", "cp1252", FRENCH),
        ("iso-8859-1", "utf-8", PORTUGUESE),                 # UTF-8 under any name
        ("gb2312", "utf-8", CHINESE),
        ("shift_jis", "utf-8", JAPANESE),
        ("windows-1251", "utf-8", RUSSIAN),
        ("koi8-r", "koi8-r", RUSSIAN),
        ("ks_c_5601-1987", "cp949", KOREAN),
        ("big5", "big5", TRADITIONAL),
        ("utf-8", "utf-8", "\U0001f4e6 " + CHINESE),
    ],
)
def test_text_is_read_as_it_was_meant(label: str, codec: str, text: str) -> None:
    assert body(text.encode(codec), label).text == text.strip()


@pytest.mark.parametrize(
    ("label", "codec", "text", "said"),
    [
        ("iso-8859-1", "gb18030", CHINESE, True), ("gb2312", "utf-8", CHINESE, True),
        ("gb2312", "gb2312", CHINESE, False),
        ("iso-8859-1", "cp1252", FRENCH, False), ("", "utf-8", CHINESE, False), ("x-none", "utf-8", CHINESE, True),
    ],
)
def test_a_label_that_was_not_believed_is_said(label: str, codec: str, text: str, said: bool) -> None:
    assert any("was guessed" in problem for problem in body(text.encode(codec), label).problems) is said


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (JAPANESE.encode("iso2022_jp"), JAPANESE),
        ("ｶﾅと①番㈱髙".encode("iso2022_jp_ext", "ignore"), "ｶﾅと番"),
        (b"\x1b(I1E\x1b(B", "ｱﾅ"[:1] + "ﾅ"),                                    # half-width katakana (JIS X 0201)
        (b"\x1b$B-!-\"\x1b(B OK", "①② OK"),                                      # NEC's row 13
        (b"\x1b$BF|K\\\x1b(B and \x1b$(D0!\x1b(B", "日本 and 丂"),                 # JIS X 0212
        (b"\x1b$BF|K\\\r\nK\\\x1b(B", "日本\n本"),                                # a line end inside the shift
        (b"\x1b$BF|K", "日\ufffd"),                                              # cut in the middle of a sign
        (b"\x1b$(Q.!\x1b(B", "俱"),                                              # JIS X 0213
        (b"plain\x1b", "plain"),
    ],
)
def test_japanese_in_seven_bits_with_what_vendors_added(content: bytes, text: str) -> None:
    assert body(content, "iso-2022-jp").text == text
    if b"\x1b$" in content:
        assert body(content).text == text       # nobody said what it is


def test_utf7_is_no_charset_of_mail_and_nothing_hides_in_it() -> None:
    found = body(b"+ADw-script+AD4-", "utf-7")
    assert found.text == "+ADw-script+AD4-"
    assert any("utf-7" in problem for problem in found.problems)


def test_a_character_that_a_line_end_cut_in_two_is_whole_again() -> None:
    content = CHINESE.encode()
    assert body(content[:10] + b"\r\n" + content[10:], "utf-8").text.replace("\n", "") == CHINESE
    assert body(content[:10] + b"\r\n " + content[10:], "utf-8").text.replace("\n ", "") == CHINESE


def test_a_broken_character_costs_itself_and_not_the_text() -> None:
    content = CHINESE.encode()
    found = body(content[:10] + content[12:], "utf-8")
    assert found.text.startswith(CHINESE[:3])
    assert found.text.endswith(CHINESE[5:])
    assert "\ufffd" in found.text


WESTERN = [
    PORTUGUESE, FRENCH, "«Où»", "ÀÉÎÕÜ", "Größe: 5 m², 20 °C, 3 µm", "naïve — “ok”…",
    "RECLAMAÇÃO, DEVOLUÇÃO E INFORMAÇÃO", "DEVOLUÇÃO - AVALIAÇÃO - SOLICITAÇÃO - RECLAMAÇÃO", "ÑÑÑÑÑÑ",
    "»»»»»» Angebot »»»»»»", "°°°°°°°°", "§§§§§§ ¦¦¦¦¦¦", "På återseende, åäö ÅÄÖ, köpte två åårtal",
    "« à vérifier »\xa0: créée\xa0! é\xa0?", "Schöne Grüße! Füße, Größe, süß",
]


@pytest.mark.parametrize("text", WESTERN)
def test_western_text_is_not_taken_for_another(text: str) -> None:
    assert guess(text.encode("cp1252")) is None
    for label in ("iso-8859-1", "windows-1252", "us-ascii"):
        assert body(text.encode("cp1252"), label).text == text


def test_katakana_is_known_although_its_second_bytes_are_ascii() -> None:
    assert body("キャンセルをお願いします".encode("cp932")).text == "キャンセルをお願いします"
    assert body("カスタマーサポート ストア".encode("cp932"), "iso-8859-1").text == "カスタマーサポート ストア"


def test_western_text_under_the_name_of_utf8_loses_no_letter() -> None:
    text = "Die Ware kam beschädigt an; ich hätte gern mein Geld zurück und schicke sie dann. " * 3
    assert body(text.encode("cp1252"), "utf-8").text == text.rstrip()


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_a_page_that_names_its_own_charset_is_read_in_it_whatever_its_encoding(encoding: str) -> None:
    page = f'<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><p>{CHINESE}</p>'.encode("gb18030")
    coded = {"base64": base64.encodebytes(page), "8bit": page, "quoted-printable": quopri.encodestring(page)}[encoding]
    found = parse(seeds.HEAD.encode() + b"Content-Type: text/html\r\nContent-Transfer-Encoding: "
                  + encoding.encode() + b"\r\n\r\n" + coded, received_at=NOW)
    assert (found.text, found.problems) == (CHINESE, ())


def header(name: str, value: bytes, charset: str = "") -> IncomingMail:
    kind = f"Content-Type: text/plain; charset={charset}\r\n".encode() if charset else b""
    return parse(name.encode() + b": " + value + b"\r\n" + kind + b"\r\nx", received_at=NOW)


def words(text: str, codec: str, *cuts: int) -> bytes:
    """Encoded words that cut the text's bytes at `cuts`."""
    content = text.encode(codec)
    ends = [*cuts, len(content)]
    pieces = [content[a:b] for a, b in zip([0, *cuts], ends, strict=True)]
    return b"\r\n ".join(b"=?" + codec.encode() + b"?B?" + base64.b64encode(piece) + b"?=" for piece in pieces)


@pytest.mark.parametrize(
    ("value", "charset", "subject"),
    [
        (CHINESE.encode("gb18030"), "", CHINESE),                # bare bytes
        (CHINESE.encode("gb18030"), "gb2312", CHINESE),
        ("订单".encode("gb18030"), "gb2312", "订单"),             # too short to guess: the text's charset is asked
        ("Größe".encode("cp1252"), "", "Größe"),
        (RUSSIAN.encode("koi8-r"), "", RUSSIAN),
        (JAPANESE.encode("iso2022_jp"), "", JAPANESE),           # seven bits, nobody encoded it
        (CHINESE.encode(), "iso-8859-1", CHINESE),
        (words(CHINESE, "utf-8", 7, 20), "", CHINESE),           # cut inside a character
        (words(CHINESE, "gb18030", 5), "", CHINESE),
        (words(JAPANESE, "shift_jis", 3), "", JAPANESE),
        (b"=?utf-8?Q?a_b=2C_c?= d", "", "a b, c d"),
        (b"=?utf-8?q?caf=C3?= =?UTF-8?Q?=A9?=", "", "café"),
        (b"=?iso-8859-1*fr?Q?caf=E9?=", "", "café"),             # RFC 2231, 5
        (b"=?utf-8?B?5YyF?==?utf-8?B?6KO5?=", "", "包裹"),         # words that touch
        (b"=?gb2312?B?" + base64.b64encode(CHINESE.encode()) + b"?=", "", CHINESE),
        (b"=?utf-7?B?K0FEdy0?=", "", "+ADw-"),
        (b"=?utf-8?Q?a=0D=0ABcc:_x@y.example?=", "", "a Bcc: x@y.example"),
        (b"a\x00b\x07c", "", "a b c"),
        ("in\u202evoice".encode(), "", "in voice"),
        (b"one\r\n\ttwo\r\n three", "", "one\ttwo three".replace("\t", " ")),
        (b"=?utf-8?B?!!!?=", "", ""),
        (b"=?" + b"x" * 500 + b"?Q?a?=", "", "=?" + "x" * 500 + "?Q?a?="),
    ],
)
def test_subjects_as_they_come(value: bytes, charset: str, subject: str) -> None:
    assert header("Subject", value, charset).subject == subject


NAME = "订单 发票.pdf"


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        (b"filename*=utf-8''" + quote_from_bytes(NAME.encode()).encode(), NAME),
        (b"filename*=gb18030''" + quote_from_bytes(NAME.encode("gb18030")).encode(), NAME),
        (b"filename*=utf-8''" + quote_from_bytes("订单我们的发票的包裹.pdf".encode("gb18030")).encode(),
         "订单我们的发票的包裹.pdf"),                                                                # wrong charset
        (b"filename*0*=utf-8''" + quote_from_bytes(NAME.encode()[:4]).encode()
         + b"; filename*1*=" + quote_from_bytes(NAME.encode()[4:]).encode(), NAME),               # cut in a character
        (b"filename*0=\"long \"; filename*1=name; filename*2=.pdf", "long name.pdf"),
        (b"filename*1=b.pdf; filename*0=a", "ab.pdf"),                                             # any order
        (b"filename*0*=''a%20b; filename*1=c.pdf", "a bc.pdf"),
        (b"filename*=a.pdf", "a.pdf"),                                                             # marks forgotten
        (b"filename=plain.pdf; filename*=utf-8''better.pdf", "better.pdf"),
        (b'filename="' + NAME.encode("gb18030") + b'"', NAME),                                     # bare bytes
        (b'filename="a\\"b.pdf"', "ab.pdf"),
        (b"filename = spaced.pdf ; x=y", "spaced.pdf"),
        (b'filename="unclosed.pdf', "unclosed.pdf"),
        (b"filename=a.pdf; filename=b.pdf", "a.pdf"),
        (b"FILENAME=UPPER.PDF", "UPPER.PDF"),
        (b"filename*0*=utf-8''%; filename*1*=zz%F", "%zz%F"),
    ],
)
def test_file_names_as_they_come(declared: bytes, name: str) -> None:
    part = b"Content-Type: application/pdf; charset=gb18030\r\nContent-Disposition: attachment; " + declared
    (file,) = parse(seeds.mixed("mixed", part + b"\r\n\r\n%PDF"), received_at=NOW).attachments
    assert file.name == name


PARTS = (seeds.leaf("text/plain", b"one"), seeds.leaf("text/plain", b"two"))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (seeds.ALL[0].replace(b"\r\n", b"\r"), "Where is my parcel?\n> quoted"),         # lone CRs
        (seeds.ALL[0].replace(b"\r\n", b"\n"), "Where is my parcel?\n> quoted"),
        (seeds.ALL[0].replace(b"\r\n", b"\r\r\n"), "Where is my parcel?\n> quoted"),
        (seeds.HEAD.encode(), ""),                                                       # header alone
        (seeds.HEAD.encode().rstrip(), ""),
        (b"\r\nonly a body", "only a body"),
        (seeds.mixed("mixed", *PARTS).replace(b"MIME-Version: 1.0\r\n", b""), "one\ntwo"),
        (seeds.mixed("mixed", *PARTS).replace(b"--b--\r\n", b""), "one\ntwo"),           # never closed
        (seeds.mixed("mixed", *PARTS).replace(b'boundary="b"', b'boundary="lost"'), "one\ntwo"),
        (seeds.mixed("mixed", *PARTS).replace(b'; boundary="b"', b""), "one\ntwo"),
        (seeds.mixed("mixed", *PARTS).replace(b"--b\r\n", b"--b  \r\n"), "one\ntwo"),     # white space after it
        (seeds.mixed("mixed", *PARTS, seeds.leaf("text/plain", b"--bx\r\n--b--x")), "one\ntwo\n--bx\n--b--x"),
        (seeds.mixed("mixed", seeds.mixed("alternative", *PARTS, head="").replace(b"--b", b"--i").replace(
            b'"b"', b'"i"').replace(b"--i--\r\n", b""), seeds.leaf("text/plain", b"three")), "one\ntwo\nthree"),
        (seeds.mixed("mixed", *PARTS).replace(b"Content-Type: multipart/mixed", b"content-type : MULTIPART/Mixed"),
         "one\ntwo"),
    ],
)
def test_structures_as_they_come(raw: bytes, text: str) -> None:
    found = parse(raw, received_at=NOW)
    assert found.text == text
    assert found.raw == raw


@pytest.mark.parametrize(
    ("content", "parameters", "text"),
    [
        (b"soft \r\nline\r\nhard", "", "soft line\nhard"),
        (b"soft \r\nline", "; delsp=yes", "softline"),
        ("荷物が \r\nまだ".encode(), "; delsp=yes", "荷物がまだ"),
        (b" >not quoted\r\n From here", "", ">not quoted\nFrom here"),
        (b"> quoted \r\nanswer", "", "> quoted \nanswer"),
        (b"-- \r\nAna", "", "-- \nAna"),
        (b"last \r\n", "", "last"),
    ],
)
def test_flowed_text(content: bytes, parameters: str, text: str) -> None:
    raw = seeds.HEAD.encode() + seeds.leaf(f"text/plain; charset=utf-8; format=flowed{parameters}", content)
    assert parse(raw, received_at=NOW).text == text


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Fri, 20 Nov 2026 10:00:00", 1_795_168_800_000),                  # no zone: UTC
        ("20 Nov 2026 10:00 +0000", 1_795_168_800_000),
        ("Fri, 20 Nov 26 10:00:00 GMT", 1_795_168_800_000),
        ("Fri, 20 Nov 2026 18:00:00 +0800 (CST)", 1_795_168_800_000),
        ("Mon, 1 Jan 1601 00:00:00 +0000", NOW), ("Fri, 31 Dec 9999 23:59:59 +0000", NOW),
        ("Fri, 20 Nov -2026 10:00:00 +0000", NOW), ("tomorrow at noon", NOW), ("0", NOW), ("-1", NOW),
        ("Fri, 20 Nov 2026 10:00:00 +99999999999", NOW), ("x" * 100_000, NOW), ("20/11/2026", NOW),
    ],
)
def test_dates_as_they_come(date: str, at: int) -> None:
    assert parse(f"From: a@b.example\r\nDate: {date}\r\n\r\nx".encode(), received_at=NOW).at == at


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<a@b.example>", "<a@b.example>"), ("a@b.example", "<a@b.example>"),
        ("  <a@b.example> (comment)", "<a@b.example>"),
        ("<a b@c.example>", ""), ("<" + "x" * 5_000 + "@b.example>", ""), ("<a\x00b@c.example>", ""), ("<>", ""),
        ("<订单@b.example>", ""), ("", ""),
    ],
)
def test_ids_as_they_come(written: str, kept: str) -> None:
    raw = f"Message-ID: {written}\r\nFrom: a@b.example\r\nSubject: s\r\n\r\nx".encode()
    found = parse(raw, received_at=NOW).message_id
    assert found == kept or (not kept and found.startswith("<sha256-"))
    assert found == parse(raw.replace(b"\r\n", b"\n"), received_at=NOW).message_id
