"""Wayland through the desktop's portal: exact on a real headless sway, and an error for every way it can fail."""

from __future__ import annotations

import io
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jeepney import Message
from PIL import Image

from tests.support.wayland import desktop
from workstation.connectors.screen import pngfile, portal
from workstation.connectors.screen.portal import PortalCapture
from workstation.evidence.imaging import checked, crop
from workstation.evidence.model import Grab, Rect
from workstation.kernel.errors import CaptureRefused, Unsupported

LEFT, RIGHT = bytes((0x10, 0x20, 0x30, 255)), bytes((0xFF, 0x80, 0x00, 255))


async def test_a_real_wayland_desktop_is_one_canvas_with_the_colours_of_its_outputs() -> None:
    outputs = ("resolution 320x200 position 0,0 bg #102030 solid_color",
               "resolution 300x150 position 320,0 scale 1.5 bg #ff8000 solid_color")
    with desktop(outputs) as running:
        capture = PortalCapture(running.bus)
        grab = checked(await capture.grab(0))
        for _again in range(20):   # what paints the background is another program, and may be at it still
            if _pixel(grab, 200, 150) == LEFT and _pixel(grab, 600, 100) == RIGHT:
                break
            grab = checked(await capture.grab(0))
        left_over = [path for path in Path("/tmp").glob("out.png") if path.exists()]  # noqa: ASYNC240
    assert (grab.back_end, grab.canvas, grab.screen, grab.monitors) == ("wayland/portal", True, -1, ())
    assert grab.real_screen
    assert (grab.width, grab.height) == (780, 300), "200 logical columns of the second at the first scale that fits all"
    whole = crop(grab, Rect(40, 60, 400, 200))
    assert bytes(whole.rgba) == LEFT * (400 * 200)
    assert bytes(crop(grab, Rect(500, 20, 250, 110)).rgba) == RIGHT * (250 * 110)
    assert (_pixel(grab, 600, 250), grab.warnings) == (bytes((0, 0, 0, 255)), (portal.HOLES,)), "no screen is there"
    assert left_over == [], "the portal's file is not left lying about"


def _pixel(grab: Grab, x: int, y: int) -> bytes:
    return bytes(crop(grab, Rect(x, y, 1, 1)).rgba)


def _png(width: int = 3, height: int = 2, colour: tuple[int, ...] = (1, 2, 3, 255)) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def test_a_picture_is_decoded_to_opaque_rows() -> None:
    found = pngfile.decode(_png())
    assert (found.width, found.height, found.rgba, found.holes) == (3, 2, bytes((1, 2, 3, 255)) * 6, False)
    holes = pngfile.decode(_png(colour=(200, 100, 50, 0)))
    assert (holes.rgba, holes.holes) == (bytes((0, 0, 0, 255)) * 6, True)
    out = io.BytesIO()
    Image.new("RGB", (2, 1), (9, 8, 7)).save(out, "PNG")
    assert pngfile.decode(out.getvalue()).rgba == bytes((9, 8, 7, 255)) * 2


def _huge() -> bytes:
    whole = bytearray(_png())
    whole[16:24] = struct.pack(">II", 100_000, 100_000)
    return bytes(whole)


@pytest.mark.parametrize("content", [b"", b"GIF89a" + bytes(60), _png()[:40], _png()[:-20], _huge(),
                                     _png().replace(b"IDAT", b"IDAX")])
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"picture|PNG|pixels"):
        pngfile.decode(content)


def test_the_file_is_taken_once_and_only_from_its_owner(tmp_path: Path) -> None:
    mine, now = tmp_path / "out.png", time.time()
    mine.write_bytes(b"abc")
    assert pngfile.take(mine, os.geteuid(), now - 5) == b"abc"
    assert not mine.exists()
    mine.write_bytes(b"old")
    os.utime(mine, (now - 60, now - 60))
    with pytest.raises(ValueError, match="older"):
        pngfile.take(mine, os.geteuid(), now - 5)
    mine.write_bytes(b"theirs")
    with pytest.raises(ValueError, match="wrote"):
        pngfile.take(mine, os.geteuid() + 1, now - 5)
    assert mine.exists(), "what is not ours is not deleted"
    (tmp_path / "link").symlink_to(mine)
    with pytest.raises(OSError, match="symbolic"):
        pngfile.take(tmp_path / "link", os.geteuid(), now - 5)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="wrote"):
        pngfile.take(tmp_path / "pipe", os.geteuid(), now - 5)


class Bus:
    """A D-Bus session of its own with a portal on it that answers as the test says. One connection."""

    def __init__(self, folder: Path, answer: Callable[[str], tuple[int, dict[str, tuple[str, str]]] | str | None],
                 user: int) -> None:
        self.address = f"unix:path={folder}/bus"
        self._answer, self._user = answer, user
        self._serial = 0
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(f"{folder}/bus")
        self._server.listen(1)
        self.asked: list[dict[str, tuple[str, object]]] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.close()
        self._thread.join(5)

    def _serve(self) -> None:
        from jeepney import HeaderFields
        from jeepney.low_level import Parser

        try:
            peer, _address = self._server.accept()
        except OSError:
            return
        with peer:
            parser, data = Parser(), _greet(peer)
            while True:
                parser.add_data(data)
                while (message := parser.get_next_message()) is not None:
                    self._reply(peer, message, message.header.fields.get(HeaderFields.member))
                data = peer.recv(65_536)
                if not data:
                    return

    def _reply(self, peer: socket.socket, message: Message, member: object) -> None:
        from jeepney import DBusAddress, new_error, new_method_return, new_signal

        if member == "Hello":
            self._send(peer, new_method_return(message, "s", (":1.7",)))
        elif member == "GetConnectionUnixUser":
            self._send(peer, new_method_return(message, "u", (self._user,)))
        elif member != "Screenshot":
            self._send(peer, new_method_return(message))
        else:
            options = message.body[1]
            self.asked.append(options)
            path = f"{portal.PATH}/request/1_7/{options['handle_token'][1]}"
            answer = self._answer(path)
            if isinstance(answer, str):
                self._send(peer, new_error(message, answer, "s", ("no",)))
                return
            self._send(peer, new_method_return(message, "o", (path,)))
            if answer is not None:
                emitter = DBusAddress(path, interface=portal.REQUEST)
                self._send(peer, new_signal(emitter, "Response", "ua{sv}", answer))

    def _send(self, peer: socket.socket, message: Message) -> None:
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


@pytest.fixture
def portal_says(tmp_path: Path) -> Iterator[Callable[..., Bus]]:
    made: list[Bus] = []

    def make(answer: Any, user: int | None = None) -> Bus:
        given = answer if callable(answer) else lambda _path: answer
        made.append(Bus(tmp_path, given, os.geteuid() if user is None else user))
        return made[-1]

    yield make
    for bus in made:
        bus.close()


async def test_a_picture_the_portal_names_is_taken_and_deleted(
    portal_says: Callable[..., Bus], tmp_path: Path
) -> None:
    def answer(_path: str) -> tuple[int, dict[str, tuple[str, str]]]:
        (tmp_path / "a b.png").write_bytes(_png(4, 3))
        return 0, {"uri": ("s", f"file://{tmp_path}/a%20b.png")}

    bus = portal_says(answer)
    grab = checked(await PortalCapture(bus.address).grab(0))
    assert (grab.width, grab.height, grab.canvas) == (4, 3, True)
    assert not (tmp_path / "a b.png").exists()
    assert bus.asked[0]["interactive"] == ("b", False)


@pytest.mark.parametrize(("answer", "words"), [
    ((1, {}), "cancelled"), ((2, {}), "did not allow"), ((0, {}), "can be used"),
    ((0, {"uri": ("s", "http://example.org/a.png")}), "can be used"),
    ((0, {"uri": ("s", "file://elsewhere/a.png")}), "can be used"),
    ((0, {"uri": ("s", "file:///nowhere/at/all.png")}), "can be used"),
    ("org.freedesktop.DBus.Error.ServiceUnknown", "no portal"),
    ("org.freedesktop.DBus.Error.UnknownMethod", "no portal"),
    ("org.freedesktop.portal.Error.NotAllowed", "did not allow"),
], ids=["cancelled", "denied", "no-uri", "http", "other-host", "no-file", "no-service", "no-method", "not-allowed"])
async def test_every_refusal_has_its_sentence_and_remedy(
    portal_says: Callable[..., Bus], answer: object, words: str
) -> None:
    with pytest.raises(CaptureRefused, match=words) as caught:
        await PortalCapture(portal_says(answer).address).grab(0)
    assert caught.value.remedy


async def test_a_portal_that_says_nothing_is_given_up(
    portal_says: Callable[..., Bus], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal, "PERSON_SECONDS", 0.05)
    with pytest.raises(CaptureRefused, match="in time"):
        await PortalCapture(portal_says(None).address).grab(0)


async def test_a_file_of_another_user_is_no_evidence(portal_says: Callable[..., Bus], tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(_png())
    bus = portal_says((0, {"uri": ("s", f"file://{tmp_path}/x.png")}), user=os.geteuid() + 1)
    with pytest.raises(CaptureRefused, match="can be used"):
        await PortalCapture(bus.address).grab(0)
    assert (tmp_path / "x.png").exists()


async def test_no_bus_no_second_screen_and_no_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert "D-Bus" in PortalCapture().available()
    capture = PortalCapture(f"unix:path={tmp_path}/nothing")
    assert capture.available() == ""
    with pytest.raises(CaptureRefused, match="does not answer"):
        await capture.grab(0)
    with pytest.raises(CaptureRefused, match="no screen 1"):
        await capture.grab(1)
    assert await capture.screens() == ()
    with pytest.raises(Unsupported, match="windows"):
        await capture.windows()
    with pytest.raises(Unsupported, match="windows"):
        await capture.grab_window("1")
