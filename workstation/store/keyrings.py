"""The system's keyring, used directly: only back ends named here, never the `keyring` package's chooser, which may
offer one that writes plain text and costs 0.2 s. On Linux the Secret Service, and KWallet where that is all there is,
are spoken to over jeepney, so that the first page of the list waits for neither `keyring` nor `cryptography`. See
docs/adr/0001-keys-and-start.md."""

from __future__ import annotations

import binascii
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from workstation.kernel.errors import KeyringLocked, KeyringProblem
from workstation.kernel.i18n import _

APPLICATION = "workstation"
ASK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Asking:
    """Leave to raise the system's own prompt for a locked keyring: how long to wait, and whether to give up sooner.

    `window`: the platform's name of the window that asks, empty for none.
    """

    seconds: float = ASK_SECONDS
    cancelled: Callable[[], bool] = lambda: False
    window: str = ""


class Ring(Protocol):
    """Named secrets by home, kept by the system for this user. Calls block. All raise KeyringProblem, and KeyringLocked
    when it waits to be unlocked and nobody may be asked, or nobody did."""

    name: str

    def check(self) -> None:
        """Return when secrets can be kept now; raise KeyringProblem with what is in the way."""

    def get(self, home_id: str, name: str) -> bytes | None: ...

    def set(self, home_id: str, name: str, value: bytes) -> None: ...

    def delete(self, home_id: str, name: str) -> None: ...

    def names(self, home_id: str) -> tuple[str, ...]:
        """Of everything kept for this home."""


def system_ring(asking: Asking | None = None) -> Ring:
    """This system's keyring. Does not touch it yet. With `asking`, a locked one raises its prompt."""
    if sys.platform == "darwin":
        from workstation.store.keyring_packaged import keychain

        return keychain()
    if sys.platform == "win32":
        from workstation.store.keyring_packaged import credential_manager

        return credential_manager()
    from workstation.store.keyring_secretservice import SecretService

    return SecretService(asking)


def may_ask() -> Asking | None:
    """Leave to ask where there is a screen to ask on."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return None
    return Asking()


def no_keyring(reason: str) -> KeyringProblem:
    """The failure that names the way to work without a keyring."""
    return KeyringProblem(
        _("The system keyring cannot be used: {reason}.").format(reason=reason),
        _("Start the keyring, or keep the key in a file: "
          "workstation init --passphrase-file F --recovery-out F (or set WORKSTATION_PASSPHRASE_FILE)."),
    )


def locked() -> KeyringLocked:
    return KeyringLocked(
        _("The system keyring is locked; nothing was changed."),
        _("Unlock it (log in again, or open your passwords application), then try again. Without a keyring: "
          "workstation init --passphrase-file F --recovery-out F."),
    )


def dismissed() -> KeyringLocked:
    return KeyringLocked(
        _("The system keyring stayed locked: its question was closed without an answer. Nothing was changed."),
        _("Try again and type the keyring's password, most often that of your login."),
    )


def out_of_time() -> KeyringLocked:
    return KeyringLocked(
        _("The system keyring stayed locked: nobody answered its question in time. Nothing was changed."),
        _("Try again and type the keyring's password, most often that of your login."),
    )


def encoded(value: bytes) -> bytes:
    """As keyrings keep it: text, which every one of them shows and copies whole."""
    return binascii.b2a_base64(value, newline=False)


def decoded(text: str) -> bytes:
    """Raises KeyringProblem when somebody else wrote it."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError as problem:
        raise changed_by_another() from problem


def changed_by_another() -> KeyringProblem:
    return no_keyring(_("its entry for this home was changed by another program"))
