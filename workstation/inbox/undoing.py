"""The way back from what a person did to conversations: kept in memory, the newest fifty."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from workstation.domain.undo import Undo
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.unit import Unit

Back = Callable[[Unit], None]
"""Takes something back inside a transaction and announces what changed by it."""

MOST_UNDO = 50


class UndoList:
    """What can be taken back."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Back] = OrderedDict()

    def remember(self, sentence: str, ids: Sequence[str], back: Back) -> Undo:
        undo = Undo(new_id(), sentence, tuple(ids))
        self._kept[undo.id] = back
        while len(self._kept) > MOST_UNDO:
            self._kept.popitem(last=False)
        return undo

    def find(self, undo_id: str) -> Back:
        """Raises NotFound. It stays until it is `done`: what failed can be tried again."""
        back = self._kept.get(undo_id)
        if back is None:
            raise NotFound(_("There is nothing to undo."), _("Change it by hand."))
        return back

    def done(self, undo_id: str) -> None:
        self._kept.pop(undo_id, None)
