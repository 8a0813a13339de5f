"""KWallet over D-Bus, for a KDE desktop whose wallet does not speak the Secret Service.

The interface is org.kde.KWallet of KDE Frameworks 5 and 6 (kwallet's org.kde.KWallet.xml): `open` answers with a
handle, or a negative number when the person refuses, and shows the wallet's own dialog when it is closed. A wallet that
was closed makes older handles useless, so each conversation opens it again.
"""

from __future__ import annotations

from typing import Any

from workstation.kernel.i18n import _
from workstation.store.keyring_bus import Bus
from workstation.store.keyrings import Asking, decoded, dismissed, encoded, locked, no_keyring

_INTERFACE = "org.kde.KWallet"
_WALLETS = (("org.kde.kwalletd6", "/modules/kwalletd6"), ("org.kde.kwalletd5", "/modules/kwalletd5"))
_FOLDER = "Workstation"
_APPID = "Workstation"
_NO_WINDOW = 0


def wallet_on(bus: Bus) -> tuple[str, str] | None:
    """The newest wallet that runs, or that the bus can start: (bus name, path)."""
    return next((each for ready in (bus.running, bus.startable) for each in _WALLETS if ready(each[0])), None)


class Wallet:
    """Secrets in the folder "Workstation" of the person's network wallet, by home id and name."""

    name = "KWallet"

    def __init__(self, bus: Bus, found: tuple[str, str], asking: Asking | None) -> None:
        self._bus, self._asking = bus, asking
        self._place = (found[1], found[0], _INTERFACE)
        self._handle = -1

    def check(self) -> None:
        self._open()

    def get(self, home_id: str, name: str) -> bytes | None:
        self._open()
        key = _key(home_id, name)
        if not self._call("hasEntry", "isss", self._handle, _FOLDER, key, _APPID):
            return None
        return decoded(str(self._call("readPassword", "isss", self._handle, _FOLDER, key, _APPID)))

    def set(self, home_id: str, name: str, value: bytes) -> None:
        self._open()
        if not self._call("hasFolder", "iss", self._handle, _FOLDER, _APPID):
            self._call("createFolder", "iss", self._handle, _FOLDER, _APPID)
        text = encoded(value).decode()
        self._done(self._call("writePassword", "issss", self._handle, _FOLDER, _key(home_id, name), text, _APPID))

    def delete(self, home_id: str, name: str) -> None:
        self._open()
        key = _key(home_id, name)
        if self._call("hasEntry", "isss", self._handle, _FOLDER, key, _APPID):
            self._done(self._call("removeEntry", "isss", self._handle, _FOLDER, key, _APPID))

    def names(self, home_id: str) -> tuple[str, ...]:
        self._open()
        start = _key(home_id, "")
        found = self._call("entryList", "iss", self._handle, _FOLDER, _APPID)
        return tuple(str(each).removeprefix(start) for each in found if str(each).startswith(start))

    def _open(self) -> None:
        """Raises KeyringLocked when it is closed and nobody opens it."""
        if not self._call("isEnabled", None):
            raise no_keyring(_("KWallet is switched off in the system's settings"))
        wallet = self._call("networkWallet", None)
        if not self._call("isOpen", "s", wallet) and self._asking is None:
            raise locked()
        asking = self._asking or Asking(seconds=10.0)
        self._handle = int(self._bus.ask(asking, self._place, "open", "sxs", wallet, _NO_WINDOW, _APPID)[0])
        if self._handle < 0:
            raise dismissed()

    def _call(self, method: str, signature: str | None, *body: object) -> Any:
        return self._bus.call(self._place, method, signature, *body)[0]

    def _done(self, code: object) -> None:
        if code != 0:
            raise no_keyring(_("KWallet did not keep it"))


def _key(home_id: str, name: str) -> str:
    return f"{home_id}/{name}"
