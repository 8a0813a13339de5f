"""Real mail servers on loopback: an IMAP server (pymap) and an SMTP server (aiosmtpd) in one thread of their own.

What is sent to an address that lives here lands in its inbox. `cut` is a pulled cable: the listening sockets are
closed and live connections are dropped; `restore` listens again at the same ports.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import threading
from argparse import Namespace
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

T = TypeVar("T")
_Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
FOLDERS = ("Sent",)
_ID = re.compile(rb"^Message-ID:\s*(<[^>\r\n]+>)", re.IGNORECASE | re.MULTILINE)
_WAIT = 10.0   # seconds for any step of these servers


class MailServers:
    """Start it, connect to `127.0.0.1` at `imap_port` and `smtp_port` (clear text) as one of `users`, stop it."""

    def __init__(self, users: Mapping[str, str] | None = None, folders: Sequence[str] = FOLDERS) -> None:
        """`users`: address (which is also the user name) → password. `folders`: made beside each INBOX."""
        self.users = dict(users or {"help@shop.example": "a long pass phrase"})
        self._folders = tuple(folders)
        self.received: list[tuple[str, bytes]] = []   # what the SMTP server took: (Message-ID, the mail)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="simulated-mail", daemon=True)
        self._imap = _Listener()
        self._smtp = _Listener()
        self._boxes: dict[str, Any] = {}
        self._config: Any = None

    @property
    def imap_port(self) -> int:
        return self._imap.port

    @property
    def smtp_port(self) -> int:
        return self._smtp.port

    def start(self) -> None:
        """Listen. Ports are free ones, known when this returns."""
        # aiosmtpd warns at each login about an attribute of its own that it sets itself.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self._thread.start()
        self._do(self._open())

    def stop(self) -> None:
        """Close everything and end the thread. Safe to call twice."""
        if self._loop.is_closed():
            return
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WAIT)
        self._loop.close()

    def deliver(self, raw: bytes, folder: str = "INBOX", to: str = "", *, seen: bool = False) -> int:
        """Put a mail into a folder of `to` ("" = the first user), as a delivery would. Returns its UID."""
        return self._do(self._append(to or next(iter(self.users)), folder, raw, seen))

    def stored(self, folder: str = "INBOX", of: str = "") -> list[bytes]:
        """The mails in a folder, oldest first, as the server keeps them."""
        return self._do(self._contents(of or next(iter(self.users)), folder))

    def cut(self) -> None:
        """Pull the cable: nobody can connect and who was connected is cut off."""
        self._do(self._close_listeners())

    def restore(self) -> None:
        """Plug it in again, at the same ports."""
        self._do(self._listen())

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_WAIT)

    async def _open(self) -> None:
        await self._make_boxes()
        await self._listen()

    async def _listen(self) -> None:
        await self._imap.open(self._imap_server())
        await self._smtp.open(self._smtp_server())

    async def _close_listeners(self) -> None:
        await self._imap.close()
        await self._smtp.close()

    async def _close(self) -> None:
        await self._close_listeners()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _make_boxes(self) -> None:
        from pymap.backend.dict.filter import FilterSet
        from pymap.backend.dict.mailbox import MailboxSet

        self._backend, self._config = await _pymap(self.users)
        for address in self.users:
            boxes = self._boxes[address] = MailboxSet()
            for folder in self._folders:
                await boxes.add_mailbox(folder)
            self._config.set_cache[address] = (boxes, FilterSet())

    def _imap_server(self) -> Callable[[], asyncio.Protocol]:
        from proxyprotocol.reader import ProxyProtocolReader
        from pymap.imap import IMAPServer

        serve = ProxyProtocolReader(self._config.proxy_protocol).get_callback(
            IMAPServer(self._backend.login, self._config))

        def protocol() -> asyncio.Protocol:
            reader = asyncio.StreamReader(limit=2**20, loop=self._loop)
            return asyncio.StreamReaderProtocol(reader, _quietly(serve), loop=self._loop)

        return protocol

    def _smtp_server(self) -> Callable[[], asyncio.Protocol]:
        from aiosmtpd.smtp import SMTP, AuthResult

        def authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> Any:
            known = self.users.get(_text(getattr(data, "login", b"")))
            right = known is not None and known == _text(getattr(data, "password", b""))
            return AuthResult(success=right, handled=False)   # False: let the server itself say 535

        def protocol() -> asyncio.Protocol:
            made: asyncio.Protocol = SMTP(
                _Taker(self), hostname="localhost", ident="loopback", loop=self._loop, data_size_limit=64 * 2**20,
                enable_SMTPUTF8=True, auth_require_tls=False, authenticator=authenticate)
            return made

        return protocol

    async def take(self, recipients: Sequence[str], raw: bytes) -> None:
        """The SMTP server accepted a mail: keep it, and deliver it to those who live here."""
        found = _ID.search(raw)
        self.received.append((found.group(1).decode("ascii", "replace") if found else "", raw))
        for recipient in dict.fromkeys(recipients):
            if recipient in self.users:
                await self._append(recipient, "INBOX", raw, False)

    async def _append(self, address: str, folder: str, raw: bytes, seen: bool) -> int:
        from pymap.parsing.message import AppendMessage
        from pymap.parsing.specials.flag import Seen

        box = await self._boxes[address].get_mailbox(folder)
        flags = frozenset({Seen} if seen else ())
        message = await box.append(AppendMessage(raw, datetime.now(UTC), flags))
        return int(message.uid)

    async def _contents(self, address: str, folder: str) -> list[bytes]:
        from pymap.parsing.specials import FetchRequirement

        box = await self._boxes[address].get_mailbox(folder)
        messages = [message async for message in box.messages()]
        loaded = [await message.load_content(FetchRequirement.CONTENT) for message in messages]
        return [bytes(one.get_body(binary=True)) for one in loaded]


class _Taker:
    """aiosmtpd's handler."""

    def __init__(self, servers: MailServers) -> None:
        self._servers = servers

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        await self._servers.take([str(address) for address in envelope.rcpt_tos], bytes(envelope.content))
        return "250 2.0.0 taken"


class _Listener:
    """A listening socket at one port for life, whose connections can be dropped."""

    def __init__(self) -> None:
        self.port = 0
        self._server: asyncio.Server | None = None
        self._live: set[asyncio.Transport] = set()

    async def open(self, make: Callable[[], asyncio.Protocol]) -> None:
        """Listen at the port of before, the first time at a free one."""
        if self._server is not None:
            return
        # The protocol is named because asyncio sets TCP_NODELAY only where it is.
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", self.port))
        self.port = bound.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self._tracked(make()), sock=bound)

    async def close(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for transport in tuple(self._live):
            transport.abort()
        await asyncio.sleep(0)
        self._live.clear()

    def _tracked(self, protocol: asyncio.Protocol) -> asyncio.Protocol:
        made, lost = protocol.connection_made, protocol.connection_lost
        held: list[asyncio.Transport] = []

        def connection_made(transport: Any) -> None:
            held.append(transport)
            self._live.add(transport)
            made(transport)

        def connection_lost(problem: Exception | None) -> None:
            self._live.difference_update(held)
            lost(problem)

        protocol.connection_made = connection_made  # type: ignore[method-assign]
        protocol.connection_lost = connection_lost  # type: ignore[method-assign,assignment]
        return protocol


def _quietly(serve: _Serve) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]:
    """A client that vanishes is an everyday thing for a server, not an error to print."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, EOFError, asyncio.CancelledError):
            await serve(reader, writer)

    return one


async def _pymap(users: Mapping[str, str]) -> tuple[Any, Any]:
    """pymap's in-memory backend with our users. Passwords are compared in clear: hashing costs 130 ms a login."""
    from pymap.backend.dict import Config, DictBackend, Identity, Login
    from pymap.user import UserMetadata
    from pysasl.hashing import Cleartext

    # pymap greets with the machine's full name, which asks a name server; nothing here may leave loopback.
    quiet = type("QuietConfig", (Config,), {"greeting": property(lambda _self: b"ready")})
    first = next(iter(users))
    args = Namespace(host="127.0.0.1", port=0, debug=False, cert=None, key=None, tls=False, passlib_cfg=None,
                     proxy_protocol=None, inherited_sockets=None, demo_data=False, demo_user=first,
                     demo_password=users[first])
    config = quiet.from_args(args, hash_context=Cleartext(), reject_dnsbl=False)  # type: ignore[attr-defined]
    login = Login(config)
    for address, password in users.items():
        identity = Identity(address, login, None, frozenset())
        await identity.set(UserMetadata(config, address, password=password))
    config.apply_context()
    return DictBackend(login, config), config


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
