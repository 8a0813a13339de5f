"""Every kind of check beyond the usual ones, in one place: what a new kind of proof adds to a verification.

    RECORDS   called with each record while its statement is at hand; gathers in `Tally.notes`, finds, claims
    PACKS     called once for a pack, when all its records were read, with the open bag
    STORES    called once for a store, in turn, after all its records were read

What a check has to say goes through `Tally.found`, `prove` and `claim`, with the part it belongs to (`verify.PARTS`).
A name in `Tally.destroyed` lets the file of that record be absent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from workstation.evidence import erased_check, lineage_check, log_check, token_check
from workstation.evidence.verify import Checked, Tally

if TYPE_CHECKING:
    from workstation.evidence.pack_check import Bag
    from workstation.store.blobs import BlobFiles
    from workstation.store.database import Database

RecordCheck = Callable[[Tally, Checked], None]
PackCheck = Callable[["Bag"], None]
StoreCheck = Callable[["Database", "BlobFiles", Tally], Awaitable[None]]

RECORDS: tuple[RecordCheck, ...] = (erased_check.gather, lineage_check.gather)
PACKS: tuple[PackCheck, ...] = (erased_check.pack, token_check.pack, log_check.pack, lineage_check.pack)
STORES: tuple[StoreCheck, ...] = (erased_check.store, token_check.store, log_check.store, lineage_check.store)
