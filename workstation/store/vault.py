"""The way into a home: making one, opening it, and getting back in with the recovery key.

The reasons and the order of every step are in docs/adr/0001-keys-and-start.md. Everything here blocks, and runs
before the window is painted: the keyring path imports neither `cryptography` nor `keyring`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from workstation.kernel.errors import InputError, KeyringProblem, NotFound, StoreError, WrongKey
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.store import keybox, keydescription, keyfile, keyrecovery
from workstation.store.keybox import Argon
from workstation.store.keydescription import KEYRING, PASSPHRASE, RECOVERY, Description
from workstation.store.keyrings import no_keyring, system_ring

DATA_KEY = "data-key"
"""The data key's name in the keyring."""

Keeper = Literal["keyring"] | Path
"""Who keeps the data key: the system's keyring, or the file that holds the passphrase."""


@dataclass(frozen=True, slots=True)
class OpenedHome:
    """A home and the key to it. `repr` does not show the key."""

    home: Home
    key: bytes
    home_id: str
    device_id: str
    keeper: str
    """"keyring" or "passphrase"."""
    created: bool = False
    recovery_file: Path | None = None
    """Where the recovery key of a home that was just made was written."""
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"OpenedHome({str(self.home.root)!r}, home_id={self.home_id!r}, keeper={self.keeper!r})"


def create_home(home: Home, *, keeper: Keeper, recovery_out: Path) -> OpenedHome:
    """Make a new home; nothing is stored before the recovery key on the disk was read back and opened the home.

    Raises InputError (there is a home already, the recovery file exists), KeyringProblem, ReadOnly, StoreError.
    """
    _refuse_existing(home)
    _refuse_inside(home, recovery_out)
    lock = _Lock.of(keeper)
    lock.check()
    key, recovery = os.urandom(keybox.KEY_BYTES), keyrecovery.new_recovery_key()
    description = lock.close(key, _first_description(key, recovery))
    keyrecovery.write_recovery_file(recovery_out, recovery, description.home_id)
    try:
        _prove_recovery(recovery_out, description, key)
        lock.keep(key, description.home_id)
        _settle(home, description)
    except BaseException:
        if not _is_settled(home, description):  # the folder's fsync may fail after the home has its name
            recovery_out.unlink(missing_ok=True)
            lock.forget(description.home_id)
        raise
    return OpenedHome(home, key, description.home_id, description.device_id, description.keeper,
                      created=True, recovery_file=recovery_out, warnings=lock.warnings())


def open_home(home: Home, *, passphrase_file: Path | None = None) -> OpenedHome:
    """Open a home with its keeper. A passphrase file, given or named by WORKSTATION_PASSPHRASE_FILE, makes a fresh
    home where there is none.

    Raises NotFound (no home, keyring usable), KeyringProblem, WrongKey, NewerSchema, StoreError, InputError.
    """
    file = keyfile.passphrase_file(passphrase_file)
    description = keydescription.load(home.description)
    if description is None:
        if file is None:
            raise _no_home(home)
        return _make_or_join(home, file)
    return _open(home, description, file)


def recover(home: Home, recovery_text: str, *, keeper: Keeper, new_device: bool = False) -> OpenedHome:
    """Let a new keeper open the home, with the recovery key as typed or its file's text. The recovery key stays.

    `new_device` gives a home that was copied to another computer a device id of its own. Raises InputError
    (mistyped), WrongKey (another home's), NotFound, KeyringProblem; nothing is changed then.
    """
    description = _described(home)
    key = _open_with_recovery(description, keyrecovery.from_words(recovery_text))
    return _rekeep(home, description, key, keeper, new_device=new_device)


def change_passphrase(home: Home, old_file: Path, new_file: Path) -> OpenedHome:
    """Seal the data key under another passphrase. Raises WrongKey, changing nothing, when the old one is wrong."""
    description = _described(home)
    key = _open_with_passphrase(description, old_file)
    return _rekeep(home, description, key, new_file, new_device=False)


def check_recovery(home: Home, recovery_text: str) -> None:
    """Prove that a recovery key opens this home, changing nothing. Raises InputError, WrongKey."""
    _open_with_recovery(_described(home), keyrecovery.from_words(recovery_text))


class _Lock:
    """How a new keeper takes the data key."""

    @staticmethod
    def of(keeper: Keeper) -> _Lock:
        return _PassphraseLock(keeper) if isinstance(keeper, Path) else _KeyringLock()

    def check(self) -> None: ...

    def close(self, key: bytes, description: Description) -> Description:
        raise NotImplementedError

    def keep(self, key: bytes, home_id: str) -> None: ...

    def forget(self, home_id: str) -> None: ...

    def warnings(self) -> tuple[str, ...]:
        return ()


class _KeyringLock(_Lock):
    def __init__(self) -> None:
        self._ring = system_ring()
        self._kept = False

    def check(self) -> None:
        self._ring.check()

    def close(self, key: bytes, description: Description) -> Description:
        boxes = {RECOVERY: description.boxes[RECOVERY]}
        return replace(description, keeper=KEYRING, boxes=boxes, argon=None).marked(key)

    def keep(self, key: bytes, home_id: str) -> None:
        self._kept = True
        self._ring.set(home_id, DATA_KEY, key)
        if self._ring.get(home_id, DATA_KEY) != key:
            raise no_keyring(_("it did not give back what was stored"))

    def forget(self, home_id: str) -> None:
        if self._kept:
            self._ring.delete(home_id, DATA_KEY)


class _PassphraseLock(_Lock):
    def __init__(self, file: Path) -> None:
        self._file = file
        self._passphrase = b""

    def check(self) -> None:
        self._passphrase = keyfile.read_passphrase(self._file)

    def close(self, key: bytes, description: Description) -> Description:
        argon = Argon.fresh()
        box = keybox.seal(argon.key(self._passphrase), key, description.home_id, PASSPHRASE)
        boxes = {RECOVERY: description.boxes[RECOVERY], PASSPHRASE: box}
        return replace(description, keeper=PASSPHRASE, boxes=boxes, argon=argon).marked(key)

    def warnings(self) -> tuple[str, ...]:
        return _file_warnings(self._file)


def _first_description(key: bytes, recovery: bytes) -> Description:
    from workstation.kernel.ids import new_id

    home_id = new_id()
    box = keybox.seal(keybox.recovery_wrap(recovery, home_id), key, home_id, RECOVERY)
    return Description(home_id, new_id(), KEYRING, {RECOVERY: box})


def _prove_recovery(file: Path, description: Description, key: bytes) -> None:
    """What will be in `home.json`, opened with what is on the disk now."""
    stored = keydescription.parse(description.to_bytes())
    if _open_with_recovery(stored, keyrecovery.read_recovery_file(file)) != key:
        raise WrongKey(_("The recovery key that was written does not open the home; nothing was stored."))


def _settle(home: Home, description: Description) -> None:
    try:
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        keydescription.clear_leftovers(home.root)
    except OSError as problem:
        raise keydescription.unwritable(home.root) from problem
    try:
        keydescription.store(home.description, description, replace=False)
    except FileExistsError as problem:
        raise _occupied(home) from problem


def _is_settled(home: Home, description: Description) -> bool:
    try:
        found = keydescription.load(home.description)
    except StoreError:
        return False
    return found is not None and found.home_id == description.home_id


def _open(home: Home, description: Description, file: Path | None) -> OpenedHome:
    if description.keeper == KEYRING:
        key = _key_from_ring(description.home_id)
    elif file is None:
        raise KeyringProblem(
            _("This home is opened by a passphrase file, and none was named."),
            _("Set WORKSTATION_PASSPHRASE_FILE to the file that holds its passphrase."),
        )
    else:
        key = _open_with_passphrase(description, file)
    description.check(key)
    warnings = _file_warnings(file) if description.keeper == PASSPHRASE and file is not None else ()
    return OpenedHome(home, key, description.home_id, description.device_id, description.keeper, warnings=warnings)


def _key_from_ring(home_id: str) -> bytes:
    key = system_ring().get(home_id, DATA_KEY)
    if key is None:
        raise KeyringProblem(
            _("The system keyring does not hold the key of this home; nothing was changed."),
            _("If the home came from another computer, use its recovery key: workstation init --recover."),
        )
    if len(key) != keybox.KEY_BYTES:
        raise no_keyring(_("its entry for this home was changed by another program"))
    return key


def _open_with_passphrase(description: Description, file: Path) -> bytes:
    box = description.boxes.get(PASSPHRASE)
    if box is None or description.argon is None:
        raise InputError(_("This home is not opened by a passphrase."), _("Leave the passphrase file away."))
    wrap = description.argon.key(keyfile.read_passphrase(file))
    try:
        return keybox.unseal(wrap, box, description.home_id, PASSPHRASE)
    except WrongKey as problem:
        raise WrongKey(
            _("The passphrase in {path} does not open this home; nothing was changed.").format(path=file),
            _("Name the right file, or use the recovery key: workstation init --recover."),
        ) from problem


def _open_with_recovery(description: Description, recovery: bytes) -> bytes:
    box = description.boxes.get(RECOVERY)
    if box is None:
        raise keybox.damaged()
    try:
        key = keybox.unseal(keybox.recovery_wrap(recovery, description.home_id), box, description.home_id, RECOVERY)
    except WrongKey as problem:
        raise WrongKey(
            _("This recovery key belongs to another home; nothing was changed."),
            _("Use the recovery key of home {home}.").format(home=description.home_id),
        ) from problem
    description.check(key)
    return key


def _rekeep(home: Home, description: Description, key: bytes, keeper: Keeper, *, new_device: bool) -> OpenedHome:
    lock = _Lock.of(keeper)
    lock.check()
    from workstation.kernel.ids import new_id

    device_id = new_id() if new_device else description.device_id
    changed = lock.close(key, replace(description, device_id=device_id))
    lock.keep(key, changed.home_id)
    keydescription.store(home.description, changed, replace=True)
    keydescription.clear_leftovers(home.root)
    if description.keeper == KEYRING and changed.keeper != KEYRING:
        _forget_quietly(changed.home_id)
    warnings = lock.warnings() + _moved_warnings(description.keeper, changed.keeper)
    return OpenedHome(home, key, changed.home_id, changed.device_id, changed.keeper, warnings=warnings)


def _moved_warnings(old: str, new: str) -> tuple[str, ...]:
    if old == new:
        return ()
    return (_("Mailbox passwords were kept with the old key; enter them again."),)


def _forget_quietly(home_id: str) -> None:
    """The old keeper's copy goes if it can; a home is recovered exactly when its keyring is not there."""
    try:
        system_ring().delete(home_id, DATA_KEY)
    except KeyringProblem:
        return


def _make_or_join(home: Home, file: Path) -> OpenedHome:
    """Several programs may be first at once: one makes the home, the others open it."""
    for last_try in (False, True):
        try:
            return create_home(home, keeper=file, recovery_out=keyfile.next_recovery_file(file))
        except InputError:
            description = keydescription.load(home.description)
            if description is not None:
                return _open(home, description, file)
            if last_try:  # the first may have met another program's recovery file
                raise
    raise AssertionError("the last try returns or raises")


def _described(home: Home) -> Description:
    description = keydescription.load(home.description)
    if description is None:
        raise NotFound(_("There is no home in {path}.").format(path=home.root), _("Name its folder with --home."))
    return description


def _no_home(home: Home) -> NotFound | KeyringProblem:
    try:
        system_ring().check()
    except KeyringProblem as problem:
        return problem
    return NotFound(
        _("There is no home in {path} yet.").format(path=home.root),
        _("Make one: workstation init --keyring --recovery-out F."),
    )


def _refuse_existing(home: Home) -> None:
    if home.description.exists():
        raise _occupied(home)
    if home.database.exists():
        raise StoreError(
            _("{path} holds a store whose home.json is missing; nothing was changed.").format(path=home.root),
            _("Put home.json back from a backup, or choose another folder with --home."),
        )


def _refuse_inside(home: Home, recovery_out: Path) -> None:
    if recovery_out.resolve().is_relative_to(home.root.resolve()):
        raise InputError(
            _("A recovery key inside the home it opens protects nothing; nothing was stored."),
            _("Name a file outside the home with --recovery-out, best on another disk."),
        )


def _occupied(home: Home) -> InputError:
    return InputError(
        _("There is a home in {path} already; it was not touched.").format(path=home.root),
        _("Choose another folder with --home, or open this one."),
    )


def _file_warnings(file: Path) -> tuple[str, ...]:
    if not keyfile.readable_by_others(file):
        return ()
    return (_("Others on this computer can read the passphrase file {path}; run chmod 600 on it.").format(path=file),)
