"""Messages and conversations of other devices, as the hub hands them out: made so here, and met with what is here.

Two desktops that read one mailbox give its mails the same ids. Where they do not (a home from before, another way the
mail came), the mail is recognised by what it says; the conversation stays the one that is here, and the other id is
remembered as its twin, so that what happens to either happens to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import rfc8785
from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.domain.conversation import Channel, ConversationState, Direction
from workstation.domain.events import ConversationsChanged, QueuesChanged
from workstation.inbox import adopting, agreeing, deliveries, following, offering, placing, repo, splitting, states
from workstation.inbox.agreeing import Told, nothing_told
from workstation.inbox.model import ClockRule
from workstation.inbox.offering import TAG, TRIAGE, event, join_tags, split_tags
from workstation.inbox.repo import CONVERSATION, MESSAGE, TWIN
from workstation.store import erased, search
from workstation.store.erased import Mark
from workstation.store.unit import Unit

Body = Mapping[str, Any]
_TEXTS = ("account_id", "subject", "store", "market", "customer_name", "customer_address")
MOST_TWINS = 20
Corrected = Callable[[Unit, str, Mapping[str, Any], bool], None]
"""Takes what people corrected of a conversation, value by kind; True: what is not named was not, or is no more."""

ErasedThere = Callable[[Unit, str, str, Mark], None]


def held_message(connection: Connection, message_id: str) -> str | None:
    """The canonical body of a message for a hub that lost it; None when it is gone here too."""
    row = connection.execute(select(MESSAGE).where(MESSAGE.c.id == message_id)).mappings().first()
    return rfc8785.dumps(event(connection, row)).decode() if row is not None else None


class SharedInbox:
    """Applies entities of the hub's "conversation" and "message" collections, and offers ours."""

    def __init__(
        self, rules: Sequence[ClockRule], *, heard: deliveries.Heard = deliveries.nothing_heard,
        corrected: Corrected = lambda _unit, _id, _said, _whole: None,
        erased_there: ErasedThere = lambda _unit, _message_id, _conversation_id, _mark: None,
        told: Told = nothing_told,
    ) -> None:
        """`heard`: what the hub told of replies, asked when one comes later than what became of it. `erased_there`:
        takes a message that is here and that the hub holds as erased. `told`: what the hub holds of conversations."""
        self._told = told
        self._erased_there = erased_there
        self._rules = rules
        self._heard = heard
        self._corrected = corrected

    @property
    def collections(self) -> frozenset[str]:
        return frozenset({"message"})

    def offer(self, unit: Unit, known: offering.Known, at: int) -> int:
        return offering.offer(unit, known, at) + agreeing.settle(unit, self._told, at)

    def waiting(self, connection: Connection) -> int:
        return offering.waiting(connection) + len(agreeing.unsettled(connection))

    def apply_conversation(self, unit: Unit, conversation_id: str, body: Body) -> None:
        """A conversation that has no message here yet is kept and not shown (its `last_at` is 0)."""
        twin_of = _twin_of(unit.conn, conversation_id)
        own = body
        counts = agreeing.look(unit, twin_of or conversation_id, self._told)
        body, whole = {**body, **(counts or {})}, counts is not None or twin_of is None
        states_only: dict[str, Any] = {
            "state": ConversationState(body.get("state", ConversationState.OPEN)),
            "snoozed_until": body.get("snoozed_until"), "dismissed_at": int(body.get("dismissed_at") or 0),
            "resolved_upto": int(body.get("resolved_upto") or 0),
        }
        states_only |= _organised(unit, twin_of or conversation_id, body, whole=whole)
        if twin_of is not None:
            unit.conn.execute(update(CONVERSATION).where(CONVERSATION.c.id == twin_of).values(**states_only))
        else:
            values = {name: str(body.get(name, "")) for name in _TEXTS} | states_only
            values |= {"channel": Channel(body.get("channel", Channel.EMAIL)), "shared": True}
            statement = upsert(CONVERSATION).values(id=conversation_id, **values)
            unit.conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
            self._thread(unit.conn, conversation_id)
        said = {name.removeprefix(TRIAGE): value for name, value in body.items() if name.startswith(TRIAGE)}
        self._corrected(unit, twin_of or conversation_id, said, whole)
        self._merge(unit, twin_of or conversation_id, own, whole=twin_of is None)
        self._show(unit, twin_of or conversation_id)
        self._reopen(unit, twin_of or conversation_id, int(states_only["resolved_upto"]))

    def apply_message(self, unit: Unit, message_id: str, body: Body) -> None:
        """Append-only: a message that is here already stays as it is, where it is."""
        conversation_id = str(body["conversation_id"])
        home = _here(unit.conn, message_id, body)
        gone = _erased(body)
        if gone is not None and home is not None:
            self._erased_there(unit, message_id, home, gone)
        if home is not None:
            self._remember_twin(unit, conversation_id, home)
            return
        conversation_id = _twin_of(unit.conn, conversation_id) or conversation_id
        stub = upsert(CONVERSATION).values(id=conversation_id, shared=True)
        unit.conn.execute(stub.on_conflict_do_nothing())
        self._insert(unit, message_id, conversation_id, body)
        if gone is not None:
            erased.put(unit.conn, erased.MESSAGE, {message_id: ""}, gone)
        self._thread(unit.conn, conversation_id)
        following.place(unit.conn, [(message_id, conversation_id, ())])
        if body["direction"] == Direction.OUT:
            deliveries.catch_up(unit.conn, [str(body.get("message_id", ""))], self._heard)
        self._settle(unit, following.awaited(unit.conn, [conversation_id]))
        self._show(unit, *splitting.shown_of(unit.conn, [message_id]), unread=body["direction"] == Direction.IN)

    def apply_placement(self, unit: Unit, message_id: str, body: Body) -> None:
        """Somebody took a message out of its thread, or put it back. It may still be to come."""
        into = str(body.get("conversation_id") or "")
        here = _message_here(unit.conn, message_id, str(body.get("message_id") or ""))
        self._settle(unit, splitting.put(unit.conn, here, _twin_of(unit.conn, into) or into))

    def apply_delivery(self, unit: Unit, _entity_id: str, body: Body) -> None:
        """A colleague's reply came back, or what was said of it before is no more so. It may still be to come."""
        self._settle(unit, deliveries.settle(unit.conn, [body]))

    def _merge(self, unit: Unit, conversation_id: str, body: Body, *, whole: bool) -> None:
        """Into which conversation somebody merged this one; and merges that waited for it."""
        if whole or "merged_into" in body:
            name = str(body.get("merged_into") or "")
            into = _twin_of(unit.conn, name) or name
            was = placing.facts(unit.conn, [conversation_id]).get(conversation_id, "")
            if into == was and into:
                placing.rename_fact(unit.conn, conversation_id, name)
            elif into not in (was, conversation_id):
                last_at = int(unit.conn.exec_driver_sql(_LAST_AT, (conversation_id,)).scalar() or 0)
                placing.put_fact(unit.conn, conversation_id, into, last_at, name)
                self._settle(unit, placing.settle(unit.conn, [i for i in (conversation_id, was, into) if i]))
        self._settle(unit, following.awaited(unit.conn, [conversation_id]))

    def _settle(self, unit: Unit, touched: Sequence[str]) -> None:
        if touched:
            self._show(unit, *touched)

    def _insert(self, unit: Unit, message_id: str, conversation_id: str, body: Body) -> None:
        email, name = body["author"]
        text, original = str(body.get("text", "")), str(body.get("original", ""))
        direction = Direction(body["direction"])
        primary = unit.conn.execute(insert(MESSAGE).values(
            id=message_id, conversation_id=conversation_id, direction=direction, at=int(body["at"]),
            author_email=email, author_name=name, recipients=_people(body.get("to")), cc=_people(body.get("cc")),
            subject=str(body.get("subject", "")), text=text, quoted=str(body.get("quoted", "")),
            language=str(body.get("language", "")), message_id=str(body.get("message_id", "")),
            automatic=bool(body.get("automatic")), original=original,
            original_language=str(body.get("original_language", "")),
        )).inserted_primary_key
        if primary is None:
            raise RuntimeError("the message row has no rowid")
        search.index(
            unit.conn, int(primary[0]), int(body["at"]), str(body.get("subject", "")), f"{text}\n{original}",
            f"{name} {email}", search.people(_people(body.get("to")), _people(body.get("cc"))))
        if direction is Direction.IN:
            unit.conn.execute(update(CONVERSATION).where(CONVERSATION.c.id == conversation_id).values(unread=True))

    def _thread(self, connection: Connection, conversation_id: str) -> None:
        """Answers that come to this mailbox join what another desktop told of."""
        account_id = connection.exec_driver_sql(_ACCOUNT, (conversation_id,)).scalar()
        if account_id:
            connection.exec_driver_sql(_THREAD, (account_id, conversation_id))

    def _remember_twin(self, unit: Unit, twin: str, home: str) -> None:
        """`twin` is another id of the conversation `home`; an empty row of that id leads there."""
        if twin == home or _twin_of(unit.conn, twin) is not None:
            return
        if unit.conn.exec_driver_sql(_ANY, (twin,)).first() is not None:
            return   # it has messages of its own: two conversations that each desktop cuts otherwise
        unit.conn.exec_driver_sql(_NEVER_SHOWN, (twin, home))
        unit.conn.execute(insert(TWIN).values(id=twin, conversation_id=home))
        self._settle(unit, placing.renamed(unit.conn, twin, home))
        self._adopt(unit, twin, home)
        agreeing.look(unit, home, self._told)
        unit.emit(ConversationsChanged((twin, home), elsewhere=True))

    def _adopt(self, unit: Unit, twin: str, home: str) -> None:
        """What was said of the twin before it was known as one is said of the conversation that is here."""
        columns, corrections = adopting.said_of(unit, twin)
        if not columns:
            return   # of the twin itself nothing was heard yet
        last_at = int(unit.conn.exec_driver_sql(_LAST_AT, (home,)).scalar() or 0)
        news = adopting.adopt(unit, home, columns, corrections, last_at)
        if news:
            self._corrected(unit, home, news, False)
        if columns["tags"]:
            unit.emit(QueuesChanged())
        self._show(unit, home)
        self._reopen(unit, home, int(columns["resolved_upto"]))

    def _reopen(self, unit: Unit, conversation_id: str, upto: int) -> None:
        """A colleague resolved it without having seen a mail that is here already."""
        before = states.read_states(unit.conn, [conversation_id])
        resolved = before[conversation_id]["state"] == ConversationState.RESOLVED
        if not resolved or not upto or conversation_id in states.resolvable(
            unit.conn, [conversation_id], {conversation_id: upto}
        ):
            return
        last_at = int(unit.conn.exec_driver_sql(_LAST_AT, (conversation_id,)).scalar() or 0)
        states.apply(unit, before, states.Reopened().values(), last_at)
        self._show(unit, conversation_id)

    def _show(self, unit: Unit, *conversation_ids: str, unread: bool = False) -> None:
        if unread:
            unit.conn.execute(update(CONVERSATION).where(CONVERSATION.c.id.in_(conversation_ids)).values(unread=True))
        repo.refresh(unit.conn, conversation_ids, self._rules)
        unit.emit(ConversationsChanged(conversation_ids, elsewhere=True))


def _twin_of(connection: Connection, conversation_id: str) -> str | None:
    query = "SELECT conversation_id FROM conversation_twin WHERE id = ?"
    found = connection.exec_driver_sql(query, (conversation_id,)).scalar()
    return str(found) if found is not None else None


def _here(connection: Connection, message_id: str, body: Body) -> str | None:
    """The conversation in which this very message is here, under its own id or another."""
    found = connection.exec_driver_sql(_HOME, (message_id,)).scalar()
    if found is not None or not body.get("message_id"):
        return str(found) if found is not None else None
    same = connection.exec_driver_sql(_SAME, (body["message_id"], MOST_TWINS)).mappings()
    return next((str(row["conversation_id"]) for row in same if _says_the_same(row, body)), None)


def _says_the_same(row: RowMapping, body: Body) -> bool:
    told = (body["author"][0].lower(), str(body.get("subject", "")), str(body.get("text", "")))
    if row["print"]:   # its words were erased here
        return bool(row["print"] == erased.fingerprint(*told))
    return (row["author_email"].lower(), row["subject"], row["text"]) == told


def _erased(body: Body) -> Mark | None:
    """Of a message as the hub holds it: the erasure that took its words."""
    said = body.get("erased")
    if not isinstance(said, dict) or not isinstance(said.get("at"), int) or body.get("text"):
        return None
    return Mark(str(said.get("id", ""))[:200], said["at"], str(said.get("rule", ""))[:200])


def _organised(unit: Unit, conversation_id: str, body: Body, *, whole: bool) -> dict[str, Any]:
    """The columns of what people said of a conversation. Not `whole`: of a twin, what its body does not name stays."""
    readers: tuple[tuple[str, Callable[[Any], Any]], ...] = (("assignee", str), ("muted", bool), ("review", bool))
    found = {name: read(body.get(name) or "") for name, read in readers if whole or name in body}
    said = {name.removeprefix(TAG): bool(value) for name, value in body.items() if name.startswith(TAG)}
    had = unit.conn.exec_driver_sql("SELECT tags FROM conversation WHERE id = ?", (conversation_id,)).scalar() or ""
    kept = {tag for tag in split_tags(had) if tag not in said} if not whole else set()
    found["tags"] = join_tags(kept | {tag for tag, on in said.items() if on and tag and tag.isprintable()})
    if found["tags"] != had:
        unit.emit(QueuesChanged())
    if "assignee" in body:   # somebody said whose it is, or that it is nobody's
        unit.conn.exec_driver_sql(_SAID_WHOSE, (conversation_id,))
    return found


def _message_here(connection: Connection, message_id: str, name: str) -> str:
    """The id under which a message is here: its own, or that of the one mail with this Message-ID."""
    if connection.exec_driver_sql(_HOME, (message_id,)).first() is not None or not name:
        return message_id
    named = connection.exec_driver_sql(_NAMED, (name,)).all()
    return str(named[0][0]) if len(named) == 1 else message_id


def _people(value: object) -> str:
    pairs = value if isinstance(value, list) else []
    return json.dumps([[str(email), str(name)] for email, name in pairs], ensure_ascii=False)


# Where a message's thread leads, wherever it is shown.
_THREAD_HOME = "coalesce((SELECT home FROM message_home h WHERE h.message_id = message.id), conversation_id)"
_HOME = f"SELECT {_THREAD_HOME} FROM message WHERE id = ?"  # noqa: S608
_SAME = (
    f"SELECT {_THREAD_HOME} AS conversation_id, author_email, subject, text, coalesce((SELECT e.print FROM "  # noqa: S608
    "personal_erased e WHERE e.kind = 'message' AND e.id = message.id), '') AS print FROM message "
    "WHERE message_id = ? AND direction != 'note' LIMIT ?"
)
_NAMED = "SELECT id FROM message WHERE message_id = ?1 AND direction != 'note' LIMIT 2"
_ACCOUNT = "SELECT account_id FROM conversation WHERE id = ?"
_SAID_WHOSE = (
    "INSERT INTO conversation_assigned(id, rule, member_id, at) VALUES (?, '', '', 0) ON CONFLICT DO NOTHING"
)
_LAST_AT = "SELECT last_at FROM conversation WHERE id = ?"
# Not deleted: what refers to a conversation by name has no index for it, and all of that would be looked through.
_NEVER_SHOWN = "UPDATE conversation SET merged_into = ?2, shared = 0, last_at = 0 WHERE id = ?1"
_ANY = (
    "SELECT 1 FROM message WHERE conversation_id = ?1 UNION ALL SELECT 1 FROM message_home WHERE base = ?1 LIMIT 1"
)
_THREAD = (
    "INSERT INTO thread_reference(name, account_id, conversation_id) "
    "SELECT DISTINCT m.message_id, ?1, coalesce(h.base, m.conversation_id) FROM message m "
    "LEFT JOIN message_home h ON h.message_id = m.id WHERE m.conversation_id = ?2 AND m.message_id != '' "
    "ON CONFLICT DO NOTHING"
)
