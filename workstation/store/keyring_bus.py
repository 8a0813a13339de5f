"""A conversation on this user's own D-Bus: calls with a limit of time, questions that a person may leave unanswered."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.kernel.i18n import _
from workstation.store.keyrings import Asking, dismissed, no_keyring, out_of_time

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 10.0  # the bus may have to start the service first
_LOOK_SECONDS = 0.2
_BUS = ("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
_NOBODY = ("ServiceUnknown", "NameHasNoOwner", "ExecFailed", "Spawn.ChildExited", "NoReply")


class BusError(Exception):
    """An error that a service answered; `.name` is its D-Bus name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @property
    def nobody_there(self) -> bool:
        return self.name.endswith(_NOBODY)


class Bus:
    """One connection."""

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection

    def call(self, place: tuple[str, str, str], method: str, signature: str | None = None, *body: object) -> Any:
        """Call a method of (path, bus name, interface). Raises BusError, OSError."""
        reply = self._connection.send_and_get_reply(_message(place, method, signature, body), timeout=_ANSWER_SECONDS)
        return _checked(reply).body

    def ask(self, asking: Asking, place: tuple[str, str, str], method: str, signature: str, *body: object) -> Any:
        """Call a method that answers once a person did. Raises KeyringLocked when nobody does."""
        serial = next(self._connection.outgoing_serial)
        self._connection.send(_message(place, method, signature, body), serial=serial)

        def answers(message: Message) -> bool:
            return bool(message.header.fields.get(5) == serial)  # field 5 is REPLY_SERIAL (D-Bus, "Header Fields")

        return _checked(self._wait(asking, answers)).body

    def signal(self, asking: Asking, path: str, interface: str, member: str) -> Any:
        """The next signal of an object. `listen` to it before what makes it happen. Raises KeyringLocked."""
        def fits(message: Message) -> bool:
            found = message.header.fields
            return (found.get(1), found.get(2), found.get(3)) == (path, interface, member)

        return self._wait(asking, fits).body

    def listen(self, path: str, interface: str) -> None:
        self.call(_BUS, "AddMatch", "s", f"type='signal',path='{path}',interface='{interface}'")

    def running(self, name: str) -> bool:
        return bool(self.call(_BUS, "NameHasOwner", "s", name)[0])

    def startable(self, name: str) -> bool:
        return name in self.call(_BUS, "ListActivatableNames")[0]

    def _wait(self, asking: Asking, fits: Any) -> Message:
        deadline = time.monotonic() + asking.seconds
        while True:
            if asking.cancelled():
                raise dismissed()
            left = deadline - time.monotonic()
            if left <= 0:
                raise out_of_time()
            try:
                message = self._connection.receive(timeout=min(left, _LOOK_SECONDS))
            except TimeoutError:
                continue
            if fits(message):
                return message


@contextmanager
def talk() -> Iterator[Bus]:
    """Raises KeyringProblem when there is no bus, or it does not answer."""
    address = bus_address()
    if address is None:
        raise no_keyring(_("there is no session bus here"))
    try:
        from jeepney.io.blocking import open_dbus_connection

        with open_dbus_connection(address, auth_timeout=_CONNECT_SECONDS) as connection:
            yield Bus(connection)
    except BusError as problem:
        raise no_keyring(_("no Secret Service is running") if problem.nobody_there else problem.name) from problem
    except (OSError, EOFError, RuntimeError, ImportError) as problem:  # TimeoutError is an OSError
        raise no_keyring(_("the session bus does not answer")) from problem


def bus_address() -> str | None:
    """The session bus named by the environment, or the one systemd puts in the user's run-time folder."""
    named = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    if named:
        return named if named.startswith("unix:") else None
    folder = os.environ.get("XDG_RUNTIME_DIR")
    socket = Path(folder) / "bus" if folder else None
    return f"unix:path={socket}" if socket is not None and socket.is_socket() else None


def _message(place: tuple[str, str, str], method: str, signature: str | None, body: tuple[object, ...]) -> Message:
    from jeepney import DBusAddress, new_method_call

    path, name, interface = place
    return new_method_call(DBusAddress(path, name, interface), method, signature, body)


def _checked(reply: Message) -> Message:
    from jeepney import MessageType

    if reply.header.message_type == MessageType.error:
        raise BusError(str(reply.header.fields.get(4, "")))  # field 4 is ERROR_NAME
    return reply
