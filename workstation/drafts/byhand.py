"""What a person decides about a reply of unknown outcome: it did arrive, or it did not and is sent once more.

The program never decides this. A reply sent again keeps its Message-ID, so that a mail program that got both shows one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workstation.domain.conversation import Delivery
from workstation.domain.events import ConversationsChanged, DeliveryChanged
from workstation.drafts import repo
from workstation.drafts.ports import Conversations
from workstation.kernel.clock import Clock
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.store.database import Database
from workstation.store.unit import Unit


class ByHand:
    """Settles replies of unknown outcome, and those that came back. `wake` lets the sender look at once."""

    def __init__(
        self, database: Database, clock: Clock, conversations: Conversations, wake: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._conversations = conversations
        self._wake = wake

    async def arrived(self, outgoing_id: str) -> None:
        """A person saw that it arrived: it counts as sent when it was tried. Raises NotFound when it is settled."""
        await self._settle(outgoing_id, Delivery.DONE, receipt=_("A person saw that it arrived."))

    async def send_again(self, outgoing_id: str) -> None:
        """A person saw that it did not arrive: it is queued once more. Raises NotFound when it is settled."""
        await self._settle(outgoing_id, Delivery.QUEUED, next_try_at=0)

    async def _settle(self, outgoing_id: str, state: Delivery, **values: Any) -> None:
        def work(unit: Unit) -> None:
            row = repo.outgoing(unit.conn, outgoing_id)
            back = row is not None and row["state"] == Delivery.FAILED and bool(row["bounced"])
            if row is None or not (row["state"] == Delivery.UNKNOWN or back):
                raise NotFound(_("The outcome of this reply is known by now."), _("Look at its conversation."))
            at = (row["sent_at"] or row["release_at"]) if state is Delivery.DONE else self._clock.now()
            repo.change(unit.conn, outgoing_id, state=state, sentence="", **values)
            if repo.told_before(row):
                self._conversations.delivery_told(unit, outgoing_id, state, "")
            else:
                self._conversations.delivery_changed(unit, outgoing_id, state, "", at)
            unit.emit(DeliveryChanged(row["conversation_id"], outgoing_id, state))
            unit.emit(ConversationsChanged((row["conversation_id"],)))

        await self._database.write(work)
        self._wake()
