"""A provider that signs people in and mail servers that let in whoever brings one of its tokens; all on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.support.mail import ADDRESS, free_port
from tests.support.mail_scripted import ScriptedImap
from tests.support.mail_smtp import Postman
from workstation.connectors.email.oauth import SignInProvider

CLIENT = "a-client-id"
_BEARER = re.compile(r"user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01")


class TokenServer:
    """The provider. A refresh token is replaced at each use, and the old one is dead, as the strictest do it."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.good: set[str] = set()  # access tokens that servers accept
        self.refresh = ""  # the only refresh token that works now
        self.challenges: dict[str, tuple[str, str]] = {}  # code → challenge, redirect address
        self.trouble: tuple[int, dict[str, object] | None] | None = None  # a status and an answer instead of tokens
        self.lasts = 3_600
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                form = {name: values[0] for name, values in parse_qs(self.rfile.read(size).decode()).items()}
                status, answer = server.answer(form)
                content = b"<html>" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_words: object) -> None:
                return

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def provider(self) -> SignInProvider:
        return SignInProvider("test", "Testmail", f"{self.url}/auth", f"{self.url}/token", "mail", more={"prompt": "x"})

    def code_for(self, address: str) -> str:
        """What the provider would send the browser back with, after the person at `address` said yes."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["code_challenge_method"] == "S256"
        assert (query["client_id"], query["response_type"], query["login_hint"]) == (CLIENT, "code", ADDRESS)
        code = secrets.token_urlsafe(16)
        self.challenges[code] = (query["code_challenge"], query["redirect_uri"])
        return code

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, object] | None]:
        self.forms.append(form)
        if self.trouble is not None:
            return self.trouble
        if form["client_id"] != CLIENT:
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "authorization_code":
            challenge, redirect = self.challenges.pop(form["code"], ("", ""))
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge or redirect != form["redirect_uri"]:
                return 400, {"error": "invalid_grant"}
        elif form["refresh_token"] != self.refresh:
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        return 200, self.issue()

    def issue(self) -> dict[str, object]:
        """Fresh tokens. Access tokens that were given before stay good until a test takes them away."""
        access, self.refresh = secrets.token_urlsafe(8), secrets.token_urlsafe(8)
        self.good.add(access)
        return {"access_token": access, "refresh_token": self.refresh, "expires_in": self.lasts, "token_type": "Bearer"}


class TokenImap(ScriptedImap):
    """Lets in by XOAUTH2 only, and only with a good token."""

    def __init__(self, tokens: TokenServer, mails: dict[int, bytes] | None = None) -> None:
        super().__init__(mails)
        self.tokens = tokens
        self.refusals = 0
        self.capabilities = "IMAP4rev1 IDLE AUTH=XOAUTH2"

    def _authenticate(self, connection: socket.socket, readline: Callable[[], bytes], tag: str) -> bool:
        connection.sendall(b"+ \r\n")
        match = _BEARER.fullmatch(base64.b64decode(readline()).decode())
        self.logins += 1
        if match is not None and match[1] == ADDRESS and match[2] in self.tokens.good:
            connection.sendall(f"{tag} OK in\r\n".encode())
            return True
        self.refusals += 1
        connection.sendall(b"+ " + base64.b64encode(b'{"status":"400"}') + b"\r\n")
        assert readline() == b"\r\n"
        connection.sendall(f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n".encode())
        return True

    def hang_up(self) -> None:
        """The tokens of all connections ended."""
        for connection in self._live:
            try:
                connection.sendall(b"* BYE Session expired\r\n")
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # its client is gone already


class TokenPostman(Postman):
    def __init__(self, tokens: TokenServer) -> None:
        super().__init__()
        self.tokens = tokens

    async def auth_XOAUTH2(self, _server: Any, args: list[str]) -> AuthResult:
        match = _BEARER.fullmatch(base64.b64decode(args[1]).decode())
        good = match is not None and match[2] in self.tokens.good
        return AuthResult(success=good, handled=False)

    async def handle_MAIL(self, _server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 OK"


@contextmanager
def token_postman(tokens: TokenServer) -> Iterator[tuple[TokenPostman, int]]:
    """An SMTP server that lets in by XOAUTH2."""
    handler = TokenPostman(tokens)
    controller = Controller(
        handler, hostname="127.0.0.1", port=free_port(), auth_require_tls=False, server_hostname="localhost",
        auth_exclude_mechanism=["LOGIN", "PLAIN"],
    )
    controller.start()
    try:
        yield handler, controller.port
    finally:
        controller.stop()
