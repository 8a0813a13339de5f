"""What may be done to the keys of a home: for the window over an open home, and for commands over a closed one."""

from __future__ import annotations

import asyncio
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workstation.api import KeyState
from workstation.app import unlock_keyring
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.store import keychange, keydescription, keyfile, keymove, rekey, vault
from workstation.store.keychange import Renewal
from workstation.store.keyfile import Passphrase
from workstation.store.keyrings import system_ring
from workstation.store.lock import HomeLock


class HomeKeys:
    """The keys of the home this process holds open. Implements `api.KeysApi`; what blocks runs on a thread."""

    def __init__(self, opened: vault.OpenedHome) -> None:
        self._opened = opened
        self._one_at_a_time = asyncio.Lock()

    async def state(self) -> KeyState:
        return await asyncio.to_thread(state_of, self._opened.home)

    async def change_passphrase(self, old: str, new: str) -> None:
        async with self._one_at_a_time:
            await asyncio.to_thread(vault.change_passphrase, self._opened.home, keyfile.typed(old), keyfile.chosen(new))

    async def check_recovery(self, text: str) -> None:
        async with self._one_at_a_time:
            await asyncio.to_thread(keychange.note_recovery, self._opened.home, text)

    async def renew_recovery(self) -> HomeRenewal:
        renewal = await asyncio.to_thread(Renewal, self._opened.home, self._opened.key)
        return HomeRenewal(renewal, self._one_at_a_time)

    async def unlock_keyring(self) -> None:
        over = threading.Event()
        try:
            await asyncio.to_thread(unlock_keyring, over.is_set)
        finally:
            over.set()


@dataclass(frozen=True, slots=True)
class HomeRenewal:
    """A new recovery key on its way. Implements `api.NewRecovery`."""

    _renewal: Renewal
    _one_at_a_time: asyncio.Lock

    @property
    def recovery(self) -> str:
        return self._renewal.recovery

    async def save_to(self, path: Path) -> None:
        await asyncio.to_thread(self._renewal.save_to, path)

    async def finish(self, proof: str) -> None:
        async with self._one_at_a_time:
            await asyncio.to_thread(self._renewal.finish, proof)

    async def abandon(self) -> None:
        async with self._one_at_a_time:
            await asyncio.to_thread(self._renewal.abandon)


def state_of(home: Home) -> KeyState:
    """How a home's key is kept. Needs no key. Raises NoHome, StoreError."""
    said = vault.described(home)
    name = system_ring().name if said.keeper == keydescription.KEYRING else ""
    return KeyState(said.keeper, name, said.home_id, said.device_id, home.root, platform.node(), said.recovery_made,
                    said.recovery_tested)


def check_recovery(home: Home, text: str) -> None:
    """Prove a recovery key and note when. Raises Busy, InputError, WrongKey."""
    with _held(home):
        keychange.note_recovery(home, text)


def renew_recovery(home: Home, given: Path | None, out: Path) -> None:
    """A new recovery key in a new file; the old one opens nothing any more. Raises Busy, InputError and as opening."""
    with _held(home):
        _place, key = vault.settled(home, keyfile.passphrase_file(given))
        _through_a_file(Renewal(home, key), out)


def change_passphrase(home: Home, old: Path | None, new: Path) -> None:
    """Raises Busy, WrongKey, InputError (no passphrase opens this home, or none was named)."""
    source = keyfile.passphrase_file(old)
    if source is None:
        raise InputError(_("The passphrase of now is needed too; nothing was changed."),
                         _("Name its file with --passphrase-file."))
    with _held(home):
        vault.change_passphrase(home, source, new)


def move(home: Home, given: Path | None, to: Path | None) -> vault.OpenedHome:
    """Let the keyring (None) or a passphrase file keep the key, with every password and token. Raises Busy,
    InputError, KeyringProblem and as opening."""
    keeper: Path | Passphrase | None = to
    with _held(home):
        return keymove.move_keys(home, given, "keyring" if keeper is None else keeper)


def new_data_key(home: Home, given: Path | None, out: Path) -> None:
    """Copy the store under a new data key; a new recovery key goes to `out`. Takes as long as copying the store.

    Raises Busy, DiskFull, InputError and as opening; the old key and the old recovery key stay then.
    """
    vault.open_home(home, passphrase_file=given)   # finishes one that was cut short
    with _held(home):
        rekey.drop_leftovers(home)
        _through_a_file(rekey.Rekey(home, given), out)


def _through_a_file(renewal: Renewal, out: Path) -> None:
    renewal.save_to(out)
    try:
        renewal.finish(out.read_text(encoding="utf-8"))
    except BaseException:
        renewal.abandon()
        raise


@contextmanager
def _held(home: Home) -> Iterator[None]:
    vault.described(home)   # "there is no home" before "the folder cannot be written"
    with HomeLock(home.root):
        yield
