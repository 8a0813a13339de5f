"""A second, small conversation with the X server (libxcb, ctypes): what is on the desktop besides pixels, and keys.

mss gives pixels; which windows there are, which of them is in front, and a key that works everywhere are not its
business, and it asks for the monitors once for each connection. Libxcb keeps no global state and its errors are values,
unlike Xlib's. Requests: X Window System Protocol 11, RandR 1.5.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from ctypes import byref, c_char_p, c_int, c_uint, c_uint8, c_uint16, c_uint32, c_void_p
from functools import cache
from typing import Any

_ANY_TYPE = 0
_MOST_WORDS = 65_536          # of a property, four bytes each
_INPUT_OUTPUT, _VIEWABLE = 1, 2


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", c_uint),)


class _Roots(ctypes.Structure):
    _fields_ = (("data", c_void_p), ("rem", c_int), ("index", c_int))


class XProblem(OSError):
    """The X server is not there, or refused a request."""


@cache
def _library(name: str) -> Any:
    """A library of the system. Raises OSError when it is not installed."""
    return ctypes.CDLL(name)


def _xcb() -> Any:
    lib = _library("libxcb.so.1")
    lib.xcb_connect.restype = lib.xcb_get_setup.restype = c_void_p
    lib.xcb_setup_roots_iterator.restype = _Roots
    lib.xcb_setup_roots_iterator.argtypes = [c_void_p]
    lib.xcb_generate_id.restype = c_uint32
    lib.xcb_request_check.restype = lib.xcb_wait_for_event.restype = lib.xcb_poll_for_event.restype = c_void_p
    return lib


class Server:
    """One connection. Raises XProblem, also later, when the server goes away. `key_codes`: the first and the last."""

    def __init__(self, display: str = "") -> None:
        lib, number = _xcb(), c_int()
        self._conn = c_void_p(lib.xcb_connect(display.encode() or None, byref(number)))
        if lib.xcb_connection_has_error(self._conn):
            lib.xcb_disconnect(self._conn)
            raise XProblem("no X server")
        setup = c_void_p(lib.xcb_get_setup(self._conn))
        self.key_codes: tuple[int, int] = struct.unpack_from("=BB", ctypes.string_at(setup, 36), 34)
        roots = lib.xcb_setup_roots_iterator(setup)
        for _skipped in range(number.value):
            lib.xcb_screen_next(byref(roots))
        self._lib = lib
        self.root = int(struct.unpack_from("=I", ctypes.string_at(roots.data, 4))[0])
        self._atoms: dict[str, int] = {}

    def close(self) -> None:
        """End the conversation; grabbed keys are free again."""
        if self._conn:
            self._lib.xcb_disconnect(self._conn)
            self._conn = c_void_p()

    def ask(self, name: str, *values: Any, library: Any = None) -> bytes:
        """The reply to a request of libxcb (its name without "xcb_"), as the protocol has it. Raises XProblem."""
        lib = library or self._lib
        request, reply = getattr(lib, f"xcb_{name}"), getattr(lib, f"xcb_{name}_reply")
        request.restype, reply.restype = _Cookie, c_void_p
        reply.argtypes = [c_void_p, _Cookie, c_void_p]
        if not self._conn:
            raise XProblem("closed")
        error = c_void_p()
        found = reply(self._conn, request(self._conn, *values), byref(error))
        if not found:
            _free(error.value)
            raise XProblem(f"the X server refused {name}")
        try:
            words = struct.unpack_from("=I", ctypes.string_at(found, 8), 4)[0]
            return ctypes.string_at(found, 32 + words * 4)
        finally:
            _free(found)

    def check(self, name: str, *values: Any) -> int:
        """Send a request that has no answer and wait whether it is refused: 0, or the protocol's error code."""
        request = getattr(self._lib, f"xcb_{name}_checked")
        request.restype = _Cookie
        self._lib.xcb_request_check.argtypes = [c_void_p, _Cookie]
        error = self._lib.xcb_request_check(self._conn, request(self._conn, *values))
        if not error:
            return 0
        try:
            return int(ctypes.string_at(error, 2)[1])
        finally:
            _free(error)

    def new_id(self) -> int:
        """A number for something that is about to be made: a window, a font, a graphics context."""
        return int(self._lib.xcb_generate_id(self._conn))

    def events(self) -> Iterator[bytes]:
        """The events that have arrived, 32 bytes each. Raises XProblem when the server is gone."""
        while found := self._lib.xcb_poll_for_event(self._conn):
            event = ctypes.string_at(found, 32)
            _free(found)
            yield event
        if self._lib.xcb_connection_has_error(self._conn):
            raise XProblem("the X server is gone")

    @property
    def descriptor(self) -> int:
        """To wait on until there is something to read."""
        return int(self._lib.xcb_get_file_descriptor(self._conn))

    def flush(self) -> None:
        self._lib.xcb_flush(self._conn)

    # what is asked

    def atom(self, name: str) -> int:
        """The number of a name; 0 when nobody ever used it."""
        if name not in self._atoms:
            raw = name.encode()
            found = self.ask("intern_atom", c_uint8(1), c_uint16(len(raw)), c_char_p(raw))
            self._atoms[name] = int(struct.unpack_from("=I", found, 8)[0])
        return self._atoms[name]

    def property(self, window: int, name: str) -> bytes:
        """A property's value, b"" when the window has none."""
        number = self.atom(name)
        if not number:
            return b""
        what = (c_uint32(window), c_uint32(number), c_uint32(_ANY_TYPE))
        found = self.ask("get_property", c_uint8(0), *what, c_uint32(0), c_uint32(_MOST_WORDS))
        width, length = found[1], struct.unpack_from("=I", found, 16)[0]
        return found[32:32 + length * (width // 8)]

    def numbers(self, window: int, name: str) -> tuple[int, ...]:
        """A property that is a list of 32-bit numbers."""
        value = self.property(window, name)
        return struct.unpack(f"={len(value) // 4}I", value[:len(value) // 4 * 4])

    def place(self, window: int) -> tuple[int, int, int, int]:
        """x, y on the root window, width, height, without the border."""
        geometry = self.ask("get_geometry", c_uint32(window))
        width, height = struct.unpack_from("=HH", geometry, 16)
        moved = self.ask("translate_coordinates", c_uint32(window), c_uint32(self.root), c_uint16(0), c_uint16(0))
        x, y = struct.unpack_from("=hh", moved, 12)
        return x, y, width, height

    def children(self, window: int) -> tuple[int, tuple[int, ...]]:
        """The parent, and the children from the bottom up."""
        found = self.ask("query_tree", c_uint32(window))
        count = struct.unpack_from("=H", found, 16)[0]
        return int(struct.unpack_from("=I", found, 12)[0]), struct.unpack_from(f"={count}I", found, 32)

    def shown(self, window: int) -> tuple[bool, bool]:
        """Whether a window and all it lies in are mapped and it shows something (is not only for input); and whether
        it is out of the window manager's hands, as menus are."""
        found = self.ask("get_window_attributes", c_uint32(window))
        visible = found[26] == _VIEWABLE and struct.unpack_from("=H", found, 12)[0] == _INPUT_OUTPUT
        return visible, bool(found[27])

    def monitors(self) -> list[dict[str, int | str]]:
        """The whole desktop, then each monitor, with the names mss uses. Raises XProblem, OSError without RandR 1.5."""
        found = self.ask("randr_get_monitors", c_uint32(self.root), c_uint8(1), library=_library("libxcb-randr.so.0"))
        at, count = 32, struct.unpack_from("=I", found, 12)[0]
        _x, _y, width, height = self.place(self.root)
        answer: list[dict[str, int | str]] = [{"left": 0, "top": 0, "width": width, "height": height}]
        for _monitor in range(count):
            name, _primary, _automatic, outputs, left, top, wide, high = struct.unpack_from("=IBBHhhHH", found, at)
            answer.append({"left": left, "top": top, "width": wide, "height": high, "output": self._named(name)})
            at += 24 + outputs * 4
        return answer

    def _named(self, atom: int) -> str:
        found = self.ask("get_atom_name", c_uint32(atom))
        return found[32:32 + struct.unpack_from("=H", found, 8)[0]].decode("utf-8", "replace")

    def owned(self, selection: str) -> bool:
        """Whether somebody owns a selection: a compositing manager owns _NET_WM_CM_S0."""
        number = self.atom(selection)
        found = self.ask("get_selection_owner", c_uint32(number)) if number else b""
        return bool(found) and struct.unpack_from("=I", found, 8)[0] != 0


def _free(pointer: int | None) -> None:
    if pointer:
        _library("libc.so.6").free(c_void_p(pointer))
