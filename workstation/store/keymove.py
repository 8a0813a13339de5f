"""Moving a home's keys between the keyring and a passphrase, mailbox passwords and tokens with them.

The new place holds everything, read back, before `home.json` says so; the old one is emptied after. A crash between
leaves both: the next move writes the new place as a whole again. The caller holds the home's lock.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workstation.kernel.errors import InputError, KeyringProblem, StoreError
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.store import keyfile, vault
from workstation.store.keepers import Keeper, Lock
from workstation.store.keydescription import KEYRING, Description
from workstation.store.keyfile import Passphrase
from workstation.store.keyrings import no_keyring
from workstation.store.secrets import KeyringSecrets, SealedSecrets
from workstation.store.vault import OpenedHome


def move_keys(home: Home, given: Path | Passphrase | None, keeper: Keeper) -> OpenedHome:
    """Give the home to another keeper with all its secrets. `given` opens it now, where a passphrase does.

    Raises InputError when it is kept there already, and as `vault.open_home`; nothing is changed then.
    """
    description, key = vault.settled(home, keyfile.passphrase_file(given))
    if (keeper == "keyring") == (description.keeper == KEYRING):
        raise InputError(_("The key is kept that way already; nothing was changed."),
                         _("To change a passphrase: workstation key passphrase."))
    Lock.of(keeper).check()
    if keeper == "keyring":
        return _into_keyring(home, description, key)
    return _out_of_keyring(home, description, key, keeper)


def _into_keyring(home: Home, description: Description, key: bytes) -> OpenedHome:
    ring = KeyringSecrets(description.home_id, scope=description.device_id)
    sealed = SealedSecrets(home.database, key)
    kept = sealed.all() if home.database.exists() else {}
    for name in set(ring.names()) - set(kept):
        ring.delete(name)
    for name, value in kept.items():
        ring.set(name, value)
        if ring.get(name) != value:
            raise no_keyring(_("it did not give back what was stored"))
    moved = vault.rekeep(home, description, key, "keyring", new_device=False, moving=True)
    if home.database.exists():
        sealed.replace_all({})
    return moved


def _out_of_keyring(home: Home, description: Description, key: bytes, keeper: Path | Passphrase) -> OpenedHome:
    ring = KeyringSecrets(description.home_id, scope=description.scope)
    kept = {name: ring.get(name) for name in ring.names()}
    values = {name: value for name, value in kept.items() if value is not None}
    if home.database.exists():
        SealedSecrets(home.database, key).replace_all(values)
    elif values:
        raise StoreError(_("The home has no store yet to keep its secrets in; nothing was changed."),
                         _("Open the home once, then try again."))
    moved = vault.rekeep(home, description, key, keeper, new_device=False, moving=True)
    try:
        for name in kept:
            ring.delete(name)
    except KeyringProblem:   # the move is done: said so, and what stayed behind too
        left = _("The keyring still holds the old entries; delete those of Workstation in your passwords application.")
        return replace(moved, warnings=(*moved.warnings, left))
    return moved
