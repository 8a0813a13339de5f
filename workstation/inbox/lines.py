"""The list's columns worked out from a conversation's messages: clock, snippet, deliveries, order of the list."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection

from workstation.domain.conversation import Delivery
from workstation.inbox.clocks import deadline, rule_for
from workstation.inbox.listing import NO_CLOCK
from workstation.inbox.model import ClockRule
from workstation.kernel.clock import DAY
from workstation.store.erased import MARK

SNIPPET = 160
LATE = DAY
"""A reply written here answers what was here: a message that came afterwards waits for an answer even when its date is
up to this much earlier (servers hold mail back). Older ones are history that was imported."""
_BATCH = 500
_NEVER = 1 << 62
_SEVERITY = (Delivery.FAILED, Delivery.UNKNOWN, Delivery.SENDING, Delivery.QUEUED, Delivery.HELD)


class Line(NamedTuple):
    """What the list needs to know of one message."""

    seq: int
    at: int
    direction: str
    automatic: bool
    delivery: str
    outgoing_id: str
    slight: bool = False               # only greets: no answer where the channel's rule says so


@dataclass(frozen=True, slots=True)
class Standing:
    """What the list needs to know of a conversation beside its messages."""

    channel: str
    market: str
    state: str
    dismissed_at: int = 0
    last_at: int = 0
    store: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The columns. `newest` is the seq of the message that the snippet is from, None without one."""

    since: int | None
    last_at: int
    due_at: int | None
    clock_ms: int
    delivery: str
    sort_key: int
    newest: int | None
    warn_at: int | None = None


def shown(lines: Sequence[Line], standing: Standing, rules: Sequence[ClockRule]) -> Shown:
    """Pure: how a conversation with these messages stands in the list."""
    rule = rule_for(rules, standing.channel, standing.market, standing.store)
    since = unanswered_since(lines, standing.dismissed_at, greetings=rule is None or rule.greetings)
    clock = None
    if since is not None:
        last = max(line.at for line in lines if line.direction == "in" and not line.automatic)
        clock = deadline(rules, standing.channel, standing.market, since, store=standing.store, last=last)
    newest = max((line for line in lines if line.direction != "note"), key=lambda n: (n.at, n.seq), default=None)
    # Without any message, because they are all shown elsewhere now, it is in no list.
    last_at = newest.at if newest else standing.last_at if lines else 0
    running = clock is not None and standing.state != "resolved"
    return Shown(
        since, last_at, clock.due_at if clock else None, clock.length_ms if clock else 0,
        delivery(lines),
        clock.due_at if clock and running else NO_CLOCK - last_at, newest.seq if newest else None,
        clock.due_at - clock.length_ms // 4 if clock else None,
    )


def unanswered_since(lines: Sequence[Line], dismissed_at: int, *, greetings: bool = True) -> int | None:
    """The first buyer's message after the last answer by a person. Automatic mail neither starts nor stops a clock, and
    without `greetings` an answer that only greets does not stop it."""
    sent = [n for n in lines if n.direction == "out" and not n.automatic and n.delivery == Delivery.DONE
            and (greetings or not n.slight)]
    elsewhere = max(((n.at, n.seq) for n in sent if not n.outgoing_id), default=(0, 0))
    # Dates of mail are whole seconds: of two in one second the one that was stored later came later.
    after = (dismissed_at, _NEVER) if dismissed_at > elsewhere[0] else elsewhere
    here = max(((n.seq, n.at) for n in sent if n.outgoing_id), default=None)
    waiting = [n for n in lines if n.direction == "in" and not n.automatic and (n.at, n.seq) > after]
    if here is not None:
        seq, at = here
        waiting = [n for n in waiting if n.at > at or (n.seq > seq and n.at > at - LATE)]
    return min((n.at for n in waiting), default=None)


def delivery(lines: Sequence[Line]) -> str:
    """The gravest state of a reply. A colleague's, which nobody here can send again, counts until somebody has answered
    after it; one of this desk counts until it is settled."""
    sent = [n for n in lines if n.direction == "out" and not n.automatic]
    settled = max(((n.at, n.seq) for n in sent if n.delivery == Delivery.DONE), default=(-1, 0))
    present = {n.delivery for n in sent if n.outgoing_id or (n.at, n.seq) > settled}
    return str(next((state for state in _SEVERITY if state in present), Delivery.DONE))


def snippet(text: str) -> str:
    return " ".join(text[: 4 * SNIPPET].split())[:SNIPPET]


def refresh(connection: Connection, conversation_ids: Iterable[str], rules: Sequence[ClockRule]) -> None:
    """Work out the columns of these conversations again: four statements for each five hundred of them."""
    wanted = list(dict.fromkeys(conversation_ids))
    for start in range(0, len(wanted), _BATCH):
        _refresh(connection, wanted[start : start + _BATCH], rules)


def reorder(connection: Connection, conversation_ids: Iterable[str]) -> None:
    """Put these in their place in the list after their state alone changed: as `shown` does, without their messages."""
    connection.exec_driver_sql(_REORDER, (NO_CLOCK, json.dumps(list(conversation_ids))))


def _refresh(connection: Connection, ids: Sequence[str], rules: Sequence[ClockRule]) -> None:
    key = (json.dumps(ids),)
    standing = {row[0]: Standing(*row[1:]) for row in connection.exec_driver_sql(_STANDING, key)}
    lines: dict[str, list[Line]] = {conversation_id: [] for conversation_id in standing}
    for conversation_id, *rest in connection.exec_driver_sql(_LINES, key):
        lines[conversation_id].append(Line(*rest))
    found = {i: shown(lines[i], about, rules) for i, about in standing.items()}
    texts = _texts(connection, [each.newest for each in found.values() if each.newest is not None])
    rows = [(*values(each, texts), i) for i, each in found.items()]
    if rows:
        connection.exec_driver_sql(_SHOW, rows)


def values(each: Shown, texts: Mapping[int, str]) -> tuple[Any, ...]:
    """The columns in the order of `COLUMNS`."""
    text = texts.get(each.newest, "") if each.newest is not None else ""
    return (each.since, each.last_at, each.due_at, each.clock_ms, snippet(text), each.delivery, each.sort_key,
            each.warn_at)


def _texts(connection: Connection, seqs: Sequence[int]) -> dict[int, str]:
    return {int(seq): str(text) for seq, text in connection.exec_driver_sql(_TEXTS, (json.dumps(seqs),))}


COLUMNS = ("unanswered_since", "last_at", "due_at", "clock_ms", "snippet", "delivery", "sort_key", "warn_at")
_AMONG = "IN (SELECT value FROM json_each(?))"
_STANDING = f"SELECT id, channel, market, state, dismissed_at, last_at, store FROM conversation WHERE id {_AMONG}"  # noqa: S608
_LINES = (
    "SELECT conversation_id, seq, at, direction, automatic, delivery, outgoing_id, slight FROM message "  # noqa: S608
    f"WHERE conversation_id {_AMONG}"
)
# An erased message has no text: its line says when that was and by which rule, and is put in words where it is read.
_TEXTS = (
    f"SELECT seq, CASE WHEN text != '' THEN substr(text, 1, {4 * SNIPPET}) ELSE "  # noqa: S608
    f"coalesce((SELECT '{MARK}' || e.at || ':' || e.rule "
    "FROM personal_erased e WHERE e.kind = 'message' AND e.id = message.id), '') END FROM message "
    f"WHERE seq {_AMONG}"
)
_REORDER = (
    "UPDATE conversation SET sort_key = CASE WHEN due_at IS NOT NULL AND state != 'resolved' THEN due_at "
    "ELSE ?1 - last_at END WHERE id IN (SELECT value FROM json_each(?2))"
)
_SHOW = f"UPDATE conversation SET {', '.join(f'{name} = ?' for name in COLUMNS)} WHERE id = ?"  # noqa: S608
