"""Mails as they really come: other charsets, broken headers, hostile structure. Nothing is lost, nothing raises."""

from __future__ import annotations

import base64
import email
import email.policy
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workstation.connectors.email.mapper import parse
from workstation.domain.conversation import Address
from workstation.inbox.model import IncomingMail

NOW = 1_795_200_000_000  # 2026-11-20T18:40:00Z
HEAD = (
    b"Message-ID: <m1@home.example>\r\nFrom: A Buyer <buyer@home.example>\r\nTo: help@shop.example\r\n"
    b"Subject: Parcel\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n"
)


def mail(extra: bytes = b"", body: bytes = b"Hello\r\n") -> IncomingMail:
    return parse(HEAD + extra + b"\r\n" + body, received_at=NOW)


def multipart(kind: bytes, *parts: bytes) -> IncomingMail:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    return mail(b"MIME-Version: 1.0\r\nContent-Type: multipart/" + kind + b'; boundary="b"\r\n', body)


def test_a_plain_mail_is_read_completely() -> None:
    found = mail(
        b"Cc: One <one@a.example>, two@b.example\r\nReply-To: other@home.example\r\n"
        b"In-Reply-To: <p@shop.example>\r\nReferences: <o@shop.example>\r\n <p@shop.example>\r\n"
    )
    assert found.message_id == "<m1@home.example>"
    assert found.author == Address("buyer@home.example", "A Buyer")
    assert found.to == (Address("help@shop.example"),)
    assert found.cc == (Address("one@a.example", "One"), Address("two@b.example"))
    assert found.reply_to == Address("other@home.example")
    assert found.in_reply_to == "<p@shop.example>"
    assert found.references == ("<o@shop.example>", "<p@shop.example>")
    assert (found.subject, found.text, found.html) == ("Parcel", "Hello", "")
    assert found.at == 1_795_168_800_000
    assert (found.problems, found.automatic, found.attachments) == ((), False, ())


@pytest.mark.parametrize(
    ("charset", "text", "encoding"),
    [
        ("gb18030", "包裹还没有到，订单号是七〇二", "gb18030"),
        ("GB2312", "包裹还没有到，镕", "gb18030"),  # a character GB 2312 lacks, sent under its name all the same
        ("iso-2022-jp", "荷物がまだ届きません", "iso2022_jp"),
        ("ISO-8859-1", "Größe “klein” – 5 €", "cp1252"),  # Windows-1252 under Latin-1's name
        ("windows-1252", "Não chegou – 5 €", "cp1252"),
        ("koi8-r", "Где посылка", "koi8-r"),
        ("Shift_JIS", "①番の荷物", "cp932"),
        ("big5", "包裹還沒到", "big5"),
        ("windows-1256", "أين طردي", "cp1256"),
        ("utf-8", "Onde está?", "utf-8"),
    ],
)
def test_text_in_the_charset_it_names(charset: str, text: str, encoding: str) -> None:
    found = mail(b"Content-Type: text/plain; charset=" + charset.encode() + b"\r\n", text.encode(encoding))
    assert found.text == text
    assert found.problems == ()


@pytest.mark.parametrize("charset", [b"x-unknown-7", b"idna", b"unicode_escape", b"zlib", b"undefined", b"../../x"])
def test_an_unknown_charset_is_guessed_and_said(charset: bytes) -> None:
    found = mail(b'Content-Type: text/plain; charset="' + charset + b'"\r\n', "Olá \\u0041".encode())
    assert found.text == "Olá \\u0041"
    assert any(charset.decode() in problem for problem in found.problems)


def test_encoded_words_survive_how_senders_cut_them() -> None:
    word = base64.b64encode("订单".encode()).decode()
    cut = "订单到哪里了".encode()
    halves = [base64.b64encode(half).decode() for half in (cut[:7], cut[7:])]  # in the middle of a character
    subject = f"=?utf-8?B?{halves[0]}?=\r\n =?utf-8?B?{halves[1]}?= plain =?GB18030?B?{word}?= =?bad?X?y?="
    found = parse(f"Subject: {subject}\r\n\r\nx".encode(), received_at=NOW)
    assert found.subject.startswith("订单到哪里了 plain ")
    assert found.subject.endswith("=?bad?X?y?=")


def test_a_name_cannot_hide_another_address_or_turn_the_line() -> None:
    raw = 'From: "shop@real.example\u202e" <buyer@HOME.Example>\r\n\r\nx'.encode()
    found = parse(raw, received_at=NOW)
    assert found.author.email == "buyer@home.example"
    assert found.author.name == "shop@real.example"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"Silva, Maria" <m@a.example>, b@c.example', [("m@a.example", "Silva, Maria"), ("b@c.example", "")]),
        ("m@a.example (Maria)", [("m@a.example", "Maria")]),
        ("Friends: a@b.example, c@d.example;", [("a@b.example", ""), ("c@d.example", "")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?Q?S=C3=ADlva=2C_M?= <m@a.example>", [("m@a.example", "Sílva, M")]),
        ("(" * 5_000 + "a@b.example", []),
        ("a@b.\u202eexample, c@d.example", [("a@b.", ""), ("c@d.example", "")]),
        ("a\x00b@c.example", [("b@c.example", "")]),
    ],
)
def test_addresses_in_the_forms_they_come(header: str, expected: list[tuple[str, str]]) -> None:
    found = parse(f"To: {header}\r\n\r\nx".encode(), received_at=NOW)
    assert [(address.email, address.name) for address in found.to] == expected


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("", "no date"),
        ("yesterday", "cannot be right"),
        ("Fri, 20 Nov 2099 10:00:00 +0000", "cannot be right"),
        ("Thu, 1 Jan 1970 00:00:00 +0000", "cannot be right"),
        ("Fri, 99 Foo 2026 99:99:99 +9999999", "cannot be right"),
    ],
)
def test_an_absurd_date_becomes_the_time_of_receipt(date: str, said: str) -> None:
    found = parse(f"Subject: x\r\nDate: {date}\r\n\r\nx".encode(), received_at=NOW)
    assert found.at == NOW
    assert any(said in problem for problem in found.problems)


def test_a_mail_without_an_id_gets_one_from_its_content() -> None:
    def made(raw: bytes) -> str:
        return parse(raw, received_at=NOW).message_id

    one = b"Subject: x\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\nHello\r\n"
    assert made(one).startswith("<sha256-")
    assert made(one).endswith("@missing.invalid>")
    assert made(one) == made(one.replace(b"\r\n", b"\n")) == made(b"Received: by x\r\n" + one)
    assert made(one) != made(one.replace(b"Hello", b"Hullo"))


@pytest.mark.parametrize(
    "header",
    [
        b"Auto-Submitted: auto-replied",
        b"Precedence: bulk",
        b"X-Auto-Response-Suppress: All",
        b"X-Autoreply: yes",
        b"Return-Path: <>",
    ],
)
def test_answers_no_person_wrote_are_marked(header: bytes) -> None:
    assert mail(header + b"\r\n").automatic
    assert not mail(b"Auto-Submitted: no\r\nX-Auto-Response-Suppress: None\r\n").automatic


def test_the_plain_reading_is_preferred_and_html_is_kept_clean() -> None:
    found = multipart(
        b"alternative",
        b"Content-Type: text/plain\r\n\r\nplain",
        b"Content-Type: text/html\r\n\r\n<p>rich<script>x</script><img src=http://t.example/p.gif></p>",
    )
    assert found.text == "plain"
    assert found.html == "<p>rich<img></p>"


def test_text_comes_from_html_when_there_is_no_other() -> None:
    found = mail(
        b"Content-Type: text/html; charset=utf-8\r\n",
        "<p>Olá,<br>onde está?</p><blockquote>antes<br>disso</blockquote>".encode(),
    )
    assert found.text == "Olá,\nonde está?\n\n> antes\n> disso"


def test_parts_after_each_other_are_all_read() -> None:
    found = multipart(
        b"mixed", b"Content-Type: text/html\r\n\r\n<b>first</b>", b"Content-Type: text/plain\r\n\r\nsecond <i>"
    )
    assert found.text == "first\nsecond <i>"
    assert found.html == "<b>first</b>\n<p>second &lt;i&gt;</p>"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (b'filename="../../x"', "x"),
        (b'filename="..\\..\\windows\\x.exe"', "x.exe"),
        (b'filename="/etc/passwd"', "passwd"),
        (b"filename*=utf-8''%E8%AE%A2%E5%8D%95.pdf", "订单.pdf"),
        (b'filename*0="a"; filename*1="b.pdf"', "ab.pdf"),
        (b'filename="=?utf-8?B?6K6i5Y2VLnBkZg==?="', "订单.pdf"),
        (b'filename="CON.txt"', "_CON.txt"),
        (b'filename="a\x00b\x1b[31m.pdf"', "a b [31m.pdf"),
        (b'filename=".."', "part-1.pdf"),
        (b'filename=".htaccess"', "htaccess"),
        (b'filename="x. . ."', "x"),
        ('filename="photo\u202egpj.exe"'.encode(), "photo gpj.exe"),
        (b"", "part-1.pdf"),
    ],
)
def test_attachment_names_stay_in_their_folder(declared: bytes, expected: str) -> None:
    found = multipart(
        b"mixed",
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment; "
        + declared
        + b"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==",
    )
    (file,) = found.attachments
    assert file.name == expected
    assert (file.mime, file.content) == ("application/pdf", b"%PDF")


def test_a_name_as_long_as_a_book_is_cut_and_keeps_its_extension() -> None:
    name = "长" * 500 + ".pdf"
    found = multipart(b"mixed", b'Content-Disposition: attachment; filename="' + name.encode() + b'"\r\n\r\nx')
    assert found.attachments[0].name.endswith(".pdf")
    assert len(found.attachments[0].name.encode()) <= 180


def test_special_parts_are_named_as_what_they_are() -> None:
    found = multipart(
        b"mixed",
        b"Content-Type: text/plain\r\n\r\nhi",
        b"Content-Type: application/ms-tnef\r\n\r\nx",
        b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR",
        b"Content-Type: message/rfc822\r\n\r\nSubject: In/ner\r\n\r\ntext",
        b"Content-Type: image/png\r\nContent-ID: <pic@x>\r\nContent-Disposition: inline\r\n\r\nPNG",
    )
    assert [file.name for file in found.attachments] == ["winmail.dat", "invite.ics", "In ner.eml", "part-4.png"]
    assert found.attachments[3].inline
    assert found.attachments[3].content_id == "pic@x"
    assert found.attachments[2].content == b"Subject: In/ner\r\n\r\ntext"
    assert any("winmail.dat" in problem for problem in found.problems)
    assert found.text == "hi"


def test_a_damaged_attachment_is_kept_and_said() -> None:
    found = multipart(
        b"mixed", b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBER!!!"
    )
    assert found.attachments[0].content.startswith(b"%PDF"[:3])
    assert any("a.pdf" in problem and "damaged" in problem for problem in found.problems)


def test_a_bounce_is_automatic() -> None:
    assert multipart(
        b"report",
        b"Content-Type: text/plain\r\n\r\nfailed",
        b"Content-Type: message/delivery-status\r\n\r\nStatus: 5.1.1",
    ).automatic


def test_flowed_text_is_joined_again() -> None:
    found = mail(
        b"Content-Type: text/plain; format=flowed\r\n", b"one \r\ntwo\r\n From there\r\n> q \r\n> r\r\n-- \r\nme\r\n"
    )
    assert found.text == "one two\nFrom there\n> q \n> r\n-- \nme"


def deep(levels: int) -> bytes:
    return HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels)
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (deep(5_000), "nested deeper"),
        (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000, "more parts"),
        (HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\nbody", "header is far too long"),
        (HEAD + b"Content-Type: multipart/mixed\r\n\r\nno boundary at all", "incomplete or badly built"),
        (HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 400_000, "only its beginning"),
        (HEAD + b"\r\n" + b"a" * 3_000_000, "only its beginning"),
    ],
)
def test_a_hostile_mail_is_bounded_kept_and_explained(raw: bytes, said: str) -> None:
    begun = time.monotonic()
    found = parse(raw, received_at=NOW)
    assert time.monotonic() - begun < 2.0
    assert found.raw == raw
    assert any(said in problem for problem in found.problems)


def test_a_mail_of_fifty_megabytes_arrives_whole() -> None:
    content = bytes(range(256)) * 150_000
    encoded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    found = multipart(
        b"mixed",
        b"Content-Type: text/plain\r\n\r\nsee attached",
        b"Content-Type: video/mp4; name=film.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded,
    )
    assert len(found.raw) > 50_000_000
    assert found.attachments[0].content == content
    assert found.problems == ()


def is_sound(found: IncomingMail) -> None:
    for text in (found.subject, found.text, found.html, found.author.name, found.message_id, *found.problems):
        text.encode("utf-8")
        assert "\x00" not in text
    assert found.message_id.startswith("<")
    for file in found.attachments:
        assert file.name
        assert not set(file.name) & set("/\\\0")
        assert file.name not in (".", "..")


@settings(max_examples=100)
@given(st.binary(max_size=2_000))
@example(b"")
@example(b"\r\n\r\n")
@example(b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n')
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    is_sound(parse(raw, received_at=NOW))


TOKENS = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r\n\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"--",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: text/html; charset=gb2312\r\n",
        b"Content-Type: text/plain; charset*=utf-16''x\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n",
        b"=?utf-8?B?////?=",
        b"=?x?Q?=FF?=",
        b"Content-Disposition: attachment; filename*0*=utf-8''%FF; filename*1=\"..\"\r\n",
        b"From: <<>>@,;:(\r\n",
        b"Date: Fri, 20 Nov 99999 10:00 +99999\r\n",
        b"begin 644 x\r\n",
        b"<p><a href='javascript:x'>",
        b"\xff\xfe\x00",
        b"&#x110000;",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: text/plain; charset=iso-2022-jp\r\n",
        b"\x1b$B",
        b"Subject: ",
        b" ",
        b"x",
    ]
)


@settings(max_examples=150)
@given(st.lists(TOKENS, max_size=40).map(b"".join))
def test_no_arrangement_of_mail_syntax_makes_it_raise(raw: bytes) -> None:
    is_sound(parse(raw, received_at=NOW))


LINES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=60)


@settings(max_examples=50)
@given(LINES, st.lists(LINES, max_size=8), st.binary(max_size=300), st.sampled_from(["base64", "qp", "8bit"]))
def test_what_the_standard_library_writes_is_read_back(
    subject: str, lines: list[str], content: bytes, how: str
) -> None:
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    written = email.message.EmailMessage(policy=email.policy.SMTP)
    written["Subject"] = subject
    written.set_content(text + "\n", cte={"qp": "quoted-printable"}.get(how, how))
    written.add_attachment(content, maintype="application", subtype="zip", filename="a b.zip")
    found = parse(written.as_bytes(), received_at=NOW)
    assert found.text == text.rstrip()
    assert [(file.name, file.content) for file in found.attachments] == [("a b.zip", content)]
