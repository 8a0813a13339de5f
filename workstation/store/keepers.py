"""Who keeps the data key: the system's keyring, or a passphrase. Each can check itself, seal, keep and forget."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from workstation.kernel.i18n import _
from workstation.store import keybox, keyfile
from workstation.store.keybox import Argon
from workstation.store.keydescription import KEYRING, PASSPHRASE, Description
from workstation.store.keyfile import Passphrase
from workstation.store.keyrings import may_ask, no_keyring, system_ring

DATA_KEY = "data-key"
"""The data key's name in the keyring, until it is replaced or the home is a copy's."""

Keeper = Literal["keyring"] | Path | Passphrase
"""Who keeps the data key: the system's keyring, the file that holds the passphrase, or the passphrase as typed."""


class Lock:
    """How a keeper takes the data key."""

    @staticmethod
    def of(keeper: Keeper) -> Lock:
        return KeyringLock() if keeper == "keyring" else PassphraseLock(keeper)

    def check(self) -> None:
        """Raises KeyringProblem or InputError when this keeper cannot be had."""
        raise NotImplementedError

    def close(self, key: bytes, description: Description) -> Description:
        """The description, sealed, with this keeper as the only one beside the recovery key."""
        raise NotImplementedError

    def keep(self, key: bytes, description: Description) -> None:
        """Take the key, before `home.json` says so."""

    def forget(self, description: Description) -> None:
        """Give up what `keep` took."""

    def warnings(self) -> tuple[str, ...]:
        return ()


class KeyringLock(Lock):
    def __init__(self) -> None:
        self._ring = system_ring(may_ask())
        self._kept = False

    def check(self) -> None:
        self._ring.check()

    def close(self, key: bytes, description: Description) -> Description:
        return replace(description, keeper=KEYRING, boxes=_without_passphrase(description), argon=None).marked(key)

    def keep(self, key: bytes, description: Description) -> None:
        self._kept = True
        name = entry_name(description)
        self._ring.set(description.home_id, name, key)
        if self._ring.get(description.home_id, name) != key:
            raise no_keyring(_("it did not give back what was stored"))

    def forget(self, description: Description) -> None:
        if self._kept:
            self._ring.delete(description.home_id, entry_name(description))


class PassphraseLock(Lock):
    def __init__(self, given: Path | Passphrase) -> None:
        self._given = given
        self._passphrase = b""

    def check(self) -> None:
        self._passphrase = keyfile.read(self._given)

    def close(self, key: bytes, description: Description) -> Description:
        argon = Argon.fresh()
        box = keybox.seal(argon.key(self._passphrase), key, description.home_id, PASSPHRASE)
        boxes = {**_without_passphrase(description), PASSPHRASE: box}
        return replace(description, keeper=PASSPHRASE, boxes=boxes, argon=argon).marked(key)

    def warnings(self) -> tuple[str, ...]:
        return file_warnings(self._given)


def entry_name(description: Description) -> str:
    """The data key's name in the keyring: a copy on the same computer and a new key have entries of their own."""
    scope = f":{description.scope}" if description.scope else ""
    generation = f"#{description.generation}" if description.generation else ""
    return DATA_KEY + scope + generation


def file_warnings(given: Path | Passphrase | None) -> tuple[str, ...]:
    """What is unwise about a passphrase file."""
    if not isinstance(given, Path) or not keyfile.readable_by_others(given):
        return ()
    return (_("Others on this computer can read the passphrase file {path}; run chmod 600 on it.").format(path=given),)


def _without_passphrase(description: Description) -> dict[str, keybox.Box]:
    return {name: box for name, box in description.boxes.items() if name != PASSPHRASE}


