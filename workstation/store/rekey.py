"""Finishing a change of the data key that was cut short."""

from __future__ import annotations

from workstation.kernel.errors import StoreError
from workstation.kernel.paths import Home
from workstation.store.keydescription import Description


def finish_rekey(home: Home, description: Description, key: bytes) -> Description:
    raise StoreError(f"{home.root} {description.generation} {len(key)}")
