"""A key that works in every program of an X11 desktop: XGrabKey on the root window, on a thread that waits for events.

The thread sleeps in select(2) on its own connection; closing that gives the key back. NumLock and CapsLock count as
modifiers for X, so that each key is asked for with and without them.
"""

from __future__ import annotations

import os
import select
import struct
import threading
import time
from collections.abc import Callable
from ctypes import c_uint8, c_uint16, c_uint32

from workstation.connectors.screen import keystroke
from workstation.connectors.screen.keystroke import Keystroke
from workstation.connectors.screen.xcb import Server, XProblem
from workstation.kernel.i18n import _

_MASKS = {"Shift": 1, "Ctrl": 4, "Alt": 8, "Meta": 64}
_LOCKS = (0, 2, 16, 18)       # none, CapsLock, NumLock, both
_KEY_PRESS, _MAPPING = 2, 34
_ASYNC = 1
_TAKEN = 10                   # BadAccess: another program has it
_REPEAT_SECONDS = 0.5         # a key that is held down says so again and again


class X11Keys:
    """Fulfils `ui.evidence.hotkey.GlobalKeys`. `display` defaults to $DISPLAY."""

    def __init__(self, display: str = "") -> None:
        self._display = display
        self._thread: threading.Thread | None = None
        self._wake = -1

    def possible(self) -> str:
        return ""

    def claim(self, keys: str, pressed: Callable[[], None], done: Callable[[str], None]) -> None:
        """Have a keystroke for the whole desktop. `done` is called once on a thread: "", or why it cannot be had.

        Raises InputError for what is no such keystroke.
        """
        wanted = keystroke.parse(keys)
        self.release()
        asleep, self._wake = os.pipe()
        self._thread = threading.Thread(
            target=self._listen, args=(wanted, keys, asleep, pressed, done), name="hotkey", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Give the key back, and wait until it is. Safe to call twice."""
        thread, self._thread = self._thread, None
        if thread is not None:
            os.close(self._wake)   # the other end wakes up
            thread.join(2)

    def _listen(
        self, wanted: Keystroke, keys: str, asleep: int, pressed: Callable[[], None], done: Callable[[str], None],
    ) -> None:
        server: Server | None = None
        try:
            server = Server(self._display or os.environ.get("DISPLAY", ""))
            problem = _grab(server, wanted, keys)
            done(problem)
            if not problem:
                _wait(server, wanted, keys, asleep, pressed)
        except (XProblem, OSError, struct.error):
            done(_("The X server does not give keys to programs."))
        finally:
            if server is not None:
                server.close()
            os.close(asleep)


def _wait(server: Server, wanted: Keystroke, keys: str, asleep: int, pressed: Callable[[], None]) -> None:
    """Until the pipe is closed. A keyboard that is set up anew may have the key elsewhere."""
    last = 0.0
    while True:
        for event in server.events():
            if event[0] & 0x7F == _KEY_PRESS:
                now = time.monotonic()
                if now - last > _REPEAT_SECONDS:
                    pressed()
                last = now
            elif event[0] & 0x7F == _MAPPING:
                _grab(server, wanted, keys)
        ready, _w, _x = select.select([server.descriptor, asleep], [], [])
        if asleep in ready:
            return


def _grab(server: Server, wanted: Keystroke, keys: str) -> str:
    """Ask for the key; "" or why it cannot be had. Raises XProblem."""
    codes = _codes(server, wanted.keysym)
    if not codes:
        return _("This keyboard has no key for {keys}.").format(keys=keys)
    server.check("ungrab_key", c_uint8(0), c_uint32(server.root), c_uint16(0x8000))
    held = sum(_MASKS[name] for name in wanted.modifiers)
    for code in codes:
        for lock in _LOCKS:
            error = server.check("grab_key", c_uint8(1), c_uint32(server.root), c_uint16(held | lock), c_uint8(code),
                                 c_uint8(_ASYNC), c_uint8(_ASYNC))
            if error == _TAKEN:
                return _("Another program has {keys} already.").format(keys=keys)
            if error:
                raise XProblem("the X server refused the key")
    server.flush()
    return ""


def _codes(server: Server, keysym: int) -> list[int]:
    """The key codes that type a keysym without modifiers."""
    first, last = server.key_codes
    found = server.ask("get_keyboard_mapping", c_uint8(first), c_uint8(last - first + 1))
    each = found[1]
    symbols = struct.unpack_from(f"={(last - first + 1) * each}I", found, 32)
    return [first + at for at in range(last - first + 1) if each and symbols[at * each] == keysym]
