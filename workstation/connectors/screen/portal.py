"""Wayland: the desktop's own portal takes the picture (org.freedesktop.portal.Screenshot over D-Bus, jeepney).

A Wayland program does not see the screen; the portal does, and may ask the person first. It answers with a file: one
picture of all screens together, with no word about where each lies in it or how it is scaled. So the grab is a canvas:
a region is chosen on the picture itself, and the record says that the scale is unknown.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from workstation.connectors.screen import pngfile
from workstation.evidence.model import Grab, Monitor, OpenWindow
from workstation.kernel.errors import CaptureRefused, Unsupported
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

BACK_END = "wayland/portal"
HOLES = "Parts of the picture that no screen shows are black"
"""A warning of the record, in English as all of a record's own words."""
NAME, PATH, INTERFACE = (
    "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Screenshot")
REQUEST = "org.freedesktop.portal.Request"
CALL_SECONDS = 30.0       # the portal may have to be started, with what it stands on
PERSON_SECONDS = 120.0    # it may ask the person first
_CLOCK_ROOM = 1.0         # a file system may keep whole seconds
_DONE, _CANCELLED = 0, 1


class PortalCapture:
    """Fulfils `evidence.ports.CaptureBackend`. `bus` is a D-Bus address, by default the session's."""

    def __init__(self, bus: str = "") -> None:
        self._bus = bus

    def available(self) -> str:
        if not (self._bus or os.environ.get("DBUS_SESSION_BUS_ADDRESS") or _usual_bus().exists()):
            return _("There is no D-Bus session, and without one nobody can take a picture of a Wayland screen.")
        return ""

    async def screens(self) -> tuple[Monitor, ...]:
        """None: the portal gives one picture of all of them."""
        return ()

    async def windows(self) -> tuple[OpenWindow, ...]:
        raise _no_windows()

    async def grab_window(self, _window_id: str) -> Grab:
        raise _no_windows()

    async def grab(self, screen: int) -> Grab:
        """All screens as one canvas; `screen` is 0. Raises CaptureRefused."""
        if screen != 0:
            raise CaptureRefused(_("There is no screen {n}; this display has {count}.").format(n=screen, count=1),
                                 _("Under Wayland all screens are one picture, number 0; choose a region of it."))
        return await asyncio.to_thread(self._grab)

    def _grab(self) -> Grab:
        import PIL

        try:
            with self._connected() as connection:
                content = _picture(connection)
            found = pngfile.decode(content)
        except (OSError, ValueError, EOFError) as problem:
            raise CaptureRefused(
                _("The desktop's portal did not hand over a picture that can be used."),
                _("Nothing was kept. Try again, or run workstation doctor.")) from problem
        return Grab(
            found.width, found.height, found.rgba, (), -1, BACK_END, real_screen=True,
            warnings=(HOLES,) if found.holes else (), versions=(("pillow", PIL.__version__),), canvas=True,
        )

    def _connected(self) -> DBusConnection:
        from jeepney.io.blocking import open_dbus_connection

        try:
            return open_dbus_connection(self._bus or session_bus())
        except (OSError, EOFError, ValueError) as problem:
            raise CaptureRefused(_("The D-Bus session does not answer."),
                                 _("Nothing was kept. Log out of the desktop and in again.")) from problem


def _picture(connection: DBusConnection) -> bytes:
    """Ask, wait for the answer, and take the file it names. Raises CaptureRefused, ValueError, OSError."""
    since = time.time() - _CLOCK_ROOM
    answer = _ask(connection)
    uri = answer.get("uri")
    found = urlsplit(uri[1] if isinstance(uri, tuple) and isinstance(uri[1], str) else "")
    if found.scheme != "file" or found.netloc not in ("", "localhost"):
        raise ValueError("not a file of this computer")
    return pngfile.take(Path(unquote(found.path)), _owner(connection), since)


def _ask(connection: DBusConnection) -> Mapping[str, object]:
    """The portal's answer. It comes as a signal, which is listened for before the question is asked."""
    from jeepney import DBusAddress, MatchRule, message_bus, new_method_call

    token = f"workstation{secrets.token_hex(8)}"
    sender = connection.unique_name.lstrip(":").replace(".", "_")
    expected = f"{PATH}/request/{sender}/{token}"
    rule = MatchRule(type="signal", interface=REQUEST, member="Response", path=expected)
    options = {"handle_token": ("s", token), "interactive": ("b", False), "modal": ("b", False)}
    question = new_method_call(DBusAddress(PATH, NAME, INTERFACE), "Screenshot", "sa{sv}", ("", options))
    try:
        with connection.filter(rule) as answers:
            connection.send_and_get_reply(message_bus.AddMatch(rule), timeout=CALL_SECONDS)
            _check(connection.send_and_get_reply(question, timeout=CALL_SECONDS))
            answer = connection.recv_until_filtered(answers, timeout=PERSON_SECONDS)
    except TimeoutError as problem:
        raise CaptureRefused(
            _("The desktop's portal did not answer in time; nothing was captured."),
            _("Look for a question of the desktop about screenshots, then try again.")) from problem
    return _judge(answer)


def _check(reply: Message) -> None:
    """Raises CaptureRefused when the question itself was refused: no portal, or one that cannot take pictures."""
    from jeepney import HeaderFields, MessageType

    if reply.header.message_type is not MessageType.error:
        return
    name = str(reply.header.fields.get(HeaderFields.error_name, ""))
    if name.endswith((".NotAllowed", ".AccessDenied")):
        raise _denied()
    raise CaptureRefused(
        _("This desktop has no portal that takes pictures of the screen."),
        _("Install xdg-desktop-portal and the part of it for your desktop (-gnome, -kde, -wlr), then log in again."))


def _judge(answer: Message) -> Mapping[str, object]:
    """Raises CaptureRefused for every answer but a picture."""
    outcome, results = answer.body
    if outcome == _DONE and isinstance(results, dict):
        return results
    if outcome == _CANCELLED:
        raise CaptureRefused(_("The capture was cancelled in the desktop's question; nothing was kept."),
                             _("Capture again and allow it."))
    raise _denied()


def _denied() -> CaptureRefused:
    return CaptureRefused(
        _("The desktop did not allow a picture of the screen."),
        _("Allow screenshots for Workstation in the system's privacy settings, then try again."))


def _owner(connection: DBusConnection) -> int:
    """The user the portal runs as, who must be the one we run as. Raises ValueError."""
    from jeepney import message_bus

    user = connection.send_and_get_reply(message_bus.GetConnectionUnixUser(NAME), timeout=CALL_SECONDS).body[0]
    if user != os.geteuid():
        raise ValueError("a portal of another user")
    return int(user)


def _no_windows() -> Unsupported:
    return Unsupported(_("Wayland does not tell a program which windows are open."), _("Capture a region instead."))


def _usual_bus() -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}") / "bus"


def session_bus() -> str:
    """The address of the session's D-Bus."""
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={_usual_bus()}"
