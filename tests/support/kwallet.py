"""A KWallet of our own on a D-Bus of our own, after kwallet's published interface (org.kde.KWallet.xml): a closed one
asks a person in `open`, answers a negative handle when they refuse, and forgets its handles when it is closed.

    python -m tests.support.kwallet REFUSALS    # then says "ready"; refuses that many times before it opens
"""

from __future__ import annotations

import sys
from typing import Any

from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

NAME = "org.kde.kwalletd6"
SIGNATURES = {"isEnabled": "b", "networkWallet": "s", "isOpen": "b", "open": "i", "hasFolder": "b", "createFolder": "b",
              "hasEntry": "b", "readPassword": "s", "writePassword": "i", "removeEntry": "i", "entryList": "as",
              "closeAll": "b"}


class Wallet:
    """What the daemon remembers."""

    def __init__(self, refusals: int) -> None:
        self._refusals = refusals
        self._folders: dict[str, dict[str, str]] = {}
        self._handles: set[int] = set()
        self._open = False
        self._next = 1_718_888_860

    def isEnabled(self) -> bool:
        return True

    def networkWallet(self) -> str:
        return "kdewallet"

    def isOpen(self, _wallet: str) -> bool:
        return self._open

    def open(self, _wallet: str, _window: int, _appid: str) -> int:
        if not self._open and self._refusals > 0:
            self._refusals -= 1
            return -1
        self._open = True
        self._next += 1
        self._handles.add(self._next)
        return self._next

    def closeAll(self) -> bool:
        self._open, self._handles = False, set()
        return True

    def hasFolder(self, handle: int, folder: str, _appid: str) -> bool:
        return handle in self._handles and folder in self._folders

    def createFolder(self, handle: int, folder: str, _appid: str) -> bool:
        return handle in self._handles and self._folders.setdefault(folder, {}) is not None

    def hasEntry(self, handle: int, folder: str, key: str, _appid: str) -> bool:
        return handle in self._handles and key in self._folders.get(folder, {})

    def readPassword(self, handle: int, folder: str, key: str, _appid: str) -> str:
        return self._folders.get(folder, {}).get(key, "") if handle in self._handles else ""

    def writePassword(self, handle: int, folder: str, key: str, value: str, _appid: str) -> int:
        if handle not in self._handles or folder not in self._folders:
            return -1
        self._folders[folder][key] = value
        return 0

    def removeEntry(self, handle: int, folder: str, key: str, _appid: str) -> int:
        return 0 if handle in self._handles and self._folders.get(folder, {}).pop(key, None) is not None else -3

    def entryList(self, handle: int, folder: str, _appid: str) -> list[str]:
        return list(self._folders.get(folder, {})) if handle in self._handles else []


def serve(wallet: Wallet) -> None:
    """Answer calls until the bus ends."""
    with open_dbus_connection() as connection:
        connection.send_and_get_reply(message_bus.RequestName(NAME))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            _answer(connection, wallet, connection.receive())


def _answer(connection: Any, wallet: Wallet, message: Any) -> None:
    if message.header.message_type != MessageType.method_call:
        return
    member = message.header.fields[HeaderFields.member]
    if member not in SIGNATURES or message.header.fields[HeaderFields.path] != "/modules/kwalletd6":
        connection.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))
        return
    connection.send(new_method_return(message, SIGNATURES[member], (getattr(wallet, member)(*message.body),)))


if __name__ == "__main__":
    serve(Wallet(int(sys.argv[1])))
