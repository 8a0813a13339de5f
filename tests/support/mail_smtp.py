"""SMTP servers for tests: a real one (aiosmtpd) that can be told whom to refuse, and one that cuts the line on cue."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.support.mail import ADDRESS, PASSWORD, free_port


class Postman:
    """aiosmtpd's handler: takes what it may, refuses whom it is told, with the code it is told."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, tuple[str, ...], bytes]] = []
        self.refuse: dict[str, str] = {}
        self.answer = "250 2.0.0 queued as 42"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.taken.append((envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        return self.answer


@contextmanager
def postman(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, size: int = 2**25
) -> Iterator[tuple[Postman, int]]:
    """A running SMTP server and its port. `tls` from the first byte, `starttls` on request."""
    handler = Postman()

    def authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (ADDRESS.encode(), PASSWORD.encode()), handled=False)

    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=free_port(),
        ssl_context=tls,
        tls_context=starttls,
        data_size_limit=size,
        auth_require_tls=False,
        authenticator=authenticate,
        server_hostname="localhost",
        enable_SMTPUTF8=True,
    )
    controller.start()
    try:
        yield handler, controller.port
    finally:
        controller.stop()


class CuttingSmtp:
    """Talks SMTP by hand and cuts the line at one of: "greeting", "mail", "data", "text", "dot".

    "text" cuts while the mail is on its way; "dot" swallows the whole mail and cuts instead of answering.
    `silent` keeps the line open without a word instead of cutting it.
    """

    def __init__(self, at: str, *, silent: bool = False) -> None:
        self.at, self.silent = at, silent
        self.got = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._done = threading.Event()
        self._live: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> CuttingSmtp:
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._done.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._live:
            connection.close()
        self._thread.join(5)

    def _accept(self) -> None:
        try:
            while True:
                connection, _address = self._listener.accept()
                self._live.append(connection)
                self._serve(connection)
                if self.silent:
                    self._done.wait(10)
                elif self.at != "text":  # there the line is reset, not closed in good order
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()
        except OSError:
            return

    def _serve(self, connection: socket.socket) -> None:
        if self.at == "greeting":
            return
        connection.sendall(b"220 here\r\n")
        stream = connection.makefile("rb")
        while line := stream.readline():
            verb = line[:4].upper().strip()
            if verb == b"MAIL" and self.at == "mail":
                return
            if verb == b"DATA":
                self._data(connection, stream)
                return
            connection.sendall(b"250-localhost\r\n250 8BITMIME\r\n" if verb == b"EHLO" else b"250 OK\r\n")

    def _data(self, connection: socket.socket, stream: Any) -> None:
        if self.at == "data":
            return
        connection.sendall(b"354 go\r\n")
        while line := stream.readline():
            if line == b".\r\n":
                return
            self.got += line
            if self.at == "text":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                stream.close()
                return
