"""A D-Bus session of one connection with a desktop portal on it that answers as a test says."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, new_error, new_method_return, new_signal
from jeepney.low_level import Parser

PATH, REQUEST = "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Request"


Answer = tuple[int, dict[str, Any]] | str | Callable[[str], tuple[int, dict[str, Any]]] | None


class Portal:
    """`answers`: for each method of a portal the outcome and the results, or what gives them for the request's path; a
    name is an error of that name, None is silence, and a method that is not there is an error as well.
    `properties`: what is told of whatever is asked, as variants. `user`: whom the portal runs as.
    """

    def __init__(
        self, answers: Mapping[str, Answer], properties: Mapping[str, tuple[str, object]] | None = None, user: int = 0,
    ) -> None:
        self._answers, self._properties, self._user = answers, properties or {}, user
        self._folder = Path(tempfile.mkdtemp(prefix="workstation-bus-"))
        self.address = f"unix:path={self._folder}/bus"
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        self._serial = 0
        self._lock = threading.Lock()
        self._peer: socket.socket | None = None
        self._bound = threading.Event()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(f"{self._folder}/bus")
        self._server.listen(1)
        self._thread = threading.Thread(target=self._serve, name="portal", daemon=True)

    def __enter__(self) -> Portal:
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._server.close()
        self._thread.join(5)
        shutil.rmtree(self._folder)

    def emit(self, interface: str, member: str, signature: str, body: tuple[Any, ...]) -> None:
        """A signal of the portal itself, once it is listened to."""
        if not self._bound.wait(5) or self._peer is None:
            raise RuntimeError("nobody listens")
        self._send(self._peer, new_signal(DBusAddress(PATH, interface=interface), member, signature, body))

    def _serve(self) -> None:
        try:
            peer, _address = self._server.accept()
        except OSError:
            return
        with peer:
            self._peer = peer
            parser, data = Parser(), _greet(peer)
            while True:
                parser.add_data(data)
                while (message := parser.get_next_message()) is not None:
                    self._reply(peer, message, str(message.header.fields.get(HeaderFields.member)))
                data = peer.recv(65_536)
                if not data:
                    return

    def _reply(self, peer: socket.socket, message: Message, member: str) -> None:
        portal = str(message.header.fields.get(HeaderFields.interface, "")).startswith("org.freedesktop.portal.")
        if member == "Hello":
            self._send(peer, new_method_return(message, "s", (":1.7",)))
        elif member == "Get" and message.body[1] in self._properties:
            self._send(peer, new_method_return(message, "v", (self._properties[message.body[1]],)))
        elif member == "GetConnectionUnixUser":
            self._send(peer, new_method_return(message, "u", (self._user,)))
        elif not portal:
            self._send(peer, new_method_return(message))
            if member == "AddMatch" and "Activated" in message.body[0]:
                self._bound.set()
        else:
            self.asked.append((member, message.body))
            self._answer(peer, message, self._answers.get(member, "org.freedesktop.DBus.Error.UnknownMethod"))

    def _answer(self, peer: socket.socket, message: Message, answer: Answer) -> None:
        """The method returns the request's path, and the answer comes as a signal of it."""
        path = f"{PATH}/request/1_7/{message.body[-1]['handle_token'][1]}"
        given = answer(path) if callable(answer) else answer
        if isinstance(given, str):
            self._send(peer, new_error(message, given, "s", ("no",)))
            return
        self._send(peer, new_method_return(message, "o", (path,)))
        if given is not None:
            self._send(peer, new_signal(DBusAddress(path, interface=REQUEST), "Response", "ua{sv}", given))

    def _send(self, peer: socket.socket, message: Message) -> None:
        with self._lock:
            self._serial += 1
            peer.sendall(message.serialise(self._serial))


def _greet(peer: socket.socket) -> bytes:
    """The server's side of the EXTERNAL handshake; what came after it already."""
    heard, answered = b"", False
    while b"BEGIN\r\n" not in heard:
        heard += peer.recv(1_024)
        if not answered and b"AUTH" in heard and heard.endswith(b"\r\n"):
            peer.sendall(b"OK 1234\r\n")
            answered = True
    return heard.partition(b"BEGIN\r\n")[2]
