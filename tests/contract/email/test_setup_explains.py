"""Each way in which connecting a mailbox fails, on a real socket: the sentence says why, the remedy what to do."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.mail import PASSWORD, account, make_certificate
from tests.support.mail_tls import Worded, signed_pairs
from workstation.connectors.email import tls
from workstation.connectors.email.refusals import seconds_asked, tidy
from workstation.connectors.email.setup import MailSetup
from workstation.inbox.model import AccountSettings, ConnectionStep, Security, ServerSettings


def settings(kind: str, port: int, security: Security = Security.PLAIN, **more: object) -> AccountSettings:
    server = ServerSettings("localhost", port, security)
    made = account(1, **more)  # type: ignore[arg-type]
    return replace(made, imap=server) if kind == "imap" else replace(made, smtp=server)


async def failed(kind: str, asked: AccountSettings, patience: float = 3.0) -> ConnectionStep:
    """The step that failed, of the side that was asked for."""
    steps = (await MailSetup(timeout=patience).test(asked, PASSWORD)).steps
    mine = steps[:4] if kind == "imap" else steps[4:]
    (step,) = [step for step in mine if step.ok is False]
    assert step.sentence
    assert step.remedy
    return step


@contextlib.contextmanager
def blocked_port() -> Iterator[int]:
    """A port that drops whoever knocks, as a firewall does: its queue is full and nobody takes anyone out."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = int(listener.getsockname()[1])
        for _one in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
        yield port


@pytest.mark.parametrize("kind", ["imap", "smtp"])
async def test_a_port_that_is_blocked(kind: str) -> None:
    with blocked_port() as port:
        known, server = settings(kind, port), ServerSettings("127.0.0.1", port, Security.PLAIN)
        asked = replace(known, imap=server) if kind == "imap" else replace(known, smtp=server)
        step = await failed(kind, asked, patience=0.4)
    assert "may be blocked" in step.sentence
    assert "other port" in step.remedy


@pytest.mark.parametrize("kind", ["imap", "smtp"])
@pytest.mark.parametrize("asked", [Security.STARTTLS, Security.PLAIN])
async def test_tls_from_the_first_word_where_none_was_expected(kind: str, asked: Security, tmp_path: Path) -> None:
    with Worded(kind, "tls", make_certificate(tmp_path)) as server:
        step = await failed(kind, settings(kind, server.port, asked), patience=0.25)
    assert "speaks TLS from the first word" in step.sentence
    assert "Choose TLS" in step.remedy


@pytest.mark.parametrize("kind", ["imap", "smtp"])
async def test_no_tls_where_it_was_expected(kind: str) -> None:
    with Worded(kind) as server:
        step = await failed(kind, settings(kind, server.port, Security.TLS))
    assert "does not speak TLS" in step.sentence
    assert "STARTTLS" in step.remedy


@pytest.mark.parametrize(("kind", "other", "words"), [("imap", "smtp", "speaks SMTP"), ("smtp", "imap", "speaks IMAP")])
async def test_the_other_protocols_port(kind: str, other: str, words: str) -> None:
    with Worded(other) as server:
        step = await failed(kind, settings(kind, server.port), patience=1.0)
    assert words in step.sentence
    assert "993" in step.remedy


@pytest.mark.parametrize("kind", ["imap", "smtp"])
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("fault", ["self-signed", "name", "expired"])
async def test_a_certificate_that_does_not_fit_comes_with_the_keys_fingerprint(
    kind: str, security: Security, fault: str, tmp_path: Path
) -> None:
    made = {"self-signed": {}, "name": {"name": "other.example"}, "expired": {"days": -1}}[fault]
    certificate = make_certificate(tmp_path, **made)  # type: ignore[arg-type]
    trusted = "" if fault == "self-signed" else str(certificate[0])
    with Worded(kind, security, certificate) as server:
        step = await failed(kind, settings(kind, server.port, security, ca_file=trusted))
    words = {"self-signed": "not signed by an authority", "name": "another name", "expired": "expired"}[fault]
    assert words in step.sentence
    key = tls.key_of(ssl.PEM_cert_to_DER_cert(certificate[0].read_text()))
    assert tls.shown_as(key) in step.sentence
    assert "only when it is the same" in step.remedy


async def test_a_certificate_of_an_authority_of_ones_own_is_fine(tmp_path: Path) -> None:
    (pair,), ca_file = signed_pairs(tmp_path, 1)
    with Worded("imap", "tls", pair) as imap, Worded("smtp", "starttls", pair) as smtp:
        asked = replace(
            account(1, ca_file=str(ca_file)), imap=ServerSettings("localhost", imap.port),
            smtp=ServerSettings("localhost", smtp.port, Security.STARTTLS))
        report = await MailSetup(timeout=3.0).test(asked, PASSWORD)
    assert report.ok, [step for step in report.steps if not step.ok]


@pytest.mark.parametrize(("kind", "words", "sentence", "remedy"), [
    ("imap", "{tag} NO [AUTHENTICATIONFAILED] Invalid credentials", "refused the name or the password", "Check both"),
    ("imap", "{tag} NO [ALERT] Application-specific password required: https://support.example", "app password",
     "Make an app password"),
    ("imap", "{tag} NO [ALERT] Your account is not enabled for IMAP use. Please visit your settings",
     "does not let mail programs in", "Switch IMAP and SMTP on"),
    ("imap", "{tag} NO IMAP access is disabled for this mailbox", "does not let mail programs in", "Switch IMAP"),
    ("imap", "{tag} NO [ALERT] Please log in via your web browser", "with a browser first", "Open the web mail"),
    ("imap", "{tag} NO [UNAVAILABLE] try later", "cannot log anyone in now", "by itself"),
    ("imap", "{tag} NO LOGIN failed. BasicAuth is disabled", "no mail program in with a password", "Sign in with"),
    ("smtp", "535 5.7.8 Error: authentication failed", "refused the name or the password", "Check both"),
    ("smtp", "534 5.7.9 Application-specific password required", "app password", "Make an app password"),
    ("smtp", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant",
     "does not let mail programs in", "ask who runs it"),
    ("smtp", "454 4.7.0 Temporary authentication failure", "does not take the mail now", "by itself"),
])
async def test_a_refused_login_is_told_apart_by_the_servers_words(
    kind: str, words: str, sentence: str, remedy: str
) -> None:
    verb = "LOGIN" if kind == "imap" else "AUTH"
    with Worded(kind, words={verb: f"{words}\r\n"}) as server:
        step = await failed(kind, settings(kind, server.port))
    assert sentence in step.sentence
    assert remedy in step.remedy


async def test_a_server_that_lets_nobody_in_with_a_password() -> None:
    with Worded("smtp", words={"EHLO": "250-here\r\n250 AUTH GSSAPI XOAUTH2\r\n"}) as server:
        step = await failed("smtp", settings("smtp", server.port))
        assert not any(told.startswith("AUTH") for _encrypted, told in server.told)
    assert "lets nobody in with a password" in step.sentence


async def test_an_inbox_that_does_not_open_is_told_in_the_servers_words() -> None:
    words = {"EXAMINE": "{tag} NO EXAMINE Unsafe Login. Please contact us\x1b[31m\r\n"}
    with Worded("imap", words=words) as server:
        steps = (await MailSetup(timeout=3.0).test(settings("imap", server.port), PASSWORD)).steps
    assert steps[3].ok is False
    assert "Unsafe Login. Please contact us" in steps[3].sentence
    assert "\x1b" not in steps[3].sentence


async def test_who_this_program_is_is_said_to_servers_that_ask_for_it() -> None:
    capability = "* CAPABILITY IMAP4rev1 ID {starttls}\r\n{tag} OK done\r\n"
    with Worded("imap", words={"CAPABILITY": capability, "ID": "* ID (oh my\r\n{tag} OK done\r\n"}) as server:
        report = await MailSetup(timeout=3.0).test(settings("imap", server.port), PASSWORD)
        assert all(step.ok for step in report.steps[:4])
        (said,) = [told for _encrypted, told in server.told if told.startswith("ID ")]
    assert "Workstation" in said


@pytest.mark.parametrize(("words", "seconds"), [
    ("Greylisted, please try again in 300 seconds", 300), ("4.2.0 greylisted for 5 minutes", 300),
    ("come back after 2 hours", 7_200), ("wait 1 s", 30), ("try again in 99999 hours", 4 * 3_600),
    ("Temporary failure", 0), ("error in 17 mailboxes", 0), ("4.7.1 try again later", 0),
])
def test_a_servers_patience_is_read_from_its_words(words: str, seconds: int) -> None:
    assert seconds_asked(words) == seconds


def test_a_servers_words_are_short_on_one_line_and_harmless() -> None:
    shown = tidy("550 no\r\n550 \x1b[2Jwipe \u202etxt.exe\u2066 " + "x" * 500)
    assert shown == ("550 no 550 [2Jwipe txt.exe " + "x" * 500)[:200]
