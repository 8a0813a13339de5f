"""What is told of a backlog later is what a mail that is stored with a look tells at once."""

from __future__ import annotations

import pytest

from tests.bench.corpus import corpus
from workstation.connectors.email.mapper import parse
from workstation.connectors.email.quotes import fold
from workstation.inbox.languages import SLOW, Untold, look
from workstation.inbox.preparing import prepare_mail
from workstation.translation.detector import Detector

QUOTED = (
    b"From: a@b.example\r\nSubject: Where is it\r\n\r\nwhere is my parcel, please\r\n\r\n"
    b"On Monday the shop wrote:\r\n> your order 123-1234567-1234567 has left\r\n")


class Slow:
    def quick(self, text: str) -> str:
        return ""

    def detect(self, text: str) -> str:
        return "pt"


def untold(raw: bytes, seq: int = 1) -> Untold:
    mail = prepare_mail(parse(raw, received_at=1_795_000_000_000, later=True), fold, None)
    assert (mail.looked, mail.language, mail.mentions) == (False, "", ())
    return Untold(seq, "c", "c", mail.subject, mail.text, mail.quoted, ())


@pytest.mark.parametrize("raw", [QUOTED, *(mail.raw for mail in corpus(40))])
def test_a_look_later_tells_what_one_at_once_tells(raw: bytes) -> None:
    at_once = prepare_mail(parse(raw, received_at=1_795_000_000_000, later=True), fold, Detector())
    (later,) = look(Detector(), [untold(raw)])
    assert later.mentions == at_once.mentions
    assert later.language == at_once.language or not at_once.language
    assert raw != QUOTED or [each.value for each in later.mentions] == ["123-1234567-1234567"]


def test_a_slice_ends_where_long_looks_would_take_too_long() -> None:
    waiting = [untold(QUOTED, seq) for seq in range(SLOW + 10)]
    assert [told.message.seq for told in look(Slow(), waiting)] == list(range(SLOW))
