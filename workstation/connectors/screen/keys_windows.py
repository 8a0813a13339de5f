"""A key for the whole desktop on Windows: RegisterHotKey on a thread with a message loop. And the lack of one.

Written from the Windows documentation; it has not been run on Windows yet, the decisions are tested apart.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any, Protocol

from workstation.connectors.screen import keystroke
from workstation.kernel.i18n import _

_MASKS = {"Alt": 1, "Ctrl": 2, "Shift": 4, "Meta": 8}
_NO_REPEAT = 0x4000
_NAMED = {"Print": 0x2C, "Pause": 0x13, "Ins": 0x2D}
_F1 = 0x70
_TAKEN = 1409                 # ERROR_HOTKEY_ALREADY_REGISTERED


class System(Protocol):
    """The calls to Windows, all from one thread but `stop`."""

    def register(self, modifiers: int, key: int) -> int:
        """0, or the error of Windows."""

    def wait(self) -> bool:
        """Sleep until the key is pressed (True) or the thread is to end (False)."""

    def stop(self) -> None: ...


class WindowsKeys:
    """Fulfils `ui.evidence.hotkey.GlobalKeys`."""

    def __init__(self, make: Callable[[], System] | None = None) -> None:
        self._make = make or Win32Keys
        self._system: System | None = None
        self._thread: threading.Thread | None = None

    def possible(self) -> str:
        return ""

    def claim(self, keys: str, pressed: Callable[[], None], done: Callable[[str], None]) -> None:
        """As `X11Keys.claim`."""
        wanted = keystroke.parse(keys)
        self.release()
        self._system = self._make()
        self._thread = threading.Thread(
            target=_listen, args=(self._system, wanted, keys, pressed, done), name="hotkey", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Give the key back. Safe to call twice."""
        thread, self._thread = self._thread, None
        if thread is not None and self._system is not None:
            self._system.stop()
            thread.join(1)


class NoKeys:
    """Where no key can be had: macOS gives them to programs with an event loop of Carbon only."""

    def possible(self) -> str:
        return _("This system does not give this program a key that works everywhere.")

    def claim(self, _keys: str, _pressed: Callable[[], None], done: Callable[[str], None]) -> None:
        done(self.possible())

    def release(self) -> None:
        """There is nothing to give back."""


def _listen(
    system: System, wanted: keystroke.Keystroke, keys: str, pressed: Callable[[], None], done: Callable[[str], None],
) -> None:
    error = system.register(sum(_MASKS[name] for name in wanted.modifiers) | _NO_REPEAT, virtual_key(wanted.key))
    if error:
        taken = _("Another program has {keys} already.") if error == _TAKEN else _("Windows did not give {keys}.")
        done(taken.format(keys=keys))
        return
    done("")
    while system.wait():
        pressed()


def virtual_key(key: str) -> int:
    """Windows' number of a key: letters and digits are their own upper-case character."""
    if len(key) == 1:
        return ord(key.upper())
    return _NAMED.get(key) or _F1 + int(key[1:]) - 1


class Win32Keys:
    """The calls themselves."""

    _WM_HOTKEY, _WM_QUIT, _ONE = 0x0312, 0x0012, 1

    def __init__(self) -> None:
        self._user32: Any = getattr(ctypes, "WinDLL")("user32", use_last_error=True)  # noqa: B009 - only Windows
        self._kernel32: Any = getattr(ctypes, "WinDLL")("kernel32")  # noqa: B009 - only Windows
        self._thread = 0
        self._begun = threading.Event()

    def register(self, modifiers: int, key: int) -> int:
        self._thread = int(self._kernel32.GetCurrentThreadId())
        done = self._user32.RegisterHotKey(None, self._ONE, modifiers, key)
        self._begun.set()
        return 0 if done else int(getattr(ctypes, "get_last_error")()) or -1  # noqa: B009 - only Windows

    def wait(self) -> bool:
        message = ctypes.create_string_buffer(64)
        while self._user32.GetMessageW(message, None, 0, 0) > 0:
            if int.from_bytes(message.raw[8:12], "little") == self._WM_HOTKEY:
                return True
        self._user32.UnregisterHotKey(None, self._ONE)
        return False

    def stop(self) -> None:
        self._begun.wait(1)
        self._user32.PostThreadMessageW(self._thread, self._WM_QUIT, 0, 0)
