"""The inbox as the drafts feature sees it: what a reply answers, and the reply's place in the timeline.

Fulfils `drafts.ports.Conversations` by shape; neither feature imports the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from workstation.domain.conversation import Address, Conversation, Delivery, Direction, Reply, ReplyContext
from workstation.domain.events import ConversationsChanged
from workstation.inbox import deliveries, following, offering, placing, queries, repo
from workstation.inbox.accounts import account_settings, accounts
from workstation.inbox.greetings import only_greets
from workstation.inbox.model import AccountSettings, ClockRule
from workstation.inbox.repo import ATTACHMENT, MESSAGE, addresses
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store import outbox, search
from workstation.store.unit import Unit

MOST_NAMED = 500
"""Newest messages of buyers that are asked for the address they want to be answered at."""
MOST_LOOKED_AT = 20
"""Messages whose recipients are looked at to find the mailbox that a conversation came to."""


class Timeline:
    """Adds, moves on and withdraws replies and notes. Every method runs in the caller's transaction."""

    def __init__(
        self, rules: Sequence[ClockRule], clock: Clock | None = None, heard: deliveries.Heard = deliveries.nothing_heard
    ) -> None:
        self._rules = rules
        self._clock = clock or SystemClock()
        self._heard = heard

    def reply_context(self, connection: Connection, conversation_id: str) -> ReplyContext:
        """What a reply to this conversation needs to know. Raises NotFound."""
        conversation_id = placing.shown_in(connection, conversation_id)
        about = queries.conversation(connection, conversation_id)
        parent = self._parent(connection, conversation_id)
        account_id = about.account_id
        settings = account_settings(connection, account_id)
        if settings is None:
            account_id, settings = _addressed(connection, conversation_id)
        buyer = Address(_answer_to(connection, about, parent), about.customer_name)
        return ReplyContext(
            conversation_id=conversation_id, account_id=account_id if settings else "", subject=parent["subject"],
            sender=Address(settings.address, settings.name) if settings else Address(""), to=(buyer,), cc=(),
            in_reply_to=parent["message_id"], references=self._ancestors(connection, conversation_id, parent["id"]),
            self_bcc=settings.self_bcc if settings else False, language=about.language,
            sent_from=settings.channel if settings else "",
        )

    def _parent(self, connection: Connection, conversation_id: str) -> RowMapping:
        """The newest message a person wrote to us, no bounce or absence note, or the newest of all without one."""
        seq = connection.exec_driver_sql(_PARENT, (conversation_id,)).scalar()
        row = connection.execute(select(MESSAGE).where(MESSAGE.c.seq == seq)).mappings().first()
        if row is None:
            raise NotFound(_("There is no message to answer in this conversation."), _("Write a note instead."))
        return row

    def _ancestors(self, connection: Connection, conversation_id: str, parent: str) -> tuple[str, ...]:
        """Of the parent's own thread: what was merged with it is another mail program's other thread."""
        base = placing.base_of(connection, parent)
        found = connection.exec_driver_sql(_ANCESTORS, (conversation_id, Delivery.DONE, base))
        return tuple(reversed([name for (name,) in found]))

    def add_reply(self, connection: Connection, reply: Reply) -> None:
        """Show a held reply in the timeline. It belongs to the thread of what it answers."""
        message_id = new_id()
        shown = placing.shown_in(connection, reply.conversation_id)
        about = queries.conversation(connection, shown)
        parent = self._parent(connection, shown)
        base = placing.base_of(connection, parent["id"])
        seq = self._insert(connection, {
            "id": message_id, "conversation_id": base, "direction": Direction.OUT, "at": reply.at,
            "author_email": reply.sender.email, "author_name": reply.sender.name, "recipients": addresses(reply.to),
            "cc": addresses(reply.cc), "subject": reply.subject, "text": reply.text, "language": reply.language,
            "message_id": reply.message_id, "delivery": Delivery.HELD, "outgoing_id": reply.outgoing_id,
            "original": reply.original, "original_language": reply.original_language,
            "slight": only_greets(reply.text, about.customer_name),
        })
        self._show_files(connection, message_id, reply)
        repo.remember_names(connection, about.account_id, base, [reply.message_id])
        following.place(connection, [(message_id, base, (parent["message_id"],))])
        search.index(
            connection, seq, reply.at, reply.subject, f"{reply.text}\n{reply.original}",
            f"{reply.sender.name} {reply.sender.email}", search.people(addresses(reply.to), addresses(reply.cc)),
            "\n".join(file.name for file in reply.files))
        repo.refresh(connection, [shown], self._rules)

    def _show_files(self, connection: Connection, message_id: str, reply: Reply) -> None:
        rows = [
            {"id": file.id, "message_id": message_id, "position": n, "name": file.name, "mime": file.mime,
             "size": file.size}
            for n, file in enumerate(reply.files)
        ]
        if rows:
            connection.execute(insert(ATTACHMENT), rows)

    def add_note(self, unit: Unit, conversation_id: str, text: str, at: int) -> None:
        """A colleague's remark."""
        note_id = new_id()
        conversation_id = placing.shown_in(unit.conn, conversation_id)
        seq = self._insert(unit.conn, {
            "id": note_id, "conversation_id": conversation_id, "direction": Direction.NOTE, "at": at, "text": text,
        })
        following.place(unit.conn, [(note_id, conversation_id, ())])
        search.index(unit.conn, seq, at, "", text)
        unit.emit(outbox.EventQueued())
        repo.refresh(unit.conn, [conversation_id], self._rules)

    def delivery_changed(self, unit: Unit, outgoing_id: str, delivery: Delivery, sentence: str, at: int) -> None:
        """The reply moved on. DONE stops the conversation's clock and becomes an event for the hub."""
        mine = MESSAGE.c.outgoing_id == outgoing_id
        sent = {"at": at} if delivery is Delivery.DONE else {}
        values = {"delivery": delivery, "delivery_sentence": sentence, **sent}
        unit.conn.execute(update(MESSAGE).where(mine).values(**values))
        row = unit.conn.execute(select(MESSAGE).where(mine)).mappings().one()
        if delivery is Delivery.DONE and offering.offered(unit.conn, row["seq"]):
            offering.tell_message(unit, row, at)
            if sentence:   # not everybody got it
                deliveries.tell(unit, row["message_id"], delivery, sentence, at)
        unit.emit(outbox.EventQueued())
        repo.refresh(unit.conn, [row["conversation_id"]], self._rules)

    def delivery_told(self, unit: Unit, outgoing_id: str, delivery: Delivery, sentence: str) -> None:
        """As `drafts.ports.Conversations.delivery_told`."""
        mine = MESSAGE.c.outgoing_id == outgoing_id
        row = unit.conn.execute(select(MESSAGE).where(mine)).mappings().one()
        unit.conn.execute(update(MESSAGE).where(mine).values(delivery=delivery, delivery_sentence=sentence))
        if offering.offered(unit.conn, row["seq"]):   # else the offer tells of both when their turn comes
            self._tell_others(unit, row, delivery, sentence)
        repo.refresh(unit.conn, [row["conversation_id"]], self._rules)

    def _tell_others(self, unit: Unit, row: RowMapping, delivery: Delivery, sentence: str) -> None:
        now = self._clock.now()
        if row["delivery"] == Delivery.UNKNOWN:   # nobody was told of it: only that it came back shows that it left
            offering.tell_message(unit, row, now)
        if deliveries.told(row["delivery"], row["delivery_sentence"]) != deliveries.told(delivery, sentence):
            deliveries.tell(unit, row["message_id"], delivery, sentence, now)

    def reported(self, unit: Unit, message_id: str, missed: Sequence[tuple[str, str]]) -> None:
        """As `drafts.ports.Conversations.reported`. Where the colleague's own desktop has spoken, it knows better."""
        changed = deliveries.report(unit.conn, message_id, missed, self._clock.now() - deliveries.RECENT, self._heard)
        if changed:
            repo.refresh(unit.conn, changed, self._rules)
            unit.emit(ConversationsChanged(tuple(changed)))

    def withdraw(self, connection: Connection, outgoing_id: str) -> None:
        query = select(MESSAGE.c.seq, MESSAGE.c.conversation_id).where(MESSAGE.c.outgoing_id == outgoing_id)
        for seq, conversation_id in connection.execute(query).all():
            search.forget(connection, seq)
            connection.execute(delete(MESSAGE).where(MESSAGE.c.seq == seq))
            offering.step_back(connection, seq)
            repo.refresh(connection, [conversation_id], self._rules)

    def _insert(self, connection: Connection, values: Mapping[str, Any]) -> int:
        filled = {"id": new_id(), "problems": json.dumps([]), **values}
        primary = connection.execute(insert(MESSAGE).values(**filled)).inserted_primary_key
        if primary is None:
            raise RuntimeError("the message row has no rowid")
        return int(primary[0])


def _addressed(connection: Connection, conversation_id: str) -> tuple[str, AccountSettings | None]:
    """The mailbox of this home that a colleague's conversation was written to, when there is one."""
    own = {account.settings.address.lower(): account for account in accounts(connection)}
    here = (MESSAGE.c.conversation_id == conversation_id) & (MESSAGE.c.direction == Direction.IN)
    found = connection.execute(select(MESSAGE.c.recipients, MESSAGE.c.cc).where(here).order_by(MESSAGE.c.at.desc()))
    for row in found.fetchmany(MOST_LOOKED_AT):
        for email, _name in [*json.loads(row.recipients), *json.loads(row.cc)]:
            if email.lower() in own:
                account = own[email.lower()]
                return account.id, account.settings
    return "", None


def _answer_to(connection: Connection, about: Conversation, parent: RowMapping) -> str:
    """Where the answer goes: to the buyer, by whatever address the buyer named or wrote from.

    The buyer is whoever began the conversation, and whom that address named in Reply-To (a shop's form). Somebody else
    who writes into the thread does not turn the answer, with what it tells about the order, to themselves.
    """
    customer = about.customer_address
    author = parent["author_email"]
    if author.lower() == customer:
        return str(parent["reply_to"] or author)
    reply_tos = [address for (address,) in connection.exec_driver_sql(_NAMED, (about.id, customer, MOST_NAMED))]
    if author.lower() in (address.lower() for address in reply_tos):
        return str(parent["reply_to"] or author)
    return str(reply_tos[0] if reply_tos else customer)


# Which one is asked of the index alone: a row has a text, and a conversation may have fifty thousand of them.
_LINE = "SELECT {names} FROM message INDEXED BY message_line WHERE conversation_id = ?1 AND direction {who}"
_NEWEST = _LINE + " AND automatic = {automatic} ORDER BY at DESC, seq DESC LIMIT {limit}"
_PARENT = "SELECT coalesce({})".format(", ".join(
    f"({_NEWEST.format(names='seq', who=who, automatic=automatic, limit=1)})"
    for who in ("= 'in'", "= 'out'") for automatic in (0, 1)))
_NAMED = (
    "SELECT m.reply_to FROM (" + _NEWEST.format(names="at, seq", who="= 'in'", automatic=0, limit="?3")  # noqa: S608
    + ") newest CROSS JOIN message m ON m.seq = newest.seq WHERE lower(m.author_email) = ?2 AND m.reply_to != '' "
    "ORDER BY newest.at DESC LIMIT 20"
)
_ANCESTORS = (
    "SELECT m.message_id FROM message m LEFT JOIN message_home h ON h.message_id = m.id WHERE m.conversation_id = ?1 "
    "AND m.message_id != '' AND m.delivery = ?2 AND coalesce(h.base, m.conversation_id) = ?3 "
    "ORDER BY m.at DESC, m.seq DESC LIMIT 20"
)
