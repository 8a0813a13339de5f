"""The way back from what a person did to conversations: kept in memory, the newest fifty."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence

from workstation.domain.undo import Undo
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.database import Database
from workstation.store.unit import Unit

Back = Callable[[Unit], None]
"""Takes something back inside a transaction and announces what changed by it."""

MOST_UNDO = 50


class UndoList:
    """What can be taken back."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, list[Back]] = OrderedDict()
        self._one = asyncio.Lock()

    def remember(self, sentence: str, ids: Sequence[str], *backs: Back) -> Undo:
        """`backs`: one for each transaction in which it was done, in their order."""
        undo = Undo(new_id(), sentence, tuple(ids))
        self._kept[undo.id] = list(backs)
        while len(self._kept) > MOST_UNDO:
            self._kept.popitem(last=False)
        return undo

    async def undo(self, undo_id: str, database: Database) -> None:
        """Take it back, what was done last first. What fails stays, with what is left of it, to be tried again. Raises
        NotFound, also for the second of two that ask at once."""
        async with self._one:
            backs = self._kept.get(undo_id)
            if backs is None:
                raise NotFound(_("There is nothing to undo."), _("Change it by hand."))
            while backs:
                await database.write(backs[-1])
                backs.pop()
            self._kept.pop(undo_id, None)
