"""What became of replies that left, as their senders' desktops tell the others: that one came back, that it is sent
again, that it arrived after all.

Each is an entity of the hub's collection "delivery", put as a whole by the one desktop that sent the reply. It names
the reply by its Message-ID, because a colleague's desktop may have it from the Sent folder under an id of its own. The
fact may be heard before the reply is; it is asked for again when the reply comes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from workstation.domain.conversation import Delivery
from workstation.kernel.clock import DAY
from workstation.kernel.ids import derived_id
from workstation.kernel.told import in_a_line
from workstation.store import outbox
from workstation.store.unit import Unit

COLLECTION = "delivery"
LONGEST_SENTENCE = 1_000
RECENT = 14 * DAY
"""A report about an older reply is history that is read with a mailbox; servers give up after five days."""
Heard = Callable[[Connection, Sequence[str]], Iterable[Mapping[str, Any]]]
"""The bodies of those of these entities that the hub told of."""

_ON_ITS_WAY = (Delivery.HELD, Delivery.QUEUED, Delivery.SENDING)
_TOLD = (Delivery.DONE, Delivery.FAILED, Delivery.UNKNOWN, Delivery.QUEUED)


def nothing_heard(_connection: Connection, _ids: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    """Without a hub."""
    return ()


def entity(message_id: str) -> str:
    """The id of the fact about the reply with this Message-ID, which may be longer than an id."""
    return derived_id(0, COLLECTION, message_id)


def tell(unit: Unit, message_id: str, delivery: str, sentence: str, at: int) -> None:
    """Tell the other desktops how a reply of this one stands."""
    state, said = told(delivery, sentence)
    body = {"message_id": message_id, "state": state, "sentence": said}
    outbox.append(unit, COLLECTION, entity(message_id), "put", body, at)


def told(delivery: str, sentence: str) -> tuple[str, str]:
    """How a state is told: each single try is nobody else's business."""
    return (str(Delivery.QUEUED), "") if delivery in _ON_ITS_WAY else (str(delivery), sentence[:LONGEST_SENTENCE])


def settle(connection: Connection, heard: Iterable[Mapping[str, Any]]) -> list[str]:
    """Let colleagues' replies stand as was heard; how those of this desk stand is known here better. Returns the
    conversations that changed."""
    changed: dict[str, None] = {}
    for body in heard:
        name, state = str(body.get("message_id", "")), body.get("state")
        if name and state in _TOLD:
            values = (state, in_a_line(str(body.get("sentence", "")), LONGEST_SENTENCE), name)
            changed |= dict.fromkeys(i for (i,) in connection.exec_driver_sql(_SETTLE, values))
    return list(changed)


def catch_up(connection: Connection, names: Iterable[str], heard: Heard) -> list[str]:
    """Replies with these Message-IDs have just come: what was heard of them before. Returns what changed."""
    wanted = [entity(name) for name in names if name]
    return settle(connection, heard(connection, wanted)) if wanted else []


def report(
    connection: Connection, message_id: str, missed: Sequence[tuple[str, str]], since: int, heard: Heard
) -> list[str]:
    """A mail server reports to this desktop who did not get a reply that a colleague wrote from `since` on; it is known
    here before the colleague's desktop tells of it. Nothing of it is told. Returns the conversations that changed."""
    rows = connection.exec_driver_sql(_REPORTED, (message_id, since)).all() if message_id and missed else ()
    if not rows or list(heard(connection, [entity(message_id)])):
        return []
    changed: dict[str, None] = {}
    for seq, conversation_id, to, cc, state, said in rows:
        people = [email.lower() for email, _name in (*json.loads(to), *json.loads(cc))]
        news = {person.lower(): words for person, words in missed if person.lower() in people and words not in said}
        if news:
            failed = state == Delivery.FAILED or people[0] in news
            sentence = " ".join(filter(None, (said, *news.values())))[:LONGEST_SENTENCE]
            values = (str(Delivery.FAILED if failed else state), sentence, seq)
            connection.exec_driver_sql("UPDATE message SET delivery = ?, delivery_sentence = ? WHERE seq = ?", values)
            changed[conversation_id] = None
    return list(changed)


def came_back(connection: Connection, outgoing_ids: Iterable[str]) -> frozenset[str]:
    """Those of these replies of this desk that left and came back, however they stand now."""
    found = connection.exec_driver_sql(_CAME_BACK, (json.dumps(list(outgoing_ids)),))
    return frozenset(i for (i,) in found)


_SETTLE = (
    "UPDATE message SET delivery = ?1, delivery_sentence = ?2 WHERE message_id = ?3 AND direction = 'out' "
    "AND outgoing_id = '' AND (delivery, delivery_sentence) IS NOT (?1, ?2) RETURNING conversation_id"
)
_REPORTED = (
    "SELECT seq, conversation_id, recipients, cc, delivery, delivery_sentence FROM message WHERE message_id = ? "
    "AND direction = 'out' AND outgoing_id = '' AND automatic = 0 AND at >= ? LIMIT 20"
)
_CAME_BACK = "SELECT id FROM outgoing WHERE id IN (SELECT value FROM json_each(?)) AND bounced != ''"
