"""`home.json`: which home this is and how its key is kept. Nothing secret in clear.

    {"format": 1, "home": id, "device": id, "keeper": "keyring" | "passphrase",
     "argon2id": {"salt", "passes", "memory_kib", "lanes"} | null,
     "boxes": {"recovery": {"nonce", "sealed"}, "passphrase": {…}}, "mark": HMAC of all the rest}

and, where they are known, "place": {"machine", "path", "node"} (see `store.machine`), "generation" (how often the data
key was replaced), "scope" (the device whose entries in the keyring are its own), "recovery_made" and "recovery_tested"
(milliseconds of UTC).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from workstation.kernel.errors import NewerSchema, ReadOnly, StoreError
from workstation.kernel.i18n import _
from workstation.store import keybox
from workstation.store.files import publish, write_synced
from workstation.store.keybox import Argon, Box, damaged
from workstation.store.machine import Place

FORMAT = 1
KEYRING = "keyring"
PASSPHRASE = "passphrase"
RECOVERY = "recovery"
FORMER = "former"
"""The box of the data key before, while the store is on its way to the new one."""
_MOST_BYTES = 65_536
_STALE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Description:
    """What `home.json` says."""

    home_id: str
    device_id: str
    keeper: str
    boxes: Mapping[str, Box]
    argon: Argon | None = None
    mark: str = field(default="", compare=False)
    place: Place | None = None
    generation: int = 0
    scope: str = ""
    recovery_made: int = 0
    recovery_tested: int = 0

    def marked(self, data_key: bytes) -> Description:
        """The same, sealed as a whole."""
        return replace(self, mark=keybox.document_mark(data_key, self._canonical()))

    def check(self, data_key: bytes) -> None:
        """Raises StoreError when anything in the file is not what was sealed."""
        from hmac import compare_digest

        expected = keybox.document_mark(data_key, self._canonical())
        if not compare_digest(expected, self.mark):
            raise damaged()

    def to_bytes(self) -> bytes:
        return (json.dumps({**self._document(), "mark": self.mark}, indent=1, sort_keys=True) + "\n").encode()

    def _canonical(self) -> bytes:
        return json.dumps(self._document(), sort_keys=True, separators=(",", ":")).encode()

    def _document(self) -> dict[str, object]:
        argon = self.argon and {
            "salt": keybox.to_text(self.argon.salt), "passes": self.argon.passes,
            "memory_kib": self.argon.memory_kib, "lanes": self.argon.lanes,
        }
        boxes = {name: {"nonce": keybox.to_text(box.nonce), "sealed": keybox.to_text(box.sealed)}
                 for name, box in self.boxes.items()}
        return {"format": FORMAT, "home": self.home_id, "device": self.device_id, "keeper": self.keeper,
                "argon2id": argon, "boxes": boxes, **self._where_known()}

    def _where_known(self) -> dict[str, object]:
        """Homes made before these existed are sealed without them."""
        place = self.place and {"machine": self.place.machine, "path": self.place.path, "node": self.place.node}
        known = {"place": place, "generation": self.generation, "scope": self.scope,
                 "recovery_made": self.recovery_made, "recovery_tested": self.recovery_tested}
        return {name: value for name, value in known.items() if value}


def load(path: Path) -> Description | None:
    """What the file says, None when there is no file. Raises NewerSchema, StoreError, ReadOnly."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise ReadOnly(
            _("The home folder could not be read: {path}.").format(path=path.parent),
            _("Check that you may read it, or choose another with --home."),
        ) from problem
    return parse(content)


def parse(content: bytes) -> Description:
    """Raises NewerSchema for a later format and StoreError for anything that is not a description."""
    try:
        document = json.loads(content)
        found = document["format"]
        if isinstance(found, int) and found > FORMAT:
            raise NewerSchema(
                _("This home was made by a newer version of Workstation; nothing was changed."),
                _("Update the program, then open it again."),
            )
        if found != FORMAT or document["keeper"] not in (KEYRING, PASSPHRASE):
            raise damaged()
        return Description(
            _text(document["home"]), _text(document["device"]), document["keeper"],
            {name: _box(value) for name, value in document["boxes"].items()},
            _argon(document["argon2id"]), _text(document["mark"]), _place(document.get("place")),
            _count(document.get("generation", 0)), _text(document.get("scope", "")),
            _count(document.get("recovery_made", 0)), _count(document.get("recovery_tested", 0)),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise damaged() from problem


def store(path: Path, description: Description, *, replace: bool) -> None:
    """Write the file, whole or not at all. Raises FileExistsError (without `replace`) and ReadOnly."""
    temporary = path.with_name(f"{path.name}.{os.urandom(8).hex()}.new")
    try:
        write_synced(temporary, description.to_bytes())
        publish(temporary, path, replace=replace)
    except FileExistsError:
        raise
    except OSError as problem:
        raise unwritable(path.parent) from problem
    finally:
        temporary.unlink(missing_ok=True)


def clear_leftovers(folder: Path) -> None:
    """Delete what a crash between writing and naming left; a program at work right now is let be."""
    oldest = time.time() - _STALE_SECONDS
    for leftover in folder.glob("home.json.*.new"):
        if leftover.stat().st_mtime < oldest:
            leftover.unlink(missing_ok=True)


def unwritable(folder: Path) -> StoreError:
    return ReadOnly(
        _("The home folder cannot be written: {path}; nothing was stored.").format(path=folder),
        _("Make the folder writable or choose another with --home."),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _count(value: object) -> int:
    if type(value) is not int:
        raise TypeError("not a number")
    return value


def _place(value: Mapping[str, object] | None) -> Place | None:
    return None if value is None else Place(_text(value["machine"]), _text(value["path"]), _text(value["node"]))


def _box(value: Mapping[str, object]) -> Box:
    return Box(keybox.from_text(_text(value["nonce"])), keybox.from_text(_text(value["sealed"])))


def _argon(value: Mapping[str, object] | None) -> Argon | None:
    if value is None:
        return None
    costs = tuple(value[name] for name in ("passes", "memory_kib", "lanes"))
    if any(type(cost) is not int for cost in costs):
        raise TypeError("not a number")
    passes, memory_kib, lanes = cast(tuple[int, int, int], costs)
    return Argon(keybox.from_text(_text(value["salt"])), passes, memory_kib, lanes)
