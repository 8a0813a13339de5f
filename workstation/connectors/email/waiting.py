"""Waiting for mail without a busy loop: on the server's IDLE, on a wake-up from another thread, or on time."""

from __future__ import annotations

import imaplib
import selectors
import socket
import ssl
from typing import Any

from workstation.connectors.email.failures import explain
from workstation.connectors.email.session import FAILURES, ImapSession
from workstation.inbox.model import ServerSettings
from workstation.kernel.errors import Offline
from workstation.kernel.i18n import _


class Waker:
    """Wakes one waiting thread from any other. A wake-up before the wait is not lost."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def wake(self) -> None:
        try:
            self._writer.send(b"x")
        except OSError:
            return   # full: a wake-up is waiting already; closed: nobody waits any more

    def wait(self, seconds: float, other: socket.socket | None = None) -> bool:
        """Wait until woken (True), until `other` can be read, or until the time is over (False)."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._reader, selectors.EVENT_READ)
            if other is not None:
                selector.register(other, selectors.EVENT_READ)
            ready = selector.select(seconds)
        woken = any(key.fileobj is self._reader for key, _events in ready)
        if woken:
            self._drain()
        return woken

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

    def _drain(self) -> None:
        try:
            while self._reader.recv(4_096):
                pass
        except BlockingIOError:
            return


def idle(session: ImapSession, waker: Waker, seconds: float, server: ServerSettings) -> None:
    """IDLE (RFC 2177) on the open folder until something happens there, `waker` wakes, or the time is over.

    Raises ConnectError when the connection is lost meanwhile.
    """
    client = session.client
    if client is None:
        raise Offline(_("The connection to {host} was lost.").format(host=server.host),
                      _("It is tried again by itself."))
    try:
        client.idle()
        if not _has_read_ahead(client):
            waker.wait(seconds, client.socket())
        client.idle_done()
    except FAILURES as problem:
        raise explain(_closed(problem), server) from problem


def _has_read_ahead(client: Any) -> bool:
    """Whether an answer already lies in a buffer, where no selector sees it: it came in one packet with "+ idling"."""
    sock = client.socket()
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    timeout = sock.gettimeout()
    sock.setblocking(False)
    try:
        return bool(client._imap.file.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        sock.settimeout(timeout)


def _closed(problem: BaseException) -> BaseException:
    return ConnectionResetError(str(problem)) if isinstance(problem, imaplib.IMAP4.abort) else problem
