"""Signing in with a browser: a local provider, a local browser, and mail servers that look at the token."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from tests.support.mail import ADDRESS, PASSWORD, RecordingIntake, account, raw_mail, until
from tests.support.mail_tokens import CLIENT, TokenImap, TokenServer, token_postman
from workstation.connectors.email.imap import ImapMailbox, Pace
from workstation.connectors.email.means import Means
from workstation.connectors.email.oauth import Grant, SignInProvider, TokenBook, providers
from workstation.connectors.email.presets import presets
from workstation.connectors.email.setup import MailSetup
from workstation.connectors.email.signin import sign_in
from workstation.connectors.email.smtp import SmtpTransport
from workstation.drafts.model import Envelope
from workstation.inbox.model import AccountSettings
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import AuthFailed, BadAnswer, InputError, KeyringProblem, Offline, TimedOut

QUICK = Pace(first_retry=0.02, last_retry=0.1, answer=3.0)
NOW = 1_790_000_000_000


@pytest.fixture
def provider() -> Iterator[TokenServer]:
    server = TokenServer()
    yield server
    server.stop()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def kept() -> list[str]:
    return []


@pytest.fixture
def book(provider: TokenServer, clock: FixedClock, kept: list[str]) -> TokenBook:
    return TokenBook(clock, {"test": provider.provider}, lambda _settings, grant, _replaces: kept.append(grant))


def settings(imap: int = 1, smtp: int = 1) -> AccountSettings:
    return replace(account(imap, smtp), sign_in="test", client_id=CLIENT)


class Browser:
    """Goes where it is told and comes back as the provider says; `answers` names what it brings."""

    def __init__(self, provider: TokenServer) -> None:
        self.provider = provider
        self.opened: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def open(self, address: str) -> None:
        self.opened.set_result(address)

    async def door(self) -> tuple[str, str]:
        """The loopback address that is waiting, and the state it waits for."""
        query = httpx.URL(await self.opened).params
        return query["redirect_uri"], query["state"]

    async def come_back(self, **brought: str) -> httpx.Response:
        redirect, state = await self.door()
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(redirect, params={"state": state, **brought})

    async def say_yes(self) -> httpx.Response:
        return await self.come_back(code=self.provider.code_for(await self.opened))


async def signed_in(book: TokenBook, provider: TokenServer) -> str:
    browser = Browser(provider)
    signing = asyncio.ensure_future(sign_in(book, settings(), browser.open))
    await browser.say_yes()
    return await signing


async def test_the_whole_way_and_nothing_secret_in_the_address(book: TokenBook, provider: TokenServer) -> None:
    browser = Browser(provider)
    signing = asyncio.ensure_future(sign_in(book, settings(), browser.open, "client secret"))
    page = await browser.say_yes()
    grant = await signing
    assert page.status_code == 200
    assert "close this page" in page.text
    assert page.headers["content-security-policy"] == "default-src 'none'"
    (form,) = provider.forms
    assert (form["client_secret"], form["grant_type"]) == ("client secret", "authorization_code")
    assert form["code_verifier"] not in str(await browser.opened)
    assert form["redirect_uri"].startswith("http://127.0.0.1:")
    assert Grant.read(grant) == Grant(provider.refresh, "client secret")
    assert book.token(settings(), grant) in provider.good
    assert len(provider.forms) == 1   # the first token came with the sign-in


async def test_an_answer_with_another_state_is_turned_away_and_the_right_one_still_counts(
    book: TokenBook, provider: TokenServer
) -> None:
    browser = Browser(provider)
    signing = asyncio.ensure_future(sign_in(book, settings(), browser.open))
    redirect, _state = await browser.door()
    async with httpx.AsyncClient(trust_env=False) as stranger:
        forged = await stranger.get(redirect, params={"state": "guessed", "code": "evil"})
        denied = await stranger.get(redirect, params={"error": "access_denied"})
        other = await stranger.get(f"{redirect}/favicon.ico")
        posted = await stranger.post(redirect, params={"state": "x"})
    assert [answer.status_code for answer in (forged, denied, other, posted)] == [400, 400, 404, 404]
    _reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(redirect).port)
    writer.write(b"\x16\x03\x01 nonsense without an end")
    await writer.drain()
    assert not signing.done()
    await browser.say_yes()
    assert Grant.read(await signing).refresh == provider.refresh
    assert [form["grant_type"] for form in provider.forms] == ["authorization_code"]
    writer.close()


async def test_a_person_who_says_no_changes_nothing(book: TokenBook, provider: TokenServer) -> None:
    browser = Browser(provider)
    signing = asyncio.ensure_future(sign_in(book, settings(), browser.open))
    page = await browser.come_back(error="access_denied")
    with pytest.raises(AuthFailed, match="did not allow it at Testmail"):
        await signing
    assert "not allowed" in page.text
    assert provider.forms == []


async def test_what_the_provider_objects_to_is_told_in_its_words(book: TokenBook, provider: TokenServer) -> None:
    browser = Browser(provider)
    signing = asyncio.ensure_future(sign_in(book, settings(), browser.open))
    page = await browser.come_back(error="invalid_scope", error_description="<b>no</b>\r\n\u202eevil")
    with pytest.raises(BadAnswer, match="<b>no</b> evil"):
        await signing
    assert "<b>" not in page.text


async def test_given_up_the_door_is_shut(book: TokenBook, provider: TokenServer) -> None:
    browser = Browser(provider)
    signing = asyncio.ensure_future(sign_in(book, settings(), browser.open))
    redirect, _state = await browser.door()
    signing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await signing
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", httpx.URL(redirect).port)


async def test_nobody_comes(book: TokenBook, provider: TokenServer) -> None:
    with pytest.raises(TimedOut, match="Nobody signed in"):
        await sign_in(book, settings(), Browser(provider).open, patience=0.05)


async def test_without_a_client_id_the_way_to_one_is_told(book: TokenBook) -> None:
    with pytest.raises(InputError, match="No client id for Testmail") as caught:
        await sign_in(book, replace(settings(), client_id=" "), print)
    assert "guide" in caught.value.remedy
    with pytest.raises(InputError, match="cannot be signed in to"):
        await sign_in(book, replace(settings(), sign_in="unknown"), print)


async def test_a_code_that_somebody_else_got_is_worthless(book: TokenBook, provider: TokenServer) -> None:
    browser = Browser(provider)
    signing = asyncio.ensure_future(sign_in(book, settings(), browser.open))
    code = provider.code_for(await browser.opened)
    provider.challenges[code] = ("another verifier's", provider.challenges[code][1])
    await browser.come_back(code=code)
    with pytest.raises(AuthFailed):
        await signing
    assert provider.good == set()


async def test_tokens_are_made_anew_before_they_end_and_the_newest_grant_is_kept(
    book: TokenBook, provider: TokenServer, clock: FixedClock, kept: list[str]
) -> None:
    grant = await signed_in(book, provider)
    first = book.token(settings(), grant)
    clock.advance(3_600_000 - 121_000)
    assert book.token(settings(), grant) == first
    clock.advance(2_000)
    second = book.token(settings(), grant)
    assert second != first
    assert [Grant.read(text).refresh for text in kept] == [provider.refresh]
    again = TokenBook(clock, {"test": provider.provider})   # the next start reads the kept one
    assert again.token(settings(), kept[-1]) in provider.good
    clock.advance(3_600_000)
    with pytest.raises(AuthFailed) as caught:
        book.token(settings(), grant)      # replaced by the other book: dead here
    assert caught.value.remedy == "Sign in again."


async def test_many_who_ask_at_once_cost_one_question(
    book: TokenBook, provider: TokenServer, clock: FixedClock
) -> None:
    grant = await signed_in(book, provider)
    clock.advance(3_600_000)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(book.token(settings(), grant))) for _one in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert len(set(found)) == 1
    assert len(provider.forms) == 2


@pytest.mark.parametrize(("trouble", "problem", "words"), [
    ((400, {"error": "invalid_grant"}), AuthFailed, "revoked"),
    ((401, {"error": "invalid_client"}), AuthFailed, "does not know this client id"),
    ((400, {"error": "weird", "error_description": "x" * 900}), AuthFailed, "refused the sign-in: xxx"),
    ((503, None), Offline, "cannot sign anyone in now"),
    ((200, None), BadAnswer, "cannot be used"),
    ((200, {"access_token": 7}), BadAnswer, "cannot be used"),
    ((302, {}), BadAnswer, "cannot be used"),
])
async def test_what_goes_wrong_at_the_provider_is_a_sentence(
    book: TokenBook, provider: TokenServer, clock: FixedClock, trouble: tuple[int, dict[str, object] | None],
    problem: type[Exception], words: str,
) -> None:
    grant = await signed_in(book, provider)
    clock.advance(3_600_000)
    provider.trouble = trouble
    with pytest.raises(problem, match=words) as caught:
        book.token(settings(), grant)
    assert len(str(caught.value)) < 400


async def test_a_provider_that_is_gone_is_offline_and_a_locked_keyring_is_asked_again(
    provider: TokenServer, clock: FixedClock
) -> None:
    kept: list[str] = []
    locked = [True]
    begun: list[str] = []

    def keep(_settings: AccountSettings, grant: str, replaces: Callable[[str], bool]) -> None:
        assert replaces(begun[0])
        assert not replaces("a password")
        assert not replaces('{"refresh": "of another sign-in"}')
        if locked[0]:
            raise KeyringProblem("The keyring is locked.")
        kept.append(grant)

    book = TokenBook(clock, {"test": provider.provider}, keep)
    grant = await signed_in(book, provider)
    begun.append(grant)
    clock.advance(3_600_000)
    token = book.token(settings(), grant)
    assert kept == []
    locked[0] = False
    assert book.token(settings(), grant) == token
    assert [Grant.read(text).refresh for text in kept] == [provider.refresh]
    nowhere = SignInProvider("test", "Testmail", provider.url, "http://127.0.0.1:1/token", "mail")
    with pytest.raises(Offline, match="cannot be reached"):
        TokenBook(clock, {"test": nowhere}).token(settings(), grant)


async def test_a_watched_mailbox_comes_back_with_a_new_token_when_its_own_ended(
    book: TokenBook, provider: TokenServer
) -> None:
    grant = await signed_in(book, provider)
    server, intake = TokenImap(provider, {11: raw_mail("one")}), RecordingIntake()
    server.start()
    box = ImapMailbox("acc", settings(server.port), grant, intake, pace=QUICK, means=Means(book))
    box.start()
    try:
        assert until(lambda: intake.ids() == ["<one@home.example>"])
        provider.good.clear()
        server.mails[12] = raw_mail("two")
        server.hang_up()
        assert until(lambda: intake.ids()[1:] == ["<two@home.example>"])
        assert server.refusals == 1
        provider.good.clear()
        provider.refresh = "revoked"
        server.hang_up()
        assert until(lambda: intake.states[-1] == "refused")
        assert "Sign in again." in intake.sentences[-1]
        refusals = server.refusals
        assert not until(lambda: server.refusals > refusals, 0.3)   # and does not hammer
    finally:
        box.stop()
        server.stop()


async def test_a_token_the_server_refuses_although_it_is_new_is_a_refusal(
    book: TokenBook, provider: TokenServer
) -> None:
    grant = await signed_in(book, provider)
    server = TokenImap(provider)
    server.start()
    provider.issue = lambda: {"access_token": "never good"}   # type: ignore[method-assign]
    provider.good.clear()
    try:
        report = await MailSetup(means=Means(book)).test(settings(server.port), grant)
    finally:
        server.stop()
    assert report.steps[2].ok is False
    assert "does not accept the sign-in" in report.steps[2].sentence
    assert report.steps[2].remedy == "Sign in again."
    assert server.refusals == 2


async def test_a_reply_is_sent_with_a_token_and_with_a_new_one_when_that_ended(
    book: TokenBook, provider: TokenServer
) -> None:
    grant = await signed_in(book, provider)
    with token_postman(provider) as (handler, port):
        async def accounts(_account_id: str) -> tuple[AccountSettings, str]:
            return settings(smtp=port), grant

        transport = SmtpTransport(accounts, timeout=5, means=Means(book))
        mail = Envelope("acc", ADDRESS, ("buyer@home.example",), "<r@home.example>", raw_mail("r"))
        await transport.send(mail)
        provider.good.clear()
        await transport.send(mail)
        assert len(handler.taken) == 2
        provider.good.clear()
        provider.refresh = "revoked"
        with pytest.raises(AuthFailed, match="Sign in again"):
            await transport.send(mail)
        assert len(handler.taken) == 2


async def test_a_password_is_no_grant_and_no_token_is_asked_for_it(book: TokenBook, provider: TokenServer) -> None:
    with pytest.raises(AuthFailed, match="not signed in to yet"):
        book.token(settings(), PASSWORD)
    assert provider.forms == []


def test_the_providers_are_sound_and_every_preset_names_one() -> None:
    assert set(providers()) == {"google", "microsoft"}
    assert {preset.sign_in for preset in presets()} == {"", *providers()}
    with pytest.raises(ValueError, match="neither https"):
        SignInProvider("x", "X", "https://a.example", "http://a.example/token", "mail")
