"""A key for the whole desktop: real on an X server, given back, and a sentence where it cannot be had."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator

import pytest

from tests.support.evidence_x11 import xvfb
from tests.support.portals import Portal
from workstation.connectors.screen import choice, keys_portal, keys_windows, keystroke
from workstation.connectors.screen.keys_portal import PortalKeys
from workstation.connectors.screen.keys_windows import NoKeys, WindowsKeys
from workstation.connectors.screen.keys_x11 import X11Keys
from workstation.connectors.screen.keystroke import Keystroke
from workstation.kernel.errors import InputError

SECONDS = 10


@pytest.fixture
def display() -> Iterator[str]:
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed")
    with xvfb(200, 100) as name:
        yield name


def _press(display: str, keys: str) -> None:
    subprocess.run(["xdotool", "key", keys], env={**os.environ, "DISPLAY": display}, check=True)


def _claimed(keys: X11Keys, wanted: str, heard: queue.Queue[str]) -> str:
    said: queue.Queue[str] = queue.Queue()
    keys.claim(wanted, lambda: heard.put("pressed"), said.put)
    return said.get(timeout=SECONDS)


def test_a_key_is_heard_everywhere_and_belongs_to_one(display: str) -> None:
    ours, theirs, heard = X11Keys(display), X11Keys(display), queue.Queue[str]()
    try:
        assert _claimed(ours, "Ctrl+Alt+S", heard) == ""
        _press(display, "ctrl+alt+s")
        assert heard.get(timeout=SECONDS) == "pressed"
        assert _claimed(theirs, "Ctrl+Alt+S", heard) == "Another program has Ctrl+Alt+S already."
        ours.release()
        ours.release()
        assert _claimed(theirs, "Ctrl+Alt+S", heard) == "", "it was given back"
        _press(display, "Caps_Lock")
        _press(display, "ctrl+alt+s")
        assert heard.get(timeout=SECONDS) == "pressed", "whatever CapsLock says"
        assert _claimed(theirs, "Meta+F9", heard) == ""
        _press(display, "super+F9")
        assert heard.get(timeout=SECONDS) == "pressed"
        _press(display, "ctrl+alt+s")
        assert heard.empty(), "the one before is not ours any more"
    finally:
        ours.release()
        theirs.release()
    assert not any(one.name == "hotkey" for one in threading.enumerate())


def test_without_a_server_there_is_a_sentence() -> None:
    keys = X11Keys(":4095")
    assert "X server" in _claimed(keys, "Print", queue.Queue())
    keys.release()


@pytest.mark.parametrize(("text", "expected"), [
    ("Ctrl+Alt+S", Keystroke(("Ctrl", "Alt"), "S")), ("Shift+Ctrl+7", Keystroke(("Ctrl", "Shift"), "7")),
    ("Print", Keystroke((), "Print")), ("Meta+F12", Keystroke(("Meta",), "F12")),
])
def test_keystrokes_are_read(text: str, expected: Keystroke) -> None:
    assert keystroke.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "S", "Shift+S", "Ctrl+Ctrl+S", "Hyper+S", "Ctrl+F13", "Ctrl+é", "Ctrl+Alt", "G, I"])
def test_what_would_take_typing_away_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        keystroke.parse(text)
    assert caught.value.remedy


def test_every_system_has_its_own_numbers_of_a_key() -> None:
    assert [keystroke.parse(f"Ctrl+{key}").keysym for key in ("S", "7", "F1", "Print")] == [0x73, 0x37, 0xFFBE, 0xFF61]
    assert [keys_windows.virtual_key(key) for key in ("S", "7", "F2", "Print")] == [0x53, 0x37, 0x71, 0x2C]
    assert keys_portal.trigger(keystroke.parse("Ctrl+Meta+S")) == "CTRL+LOGO+s"


class FakeWindows:
    """`keys_windows.System`: a key pressed twice, then the end."""

    def __init__(self, error: int = 0) -> None:
        self.error, self.asked, self.left = error, (0, 0), 2
        self.stopped = threading.Event()

    def register(self, modifiers: int, key: int) -> int:
        self.asked = (modifiers, key)
        return self.error

    def wait(self) -> bool:
        self.left -= 1
        return self.left >= 0 or not self.stopped.wait(SECONDS)

    def stop(self) -> None:
        self.stopped.set()


def test_windows_is_asked_once_and_hears_each_press() -> None:
    system, heard, said = FakeWindows(), queue.Queue[str](), queue.Queue[str]()
    keys = WindowsKeys(lambda: system)
    keys.claim("Ctrl+Shift+S", lambda: heard.put("pressed"), said.put)
    assert said.get(timeout=SECONDS) == ""
    assert [heard.get(timeout=SECONDS) for _press in range(2)] == ["pressed", "pressed"]
    assert system.asked == (0x4000 | 2 | 4, ord("S"))
    keys.release()
    keys.release()
    assert system.stopped.is_set()


@pytest.mark.parametrize(("error", "words"), [(1409, "Another program"), (5, "did not give")])
def test_windows_may_refuse(error: int, words: str) -> None:
    said: queue.Queue[str] = queue.Queue()
    keys = WindowsKeys(lambda: FakeWindows(error))
    keys.claim("Ctrl+S", lambda: None, said.put)
    assert words in said.get(timeout=SECONDS)
    keys.release()


def test_a_wayland_desktop_that_offers_keys_gives_one() -> None:
    heard, said = queue.Queue[str](), queue.Queue[str]()
    with Portal({"CreateSession": (0, {"session_handle": ("s", "/session/1")}), "BindShortcuts": (0, {})}) as portal:
        keys = PortalKeys(portal.address)
        keys.claim("Ctrl+Alt+S", lambda: heard.put("pressed"), said.put)
        assert said.get(timeout=SECONDS) == ""
        portal.emit(keys_portal.INTERFACE, "Activated", "osta{sv}", ("/session/1", "another", 0, {}))
        portal.emit(keys_portal.INTERFACE, "Activated", "osta{sv}", ("/session/1", "capture-region", 0, {}))
        assert heard.get(timeout=SECONDS) == "pressed"
        assert heard.empty()
        bound = next(body for member, body in portal.asked if member == "BindShortcuts")
        assert bound[1][0][1]["preferred_trigger"] == ("s", "CTRL+ALT+s")
        keys.release()
        keys.release()
    assert said.empty()


@pytest.mark.parametrize("answers", [{}, {"CreateSession": (2, {})}, {"CreateSession": (0, {})}],
                         ids=["no-portal", "refused", "no-session"])
def test_a_wayland_desktop_that_offers_none_says_so(answers: dict[str, tuple[int, dict[str, object]]]) -> None:
    said: queue.Queue[str] = queue.Queue()
    with Portal(answers) as portal:
        keys = PortalKeys(portal.address)
        keys.claim("Ctrl+Alt+S", lambda: None, said.put)
        assert "does not let programs have a key" in said.get(timeout=SECONDS)
        keys.release()


def test_the_session_decides_who_gives_a_key() -> None:
    assert isinstance(choice.choose_keys("linux", {"DISPLAY": ":0"}), X11Keys)
    assert isinstance(choice.choose_keys("linux", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}), PortalKeys)
    assert isinstance(choice.choose_keys("win32", {}), WindowsKeys)
    none = choice.choose_keys("darwin", {})
    assert isinstance(none, NoKeys)
    said: list[str] = []
    none.claim("Print", lambda: None, said.append)
    none.release()
    assert said == [none.possible()]
    assert said[0]
