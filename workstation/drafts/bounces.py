"""Replies that came back. A server took the mail, and later it or another one says that it could not be delivered.

Only a report about a mail that left here, to somebody it was sent to, counts. Where the one it was for did not get it
the reply has failed, and trying again sends it to those alone who did not get it; where others did not, it stays sent
and says so. A delay is told and changes nothing. A report about a reply that a colleague sent is shown as well, though
only the colleague's desktop can send it again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import RowMapping, select

from workstation.domain.bounce import Bounce
from workstation.domain.conversation import Delivery
from workstation.domain.events import ConversationsChanged, DeliveryChanged
from workstation.drafts import repo
from workstation.drafts.ports import Conversations
from workstation.drafts.repo import OUTGOING
from workstation.kernel.i18n import _
from workstation.store.unit import Unit

_LEFT = (Delivery.DONE, Delivery.UNKNOWN)


class Bounces:
    """Runs in the transaction that stores the report: a crash loses neither."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    def learn(self, unit: Unit, bounces: Sequence[Bounce]) -> None:
        """Take what one report says."""
        for about in dict.fromkeys(each.about for each in bounces):
            query = select(OUTGOING).where(OUTGOING.c.message_id == about)
            row = unit.conn.execute(query).mappings().first()
            told = [each for each in bounces if each.about == about]
            if row is None:
                missed = [(each.recipient, _not_delivered(each)) for each in told if each.kind == "failed"]
                self._conversations.reported(unit, about, missed)
            elif _left(row):
                self._apply(unit, row, told)

    def _apply(self, unit: Unit, row: RowMapping, told: Sequence[Bounce]) -> None:
        sent_to = {person.lower(): person for person in json.loads(row["recipients"])}
        ours = [each for each in told if each.recipient.lower() in sent_to]
        before = list(json.loads(row["bounced"] or "[]"))
        new = [each for each in ours if each.kind == "failed" and sent_to[each.recipient.lower()] not in before]
        if new:
            back = [*before, *dict.fromkeys(sent_to[each.recipient.lower()] for each in new)]
            failed = row["state"] == Delivery.FAILED or next(iter(sent_to.values())) in back
            words = [row["sentence"] if before else "", *(_not_delivered(each) for each in new)]
            self._tell(unit, row, Delivery.FAILED if failed else Delivery(row["state"]), words, json.dumps(back))
        elif ours and row["state"] in _LEFT and not before:
            self._tell(unit, row, Delivery(row["state"]), [_delayed(each) for each in ours if each.kind == "delayed"],
                       row["bounced"])

    def _tell(self, unit: Unit, row: RowMapping, state: Delivery, words: Sequence[str], bounced: str) -> None:
        sentence = " ".join(word for word in words if word)
        if sentence:
            repo.change(unit.conn, row["id"], state=state, sentence=sentence, bounced=bounced)
            self._conversations.delivery_told(unit, row["id"], state, sentence)
            unit.emit(DeliveryChanged(row["conversation_id"], row["id"], state))
            unit.emit(ConversationsChanged((row["conversation_id"],)))


def _left(row: RowMapping) -> bool:
    """It was handed over, and is not on its way once more."""
    return row["state"] in _LEFT or (row["state"] == Delivery.FAILED and bool(row["bounced"]))


def _not_delivered(bounce: Bounce) -> str:
    if not bounce.reason:
        return _("Not delivered to {person}.").format(person=bounce.recipient)
    return _("Not delivered to {person} (“{words}”).").format(person=bounce.recipient, words=bounce.reason)


def _delayed(bounce: Bounce) -> str:
    return _("Delayed on its way to {person}; the mail server keeps trying (“{words}”).").format(
        person=bounce.recipient, words=bounce.reason or _("no reason given"))
