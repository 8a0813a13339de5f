"""The key that captures while another program is in front: off until one is set, and given back at the end.

Whoever gives it (`connectors.screen`) does so on a thread of its own; what it says comes here by queued signals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal

from ui.bridge import Bridge
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings

SETTING = "capture_key"


class GlobalKeys(Protocol):
    """Gives one keystroke of the whole desktop."""

    def possible(self) -> str:
        """"" or why no key can be had here at all."""

    def claim(self, keys: str, pressed: Callable[[], None], done: Callable[[str], None]) -> None:
        """Have `keys` (Qt's portable writing). `done` is called once, on any thread: "" or why it cannot be had.

        Raises InputError for what can be no such key.
        """

    def release(self) -> None: ...


class HotKey(QObject):
    """`pressed` wherever the focus is. `use` follows the setting; what cannot be had is said once, in the toast."""

    pressed = Signal()
    ready = Signal(str)
    """The key is ours ("") or not (why)."""
    _heard = Signal()

    def __init__(self, settings: Settings, keys: GlobalKeys, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._keys, self._bridge = settings, keys, bridge
        self.ready.connect(self._on_ready, Qt.ConnectionType.QueuedConnection)
        self._heard.connect(self.pressed, Qt.ConnectionType.QueuedConnection)

    def use(self) -> None:
        """Take the key of the settings, or give back the one there was."""
        chosen = self._settings.text(SETTING)
        self._keys.release()
        if not chosen:
            return
        try:
            self._keys.claim(chosen, self._heard.emit, self.ready.emit)
        except InputError as problem:
            self.ready.emit(str(problem))

    def close(self) -> None:
        """Give the key back."""
        self._keys.release()

    def _on_ready(self, problem: str) -> None:
        if problem:
            remedy = _("Choose another key in the settings; captures work by the window's own keys.")
            self._bridge.notice(f"{problem} {remedy}", seconds=12, tone="warn")
