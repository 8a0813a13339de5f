"""The way into a home: opening it, and getting back in with the recovery key. `store.keymaking` makes one and
`store.keychange` changes its keys.

The reasons and the order of every step are in docs/adr/0001-keys-and-start.md. Everything here blocks, and runs
before the window is painted: the keyring path imports neither `cryptography` nor `keyring`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from workstation.kernel.errors import (
    Busy,
    InputError,
    KeyMissing,
    KeyringProblem,
    NoHome,
    NoHomeNoKeyring,
    OtherPlace,
    PassphraseNeeded,
    ReadOnly,
    WrongKey,
)
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.store import keybox, keydescription, keyfile, keyrecovery
from workstation.store.keepers import DATA_KEY, Keeper, Lock, entry_name, file_warnings
from workstation.store.keydescription import FORMER, KEYRING, PASSPHRASE, RECOVERY, Description
from workstation.store.keyfile import Passphrase
from workstation.store.keyrings import may_ask, no_keyring, system_ring
from workstation.store.lock import HomeLock
from workstation.store.machine import place_of

__all__ = ["DATA_KEY", "Keeper", "OpenedHome", "change_passphrase", "check_recovery", "create_home", "open_home",
           "recover"]


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
    scope: str = ""
    """Whose entries in the keyring are this home's: empty, or the device id of a copy on the same computer."""

    def __repr__(self) -> str:
        return f"OpenedHome({str(self.home.root)!r}, home_id={self.home_id!r}, keeper={self.keeper!r})"


def create_home(home: Home, *, keeper: Keeper, recovery_out: Path) -> OpenedHome:
    """As `store.keymaking.create_home`, which an open home does without."""
    from workstation.store import keymaking

    return keymaking.create_home(home, keeper=keeper, recovery_out=recovery_out)


def open_home(home: Home, *, passphrase_file: Path | Passphrase | None = None, moved: bool = False) -> OpenedHome:
    """Open a home with its keeper. A passphrase file, given or named by WORKSTATION_PASSPHRASE_FILE, makes a fresh
    home where there is none. `moved`: a home found elsewhere than it was is the only one there is, and stays itself.

    Raises NoHome, PassphraseNeeded, KeyringLocked, KeyMissing, KeyringProblem, OtherPlace, WrongKey, NewerSchema, Busy
    (a change of the key was cut short and another process finishes it), StoreError, InputError.
    """
    given = keyfile.passphrase_file(passphrase_file)
    description = keydescription.load(home.description)
    if description is None:
        if given is None:
            raise _no_home(home)
        return _make_or_join(home, given)
    return _open(home, description, given, moved=moved)


def recover(home: Home, recovery_text: str, *, keeper: Keeper, new_device: bool = False) -> OpenedHome:
    """Let a new keeper open the home, with the recovery key as typed or its file's text. The recovery key stays.

    `new_device` gives a home that was copied to another computer a device id of its own. Raises InputError
    (mistyped), WrongKey (another home's), NotFound, KeyringProblem; nothing is changed then. The caller holds the lock.
    """
    description = described(home)
    key = open_with_recovery(description, keyrecovery.from_words(recovery_text))
    return rekeep(home, _finished(home, description, key), key, keeper, new_device=new_device)


def change_passphrase(home: Home, old: Path | Passphrase, new: Path | Passphrase) -> OpenedHome:
    """Seal the data key under another passphrase. Raises WrongKey, changing nothing, when the old one is wrong."""
    description = described(home)
    key = _open_with_passphrase(description, old)
    return rekeep(home, _finished(home, description, key), key, new, new_device=False)


def check_recovery(home: Home, recovery_text: str) -> bytes:
    """Prove that a recovery key opens this home, changing nothing. Returns the data key.

    Raises InputError, WrongKey.
    """
    return open_with_recovery(described(home), keyrecovery.from_words(recovery_text))


def described(home: Home) -> Description:
    """What `home.json` says. Raises NoHome, StoreError."""
    description = keydescription.load(home.description)
    if description is None:
        raise NoHome(_("There is no home in {path}.").format(path=home.root), _("Name its folder with --home."))
    return description


def open_with_recovery(description: Description, recovery: bytes) -> bytes:
    """The data key. Raises WrongKey, StoreError."""
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


def settled(home: Home, given: Path | Passphrase | None) -> tuple[Description, bytes]:
    """What `home.json` says and the data key, once a change of it that was cut short is finished. Raises as `unlock`.
    The caller holds the lock."""
    description = described(home)
    key = unlock(description, given)
    return _finished(home, description, key), key


def rekeep(
    home: Home, description: Description, key: bytes, keeper: Keeper, *, new_device: bool, moving: bool = False
) -> OpenedHome:
    """Give the data key to a keeper and say so in `home.json`. `moving`: the other secrets were moved already."""
    lock = Lock.of(keeper)
    lock.check()
    changed = lock.close(key, _renewed(home, description, keeper, new_device=new_device))
    lock.keep(key, changed)
    if new_device:  # before anything says it is another device: it must never sign as the one it was copied from
        from workstation.store.secrets import forget_device

        forget_device(home, key)
    keydescription.store(home.description, changed, replace=True)
    keydescription.clear_leftovers(home.root)
    if description.keeper == KEYRING and changed.keeper != KEYRING:
        _forget_quietly(description)
    warnings = lock.warnings() + (() if moving else _moved_warnings(description, changed))
    return opened(home, key, changed, warnings)


def opened(home: Home, key: bytes, description: Description, warnings: tuple[str, ...] = ()) -> OpenedHome:
    """An open home, as `home.json` describes it."""
    return OpenedHome(home, key, description.home_id, description.device_id, description.keeper, warnings=warnings,
                      scope=description.scope)


def unlock(description: Description, given: Path | Passphrase | None) -> bytes:
    """The data key from its keeper. Raises KeyringProblem and its relatives, WrongKey, StoreError, InputError."""
    if description.keeper == KEYRING:
        key = _key_from_ring(description)
    elif given is None:
        raise PassphraseNeeded(
            _("This home is opened by a passphrase file, and none was named."),
            _("Set WORKSTATION_PASSPHRASE_FILE to the file that holds its passphrase."),
        )
    else:
        key = _open_with_passphrase(description, given)
    description.check(key)
    return key


def _finished(home: Home, description: Description, key: bytes) -> Description:
    if FORMER not in description.boxes:
        return description
    from workstation.store.rekey import complete

    return complete(home, description, key)


def _renewed(home: Home, description: Description, keeper: Keeper, *, new_device: bool) -> Description:
    """A copy with the original's keyring at hand gets entries of its own there."""
    place = place_of(home.root, description.home_id)
    if not new_device:
        fresh = keeper == "keyring" and description.keeper != KEYRING   # another copy's entries may be there
        return replace(description, place=place, scope=description.device_id if fresh else description.scope)
    from workstation.kernel.ids import new_id

    device_id = new_id()
    return replace(description, place=place, device_id=device_id, scope=device_id if keeper == "keyring" else "")


def _open(home: Home, description: Description, given: Path | Passphrase | None, *, moved: bool) -> OpenedHome:
    here = place_of(home.root, description.home_id)
    if not (moved or description.place is None or description.place.is_here(here)):
        raise _elsewhere(home)
    key = unlock(description, given)
    if FORMER in description.boxes:
        from workstation.store.rekey import finish_rekey

        description = finish_rekey(home, description, key)
    if description.place != here:
        _remember_place(home, description, key)
    return opened(home, key, description, file_warnings(given) if description.keeper == PASSPHRASE else ())


def _remember_place(home: Home, description: Description, key: bytes) -> None:
    """Note where the home is, unless somebody is at work in it or nothing may be written: the next start will."""
    try:
        with HomeLock(home.root):
            if keydescription.load(home.description) == description:
                noted = replace(description, place=place_of(home.root, description.home_id)).marked(key)
                keydescription.store(home.description, noted, replace=True)
    except (Busy, ReadOnly):
        return


def _elsewhere(home: Home) -> OtherPlace:
    return OtherPlace(
        _("The home in {path} was moved or copied here; nothing was changed.").format(path=home.root),
        _("If this is the only one left, say so: workstation key place --moved. If the other goes on being used: "
          "workstation key place --copied."),
    )


def _key_from_ring(description: Description) -> bytes:
    key = system_ring(may_ask()).get(description.home_id, entry_name(description))
    if key is None:
        raise KeyMissing(
            _("The system keyring does not hold the key of this home; nothing was changed."),
            _("If the home came from another computer, use its recovery key: workstation init --recover."),
        )
    if len(key) != keybox.KEY_BYTES:
        raise no_keyring(_("its entry for this home was changed by another program"))
    return key


def _open_with_passphrase(description: Description, given: Path | Passphrase) -> bytes:
    box = description.boxes.get(PASSPHRASE)
    if box is None or description.argon is None:
        raise InputError(_("This home is not opened by a passphrase."), _("Leave the passphrase file away."))
    wrap = description.argon.key(keyfile.read(given))
    try:
        return keybox.unseal(wrap, box, description.home_id, PASSPHRASE)
    except WrongKey as problem:
        raise _wrong_passphrase(given) from problem


def _wrong_passphrase(given: Path | Passphrase) -> WrongKey:
    remedy = _("Name the right file, or use the recovery key: workstation init --recover.")
    if isinstance(given, Path):
        return WrongKey(_("The passphrase in {path} does not open this home; nothing was changed.").format(path=given),
                        remedy)
    return WrongKey(_("This passphrase does not open the home; nothing was changed."),
                    _("Type it again, or use the recovery key."))


def _moved_warnings(old: Description, new: Description) -> tuple[str, ...]:
    left = old.place is not None and new.place is not None and old.place.machine != new.place.machine
    if old.keeper == new.keeper and (new.keeper != KEYRING or (old.scope == new.scope and not left)):
        return ()
    return (_("Mailbox passwords were kept with the old key; enter them again."),)


def _forget_quietly(description: Description) -> None:
    """The old keeper's copy goes if it can; a home is recovered exactly when its keyring is not there."""
    try:
        system_ring().delete(description.home_id, entry_name(description))
    except KeyringProblem:
        return


def _make_or_join(home: Home, given: Path | Passphrase) -> OpenedHome:
    """Several programs may be first at once: one makes the home, the others open it."""
    if isinstance(given, Passphrase):
        raise _no_home(home)
    for last_try in (False, True):
        try:
            return create_home(home, keeper=given, recovery_out=keyfile.next_recovery_file(given))
        except InputError:
            description = keydescription.load(home.description)
            if description is not None:
                return _open(home, description, given, moved=False)
            if last_try:  # the first may have met another program's recovery file
                raise
    raise AssertionError("the last try returns or raises")


def _no_home(home: Home) -> NoHome:
    try:
        system_ring().check()
    except KeyringProblem as problem:
        return NoHomeNoKeyring(problem.sentence, problem.remedy)
    return NoHome(
        _("There is no home in {path} yet.").format(path=home.root),
        _("Make one: workstation init --keyring --recovery-out F."),
    )
