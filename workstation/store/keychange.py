"""Changing what opens a home: a copy becomes a device of its own, a recovery key is checked or
replaced. Every change is one rename of `home.json`; whoever calls holds the home's lock.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from workstation.kernel.errors import NotFound, WrongKey
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.store import keybox, keydescription, keyfile, keyrecovery, vault
from workstation.store.keydescription import KEYRING, RECOVERY, Description
from workstation.store.keyfile import Passphrase
from workstation.store.keymaking import refuse_inside
from workstation.store.vault import OpenedHome


def become_a_copy(home: Home, given: Path | Passphrase | None) -> OpenedHome:
    """Let a home that was copied here, and that its keeper opens, be a device of its own. Raises as
    `vault.open_home`."""
    source = keyfile.passphrase_file(given)
    description, key = vault.settled(home, source)
    if description.keeper == KEYRING or source is None:
        return vault.rekeep(home, description, key, "keyring", new_device=True)
    return vault.rekeep(home, description, key, source, new_device=True)


def note_recovery(home: Home, recovery_text: str) -> None:
    """Prove that a recovery key opens this home and note when. Raises InputError, WrongKey, StoreError."""
    key = vault.check_recovery(home, recovery_text)
    noted = replace(vault.described(home), recovery_tested=_now()).marked(key)
    keydescription.store(home.description, noted, replace=True)


class Renewal:
    """A new recovery key for a home, in memory until `finish`. The old one opens the home until then."""

    def __init__(self, home: Home, key: bytes) -> None:
        """`key`: the data key of the open home. Raises NoHome, StoreError."""
        self._home, self._key = home, key
        self._description = vault.described(home)
        self._description.check(key)
        self._recovery = keyrecovery.new_recovery_key()
        self._saved: list[Path] = []
        self._abandoned = False

    @property
    def recovery(self) -> str:
        """As a person reads and types it."""
        return keyrecovery.to_words(self._recovery)

    def save_to(self, path: Path) -> None:
        """Write it to a new file and read that back. Raises InputError, ReadOnly, WrongKey."""
        refuse_inside(self._home, path)
        keyrecovery.write_recovery_file(path, self._recovery, self._description.home_id)
        try:
            self._prove(keyrecovery.read_recovery_file(path))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._saved.append(path)

    def finish(self, proof: str) -> None:
        """Let the new key, retyped or as its file's text, take the old one's place. Raises InputError, WrongKey,
        NotFound (it was abandoned), StoreError; the old one stays then."""
        if self._abandoned:
            raise NotFound(_("This recovery key was given up already; the old one stays."), _("Make a new one."))
        self._prove(keyrecovery.from_words(proof))
        self._take()

    def abandon(self) -> None:
        """Give it up. The files it was saved to go too, unless it opens the home by now: whoever kept one would take
        it for the key of this home. May be called twice."""
        self._abandoned = True
        if not self.took_place():
            for path in self._saved:
                path.unlink(missing_ok=True)

    def took_place(self) -> bool:
        """Whether the new recovery key opens the home by now: the file it is in must stay then."""
        try:
            vault.open_with_recovery(vault.described(self._home), self._recovery)
        except WrongKey:
            return False
        return True

    def _take(self) -> None:
        changed = with_recovery(vault.described(self._home), self._key, self._recovery)
        keydescription.store(self._home.description, changed, replace=True)

    def _prove(self, recovery: bytes) -> None:
        if recovery != self._recovery:
            raise WrongKey(_("This is not the new recovery key; the old one stays."),
                           _("Type the key that is shown, or save it to a file."))


def with_recovery(description: Description, key: bytes, recovery: bytes) -> Description:
    """The description whose recovery box a new recovery key opens, sealed. Raises StoreError when it does not."""
    home_id, now = description.home_id, _now()
    box = keybox.seal(keybox.recovery_wrap(recovery, home_id), key, home_id, RECOVERY)
    boxes = {**description.boxes, RECOVERY: box}
    changed = replace(description, boxes=boxes, recovery_made=now, recovery_tested=now).marked(key)
    if vault.open_with_recovery(keydescription.parse(changed.to_bytes()), recovery) != key:
        raise keybox.damaged()
    return changed


def _now() -> int:
    return time.time_ns() // 1_000_000
