"""Something to see on the demo's own screen: a small window with a few lines, by the X server's own font.

A virtual screen is black, and a screen of a single colour is refused as evidence. The demo's headless run has no window
toolkit, so the page is made by requests to the server; it says itself that it is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import c_char_p, c_int16, c_uint8, c_uint16, c_uint32
from itertools import count

from workstation.connectors.screen.xcb import Server

_X, _Y, _WIDTH, _HEIGHT, _MARGIN, _LINE = 240, 160, 900, 420, 40, 34
_PAPER, _INK = 0xF4F4F6, 0x1F2A36
_BACK_PIXEL = 1 << 1                       # of CreateWindow's values
_FOREGROUND, _BACKGROUND, _FONT = 1 << 2, 1 << 3, 1 << 14   # of CreateGC's
_STRING = 31                               # the predefined atom; 39 is WM_NAME
_WM_NAME = 39
_MOST = 100                                # characters in a line, of 255 in one request


@contextmanager
def shown(display: str, title: str, lines: Sequence[str]) -> Iterator[None]:
    """A window on `display` until the end. Letters beyond Latin-1 become question marks. Raises XProblem, OSError."""
    server = Server(display)
    try:
        _draw(server, title, lines)
        yield
    finally:
        server.close()


def _draw(server: Server, title: str, lines: Sequence[str]) -> None:
    window, font, pen = (server.new_id() for _name in range(3))
    name = title.encode("latin-1", "replace")[:_MOST]
    _sent(server, "create_window", c_uint8(0), c_uint32(window), c_uint32(server.root), c_int16(_X), c_int16(_Y),
          c_uint16(_WIDTH), c_uint16(_HEIGHT), c_uint16(0), c_uint16(0), c_uint32(0), c_uint32(_BACK_PIXEL),
          (c_uint32 * 1)(_PAPER))
    _sent(server, "change_property", c_uint8(0), c_uint32(window), c_uint32(_WM_NAME), c_uint32(_STRING), c_uint8(8),
          c_uint32(len(name)), c_char_p(name))
    _sent(server, "map_window", c_uint32(window))
    _sent(server, "open_font", c_uint32(font), c_uint16(5), c_char_p(b"fixed"))
    _sent(server, "create_gc", c_uint32(pen), c_uint32(window), c_uint32(_FOREGROUND | _BACKGROUND | _FONT),
          (c_uint32 * 3)(_INK, _PAPER, font))
    for row, line in zip(count(1), (title, "", *lines)):
        text = line.encode("latin-1", "replace")[:_MOST]
        _sent(server, "image_text_8", c_uint8(len(text)), c_uint32(window), c_uint32(pen), c_int16(_MARGIN),
              c_int16(_MARGIN + row * _LINE), c_char_p(text))


def _sent(server: Server, name: str, *values: object) -> None:
    """Raises OSError when the server refuses."""
    problem = server.check(name, *values)
    if problem:
        raise OSError(f"the X server refused {name}: {problem}")
