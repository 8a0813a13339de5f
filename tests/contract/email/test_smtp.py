"""The way out: what was handed over, to whom, and the honest answer when nobody knows."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.support.mail import ADDRESS, PASSWORD, account, free_port, make_certificate, raw_mail
from tests.support.mail_smtp import CuttingSmtp, postman
from workstation.connectors.email.smtp import SmtpTransport
from workstation.connectors.email.smtp_session import TryLater
from workstation.drafts.model import Envelope, Receipt
from workstation.inbox.model import AccountSettings, Security
from workstation.kernel.errors import (
    AuthFailed,
    BadCertificate,
    ConnectError,
    InputError,
    Offline,
    OutcomeUnknown,
    Refused,
    TimedOut,
)

BUYER, SECOND = "buyer@home.example", "partner@home.example"


async def send(
    port: int,
    *to: str,
    raw: bytes | None = None,
    security: Security = Security.PLAIN,
    ca_file: str = "",
    password: str = PASSWORD,
    host: str = "127.0.0.1",
    patience: float = 5.0,
) -> Receipt:
    settings = account(1, port, security=security, ca_file=ca_file, host=host)

    async def accounts(_account_id: str) -> tuple[AccountSettings, str]:
        return settings, password

    transport = SmtpTransport(accounts, timeout=patience, data_timeout=patience)
    mail = raw_mail("reply") if raw is None else raw
    return await transport.send(Envelope("acc", ADDRESS, to or (BUYER,), "<reply@home.example>", mail))


def server_context(folder: Path, **made: object) -> tuple[ssl.SSLContext, str]:
    certificate, key = make_certificate(folder, **made)  # type: ignore[arg-type]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, str(certificate)


async def test_the_server_gets_exactly_the_bytes_and_its_words_are_the_receipt() -> None:
    raw = raw_mail("reply", body=".a dot first\r\n..two\r\nplain\r\n.")
    with postman() as (handler, port):
        receipt = await send(port, BUYER, SECOND, raw=raw)
    assert handler.taken == [(ADDRESS, (BUYER, SECOND), raw)]
    assert receipt == Receipt("250 2.0.0 queued as 42", ())


async def test_a_refused_recipient_is_named_and_the_others_get_it() -> None:
    with postman() as (handler, port):
        handler.refuse[SECOND] = "550 5.1.1 no such user"
        receipt = await send(port, BUYER, SECOND)
    assert receipt.refused == (SECOND,)
    assert handler.taken[0][1] == (BUYER,)


async def test_when_every_recipient_is_refused_nothing_goes_and_the_words_are_told() -> None:
    with postman() as (handler, port):
        handler.refuse = {BUYER: "550 5.1.1 no such user"}
        with pytest.raises(Refused, match="no such user"):
            await send(port)
    assert handler.taken == []


async def test_greylisting_is_later_for_all() -> None:
    with postman() as (handler, port):
        handler.refuse = {SECOND: "451 4.7.1 greylisted, come back"}
        with pytest.raises(TryLater, match="greylisted") as caught:
            await send(port, BUYER, SECOND)
    assert isinstance(caught.value, Offline)
    assert handler.taken == []


@pytest.mark.parametrize(("answer", "expected"), [("451 4.3.0 busy", TryLater), ("554 5.7.1 spam", Refused)])
async def test_a_no_after_the_text_is_a_no(answer: str, expected: type[ConnectError]) -> None:
    with postman() as (handler, port):
        handler.answer = answer
        with pytest.raises(expected, match=answer[4:9]):
            await send(port)


@pytest.mark.parametrize("at", ["greeting", "mail", "data"])
async def test_a_cut_before_the_text_hands_nothing_over(at: str) -> None:
    with CuttingSmtp(at) as server, pytest.raises(Offline):
        await send(server.port)


async def test_a_cut_inside_the_text_hands_nothing_over() -> None:
    with CuttingSmtp("text") as server, pytest.raises(Offline):
        await send(server.port, raw=raw_mail("big", body="x\r\n" * 4_000_000))


async def test_a_cut_after_the_dot_is_an_unknown_outcome() -> None:
    with CuttingSmtp("dot") as server:
        with pytest.raises(OutcomeUnknown, match="may have arrived"):
            await send(server.port)
        assert server.got == raw_mail("reply")


async def test_silence_after_the_dot_is_an_unknown_outcome_and_before_it_a_time_out() -> None:
    with CuttingSmtp("dot", silent=True) as server, pytest.raises(OutcomeUnknown):
        await send(server.port, patience=0.4)
    with CuttingSmtp("mail", silent=True) as server, pytest.raises(TimedOut):
        await send(server.port, patience=0.4)


async def test_nobody_listening_is_offline() -> None:
    with pytest.raises(Offline):
        await send(free_port())


async def test_a_wrong_password_says_so() -> None:
    with postman() as (handler, port), pytest.raises(AuthFailed, match="app password"):
        await send(port, password="wrong")
    assert handler.taken == []


async def test_a_mail_larger_than_the_server_takes_is_refused_before_it_goes() -> None:
    with postman(size=2_000_000) as (handler, port), pytest.raises(Refused, match="at most 1 MB"):
        await send(port, raw=raw_mail("big", body="x" * 990 + ("\r\n" + "x" * 990) * 3_000))
    assert handler.taken == []


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_encrypted_with_an_authority_of_ones_own(security: Security, tmp_path: Path) -> None:
    context, ca_file = server_context(tmp_path)
    served = {"tls": context} if security is Security.TLS else {"starttls": context}
    with postman(**served) as (handler, port):  # type: ignore[arg-type]
        await send(port, security=security, ca_file=ca_file)
        with pytest.raises(BadCertificate, match="not signed by an authority"):
            await send(port, security=security)
    assert len(handler.taken) == 1


@pytest.mark.parametrize(("made", "words"), [({"name": "other.example"}, "another name"), ({"days": -1}, "expired")])
async def test_a_certificate_that_does_not_fit_is_explained(
    made: dict[str, object], words: str, tmp_path: Path
) -> None:
    context, ca_file = server_context(tmp_path, **made)
    with postman(tls=context) as (handler, port), pytest.raises(BadCertificate, match=words):
        await send(port, security=Security.TLS, ca_file=ca_file, host="localhost")
    assert handler.taken == []


async def test_a_stripped_starttls_is_never_continued_in_clear() -> None:
    with postman() as (handler, port), pytest.raises(BadCertificate, match="does not offer encryption"):
        await send(port, security=Security.STARTTLS)
    assert handler.taken == []


async def test_clear_text_beyond_this_computer_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(InputError, match="without encryption"):
        await send(25, host="192.0.2.1")
