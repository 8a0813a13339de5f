"""A server's key that changed since yesterday, pinned keys, and words slipped in before the encryption began."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.mail import ADDRESS, PASSWORD, RecordingIntake, account, make_certificate, raw_mail, until
from tests.support.mail_tls import Worded, signed_pairs
from workstation.connectors.email import tls
from workstation.connectors.email.imap import ImapMailbox, Pace
from workstation.connectors.email.means import NO_MEANS, Means
from workstation.connectors.email.session import ImapSession
from workstation.connectors.email.smtp_session import SmtpSession, send
from workstation.drafts.model import Envelope
from workstation.inbox.model import AccountSettings, Security, ServerSettings
from workstation.kernel.errors import BadCertificate, ConnectError, InputError, Refused

MAIL = Envelope("acc", ADDRESS, ("buyer@home.example",), "<r@home.example>", raw_mail("r"))


class Keys:
    """`inbox.ports.ServerKeys` in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], str] = {}

    def known(self, host: str, port: int) -> str:
        return self.kept.get((host, port), "")

    def remember(self, host: str, port: int, key: str) -> None:
        self.kept[host, port] = key


async def use(kind: str, settings: AccountSettings, means: Means = NO_MEANS) -> None:
    """Connect, log in, and with SMTP send."""
    if kind == "smtp":
        await send(SmtpSession(settings, 5.0, means=means), PASSWORD, MAIL)
        return
    with ImapSession(settings, 5.0, means) as session:
        session.connect()
        session.login(PASSWORD)


def settings(kind: str, port: int, security: Security, ca_file: str = "", pin: str = "") -> AccountSettings:
    server = ServerSettings("localhost", port, security, pin)
    made = account(1, ca_file=ca_file)
    return replace(made, imap=server) if kind == "imap" else replace(made, smtp=server)


def key_of(certificate: Path) -> str:
    return tls.key_of(ssl.PEM_cert_to_DER_cert(certificate.read_text()))


@pytest.mark.parametrize("kind", ["imap", "smtp"])
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_key_that_changed_since_yesterday_gets_no_password_until_a_person_compared_it(
    kind: str, security: Security, tmp_path: Path
) -> None:
    (old, new), ca_file = signed_pairs(tmp_path, 2)
    both, keys = str(ca_file), Keys()
    with Worded(kind, security, old) as yesterday:
        await use(kind, settings(kind, yesterday.port, security, both), Means(keys=keys))
        await use(kind, settings(kind, yesterday.port, security, both), Means(keys=keys))
    assert keys.kept == {("localhost", yesterday.port): key_of(old[0])}
    with Worded(kind, security, new) as today:
        keys.kept = {("localhost", today.port): key_of(old[0])}
        with pytest.raises(BadCertificate, match="another key than before") as caught:
            await use(kind, settings(kind, today.port, security, both), Means(keys=keys))
        assert tls.shown_as(key_of(old[0])) in caught.value.sentence
        assert tls.shown_as(key_of(new[0])) in caught.value.sentence
        assert "Ask who runs the server" in caught.value.remedy
        assert not any("AUTH" in told.upper() or "LOGIN" in told.upper() for _encrypted, told in today.told)

        compared = settings(kind, today.port, security, pin=tls.shown_as(key_of(new[0])))
        await use(kind, compared, Means(keys=keys))
        await use(kind, settings(kind, today.port, security, both), Means(keys=keys))
    assert keys.kept == {("localhost", today.port): key_of(new[0])}


@pytest.mark.parametrize("kind", ["imap", "smtp"])
async def test_a_pinned_key_is_enough_and_another_is_refused(kind: str, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, name="other.example", days=-1)   # neither name nor date would do
    with Worded(kind, "tls", certificate) as server:
        await use(kind, settings(kind, server.port, Security.TLS, pin=key_of(certificate[0])))
        with pytest.raises(BadCertificate, match="another key"):
            await use(kind, settings(kind, server.port, Security.TLS, pin="ab" * 32))
        with pytest.raises(InputError, match="not complete"):
            await use(kind, settings(kind, server.port, Security.TLS, pin="abcd"))


def test_a_mailbox_says_that_it_is_the_certificate(tmp_path: Path) -> None:
    """Not a network that is away for a while: nobody need wait to be told."""
    certificate, intake = make_certificate(tmp_path), RecordingIntake()
    with Worded("imap", "tls", certificate) as server:
        changed = settings("imap", server.port, Security.TLS, pin="ab" * 32)
        box = ImapMailbox("acc", changed, PASSWORD, intake, pace=Pace(first_retry=300.0, last_retry=300.0))
        box.start()
        try:
            assert until(lambda: "offline" in intake.states)
        finally:
            box.stop()
    assert dict(zip(intake.states, intake.troubles, strict=True)) == {"connecting": "", "offline": "certificate"}


@pytest.mark.parametrize("kind", ["imap", "smtp"])
async def test_words_slipped_in_before_the_encryption_are_not_heard(kind: str, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    slipped = {"imap": "* CAPABILITY IMAP4rev1 INJECTED\r\n{tag}X OK\r\n", "smtp": "250-evil\r\n250 AUTH PLAIN\r\n"}
    before = "* CAPABILITY IMAP4rev1 INJECTED\r\n* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n{tag} OK begin\r\n"
    size = "250-here\r\n{starttls}250-SIZE 50\r\n250 AUTH PLAIN\r\n"
    words = {"EHLO": size} if kind == "smtp" else {"STARTTLS": before}
    with Worded(kind, "starttls", certificate, words, slipped[kind]) as server:
        asked = settings(kind, server.port, Security.STARTTLS, str(certificate[0]))
        if kind == "smtp":
            with pytest.raises(Refused, match="at most"):   # the size that was said under encryption counts
                await use(kind, asked)
        else:
            with ImapSession(asked, 5.0) as session:
                session.connect()
                assert not session.has("INJECTED")
                assert "FETCH" not in session.client._imap.untagged_responses
                session.login(PASSWORD)
                assert not session.has("INJECTED")
        secret = [encrypted for encrypted, told in server.told if told.upper().startswith(("AUTH", "LOGIN"))]
    assert secret == [True]


@pytest.mark.parametrize("kind", ["imap", "smtp"])
async def test_encryption_that_is_not_offered_any_more_is_never_gone_without(kind: str) -> None:
    with Worded(kind, "plain") as server:
        with pytest.raises(BadCertificate, match="does not offer encryption"):
            await use(kind, settings(kind, server.port, Security.STARTTLS))
        assert not any(told.upper().startswith(("AUTH", "LOGIN", "MAIL")) for _encrypted, told in server.told)


@pytest.mark.parametrize("kind", ["imap", "smtp"])
async def test_a_server_that_refuses_to_begin_encryption_gets_nothing(kind: str, tmp_path: Path) -> None:
    words = {"STARTTLS": "{tag} NO later\r\n" if kind == "imap" else "454 4.7.0 TLS not available\r\n"}
    with Worded(kind, "starttls", make_certificate(tmp_path), words) as server:
        server.mode = "plain"   # it goes on in clear
        server.words["CAPABILITY"] = "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK\r\n"
        if kind == "smtp":
            server.words["EHLO"] = "250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"
        with pytest.raises(ConnectError):
            await use(kind, settings(kind, server.port, Security.STARTTLS))
        assert not any(told.upper().startswith(("AUTH", "LOGIN", "MAIL")) for _encrypted, told in server.told)
