"""A key for the whole desktop under Wayland: org.freedesktop.portal.GlobalShortcuts, where the desktop offers it.

The desktop decides which key it becomes, and may ask the person. A thread sleeps on the connection until the desktop
says that the key was pressed; shutting the socket down ends it and gives the key back.
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from workstation.connectors.screen import keystroke
from workstation.connectors.screen.portal import CALL_SECONDS, NAME, PATH, PERSON_SECONDS, REQUEST, session_bus
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

INTERFACE = "org.freedesktop.portal.GlobalShortcuts"
_ID = "capture-region"
_TRIGGERS = {"Ctrl": "CTRL", "Alt": "ALT", "Shift": "SHIFT", "Meta": "LOGO"}


class PortalKeys:
    """Fulfils `ui.evidence.hotkey.GlobalKeys`. `bus` is a D-Bus address, by default the session's."""

    def __init__(self, bus: str = "") -> None:
        self._bus = bus
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None
        self._released = threading.Event()

    def possible(self) -> str:
        return ""

    def claim(self, keys: str, pressed: Callable[[], None], done: Callable[[str], None]) -> None:
        """As `X11Keys.claim`."""
        wanted = keystroke.parse(keys)
        self.release()
        self._released.clear()
        self._thread = threading.Thread(
            target=self._listen, args=(trigger(wanted), pressed, done), name="hotkey", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Give the key back. Safe to call twice."""
        thread, self._thread = self._thread, None
        self._released.set()
        if thread is not None:
            if self._socket is not None:
                _hang_up(self._socket)
            thread.join(1)

    def _listen(self, wanted: str, pressed: Callable[[], None], done: Callable[[str], None]) -> None:
        from jeepney.io.blocking import open_dbus_connection

        try:
            with open_dbus_connection(self._bus or session_bus()) as connection:
                self._socket = connection.sock
                if self._released.is_set():
                    return
                problem = _bind(connection, wanted)
                done(problem)
                if not problem:
                    _wait(connection, pressed)
        except (OSError, EOFError, ValueError, TimeoutError):
            if not self._released.is_set():
                done(_("The desktop does not let programs have a key that works everywhere."))
        finally:
            self._socket = None


def trigger(wanted: keystroke.Keystroke) -> str:
    """A keystroke as the shortcuts specification of freedesktop.org writes it: "CTRL+ALT+s"."""
    key = wanted.key.lower() if len(wanted.key) == 1 else wanted.key
    return "+".join([*(_TRIGGERS[name] for name in wanted.modifiers), key])


def _bind(connection: DBusConnection, wanted: str) -> str:
    """Open a session and bind the key in it: "", or why not."""
    token = f"workstation{secrets.token_hex(8)}"
    made = _request(connection, "CreateSession", "a{sv}", (), {"session_handle_token": ("s", token)})
    handle = made.get("session_handle") if made is not None else None
    if made is None or not isinstance(handle, tuple):
        return _("The desktop does not let programs have a key that works everywhere.")
    shortcut = (_ID, {"description": ("s", _("Capture a region")), "preferred_trigger": ("s", wanted)})
    bound = _request(connection, "BindShortcuts", "oa(sa{sv})sa{sv}", (str(handle[1]), [shortcut], ""), {})
    return "" if bound is not None else _("The desktop did not give the key.")


def _request(
    connection: DBusConnection, method: str, signature: str, values: tuple[Any, ...], options: dict[str, Any],
) -> Mapping[str, object] | None:
    """A request of the portal and its answer; None when it was refused or there is no such portal."""
    from jeepney import DBusAddress, MatchRule, MessageType, message_bus, new_method_call

    token = f"workstation{secrets.token_hex(8)}"
    sender = connection.unique_name.lstrip(":").replace(".", "_")
    rule = MatchRule(type="signal", interface=REQUEST, member="Response", path=f"{PATH}/request/{sender}/{token}")
    body = (*values, {**options, "handle_token": ("s", token)})
    with connection.filter(rule) as answers:
        connection.send_and_get_reply(message_bus.AddMatch(rule), timeout=CALL_SECONDS)
        question = new_method_call(DBusAddress(PATH, NAME, INTERFACE), method, signature, body)
        reply = connection.send_and_get_reply(question, timeout=CALL_SECONDS)
        if reply.header.message_type is MessageType.error:
            return None
        outcome, results = connection.recv_until_filtered(answers, timeout=PERSON_SECONDS).body
    return results if outcome == 0 and isinstance(results, dict) else None


def _wait(connection: DBusConnection, pressed: Callable[[], None]) -> None:
    """Until the socket is shut down."""
    from jeepney import HeaderFields, MatchRule, message_bus

    connection.send_and_get_reply(message_bus.AddMatch(MatchRule(
        type="signal", interface=INTERFACE, member="Activated", path=PATH)), timeout=CALL_SECONDS)
    while True:
        heard: Message = connection.receive()
        if heard.header.fields.get(HeaderFields.member) == "Activated" and heard.body[1] == _ID:
            pressed()


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):   # it ended by itself meanwhile
        connected.shutdown(socket.SHUT_RDWR)
