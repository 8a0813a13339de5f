"""What intake puts off and opening finishes is together what reading everything at once gives."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.bench.corpus import corpus
from workstation.connectors.email.mapper import parse
from workstation.connectors.email.opener import Opener
from workstation.inbox.model import LATER

AT = 1_790_000_000_000
EVIL = ('<p onclick="x()">Hello<script>alert(1)</script><img src="https://spy.example/1.png" width=1 height=1>'
        '<a href="https://evil.example/">https://bank.example/</a></p>')


def _mail(*html: str, plain: tuple[str, ...] = ("Hello",), files: tuple[bytes, ...] = ()) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ana@mail.example", "shop@shop.example", "Hello"
    mail["Date"], mail["Message-ID"] = "Fri, 20 Nov 2026 10:00:00 +0000", "<1@mail.example>"
    mail.make_alternative()
    for text in plain:
        mail.add_alternative(text, subtype="plain")
    for text in html:
        mail.add_alternative(text, subtype="html")
    if files:
        mail.make_mixed()
    for content in files:
        mail.add_attachment(content, "image", "jpeg", filename="photo.jpg")
    return mail.as_bytes()


def _alternative_in_alternative() -> bytes:
    inner = _mail(EVIL, plain=()).split(b"\n\n", 1)[1]
    head = _mail().split(b"\n\n", 1)[0].rpartition(b"Content-Type")[0]
    return head + (b'Content-Type: multipart/alternative; boundary="out"\n\n--out\nContent-Type: text/plain\n\nHello\n'
                   b'--out\nContent-Type: multipart/alternative; boundary="in"\n\n--in\nContent-Type: text/html\n\n'
                   + inner + b"\n--in--\n--out--\n")


MAILS = {
    "one of each": _mail(EVIL), "two HTML": _mail(EVIL, "<p>two</p>"), "two plain": _mail(EVIL, plain=("one", "two")),
    "no plain": _mail(EVIL, plain=()), "blank plain": _mail(EVIL, plain=(" \n ",)), "no HTML": _mail(),
    "nothing in the HTML": _mail("<script>x</script>"),
    "with files": _mail(EVIL, files=(b"\xff\xd8one", b"\xff\xd8two")),
    "inside another": _alternative_in_alternative(), "a pure HTML mail": _mail(EVIL, plain=()).replace(
        b"multipart/alternative", b"multipart/mixed"),
    "broken": b"Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\na\n--x\n"
              b"Content-Type: text/html; charset=nonsense\nContent-Transfer-Encoding: base64\n\n!!PHA+\xff",
}


@pytest.mark.parametrize("raw", [*MAILS.values(), *(mail.raw for mail in corpus(40))],
                         ids=[*MAILS, *(f"corpus {n}" for n in range(40))])
def test_the_two_halves_are_the_whole(raw: bytes) -> None:
    whole, first = parse(raw, received_at=AT), parse(raw, received_at=AT, later=True)
    second = Opener().formatted(raw)

    assert (first.text, first.attachments, first.message_id) == (whole.text, whole.attachments, whole.message_id)
    assert first.html in (LATER, whole.html)
    assert second.html == whole.html
    if first.html == LATER:
        assert {*first.problems, *second.problems} == {*whole.problems}
        assert {*first.notes, *second.notes} == {*whole.notes}
    else:
        assert (first.problems, first.notes) == (whole.problems, whole.notes)


def test_html_waits_only_beside_a_plain_reading() -> None:
    waits = {name for name, raw in MAILS.items() if parse(raw, received_at=AT, later=True).html == LATER}

    assert waits == {"one of each", "two HTML", "nothing in the HTML", "with files", "broken"}
    assert parse(MAILS["one of each"], received_at=AT).html != LATER


def test_what_is_opened_is_harmless_and_warns() -> None:
    found = Opener().formatted(MAILS["one of each"])

    assert not [word for word in ("script", "onclick", "spy.example") if word in found.html]
    assert any("bank.example" in sentence and "evil.example" in sentence for sentence in found.problems)
    assert len(found.notes) == 1


def test_files_are_found_in_their_order() -> None:
    files = Opener().files(MAILS["with files"])

    assert [file.content for file in files] == [b"\xff\xd8one", b"\xff\xd8two"]
