"""Two copies of one mail are the same to the store whichever way each came, and two mails are two, whatever they call
themselves. What is compared is `inbox.threading.content_key`: SHA-256 over Message-ID, author, subject, the words of
the text and the files. The date is not part of it (a missing one becomes the time of receipt), nor is anything that a
server adds.
"""

from __future__ import annotations

import base64
import quopri

import pytest

from tests.support import hostile_seeds as seeds
from workstation.connectors.email.mapper import parse
from workstation.inbox.threading import content_key, same_words

NOW = 1_795_200_000_000
TEXT = "Olá,\r\n\r\nonde está o meu pedido 702-1234567-1234567?\r\n"


def key(raw: bytes, received_at: int = NOW) -> str:
    mail = parse(raw, received_at=received_at)
    return content_key(mail, same_words(mail.text))


def mail(encoding: str = "8bit", head: str = seeds.HEAD, text: str = TEXT) -> bytes:
    content = text.encode()
    body = {"8bit": content, "base64": base64.encodebytes(content), "quoted-printable": quopri.encodestring(content)}
    kind = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + kind.encode() + body[encoding]


@pytest.mark.parametrize(
    "copy",
    [
        mail("base64"), mail("quoted-printable"), mail().replace(b"\r\n", b"\n"), mail().replace(b"\r\n", b"\r"),
        b"Received: from a by b; Fri, 20 Nov 2026 10:00:01 +0000\r\nX-Spam: no\r\n" + mail(),
        mail() + b"\r\n\r\n", mail(head=seeds.HEAD.replace("A Buyer", "Somebody Else")),
        mail(head=seeds.HEAD.replace("Subject: Parcel", "Subject: =?utf-8?Q?Parcel?=")),
        mail(head=seeds.HEAD.replace("buyer@home.example", "Buyer@HOME.example")),
        mail(head=seeds.HEAD.replace("Fri, 20 Nov 2026 10:00:00 +0000", "Fri, 20 Nov 2026 18:00:00 +0800")),
    ],
)
def test_a_copy_is_recognised(copy: bytes) -> None:
    assert key(copy) == key(mail())


@pytest.mark.parametrize(
    "other",
    [
        mail(text=TEXT.replace("702-", "703-")), mail(head=seeds.HEAD.replace("<seed@", "<other@")),
        mail(head=seeds.HEAD.replace("buyer@home", "stranger@home")), mail(head=seeds.HEAD.replace("Parcel", "Refund")),
        seeds.mixed("mixed", seeds.leaf("text/plain; charset=utf-8", TEXT.encode()), seeds.leaf("image/png", b"a")),
    ],
)
def test_another_mail_under_the_same_id_is_another(other: bytes) -> None:
    assert key(other) != key(mail())


def test_a_mail_without_id_or_date_is_itself_whenever_it_comes() -> None:
    raw = mail(head="From: a@b.example\r\nSubject: x\r\n")
    assert key(raw) == key(raw, NOW + 86_400_000) == key(raw.replace(b"\r\n", b"\n"))
    assert key(raw) != key(raw.replace(b"onde", b"Onde"))


def test_the_key_of_a_known_mail_never_changes() -> None:
    """Whoever changes this makes every stored mail arrive again: a key is for ever."""
    assert key(mail()) == "06cc93769e0aebf1f2c7d439a14d8392d234424b5e460f56330ac867dea9a843"
