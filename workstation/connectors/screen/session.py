"""Whether the session is locked or another user's is in front: what a capture would show then is not what it seems.

systemd-logind knows (org.freedesktop.login1.Session: LockedHint, Active), where it runs and the desktop tells it; a
locker that tells nobody covers the screen itself and is what is captured. Asked beside the capture, not patiently.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from workstation.evidence.model import Grab, Monitor, OpenWindow
from workstation.evidence.ports import CaptureBackend, SeesDesktop
from workstation.kernel.errors import CaptureRefused, Unsupported
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_NAME, _PATH = "org.freedesktop.login1", "/org/freedesktop/login1/session/auto"
_SESSION = "org.freedesktop.login1.Session"
_SECONDS = 0.5


class Session:
    """This login session as logind knows it. `bus` is a D-Bus address, by default the system's."""

    def __init__(self, bus: str = "SYSTEM") -> None:
        self._bus = bus
        self._lock = threading.Lock()
        self._connection: DBusConnection | None = None

    def hidden(self) -> str:
        """Why nobody sees this session now, "" when somebody does or nobody knows. Blocks for half a second at most."""
        with self._lock:
            try:
                if self._told("LockedHint") is True:
                    return _("The screen is locked; nothing was captured.")
                if self._told("Active") is False:
                    return _("Another session is in front of this one; nothing was captured.")
            except (OSError, EOFError, ValueError):
                self._forget()
            return ""

    def close(self) -> None:
        """Let the bus go. Safe to call twice."""
        with self._lock:
            self._forget()

    def _told(self, name: str) -> object:
        """A property of the session; None when it is not told. Raises OSError, EOFError, ValueError."""
        from jeepney import DBusAddress, MessageType, Properties
        from jeepney.io.blocking import open_dbus_connection

        if self._connection is None:
            self._connection = open_dbus_connection(self._bus, auth_timeout=_SECONDS)
        question = Properties(DBusAddress(_PATH, _NAME, _SESSION)).get(name)
        reply = self._connection.send_and_get_reply(question, timeout=_SECONDS)
        told = reply.header.message_type is not MessageType.error and bool(reply.body)
        return reply.body[0][1] if told else None

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class SeenCapture:
    """A back end for as long as somebody sees its session. Fulfils `CaptureBackend` and `SeesDesktop`."""

    def __init__(self, inner: CaptureBackend, session: Session | None = None) -> None:
        self.inner = inner
        self._session = session or Session()

    def available(self) -> str:
        return self.inner.available()

    async def grab(self, screen: int) -> Grab:
        """As the back end's; both are asked at once, and the picture is thrown away when nobody sees the screen."""
        grab, hidden = await asyncio.gather(self.inner.grab(screen), asyncio.to_thread(self._session.hidden))
        return _seen(grab, hidden)

    async def screens(self) -> tuple[Monitor, ...]:
        return await self.inner.screens() if isinstance(self.inner, SeesDesktop) else ()

    async def windows(self) -> tuple[OpenWindow, ...]:
        return await self._desktop().windows()

    async def grab_window(self, window_id: str) -> Grab:
        work = self._desktop().grab_window(window_id)
        grab, hidden = await asyncio.gather(work, asyncio.to_thread(self._session.hidden))
        return _seen(grab, hidden)

    def _desktop(self) -> SeesDesktop:
        if not isinstance(self.inner, SeesDesktop):
            raise Unsupported(_("This system does not tell which windows are open."), _("Capture a region instead."))
        return self.inner


def _seen(grab: Grab, hidden: str) -> Grab:
    if hidden:
        raise CaptureRefused(hidden, _("Unlock it, then try again."))
    return grab
