"""Replies as bytes, read back with the standard library's own parser."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.connectors.email.compose import compose, reply_subject
from workstation.connectors.email.mapper import parse
from workstation.domain.conversation import Address
from workstation.drafts.model import ReplyContext
from workstation.kernel.errors import InputError

AT = 1_795_168_800_000  # Fri, 20 Nov 2026 10:00:00 +0000
CONTEXT = ReplyContext(
    conversation_id="c",
    account_id="a",
    subject="Onde está a encomenda?",
    sender=Address("help@shop.example", "Loja Única"),
    to=(Address("maria@home.example", "Silva, Maria"),),
    cc=(),
    in_reply_to="<q@home.example>",
    references=("<p@home.example>",),
    self_bcc=True,
    language="pt",
)


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.SMTP)


def test_a_reply_is_on_its_thread_and_says_what_was_written() -> None:
    raw = compose(CONTEXT, "Olá Maria,\n\nchegou 12,50 €.\n.\nFrom nós", (), "<r@shop.example>", AT)
    found = read(raw)
    assert found["Subject"] == "Re: Onde está a encomenda?"
    assert found["From"].addresses[0].display_name == "Loja Única"
    assert [(a.display_name, a.addr_spec) for a in found["To"].addresses] == [("Silva, Maria", "maria@home.example")]
    assert found["Message-ID"] == "<r@shop.example>"
    assert found["In-Reply-To"] == "<q@home.example>"
    assert str(found["References"]).split() == ["<p@home.example>", "<q@home.example>"]
    assert found["Date"].datetime.timestamp() * 1_000 == AT
    assert found["Bcc"] is None
    assert found.get_content().replace("\r\n", "\n") == "Olá Maria,\n\nchegou 12,50 €.\n.\nFrom nós\n"
    assert found.get_content_charset() == "utf-8"
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_files_go_along_under_safe_names() -> None:
    raw = compose(
        CONTEXT,
        "Veja",
        [("../证据.png", "image/png", b"\x89PNG"), ("x.eml", "message/rfc822", b"A: b\r\n\r\n")],
        "<r@shop.example>",
        AT,
    )
    found = read(raw)
    files = list(found.iter_attachments())
    assert [file.get_filename() for file in files] == ["证据.png", "x.eml"]
    assert [file.get_content_type() for file in files] == ["image/png", "application/octet-stream"]
    assert files[0].get_payload(decode=True) == b"\x89PNG"
    body = found.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Veja"


def test_the_same_reply_is_the_same_bytes() -> None:
    files = [("a.txt", "text/plain", b"x")]
    assert compose(CONTEXT, "x", files, "<r@x>", AT) == compose(CONTEXT, "x", files, "<r@x>", AT)


def test_references_are_bounded_and_end_with_the_parent() -> None:
    many = replace(CONTEXT, references=tuple(f"<{n}@x>" for n in range(60)))
    references = str(read(compose(many, "x", (), "<r@x>", AT))["References"]).split()
    assert len(references) == 20
    assert (references[0], references[-1]) == ("<0@x>", "<q@home.example>")


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Parcel", "Re: Parcel"),
        ("RE: Parcel", "RE: Parcel"),
        ("AW: Paket", "AW: Paket"),
        ("回复：订单", "回复：订单"),
        ("Re[2]: x", "Re[2]: x"),
        ("", "Re:"),
        ("Regarding", "Re: Regarding"),
        ("a\r\nBcc: x@y", "Re: a Bcc: x@y"),
    ],
)
def test_the_subject_answers_once(subject: str, expected: str) -> None:
    assert reply_subject(subject) == expected


@pytest.mark.parametrize(
    "address", ["", "no", "a@b@c", "a b@c.example", "a@b.example\r\nBcc: x@y.example", "<a@b.example>", "a@b,c@d"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="not a mail address"):
        compose(replace(CONTEXT, to=(Address(address),)), "x", (), "<r@x>", AT)


def test_nobody_to_write_to_is_refused() -> None:
    with pytest.raises(InputError, match="no recipient"):
        compose(replace(CONTEXT, to=()), "x", (), "<r@x>", AT)


HOSTILE = st.lists(
    st.sampled_from(
        [
            "\r\n",
            "\n",
            "\r",
            "\x00",
            "\x0b",
            "\u2028",
            "Bcc: evil@x.example",
            "\r\nBcc: evil@x.example\r\n",
            '"',
            "\\",
            "<",
            ">",
            ",",
            ";",
            "=?utf-8?Q?=0D=0ABcc:?=",
            "名",
            "é",
            " ",
            "\t",
            "name",
            "x" * 90,
        ]
    ),
    max_size=12,
).map("".join)
HEADER_NAMES = {
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
}


@settings(max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_name_subject_or_reference_can_add_a_header(sender: str, to: str, subject: str, reference: str) -> None:
    context = replace(
        CONTEXT,
        subject=subject,
        sender=Address("help@shop.example", sender),
        to=(Address("maria@home.example", to),),
        cc=(Address("second@home.example", to),),
        in_reply_to=reference,
        references=(reference, "<ok@x>"),
    )
    raw = compose(context, "text", [(subject, "text/plain\r\nBcc: x", b"x")], "<r@x>", AT)
    head = raw.partition(b"\r\n\r\n")[0]
    lines = [line for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert {line.partition(b":")[0].decode().lower() for line in lines} <= HEADER_NAMES
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert [a.addr_spec for a in read(raw)["To"].addresses] == ["maria@home.example"]


@settings(max_examples=60)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=300))
def test_any_text_arrives_as_it_was_written(text: str) -> None:
    raw = compose(CONTEXT, text, (), "<r@x>", AT)
    payload = read(raw).get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode("utf-8").replace("\r\n", "\n") == text + ("" if text.endswith("\n") else "\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_no_header_of_ours_turns_the_reading_direction() -> None:
    raw = compose(
        replace(CONTEXT, subject="in\u202evoice", to=(Address("ana@home.example", "A\u2066na\u202e"),)), "x",
        [("photo\u202egpj.exe", "image/png", b"x")], "<m@shop.example>", AT)
    found = parse(raw, received_at=AT)
    assert found.subject == "Re: in voice"
    assert found.to[0].name == "A na"
    assert found.attachments[0].name == "photogpj.exe"
    assert "\u202e".encode() not in raw


def test_half_a_character_in_a_subject_or_name_stops_no_reply() -> None:
    broken = replace(CONTEXT, subject="\ud83d parcel", to=(Address("ana@home.example", "Ana \udca0"),))
    found = parse(compose(broken, "x", (), "<m@shop.example>", AT), received_at=AT)
    assert (found.subject, found.to[0].name) == ("Re: parcel", "Ana")
