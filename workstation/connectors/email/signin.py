"""Signing in with the system's browser (RFC 8252): the browser brings the answer to a door on this computer that is
open for this one sign-in only.

Any program here can knock at that door; the answer counts only with the secret that was sent along (`state`), and what
it brings is worth nothing without the verifier that never left this process (PKCE, RFC 7636).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from html import escape
from types import TracebackType
from urllib.parse import parse_qs, urlencode, urlsplit

from workstation.connectors.email.oauth import SignInProvider, TokenBook
from workstation.connectors.email.refusals import tidy
from workstation.inbox.model import AccountSettings
from workstation.kernel.errors import AuthFailed, BadAnswer, TimedOut
from workstation.kernel.i18n import _

PATIENCE = 600.0
"""Seconds a person may take in the browser."""
_REQUEST = 16 * 1024
_READ = 5.0
MOST_VISITORS = 16


async def sign_in(
    book: TokenBook, settings: AccountSettings, opened: Callable[[str], None], secret: str = "",
    patience: float = PATIENCE,
) -> str:
    """The whole sign-in; see `api.AccountsApi.sign_in`. Cancelled, the door is shut and nothing is kept."""
    provider = book.provider(settings)
    verifier = secrets.token_urlsafe(64)
    async with Door(provider.title) as door:
        redirect = f"http://{provider.redirect_host}:{door.port}"
        opened(_address(provider, settings, redirect, door.state, verifier))
        try:
            code = await asyncio.wait_for(door.answer, patience)
        except TimeoutError as problem:
            raise TimedOut(_("Nobody signed in."), _("Begin again when you are ready.")) from problem
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
    return await asyncio.to_thread(book.first, settings, form, secret)


def _address(
    provider: SignInProvider, settings: AccountSettings, redirect: str, state: str, verifier: str
) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code", "client_id": settings.client_id.strip(), "redirect_uri": redirect,
        "scope": provider.scope, "state": state, "login_hint": settings.address, "code_challenge_method": "S256",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), **provider.more,
    }
    return f"{provider.authorize}?{urlencode(query)}"


class Door:
    """Listens on a free loopback port until left. `answer` is the code, or AuthFailed when the person said no."""

    def __init__(self, title: str) -> None:
        self._title = title
        self.state = secrets.token_urlsafe(32)
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._server: asyncio.Server | None = None
        self._visitors: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        if self._server is None:
            raise RuntimeError("the door is not open")
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Door:
        self._server = await asyncio.start_server(self._visit, "127.0.0.1", 0, limit=_REQUEST)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        if self._visitors:   # whoever is being answered may read the page to its end
            await asyncio.wait(self._visitors, timeout=1.0)
        for visitor in tuple(self._visitors):
            visitor.cancel()
        if self.answer.done() and not self.answer.cancelled():
            self.answer.exception()   # looked at, so that an answer nobody waited for is no stray warning

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._visitors) >= MOST_VISITORS:
            writer.transport.abort()
            return
        self._visitors.add(task)
        try:
            async with asyncio.timeout(_READ):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(_page(*self._reply(request)))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError):
            writer.transport.abort()
        finally:
            self._visitors.discard(task)
            writer.close()

    def _reply(self, request: bytes) -> tuple[int, str]:
        method, _space, rest = request.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        parts = urlsplit(rest.partition(" ")[0])
        if method != "GET" or parts.path not in ("", "/"):
            return 404, _("Nothing is here.")
        values = {name: found[0] for name, found in parse_qs(parts.query, max_num_fields=50).items()}
        if not hmac.compare_digest(values.get("state", "").encode(), self.state.encode()):
            return 400, _("This answer does not belong to the sign-in that was begun here. Nothing was done.")
        if self.answer.done():
            return 200, _("The sign-in is done. You can close this page.")
        return self._take(values)

    def _take(self, values: dict[str, str]) -> tuple[int, str]:
        if values.get("error") == "access_denied":
            self.answer.set_exception(AuthFailed(
                _("You did not allow it at {provider}; nothing was changed.").format(provider=self._title),
                _("Begin again, and allow access to the mail.")))
            return 200, _("Access was not allowed. You can close this page.")
        if "error" in values or not values.get("code"):
            words = tidy(values.get("error_description") or values.get("error", ""))
            self.answer.set_exception(BadAnswer(
                _("{provider} did not sign you in: {words}").format(provider=self._title, words=words),
                _("Check the client id in the settings of the mailbox, then begin again.")))
            return 200, _("The sign-in did not work. You can close this page.")
        self.answer.set_result(values["code"])
        return 200, _("The sign-in is done. You can close this page.")


def _page(status: int, sentence: str) -> bytes:
    body = f"<!doctype html><meta charset=utf-8><title>Workstation</title><p>{escape(sentence)}</p>".encode()
    reason = {200: "OK", 400: "Bad Request", 404: "Not Found"}[status]
    head = (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Content-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
